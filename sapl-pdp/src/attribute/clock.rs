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

/// The time of a timestamp such as `2026-03-18T10:15:30Z`, as policies write it.
#[must_use]
pub fn timestamp(text: &str) -> Option<SystemTime> {
    let instant = crate::function::time::parse::instant(text)?;
    let fraction = instant.nanos() - i128::from(instant.seconds()) * 1_000_000_000;
    let fraction = Duration::from_nanos(u64::try_from(fraction).ok()?);
    let whole = Duration::from_secs(instant.seconds().unsigned_abs());
    let time = match instant.seconds() < 0 {
        true => SystemTime::UNIX_EPOCH.checked_sub(whole),
        false => SystemTime::UNIX_EPOCH.checked_add(whole),
    };
    time?.checked_add(fraction)
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
