//! The time since the cache began, in one word.

use std::time::Duration;

use tokio::time::Instant;

/// A monotonic clock. In tests with paused time it is the test's.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    beginning: Instant,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self {
            beginning: Instant::now(),
        }
    }

    pub(super) fn now(&self) -> Duration {
        self.beginning.elapsed()
    }
}
