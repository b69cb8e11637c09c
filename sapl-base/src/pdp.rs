//! Who decides.

mod deciding;
mod multi;
mod snapshot;

use std::sync::Arc;

use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream};

use crate::{AuthorizationDecision, AuthorizationSubscription, MultiAuthorizationSubscription};
pub use deciding::Deciding;
pub use multi::{IdentifiableAuthorizationDecision, MultiAuthorizationDecision};
pub use snapshot::PolicySnapshot;

/// A policy decision point: embedded, remote, or a closure in a test.
///
/// Only [`decide_once`](Self::decide_once) has to be written. A decision point that fails answers
/// [INDETERMINATE](crate::Decision::Indeterminate), never with an error, so that no caller can forget that case.
///
/// The trait is object-safe, and a decision that is there at once costs no allocation: see [`Deciding`].
///
/// ```
/// use sapl_base::{AuthorizationDecision, AuthorizationSubscription, Deciding, PolicyDecisionPoint};
///
/// struct OfficeHours;
///
/// impl PolicyDecisionPoint for OfficeHours {
///     fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
///         let open = subscription.environment().is_some_and(|environment| environment["hour"] == 10);
///         Deciding::ready(if open { AuthorizationDecision::permit() } else { AuthorizationDecision::deny() })
///     }
/// }
/// # let _: Box<dyn PolicyDecisionPoint> = Box::new(OfficeHours);
/// ```
pub trait PolicyDecisionPoint: Send + Sync + 'static {
    /// One decision, now.
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a>;

    /// The policies as they are now, for several decisions of one operation by [`decide_once_at`](Self::decide_once_at).
    ///
    /// `None`, the default, where the decision point can't hold them: then each decision is made on the policies of its
    /// time.
    fn snapshot(&self) -> Option<PolicySnapshot> {
        None
    }

    /// As [`decide_once`](Self::decide_once), on a [`snapshot`](Self::snapshot) of this decision point. What is none of
    /// its own has no policies, so that the answer is INDETERMINATE.
    fn decide_once_at<'a>(
        &'a self,
        snapshot: &'a PolicySnapshot,
        subscription: &'a AuthorizationSubscription,
    ) -> Deciding<'a> {
        let _ = (snapshot, subscription);
        Deciding::ready(AuthorizationDecision::indeterminate())
    }

    /// One decision for each subscription, all on one snapshot of the policies where the decision point can do
    /// that. An id that is missing in the answer counts as INDETERMINATE.
    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        multi::all_once(self, subscriptions)
    }

    /// The decision now and each time it changes. The stream ends when it is dropped.
    fn decide<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> BoxStream<'a, AuthorizationDecision> {
        stream::once(self.decide_once(subscription))
            .chain(stream::pending())
            .boxed()
    }

    /// The decision of each subscription now, and each one again when it changes.
    fn multi_decide<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, IdentifiableAuthorizationDecision> {
        multi::each(self, subscriptions)
    }

    /// All decisions, whole, once all are there and each time one changes.
    fn multi_decide_all<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, MultiAuthorizationDecision> {
        multi::all(self, subscriptions)
    }

    /// As [`decide`](Self::decide), for one who answers others from the newest decision: the stream follows every
    /// change, and an outage of the decision point shows in it as INDETERMINATE within some 20 s even if the network
    /// doesn't tell.
    ///
    /// `None`, the default, where that can't be promised; then nobody keeps an answer.
    fn follow<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> Option<BoxStream<'a, AuthorizationDecision>> {
        let _ = subscription;
        None
    }
}

/// A decision point made of a closure, for tests and small servers: see [`decide_fn`].
#[derive(Clone, Copy, Debug)]
pub struct DecideFn<F>(F);

/// Makes a policy decision point of a closure.
///
/// ```
/// use sapl_base::{AuthorizationDecision, decide_fn};
///
/// let pdp = decide_fn(|subscription| {
///     if subscription.subject()["role"] == "admin" {
///         AuthorizationDecision::permit()
///     } else {
///         AuthorizationDecision::deny()
///     }
/// });
/// # let _: &dyn sapl_base::PolicyDecisionPoint = &pdp;
/// ```
pub const fn decide_fn<F>(decide: F) -> DecideFn<F>
where
    F: Fn(&AuthorizationSubscription) -> AuthorizationDecision + Send + Sync + 'static,
{
    DecideFn(decide)
}

impl<F> PolicyDecisionPoint for DecideFn<F>
where
    F: Fn(&AuthorizationSubscription) -> AuthorizationDecision + Send + Sync + 'static,
{
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        Deciding::ready((self.0)(subscription))
    }
}

macro_rules! forward {
    ($($pointer:ident),*) => {$(
        impl<P: PolicyDecisionPoint + ?Sized> PolicyDecisionPoint for $pointer<P> {
            fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
                (**self).decide_once(subscription)
            }

            fn snapshot(&self) -> Option<PolicySnapshot> {
                (**self).snapshot()
            }

            fn decide_once_at<'a>(
                &'a self,
                snapshot: &'a PolicySnapshot,
                subscription: &'a AuthorizationSubscription,
            ) -> Deciding<'a> {
                (**self).decide_once_at(snapshot, subscription)
            }

            fn multi_decide_all_once<'a>(
                &'a self,
                subscriptions: &'a MultiAuthorizationSubscription,
            ) -> Deciding<'a, MultiAuthorizationDecision> {
                (**self).multi_decide_all_once(subscriptions)
            }

            fn decide<'a>(
                &'a self,
                subscription: &'a AuthorizationSubscription,
            ) -> BoxStream<'a, AuthorizationDecision> {
                (**self).decide(subscription)
            }

            fn multi_decide<'a>(
                &'a self,
                subscriptions: &'a MultiAuthorizationSubscription,
            ) -> BoxStream<'a, IdentifiableAuthorizationDecision> {
                (**self).multi_decide(subscriptions)
            }

            fn multi_decide_all<'a>(
                &'a self,
                subscriptions: &'a MultiAuthorizationSubscription,
            ) -> BoxStream<'a, MultiAuthorizationDecision> {
                (**self).multi_decide_all(subscriptions)
            }

            fn follow<'a>(
                &'a self,
                subscription: &'a AuthorizationSubscription,
            ) -> Option<BoxStream<'a, AuthorizationDecision>> {
                (**self).follow(subscription)
            }
        }
    )*};
}

forward!(Box, Arc);
