//! A decision that is there already, or a future of one.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::future::BoxFuture;

use crate::AuthorizationDecision;

/// What a decision point returns: a value at once, which allocates nothing, or a boxed future of it.
///
/// ```
/// use sapl_base::{AuthorizationDecision, Deciding};
///
/// let ready = Deciding::ready(AuthorizationDecision::deny());
/// assert!(ready.now().is_ok());
/// let pending = Deciding::pending(async { AuthorizationDecision::deny() });
/// assert!(pending.now().is_err());
/// ```
#[must_use = "a decision that nobody looks at protects nothing"]
pub struct Deciding<'a, T = AuthorizationDecision>(State<'a, T>);

enum State<'a, T> {
    /// `None` once it was taken.
    Ready(Option<T>),
    Pending(BoxFuture<'a, T>),
}

impl<'a, T> Deciding<'a, T> {
    /// A value that is there.
    pub const fn ready(value: T) -> Self {
        Self(State::Ready(Some(value)))
    }

    /// A value that has to be awaited.
    pub fn pending(future: impl Future<Output = T> + Send + 'a) -> Self {
        Self(State::Pending(Box::pin(future)))
    }

    /// The value if it is there, so that a caller can spare itself timers and races; else itself again.
    ///
    /// # Errors
    /// Not an error: what comes back is still to be awaited.
    pub fn now(self) -> Result<T, Self> {
        match self.0 {
            State::Ready(Some(value)) => Ok(value),
            state => Err(Self(state)),
        }
    }
}

impl<T: Unpin> Future for Deciding<'_, T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        match &mut self.get_mut().0 {
            // A second poll after the value is a caller's mistake; it waits rather than brings the process down.
            State::Ready(value) => value.take().map_or(Poll::Pending, Poll::Ready),
            State::Pending(future) => future.as_mut().poll(context),
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Deciding<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            State::Ready(value) => f.debug_tuple("Ready").field(value).finish(),
            State::Pending(_) => f.write_str("Pending"),
        }
    }
}
