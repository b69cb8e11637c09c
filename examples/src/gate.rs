//! A server whose components are behind gates: a yes or no for each, and nothing in between.
//!
//! What a user may not use does not exist for that user. The server ([`StatusServer`]) is served, walked through and
//! made a program of like the one in [`analytics`](crate::analytics): [`GateDemo`] says what is different.
//!
//! ```
//! use std::time::SystemTime;
//!
//! use sapl_mcp::EmbeddedPdp;
//! use sapl_mcp_examples::{
//!     analytics::{AccessLog, Demo, Host, HostOptions, Revision, Target, mint, walk_by},
//!     gate::GateDemo,
//! };
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
//! let sapl = GateDemo::layer(EmbeddedPdp::from_dir(GateDemo::policy_folder())?, AccessLog::default());
//! let host = Host::start(GateDemo::server(None), sapl, HostOptions::default()).await?;
//!
//! let token = |user| Ok((user, mint(user, SystemTime::now())?));
//! let users = GateDemo::plan().users.iter().copied();
//! let tokens = users.map(token).collect::<Result<_, Box<dyn std::error::Error + Send + Sync>>>()?;
//! let target = Target { url: host.url(), tokens, revision: Revision::default(), received: None };
//! let matrix = walk_by(GateDemo::plan(), &target).await?;
//! assert_eq!(matrix.differences(&GateDemo::plan().expected()), []);
//! host.stop().await?;
//! # Ok(()) }
//! ```

mod expected;
mod server;

use std::path::Path;

use sapl_mcp::{
    AuthorizationSubscription, PolicyDecisionPoint, SaplLayer, SaplLayerBuilder,
    constraint::ConstraintEnforcementService,
};

use crate::analytics::{AccessLog, Demo, LogAccess, Plan, Received, User, claims};
pub use expected::plan;
pub use server::StatusServer;

/// The gated server.
#[derive(Clone, Copy, Debug)]
pub struct GateDemo;

impl Demo for GateDemo {
    type Server = StatusServer;

    const NAME: &'static str = "gate_demo";

    fn plan() -> &'static Plan {
        plan()
    }

    fn policy_folder() -> &'static Path {
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/policies/gate"))
    }

    fn server(received: Option<Received>) -> StatusServer {
        StatusServer::new(received)
    }

    fn layer(pdp: impl PolicyDecisionPoint, log: AccessLog) -> SaplLayerBuilder {
        // A gate runs on-decision handlers and no others.
        let constraints = ConstraintEnforcementService::builder()
            .runnable_fn("logAccess", move |access: &LogAccess| log.note(access))
            .build();
        SaplLayer::builder(pdp).constraints(constraints)
    }

    fn question() -> AuthorizationSubscription {
        AuthorizationSubscription::new(claims(User::Udo, 0), "hello", "mcp")
    }
}
