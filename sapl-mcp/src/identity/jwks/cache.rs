//! When keys are fetched, and how long they are used: a machine that is told the time and what came of a fetch.

#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use bytes::Bytes;

use super::super::jwt::KeySet;

/// For how long after its lifetime a key set is used on while fetching it anew fails.
pub const JWKS_GRACE: Duration = Duration::from_secs(60 * 60);

/// Tokens with unknown key ids make keys be fetched at most once in this time.
pub const UNKNOWN_KEY_INTERVAL: Duration = Duration::from_secs(30);

/// How long the next fetch waits after one that failed. It doubles with each further failure.
pub const MIN_JWKS_BACKOFF: Duration = Duration::from_secs(1);

/// How long the next fetch waits at most after one that failed.
pub const MAX_JWKS_BACKOFF: Duration = Duration::from_secs(60);

/// How long anybody waits for a fetch. One that takes longer is lost, as when nobody runs the runtime any more that it was begun
/// on, and the next one may begin.
pub const MAX_JWKS_WAIT: Duration = Duration::from_secs(30);

/// The keys of one issuer over time. At most one fetch is under way.
#[derive(Default)]
pub(super) struct KeyCache {
    held: Option<Held>,
    /// Since when a fetch is under way.
    fetching: Option<Instant>,
    /// Failures since the last success.
    failures: u32,
    /// No fetch begins before.
    not_before: Option<Instant>,
    epoch: u64,
}

/// A key set that was fetched.
#[derive(Clone)]
struct Held {
    keys: KeySet,
    document: Bytes,
    fetched: Instant,
    /// From here on it is fetched again while it is in use.
    refresh: Instant,
    /// From here on it waits for the next one.
    stale: Instant,
    /// From here on it is not used any more.
    end: Instant,
}

/// What a fetch brought.
pub(in super::super) struct Fetched {
    pub(super) keys: KeySet,
    /// As it came, to see whether anything has changed.
    pub(super) document: Bytes,
    pub(super) lifetime: Duration,
}

/// Keys to verify with.
#[derive(Clone)]
pub(in super::super) struct Found {
    pub(in super::super) keys: KeySet,
    /// Which key set it is. Another number is another set.
    pub(in super::super) epoch: u64,
    /// A verdict of these keys may be used for so long.
    pub(in super::super) good_for: Duration,
}

/// What can be done now.
pub(super) enum Step {
    /// Use these keys.
    Use(Found),
    /// Wait for the fetch under way, then ask again.
    Wait,
    /// No key of that id is published.
    Absent,
    /// The keys can't be had now.
    Unavailable,
}

/// A step, and whether a fetch has to be begun, which is then under way.
pub(super) struct Answer {
    pub(super) step: Step,
    pub(super) fetch: bool,
}

impl KeyCache {
    /// Keys for a token. `waited` says that a fetch was waited for already, and so is not again.
    pub(super) fn keys(&mut self, now: Instant, waited: bool) -> Answer {
        let usable = self.held.as_ref().filter(|held| now < held.end);
        let Some(held) = usable else {
            let fetch = !waited && self.begin(now);
            let step = if self.is_fetching(now) && !waited {
                Step::Wait
            } else {
                Step::Unavailable
            };
            return Answer { step, fetch };
        };
        let (due, stale) = (now >= held.refresh, now >= held.stale);
        let found = self.found(held, now);
        let fetch = due && !waited && self.begin(now);
        // In an outage that is known already, nobody waits for what will hardly come.
        let step = if stale && !waited && self.is_fetching(now) && self.failures == 0 {
            Step::Wait
        } else {
            Step::Use(found)
        };
        Answer { step, fetch }
    }

    /// The set of `epoch` has no key of the id that a token names.
    pub(super) fn unknown_key(&mut self, now: Instant, epoch: u64, waited: bool) -> Answer {
        let answer = |step| Answer { step, fetch: false };
        let usable = self.held.as_ref().filter(|held| now < held.end);
        if let Some(held) = usable
            && self.epoch != epoch
        {
            return answer(Step::Use(self.found(held, now)));
        }
        if waited {
            let failed = self.failures > 0 || usable.is_none();
            return answer(if failed { Step::Unavailable } else { Step::Absent });
        }
        if self.is_fetching(now) {
            return answer(Step::Wait);
        }
        let recent = |held: &Held| now.saturating_duration_since(held.fetched) < UNKNOWN_KEY_INTERVAL;
        if self.failures == 0 && usable.is_some_and(recent) {
            return answer(Step::Absent);
        }
        let fetch = self.begin(now);
        let step = if fetch { Step::Wait } else { Step::Unavailable };
        Answer { step, fetch }
    }

    /// Takes what a fetch brought.
    pub(super) fn fetched(&mut self, now: Instant, fetched: Fetched) {
        self.fetching = None;
        self.failures = 0;
        self.not_before = None;
        let Fetched {
            keys,
            document,
            lifetime,
        } = fetched;
        if self.held.as_ref().is_none_or(|held| held.document != document) {
            self.epoch += 1;
        }
        self.held = Some(Held {
            keys,
            document,
            fetched: now,
            refresh: now + lifetime / 5 * 4,
            stale: now + lifetime,
            end: now + lifetime + JWKS_GRACE,
        });
    }

    /// Takes note that a fetch failed; the answer is after how long the next one may begin.
    pub(super) fn failed(&mut self, now: Instant) -> Duration {
        self.fetching = None;
        let doublings = self.failures.min(16);
        self.failures = self.failures.saturating_add(1);
        let wait = MIN_JWKS_BACKOFF
            .saturating_mul(1 << doublings)
            .min(MAX_JWKS_BACKOFF);
        self.not_before = Some(now + wait);
        wait
    }

    /// Which key set is held.
    pub(super) const fn epoch(&self) -> u64 {
        self.epoch
    }

    fn begin(&mut self, now: Instant) -> bool {
        let may = !self.is_fetching(now) && self.not_before.is_none_or(|not_before| now >= not_before);
        if may {
            self.fetching = Some(now);
        }
        may
    }

    fn is_fetching(&self, now: Instant) -> bool {
        let since = self.fetching.map(|since| now.saturating_duration_since(since));
        since.is_some_and(|since| since < MAX_JWKS_WAIT)
    }

    fn found(&self, held: &Held, now: Instant) -> Found {
        Found {
            keys: held.keys.clone(),
            epoch: self.epoch,
            good_for: held.refresh.saturating_duration_since(now),
        }
    }
}
