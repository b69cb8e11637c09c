//! What wakes the thread that watches.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::schedule::Schedule;

/// That there is news, and that it is over. However much news there is, it is one flag.
#[derive(Debug, Default)]
pub(super) struct Signal {
    raised: Mutex<Raised>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Raised {
    news: bool,
    trouble: bool,
    stop: bool,
}

impl Signal {
    /// Something has changed.
    #[cfg(any(test, feature = "notify"))]
    pub(super) fn news(&self) {
        let mut raised = self.raised();
        if !raised.news {
            raised.news = true;
            self.changed.notify_one();
        }
    }

    /// Whoever brings news may miss some from now on.
    #[cfg(any(test, feature = "notify"))]
    pub(super) fn trouble(&self) {
        self.raised().trouble = true;
        self.news();
    }

    /// Whether there was trouble since this was asked last.
    pub(super) fn take_trouble(&self) -> bool {
        std::mem::take(&mut self.raised().trouble)
    }

    /// It is over.
    pub(super) fn stop(&self) {
        self.raised().stop = true;
        self.changed.notify_one();
    }

    /// Forgets the news so far, which the look that comes now takes in.
    pub(super) fn forget(&self) {
        self.raised().news = false;
    }

    /// Waits until a look is due (`false`) or there is news that brings it forward (`true`), or nothing if it is over.
    pub(super) fn wait(&self, now: Instant, schedule: &Schedule) -> Option<bool> {
        let is_near = schedule.is_near(now);
        let is_idle = |raised: &mut Raised| !raised.stop && (is_near || !raised.news);
        let waiting = self
            .changed
            .wait_timeout_while(self.raised(), schedule.wait(now), is_idle);
        let (raised, waited) = waiting.unwrap_or_else(PoisonError::into_inner);
        match raised.stop {
            true => None,
            false => Some(!waited.timed_out()),
        }
    }

    fn raised(&self) -> MutexGuard<'_, Raised> {
        self.raised.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_storm_of_news_wakes_once_for_each_look() {
        let start = Instant::now();
        let signal = Signal::default();
        let mut schedule = Schedule::new(start);
        assert_eq!(signal.wait(start, &schedule), Some(false));
        schedule.looked(start, start, false, true);
        (0..1000).for_each(|_| signal.news());
        assert_eq!(signal.wait(start, &schedule), Some(true));
        schedule.hurry(start);
        (0..1000).for_each(|_| signal.news());
        // As if the look were due: it isn't woken before.
        assert_eq!(
            signal.wait(start + Duration::from_secs(1), &schedule),
            Some(false)
        );
    }

    #[test]
    fn the_end_is_told_at_once_and_for_ever() {
        let start = Instant::now();
        let signal = Signal::default();
        let mut schedule = Schedule::new(start);
        schedule.looked(start, start, false, true);
        signal.stop();
        assert_eq!(signal.wait(start, &schedule), None);
        assert_eq!(signal.wait(start + Duration::from_secs(9), &schedule), None);
    }

    #[test]
    fn trouble_is_news_and_told_once() {
        let start = Instant::now();
        let signal = Signal::default();
        let mut schedule = Schedule::new(start);
        schedule.looked(start, start, false, true);
        signal.trouble();
        assert_eq!(signal.wait(start, &schedule), Some(true));
        assert!(signal.take_trouble());
        assert!(!signal.take_trouble());
    }
}
