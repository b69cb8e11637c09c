//! Tasks.

use rmcp::{ErrorData, ServerHandler};

use super::Context;
use crate::{reply::task_not_found, rule::Unruled, service::SaplService};

/// Whether tasks can be asked about at all: not when some tool has a rule, because nobody can tell yet whether a
/// task is of such a tool. An enforced call never answers with a task.
pub(crate) fn admit<S: ServerHandler>(service: &SaplService<S>, context: &Context) -> Result<Unruled, ErrorData> {
    let caller = service.caller(context);
    match Unruled::for_trusted(&caller) {
        Some(unruled) => Ok(unruled),
        None => Unruled::while_no_tool_is_ruled(&service.shared).ok_or_else(task_not_found),
    }
}
