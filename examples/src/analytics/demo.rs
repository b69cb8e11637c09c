//! What the program and the walk need to know of a server.

use std::path::Path;

use rmcp::ServerHandler;
use sapl_mcp::{AuthorizationSubscription, PolicyDecisionPoint, SaplLayerBuilder};
use serde_json::json;

use super::{AccessLog, Analytics, Plan, Received, User, claims, layer, plan, policy_folder};

/// A server that can be served and walked through.
pub trait Demo {
    /// The server, without enforcement.
    type Server: ServerHandler;

    /// The name of the program.
    const NAME: &'static str;

    /// Who walks through it, and what for.
    fn plan() -> &'static Plan;

    /// The folder of its own policies, wherever the program is run from.
    fn policy_folder() -> &'static Path;

    /// The server, which notes in `received` what reaches its components.
    fn server(received: Option<Received>) -> Self::Server;

    /// Its enforcement, to be built or configured further.
    fn layer(pdp: impl PolicyDecisionPoint, log: AccessLog) -> SaplLayerBuilder;

    /// A question that a decision point with the demo's policies has an answer to.
    fn question() -> AuthorizationSubscription;
}

/// The analytics server.
#[derive(Clone, Copy, Debug)]
pub struct AnalyticsDemo;

impl Demo for AnalyticsDemo {
    type Server = Analytics;

    const NAME: &'static str = "analytics_demo";

    fn plan() -> &'static Plan {
        plan()
    }

    fn policy_folder() -> &'static Path {
        policy_folder()
    }

    fn server(received: Option<Received>) -> Analytics {
        match received {
            Some(received) => Analytics::new().recording(received),
            None => Analytics::new(),
        }
    }

    fn layer(pdp: impl PolicyDecisionPoint, log: AccessLog) -> SaplLayerBuilder {
        layer(pdp, log)
    }

    fn question() -> AuthorizationSubscription {
        let public = json!({"name": "query_public_data", "tags": ["public"]});
        AuthorizationSubscription::new(claims(User::Mara, 0), "call", public)
    }
}
