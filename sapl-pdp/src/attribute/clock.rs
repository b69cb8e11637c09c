//! What time it is, and waiting.

use std::fmt::Debug;
use std::time::{Duration, SystemTime};

use futures_core::future::BoxFuture;
use futures_util::FutureExt as _;

/// Where attributes have the time from, so that tests have one of their own.
pub trait Clock: Debug + Send + Sync + 'static {
    /// What time it is.
    fn now(&self) -> SystemTime;

    /// Ends after `duration`.
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()>;
}

/// The clock of the machine. It waits by the timer of the Tokio runtime that asks for the decision; elsewhere waiting never
/// ends, so nothing that changes with time is told anew.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        match tokio::runtime::Handle::try_current() {
            Ok(_) => tokio::time::sleep(duration).boxed(),
            Err(_) => std::future::pending().boxed(),
        }
    }
}
