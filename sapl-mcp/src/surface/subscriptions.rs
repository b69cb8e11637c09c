//! Subscriptions to the changes of resources.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, PoisonError, RwLock},
};

use futures_util::FutureExt;
use rmcp::{
    ErrorData, ServerHandler,
    model::{SubscribeRequestParams, SubscriptionFilter},
    service::SubscriptionContext,
};

use super::{
    Context, nobody, operation, reply,
    resources::{self, Admitted, Lists, Located, admit},
};
use crate::{
    enforcement::{enforce, nothing},
    reply::access_denied,
    rule::Unruled,
    service::SaplService,
    subscription::Operation,
};

/// The most URIs that one stream may be about.
pub(crate) const MAX_LISTENED: usize = 256;

/// What a server was last seen to list, for questions that can't wait for its lists.
#[derive(Default)]
pub(crate) struct Seen(RwLock<Option<Arc<Lists>>>);

impl Seen {
    fn get(&self) -> Option<Arc<Lists>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, lists: &Arc<Lists>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(lists));
    }
}

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
    let located = resources::locate(service, &request.uri, &context).await;
    let (rules, component) = match admit(service, &caller, &context, Operation::Subscribe, located) {
        Admitted::Rules(rules, component) => (rules, *component),
        Admitted::Unruled(unruled) => {
            return service.inner.subscribe(request, context).await.unruled(unruled);
        }
        Admitted::Refused(error) => return Err(error),
    };
    let uri = request.uri.clone();
    let operation = operation(&service.shared, &rules, &caller, component, &mut context);
    let run = |_| service.inner.subscribe(request, context);
    reply(enforce(operation, run).await, &uri)
}

/// What a client may hear of by `subscriptions/listen`, as far as that can be said before anybody is known.
///
/// rmcp acknowledges it to the client, so it must not tell what is hidden. The server is asked about a URI itself only
/// if that is hidden from nobody. In place of any other it is asked about one that it can't know: what is
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
    let asked: Vec<String> = uris
        .iter()
        .zip(open(service, uris))
        .map(|(uri, is_open)| match is_open {
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

/// Which of the URIs are hidden from nobody.
///
/// The server is asked there and then for what it lists. One whose lists take a while is known by what was seen of this
/// very server before, and then nothing is open that was not in its lists.
fn open<S: ServerHandler>(service: &SaplService<S>, uris: &[String]) -> Vec<bool> {
    let shared = &*service.shared;
    let of = |is_open: &dyn Fn(&str) -> bool| uris.iter().map(|uri| is_open(uri)).collect();
    match (listed_now(service, uris), service.seen.get()) {
        (Some(Ok(lists)), _) => of(&|uri| !lists.locate(uri, shared).ruling.hides()),
        (None, Some(seen)) => of(&|uri| seen.have_open(uri, shared)),
        (Some(Err(_)), _) | (None, None) => of(&|_| false),
    }
}

/// What the server lists that can be about the URIs, if it says so without waiting for anything.
fn listed_now<S: ServerHandler>(
    service: &SaplService<S>,
    uris: &[String],
) -> Option<Result<Lists, &'static str>> {
    let context = nobody::request()?;
    let uris = uris.iter().map(String::as_str);
    let listed = || Lists::about(&service.inner, &service.shared, &context, uris).now_or_never();
    // What the server had begun is dropped when it would wait, and that may panic.
    catch_unwind(AssertUnwindSafe(listed)).unwrap_or_else(|payload| {
        std::mem::forget(payload);
        None
    })
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
            Ok(lists) => lists.locate(uri, &service.shared),
            Err(reason) => Located::absent(uri, reason),
        };
        let hides = located.ruling.hides();
        let admitted = match admit(service, &caller, context, Operation::Subscribe, located) {
            Admitted::Unruled(_) => Ok(()),
            Admitted::Rules(rules, component) => {
                let operation = operation(&service.shared, &rules, &caller, *component, &mut context.clone());
                match enforce(operation, |_| nothing()).await {
                    Ok(_) => Ok(()),
                    Err(denial) => Err(denial.hides()),
                }
            }
            Admitted::Refused(_) => Err(hides),
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
    if service.seen.get().is_none() && !service.caller(context).is_trusted() {
        // What can't be read is unknown, as before.
        let _ = look(service, context).await;
    }
}

/// Reads what the server lists, and remembers it for [`accepted`].
async fn look<S: ServerHandler>(
    service: &SaplService<S>,
    context: &Context,
) -> Result<Arc<Lists>, &'static str> {
    let lists = Arc::new(Lists::all(&service.inner, &service.shared, context).await?);
    service.seen.set(&lists);
    Ok(lists)
}
