//! Who decides about calls.

use std::{fmt, sync::Arc};

use futures_util::future::BoxFuture;
use sapl_base::Deciding;

use super::{GuardRequest, Judgement};

/// Decides whether a call may be made.
///
/// Closures `Fn(&GuardRequest) -> Judgement` are policies, and [`async_policy`] makes one of an asynchronous closure. A
/// policy that panics, or that takes longer than [`decision_timeout`](super::GuardBuilder::decision_timeout), denies.
///
/// ```
/// use sapl_mcp::client::{GuardPolicy, GuardRequest, Judgement};
///
/// fn only_reading(request: &GuardRequest) -> Judgement {
///     match request.tool().starts_with("read_") {
///         true => Judgement::allow("it only reads"),
///         false => Judgement::approval_required("it may change something"),
///     }
/// }
///
/// fn takes(_: impl GuardPolicy) {}
/// takes(only_reading);
/// ```
pub trait GuardPolicy: Send + Sync + 'static {
    /// Judges a call.
    fn judge<'a>(&'a self, request: &'a GuardRequest) -> Deciding<'a, Judgement>;
}

impl<F> GuardPolicy for F
where
    F: Fn(&GuardRequest) -> Judgement + Send + Sync + 'static,
{
    fn judge<'a>(&'a self, request: &'a GuardRequest) -> Deciding<'a, Judgement> {
        Deciding::ready(self(request))
    }
}

impl<P: GuardPolicy + ?Sized> GuardPolicy for Arc<P> {
    fn judge<'a>(&'a self, request: &'a GuardRequest) -> Deciding<'a, Judgement> {
        (**self).judge(request)
    }
}

/// A policy made of an asynchronous closure: see [`async_policy`].
#[derive(Clone, Copy)]
pub struct AsyncPolicy<F>(F);

/// Makes a policy of an asynchronous closure.
///
/// ```
/// use sapl_mcp::client::{Judgement, async_policy};
///
/// # async fn is_protected(path: &str) -> bool { path.starts_with("/etc") }
/// let policy = async_policy(|request| Box::pin(async move {
///     let path = request.argument("path").and_then(|path| path.as_str()).unwrap_or_default();
///     match is_protected(path).await {
///         true => Judgement::deny("the file is protected"),
///         false => Judgement::allow("the file is not protected"),
///     }
/// }));
/// # fn takes(_: impl sapl_mcp::client::GuardPolicy) {}
/// # takes(policy);
/// ```
pub const fn async_policy<F>(judge: F) -> AsyncPolicy<F>
where
    F: for<'a> Fn(&'a GuardRequest) -> BoxFuture<'a, Judgement> + Send + Sync + 'static,
{
    AsyncPolicy(judge)
}

impl<F> GuardPolicy for AsyncPolicy<F>
where
    F: for<'a> Fn(&'a GuardRequest) -> BoxFuture<'a, Judgement> + Send + Sync + 'static,
{
    fn judge<'a>(&'a self, request: &'a GuardRequest) -> Deciding<'a, Judgement> {
        Deciding::pending((self.0)(request))
    }
}

impl<F> fmt::Debug for AsyncPolicy<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncPolicy").finish_non_exhaustive()
    }
}
