//! What a server advises about its tools.

use std::sync::Arc;

use rmcp::model::Tool;

use super::GuardPolicy;

/// The member of a tool's `_meta` that holds advice.
pub(super) const KEY: &str = "io.sapl/advisory";

/// The advice that comes with a tool. It is judged beside the user's policy, and can only make the decision stricter.
pub(super) fn of(_tool: &Tool) -> Option<Arc<dyn GuardPolicy>> {
    None
}
