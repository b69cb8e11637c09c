//! What runs when an operation has ended.

use std::{
    any::TypeId,
    fmt,
    hash::{Hash, Hasher},
    pin::Pin,
    sync::Arc,
};

use sapl_base::AuthorizationDecision;

use super::field::stateless;
use crate::SubscriptionContext;

/// A finalize function without state, its future boxed.
pub(crate) type Finalize = for<'a> fn(&'a AuthorizationDecision, &'a SubscriptionContext) -> BoxFuture<'a>;

type BoxFuture<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// An `async fn(&AuthorizationDecision, &SubscriptionContext)`, or a closure like it.
///
/// It is implemented for all of them; there is nothing to implement by hand.
pub trait FinalizeFn<'a>:
    Fn(&'a AuthorizationDecision, &'a SubscriptionContext) -> <Self as FinalizeFn<'a>>::Future
{
    /// The future that the function returns.
    type Future: Future<Output = ()> + Send + 'a;
}

impl<'a, F, T> FinalizeFn<'a> for F
where
    F: Fn(&'a AuthorizationDecision, &'a SubscriptionContext) -> T,
    T: Future<Output = ()> + Send + 'a,
{
    type Future = T;
}

type Run = dyn for<'a> Fn(&'a AuthorizationDecision, &'a SubscriptionContext) -> BoxFuture<'a> + Send + Sync;

/// What a rule runs at the end of an operation.
#[derive(Clone)]
pub(crate) struct Finalizer {
    run: Arc<Run>,
    /// The type of a function without state: equal types then mean equal functions.
    identity: Option<TypeId>,
}

impl Finalizer {
    pub(super) fn new<F>(function: F) -> Self
    where
        F: for<'a> FinalizeFn<'a> + Send + Sync + 'static,
    {
        Self {
            identity: stateless::<F>(),
            run: Arc::new(move |decision, context| Box::pin(function(decision, context))),
        }
    }

    /// Runs it. The function itself may panic here already, its future when it is polled.
    pub(crate) fn run<'a>(
        &self,
        decision: &'a AuthorizationDecision,
        context: &'a SubscriptionContext,
    ) -> BoxFuture<'a> {
        (self.run)(decision, context)
    }

    pub(super) fn is_comparable(&self) -> bool {
        self.identity.is_some()
    }
}

/// From an annotation, whose rules are told apart by where they stand.
impl From<Finalize> for Finalizer {
    fn from(run: Finalize) -> Self {
        Self {
            run: Arc::new(run),
            identity: None,
        }
    }
}

impl PartialEq for Finalizer {
    fn eq(&self, other: &Self) -> bool {
        self.identity.is_some() && self.identity == other.identity
    }
}

impl Hash for Finalizer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity.hash(state);
    }
}

impl fmt::Debug for Finalizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Finalizer")
    }
}
