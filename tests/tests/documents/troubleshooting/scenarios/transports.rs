//! Transports without tokens.

use std::sync::Arc;

use sapl_mcp::{SaplLayer, SaplService};
use sapl_mcp_tests::{Behaviour, Log, McpClient, Pdp, Revision, Server};
use serde_json::json;

use super::{Scenario, block_on, permit, plain};

pub(super) const SCENARIOS: &[Scenario] = &[
    (
        "a request came without HTTP request parts, so nobody can tell who asks, and what has a rule is denied: serve \
         a local subprocess with `sapl.for_stdio(server)`, which enforces nothing, or with \
         `sapl.enforce_stdio(subject).layer(server)`, which enforces with a fixed subject",
        || served(|layer, server| layer.layer(server)),
    ),
    (
        "a server is run without enforcement: its transport is a local subprocess",
        || served(|layer, server| layer.for_stdio(server)),
    ),
];

/// A call by a client in this process.
pub(super) fn served(serve: impl FnOnce(&SaplLayer, Arc<Server>) -> SaplService<Arc<Server>>) {
    block_on(async {
        let log = Log::new();
        let layer = SaplLayer::builder(Pdp::decides(&log, permit())).build().unwrap();
        let server = plain(&log, Behaviour::text("done")).shared();
        let client = McpClient::in_process(serve(&layer, server), Revision::November2025).await;
        client.call("t", json!({})).await.unwrap();
    });
}
