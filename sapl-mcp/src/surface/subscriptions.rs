//! Subscriptions to the changes of resources.

use rmcp::{
    ErrorData, ServerHandler,
    model::{SubscribeRequestParams, SubscriptionFilter},
};

use super::{
    Context, operation,
    refusal::refuse,
    reply,
    resources::{self, Located},
};
use crate::{
    enforcement::enforce,
    rule::{Ruling, Unruled},
    service::SaplService,
    subscription::Operation,
};

/// Answers `resources/subscribe`: decided as reading that URI is.
pub(crate) async fn subscribe<S: ServerHandler>(
    service: &SaplService<S>,
    request: SubscribeRequestParams,
    mut context: Context,
) -> Result<(), ErrorData> {
    let caller = service.caller(&context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return service.inner.subscribe(request, context).await.unruled(unruled);
    }
    let Located {
        ruling,
        definition,
        variables,
    } = resources::locate(service, &request.uri, &context).await;
    let rules = match ruling {
        Ruling::Rules(rules) => rules,
        Ruling::Unruled(unruled) => return service.inner.subscribe(request, context).await.unruled(unruled),
        ruling => {
            let refused = resources::refused(Operation::Subscribe, &request.uri);
            return refuse(service, &caller, &context, refused, &ruling);
        }
    };
    service.shared.note_rule();
    let uri = request.uri.clone();
    let component = resources::component(Operation::Subscribe, &uri, definition, variables);
    let operation = operation(&service.shared, &rules, &caller, component, &mut context);
    let run = |_| service.inner.subscribe(request, context);
    reply(enforce(operation, run).await, &uri)
}

/// What a client may hear of by `subscriptions/listen`: no resource, since rmcp asks for this without an identity
/// and before anything can be decided.
pub(crate) fn accepted<S: ServerHandler>(
    service: &SaplService<S>,
    requested: &SubscriptionFilter,
) -> Option<SubscriptionFilter> {
    let mut requested = requested.clone();
    requested.resource_subscriptions = None;
    let mut accepted = service.inner.accepted_subscription_filter(&requested)?;
    accepted.resource_subscriptions = None;
    Some(accepted)
}
