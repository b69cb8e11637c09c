//! Subscriptions to the changes of resources.

use rmcp::{
    ErrorData, ServerHandler,
    model::{SubscribeRequestParams, SubscriptionFilter},
};

use super::{Context, refusal::refuse, resources};
use crate::{
    rule::{Ruling, Unruled},
    service::SaplService,
    subscription::Operation,
};

/// Answers `resources/subscribe`. A resource with a rule can't be subscribed to.
pub(crate) async fn subscribe<S: ServerHandler>(
    service: &SaplService<S>,
    request: SubscribeRequestParams,
    context: Context,
) -> Result<(), ErrorData> {
    let caller = service.caller(&context);
    if Unruled::for_trusted(&caller).is_some() {
        return service.inner.subscribe(request, context).await.pass();
    }
    match resources::locate(service, &request.uri, &context).await.ruling {
        Ruling::Unruled(_) => service.inner.subscribe(request, context).await.pass(),
        ruling => {
            let refused = resources::refused(Operation::Subscribe, &request.uri);
            refuse(service, &caller, &context, refused, &ruling)
        }
    }
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
