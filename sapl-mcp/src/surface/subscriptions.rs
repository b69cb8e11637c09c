//! Subscriptions to the changes of resources.

use std::sync::Arc;

use rmcp::{
    ErrorData, ServerHandler,
    model::{SubscribeRequestParams, SubscriptionFilter},
    service::SubscriptionContext,
};

use super::{
    Context, operation,
    refusal::refuse,
    reply,
    resources::{self, Lists, Located, locate_in},
};
use crate::{
    enforcement::{enforce, nothing},
    reply::access_denied,
    rule::{Ruling, Unruled},
    service::SaplService,
    subscription::Operation,
};

/// The most URIs that one stream may be about.
pub(crate) const MAX_LISTENED: usize = 256;

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

/// What a client may hear of by `subscriptions/listen`, as far as that can be said before anybody is known.
///
/// rmcp acknowledges it to the client, so it must not tell what is hidden. The server is asked about a URI itself only
/// if that was seen to be hidden from nobody. In place of any other it is asked about one that it can't know: what is
/// hidden and what does not exist are answered alike, and as the server answers what it does not know.
pub(crate) fn accepted<S: ServerHandler>(
    service: &SaplService<S>,
    requested: &SubscriptionFilter,
) -> Option<SubscriptionFilter> {
    let Some(uris) = &requested.resource_subscriptions else {
        return service.inner.accepted_subscription_filter(requested);
    };
    let mut question = requested.clone();
    if uris.len() > MAX_LISTENED {
        question.resource_subscriptions = None;
        return service.inner.accepted_subscription_filter(&question);
    }
    let shared = &*service.shared;
    let seen = shared.seen::<S>();
    let is_open = |uri: &str| {
        let lists = seen.as_ref();
        lists.is_some_and(|lists| !lists.hide_anything() || !lists.locate(uri, shared).ruling.hides())
    };
    let asked: Vec<String> = uris
        .iter()
        .map(|uri| match is_open(uri) {
            true => uri.clone(),
            false => substitute(uri),
        })
        .collect();
    question.resource_subscriptions = Some(asked.clone());
    let mut accepted = service.inner.accepted_subscription_filter(&question)?;
    if let Some(kept) = &mut accepted.resource_subscriptions {
        let kept_of_client = asked.iter().zip(uris).filter(|(asked, _)| kept.contains(asked));
        *kept = kept_of_client.map(|(_, uri)| uri.clone()).collect();
    }
    Some(accepted)
}

/// A URI of the same scheme that nobody knows.
fn substitute(uri: &str) -> String {
    let mut random = [0; 16];
    // What is left of it without randomness is a URI that nobody is likely to have.
    let _ = getrandom::fill(&mut random);
    let scheme = uri.split_once(':').map_or("", |(scheme, _)| scheme);
    format!("{scheme}://{:032x}", u128::from_be_bytes(random))
}

/// Runs `subscriptions/listen`: each URI in it is decided as reading it is.
///
/// A denial ends the stream, unless it is of something hidden. rmcp can't take a single URI out of a stream that it has
/// acknowledged, so one that is hidden or unknown makes all of the stream silent.
pub(crate) async fn listen<S: ServerHandler>(
    service: &SaplService<S>,
    subscription: SubscriptionContext,
) -> Result<(), ErrorData> {
    let context = subscription.request_context();
    let caller = service.caller(context);
    let asks = |filter: &SubscriptionFilter| {
        let uris = filter.resource_subscriptions.iter();
        uris.flatten().next().is_some()
    };
    if caller.is_trusted() || !asks(subscription.requested()) {
        return service.inner.listen(subscription).await;
    }
    let lists = look(service, context).await;
    let mut silent = false;
    for uri in subscription.accepted().resource_subscriptions.iter().flatten() {
        let located = match &lists {
            Ok(lists) => locate_in(lists, service, uri, context).await,
            Err(reason) => Located::absent(uri, reason),
        };
        let admitted = match located.ruling {
            Ruling::Unruled(_) => Ok(()),
            Ruling::Rules(rules) => {
                service.shared.note_rule();
                let component =
                    resources::component(Operation::Subscribe, uri, located.definition, located.variables);
                let operation = operation(&service.shared, &rules, &caller, component, &mut context.clone());
                match enforce(operation, |_| nothing()).await {
                    Ok(_) => Ok(()),
                    Err(denial) => Err(denial.hides()),
                }
            }
            ruling => {
                let refused = resources::refused(Operation::Subscribe, uri);
                let _: Result<(), _> = refuse(service, &caller, context, refused, &ruling);
                Err(ruling.hides())
            }
        };
        match admitted {
            Ok(()) => {}
            Err(true) => silent = true,
            Err(false) => return Err(access_denied()),
        }
    }
    if silent {
        subscription.cancelled().await;
        return Ok(());
    }
    service.inner.listen(subscription).await
}

/// Sees what the server lists, if nobody has before: to be called where a client is heard of first.
pub(crate) async fn look_around<S: ServerHandler>(service: &SaplService<S>, context: &Context) {
    if service.shared.seen::<S>().is_none() && !service.caller(context).is_trusted() {
        // What can't be read is unknown, as before.
        let _ = look(service, context).await;
    }
}

/// Reads what the server lists, and remembers it for [`accepted`].
async fn look<S: ServerHandler>(
    service: &SaplService<S>,
    context: &Context,
) -> Result<Arc<Lists>, &'static str> {
    let lists = Lists::all(&service.inner, &service.shared, context).await?;
    Ok(service.shared.see::<S>(lists))
}
