//! Running code that is not ours: a panic in it is an error like any other.

use std::{
    any::Any,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use futures_core::future::BoxFuture;

use super::HandlerError;

/// Runs `work`; a panic in it becomes an error.
pub(super) fn guard<T>(work: impl FnOnce() -> Result<T, HandlerError>) -> Result<T, HandlerError> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(panicked(payload)))
}

/// Awaits `future`; a panic in it becomes an error.
pub(super) const fn guard_async<T>(future: BoxFuture<'_, Result<T, HandlerError>>) -> Guarded<'_, T> {
    Guarded(Some(future))
}

/// See [`guard_async`].
pub(super) struct Guarded<'a, T>(Option<BoxFuture<'a, Result<T, HandlerError>>>);

impl<T> Future for Guarded<'_, T> {
    type Output = Result<T, HandlerError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let Some(future) = &mut self.0 else {
            return Poll::Ready(Err(HandlerError::new("polled again after it was done")));
        };
        let polled = catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context)))
            .unwrap_or_else(|payload| Poll::Ready(Err(panicked(payload))));
        if polled.is_ready() {
            let done = self.0.take();
            // What a future holds is dropped in here, and a destructor may panic as well as anything else.
            if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(done))) {
                return Poll::Ready(Err(panicked(payload)));
            }
        }
        polled
    }
}

/// The message of a panic.
fn panicked(payload: Box<dyn Any + Send>) -> HandlerError {
    let message = payload
        .downcast_ref::<&str>()
        .map(|message| (*message).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned());
    match message {
        Some(message) => HandlerError::new(format_args!("panicked: {message}")),
        None => {
            // The destructor of a payload of some other type could panic in its turn.
            std::mem::forget(payload);
            HandlerError::new("panicked")
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, panic::panic_any};

    use super::*;

    struct PanicsWhenDropped;

    impl Drop for PanicsWhenDropped {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }

    fn message(outcome: Result<(), HandlerError>) -> String {
        outcome.unwrap_err().into_message()
    }

    #[test]
    fn a_panic_is_an_error_whatever_it_carries() {
        assert!(guard(|| Ok(())).is_ok());
        assert_eq!(message(guard(|| panic!("plain"))), "panicked: plain");
        assert_eq!(
            message(guard(|| panic!("{} {}", "made", "up"))),
            "panicked: made up"
        );
        assert_eq!(message(guard(|| panic_any(7))), "panicked");
        assert_eq!(message(guard(|| panic_any(PanicsWhenDropped))), "panicked");
    }

    #[tokio::test]
    async fn a_future_that_panics_when_polled_or_dropped_is_an_error() {
        assert!(guard_async(Box::pin(async { Ok(()) })).await.is_ok());
        let panics = async {
            tokio::task::yield_now().await;
            panic!("polled")
        };
        assert_eq!(message(guard_async(Box::pin(panics)).await), "panicked: polled");
        let held = PanicsWhenDropped;
        let panics_at_the_end = poll_fn(move |_| {
            let _ = &held;
            Poll::Ready(Ok(()))
        });
        assert_eq!(
            message(guard_async(Box::pin(panics_at_the_end)).await),
            "panicked: dropped"
        );
    }
}
