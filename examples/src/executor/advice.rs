//! The policies that the server publishes with its tools.

use std::sync::Arc;

use sapl_mcp::{AuthorizationDecision, ConfigError, SaplLayer, decide_fn, pre_enforce};

use super::Workshop;

/// A layer that publishes advisory policies with the tools that have some.
///
/// On standard input and output the layer enforces nothing ([`SaplLayer::for_stdio`]): whoever has started the process may
/// do with it as they like, and what is decided is decided on the side of the client.
///
/// # Errors
/// When a policy can't be published.
pub fn advisory_layer() -> Result<SaplLayer, ConfigError> {
    let advised = |document| pre_enforce().advisory_policy(document);
    SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny()))
        .tool("read_file", advised(include_str!("advice/read_file.sapl")))
        .tool("write_file", advised(include_str!("advice/write_file.sapl")))
        .tool("delete_file", advised(include_str!("advice/delete_file.sapl")))
        .build()
}

/// The server with its advice.
pub(super) fn advising(server: Workshop) -> Result<sapl_mcp::SaplService<Arc<Workshop>>, ConfigError> {
    Ok(advisory_layer()?.for_stdio(Arc::new(server)))
}
