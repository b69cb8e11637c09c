//! What a server advises about its tools.
//!
//! Advice is a SAPL document of somebody whom nobody has to trust. It decides within bounds, on the subscription of
//! [`PdpPolicy`](super::PdpPolicy), and has no attributes, variables and secrets. What it says counts only where it is
//! stricter than the user's policy.

use std::sync::Arc;

use rmcp::model::Tool;

use super::GuardPolicy;

/// The member of a tool's `_meta` that holds advice.
pub(super) const KEY: &str = crate::ADVISORY_KEY;

/// The advice that comes with a tool. It is judged beside the user's policy, and can only make the decision stricter.
///
/// A member of `_meta` that can't be read is ignored with a warning. What can be read is compiled when the tool is first
/// called, once for each definition.
#[cfg(feature = "embedded")]
pub(super) fn of(tool: &Tool) -> Option<Arc<dyn GuardPolicy>> {
    let member = tool.meta.as_ref()?.get(KEY)?;
    match read::document(member) {
        Ok(document) => Some(Arc::new(read::Advice::new(&tool.name, document))),
        Err(reason) => {
            read::ignored(&tool.name, reason);
            None
        }
    }
}

/// Without the embedded decision point nobody can decide by it.
#[cfg(not(feature = "embedded"))]
pub(super) fn of(_: &Tool) -> Option<Arc<dyn GuardPolicy>> {
    None
}

#[cfg(feature = "embedded")]
mod read;
