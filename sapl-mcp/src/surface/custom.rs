//! Requests of methods that the protocol does not have.

use rmcp::{
    ErrorData, ServerHandler,
    model::{CustomRequest, CustomResult},
};

use super::Context;
use crate::{
    reply::{access_denied, method_not_found},
    rule::{Ruling, Unruled},
    service::SaplService,
};

/// The protocol's own methods. One of them arrives as a custom request when its parameters are malformed or when
/// rmcp does not know it.
const STANDARD_METHODS: &[&str] = &[
    "completion/complete",
    "elicitation/create",
    "initialize",
    "logging/setLevel",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/directory/read",
    "resources/list",
    "resources/read",
    "resources/subscribe",
    "resources/templates/list",
    "resources/unsubscribe",
    "roots/list",
    "sampling/createMessage",
    "server/discover",
    "skills/get",
    "skills/list",
    "subscriptions/listen",
    "tasks/cancel",
    "tasks/get",
    "tasks/list",
    "tasks/result",
    "tasks/update",
    "tools/call",
    "tools/list",
];

/// Answers a custom request. One of the protocol's methods is never forwarded, or it would be a way around its
/// enforcement; others pass where components without a rule pass.
pub(crate) async fn request<S: ServerHandler>(
    service: &SaplService<S>,
    request: CustomRequest,
    context: Context,
) -> Result<CustomResult, ErrorData> {
    if STANDARD_METHODS.contains(&request.method.as_str()) {
        return Err(method_not_found(request.method));
    }
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service
            .inner
            .on_custom_request(request, context)
            .await
            .unruled(unruled);
    }
    match Ruling::listed_unruled(&service.shared) {
        Ruling::Unruled(unruled) => service
            .inner
            .on_custom_request(request, context)
            .await
            .unruled(unruled),
        Ruling::Rules(_) | Ruling::Denied | Ruling::Absent(_) => Err(access_denied()),
    }
}
