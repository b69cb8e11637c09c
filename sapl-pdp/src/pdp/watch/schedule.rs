//! When a folder is looked at.

use std::time::{Duration, Instant};

/// How long a folder has to stay as it is before it is read, so that whoever writes several files can finish.
pub const QUIET: Duration = Duration::from_millis(100);

/// How long a folder that never stays as it is remains unread.
pub const MAX_WAIT_FOR_QUIET: Duration = Duration::from_secs(2);

/// How often a folder is looked at when nobody tells of changes.
pub const LOOK_EVERY: Duration = Duration::from_millis(500);

/// How often a folder is looked at when the operating system tells of changes: it doesn't know of all, as of those behind
/// links.
pub const LOOK_EVERY_NOTIFIED: Duration = Duration::from_secs(2);

/// How much longer than a look the pause after it is, so that changes without end take a small part of one processor.
const REST: u32 = 4;

/// When the next look is due. It has no clock of its own.
#[derive(Debug)]
pub(super) struct Schedule {
    due: Instant,
    /// Since when the folder changes.
    changing_since: Option<Instant>,
    not_before: Instant,
}

impl Schedule {
    /// The first look is due at once.
    pub(super) const fn new(now: Instant) -> Self {
        Self {
            due: now,
            changing_since: None,
            not_before: now,
        }
    }

    /// How long to wait for the next look.
    pub(super) fn wait(&self, now: Instant) -> Duration {
        self.due.saturating_duration_since(now)
    }

    /// Whether the next look is so near that news of a change make no difference.
    pub(super) fn is_near(&self, now: Instant) -> bool {
        self.due <= self.soon(now)
    }

    /// There is news of a change.
    pub(super) fn hurry(&mut self, now: Instant) {
        self.due = self.due.min(self.soon(now));
    }

    /// Whether the folder has been changing for so long that it is read all the same.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.changing_since
            .is_some_and(|since| now >= since + MAX_WAIT_FOR_QUIET)
    }

    /// There was a look, from `began` to `now`.
    pub(super) fn looked(&mut self, began: Instant, now: Instant, is_changing: bool, is_notified: bool) {
        self.not_before = now + now.saturating_duration_since(began) * REST;
        let due = if is_changing {
            let since = *self.changing_since.get_or_insert(began);
            (now + QUIET).min(since + MAX_WAIT_FOR_QUIET)
        } else {
            self.changing_since = None;
            now + if is_notified {
                LOOK_EVERY_NOTIFIED
            } else {
                LOOK_EVERY
            }
        };
        self.due = due.max(self.not_before);
    }

    fn soon(&self, now: Instant) -> Instant {
        (now + QUIET).max(self.not_before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    #[test]
    fn a_quiet_folder_is_looked_at_now_and_then() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        assert_eq!(schedule.wait(start), Duration::ZERO);
        schedule.looked(start, start, false, false);
        assert_eq!(schedule.wait(start), LOOK_EVERY);
        schedule.looked(start, start, false, true);
        assert_eq!(schedule.wait(start), LOOK_EVERY_NOTIFIED);
    }

    #[test]
    fn news_bring_the_look_forward_once() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        schedule.looked(start, start, false, true);
        assert!(!schedule.is_near(start));
        schedule.hurry(start);
        assert_eq!(schedule.wait(start), QUIET);
        for step in 0..50 {
            let now = start + MILLISECOND * step;
            assert!(schedule.is_near(now));
            schedule.hurry(now);
        }
        assert_eq!(schedule.wait(start + QUIET), Duration::ZERO);
    }

    #[test]
    fn a_folder_that_never_rests_is_read_in_the_end() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        let mut now = start;
        let mut looks = 0;
        while !schedule.is_overdue(now) {
            schedule.looked(now, now, true, true);
            now += schedule.wait(now);
            looks += 1;
        }
        assert_eq!((now - start, looks), (MAX_WAIT_FOR_QUIET, 20));
        schedule.looked(now, now, false, true);
        assert!(!schedule.is_overdue(now));
        assert!(!schedule.is_overdue(now + MAX_WAIT_FOR_QUIET));
    }

    #[test]
    fn looks_that_take_long_are_made_seldom() {
        let start = Instant::now();
        let mut schedule = Schedule::new(start);
        let took = MILLISECOND * 400;
        let now = start + took;
        for is_changing in [true, false] {
            schedule.looked(start, now, is_changing, true);
            schedule.hurry(now);
            assert_eq!(schedule.wait(now), took * REST);
        }
    }
}
