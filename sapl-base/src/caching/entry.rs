//! One subscription whose decision is followed.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use arc_swap::ArcSwapOption;

use crate::{AuthorizationDecision, AuthorizationSubscription, Decision};

/// How long a decision counts that nobody looked after: a follower that gets no processor time vouches for nothing.
pub(super) const MAX_UNATTENDED: Duration = Duration::from_secs(20);

/// A subscription and the newest decision of its stream. Times are those since the cache began.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) digest: u64,
    pub(super) subscription: AuthorizationSubscription,
    /// `None` as long as the stream has not decided.
    newest: ArcSwapOption<AuthorizationDecision>,
    last_asked: AtomicU64,
    last_attended: AtomicU64,
}

impl Entry {
    pub(super) fn new(digest: u64, subscription: AuthorizationSubscription, now: Duration) -> Self {
        Self {
            digest,
            subscription,
            newest: ArcSwapOption::empty(),
            last_asked: AtomicU64::new(nanos(now)),
            last_attended: AtomicU64::new(nanos(now)),
        }
    }

    /// The newest decision, if there is one that somebody looks after.
    pub(super) fn answer(&self, now: Duration) -> Option<AuthorizationDecision> {
        self.last_asked.store(nanos(now), Ordering::Relaxed);
        let attended = Duration::from_nanos(self.last_attended.load(Ordering::Acquire));
        if now.saturating_sub(attended) > MAX_UNATTENDED {
            return None;
        }
        self.newest.load().as_deref().cloned()
    }

    /// Takes the next decision of the stream in.
    pub(super) fn update(&self, decision: AuthorizationDecision) {
        // A stream that begins with INDETERMINATE may be one that does not come about, where asking directly would.
        if decision.decision == Decision::Indeterminate && self.newest.load().is_none() {
            return;
        }
        self.newest.store(Some(Arc::new(decision)));
    }

    /// Notes that the stream was looked at and has nothing newer.
    pub(super) fn attended(&self, now: Duration) {
        self.last_attended.store(nanos(now), Ordering::Release);
    }

    /// Nobody follows the decision any more.
    pub(super) fn forget(&self) {
        self.newest.store(None);
    }

    pub(super) fn last_asked(&self) -> Duration {
        Duration::from_nanos(self.last_asked.load(Ordering::Relaxed))
    }
}

/// Good for 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(100);

    fn entry() -> Entry {
        Entry::new(1, AuthorizationSubscription::new("s", "a", "r"), START)
    }

    #[test]
    fn a_stream_has_decided_once_it_gave_more_than_indeterminate() {
        let entry = entry();
        assert_eq!(entry.answer(START), None);
        entry.update(AuthorizationDecision::indeterminate());
        assert_eq!(entry.answer(START), None);
        entry.update(AuthorizationDecision::permit());
        assert_eq!(entry.answer(START), Some(AuthorizationDecision::permit()));
        entry.update(AuthorizationDecision::indeterminate());
        assert_eq!(entry.answer(START), Some(AuthorizationDecision::indeterminate()));
        entry.forget();
        assert_eq!(entry.answer(START), None);
    }

    #[test]
    fn a_decision_that_nobody_looks_after_counts_twenty_seconds_and_no_longer() {
        let entry = entry();
        entry.update(AuthorizationDecision::permit());
        assert!(entry.answer(START + MAX_UNATTENDED).is_some());
        let late = START + MAX_UNATTENDED + Duration::from_nanos(1);
        assert!(entry.answer(late).is_none());
        entry.attended(late);
        assert!(entry.answer(late).is_some());
    }
}
