//! Tasks.

use rmcp::{ErrorData, ServerHandler};

use super::{Context, tools};
use crate::{reply::task_not_found, rule::Unruled, service::SaplService};

/// Whether tasks can be asked about at all: not when some tool has a rule, because nobody can tell yet whether a
/// task is of such a tool. An enforced call never answers with a task.
///
/// Rules that came with definitions are looked for, since a client may ask before anything was listed or called.
pub(crate) async fn admit<S: ServerHandler>(
    service: &SaplService<S>,
    context: &Context,
) -> Result<Unruled, ErrorData> {
    let caller = service.caller(context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return Ok(unruled);
    }
    let unruled = match tools::look_for_rules(service, context).await {
        true => Unruled::while_no_tool_is_ruled(&service.shared),
        false => None,
    };
    unruled.ok_or_else(task_not_found)
}
