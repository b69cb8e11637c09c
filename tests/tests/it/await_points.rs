//! Operations that are stopped at every one of their await points, by dropping their future or by cancelling their
//! request, and what may change between two of these points.

mod captured;
mod changing;
mod stopped;

use std::{
    pin::Pin,
    task::{Context, Poll, Waker},
};

/// A future that is polled by hand. All that it waits for here wakes by itself.
pub(crate) struct ByHand<F> {
    future: Pin<Box<F>>,
    /// How often it was pending.
    pub(crate) pending: usize,
}

/// What only a permit gives: no other part of an answer says so.
pub(crate) const CONTENT: &str = "what is behind the rule";

/// More await points than any operation here has.
const MANY: usize = 1_000;

impl<F: Future> ByHand<F> {
    pub(crate) fn new(future: F) -> Self {
        Self {
            future: Box::pin(future),
            pending: 0,
        }
    }

    /// Goes on to the next await point, if there is one.
    async fn step(&mut self) -> Option<F::Output> {
        // Others have their turn first: what it waits for can be another task.
        tokio::task::yield_now().await;
        match self.future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => {
                self.pending += 1;
                None
            }
        }
    }

    /// Goes on to this await point, or to the end if that comes first.
    pub(crate) async fn to(&mut self, point: usize) -> Option<F::Output> {
        while self.pending < point {
            if let Some(output) = self.step().await {
                return Some(output);
            }
        }
        None
    }

    /// Goes on to the end.
    pub(crate) async fn finish(&mut self) -> F::Output {
        let end = self.to(MANY).await;
        end.unwrap_or_else(|| panic!("it does not end"))
    }
}

/// Gives tasks that run on by themselves the time to end.
pub(crate) async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}
