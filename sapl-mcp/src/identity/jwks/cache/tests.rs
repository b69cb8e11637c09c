use super::*;
use crate::identity::jwks::{DEFAULT_JWKS_LIFETIME, MIN_JWKS_LIFETIME};

const LIFETIME: Duration = DEFAULT_JWKS_LIFETIME;
const REFRESH: Duration = Duration::from_secs(8 * 60);
const TICK: Duration = Duration::from_nanos(1);

fn set(id: &str) -> Fetched {
    let document = format!(
        r#"{{"keys": [{{"kid": "{id}", "kty": "OKP", "crv": "Ed25519",
            "x": "anp_f0qYKeBqNf_PUJH7B8z7V2rT3gx-E1FnJ5otgtU"}}]}}"#
    );
    Fetched {
        keys: KeySet::read(document.as_bytes()).unwrap(),
        document: Bytes::from(document),
        lifetime: LIFETIME,
    }
}

fn shown(answer: &Answer) -> String {
    let step = match &answer.step {
        Step::Use(found) => format!("use {}", found.epoch),
        Step::Wait => "wait".into(),
        Step::Absent => "absent".into(),
        Step::Unavailable => "unavailable".into(),
    };
    if answer.fetch { step + ", fetch" } else { step }
}

/// A machine and its clock.
struct Run {
    cache: KeyCache,
    start: Instant,
    now: Instant,
}

impl Run {
    fn new() -> Self {
        let now = Instant::now();
        Self {
            cache: KeyCache::default(),
            start: now,
            now,
        }
    }

    /// With a key set that has just come.
    fn begun() -> Self {
        let mut run = Self::new();
        assert_eq!(run.keys(), "wait, fetch");
        run.cache.fetched(run.now, set("a"));
        run
    }

    fn at(&mut self, since_start: Duration) -> &mut Self {
        self.now = self.start + since_start;
        self
    }

    fn keys(&mut self) -> String {
        shown(&self.cache.keys(self.now, false))
    }

    fn keys_after_waiting(&mut self) -> String {
        shown(&self.cache.keys(self.now, true))
    }

    fn unknown(&mut self) -> String {
        let epoch = self.cache.epoch();
        shown(&self.cache.unknown_key(self.now, epoch, false))
    }

    fn unknown_after_waiting(&mut self, epoch: u64) -> String {
        shown(&self.cache.unknown_key(self.now, epoch, true))
    }

    fn good_for(&mut self) -> Duration {
        match self.cache.keys(self.now, true).step {
            Step::Use(found) => found.good_for,
            _ => panic!("no keys"),
        }
    }
}

#[test]
fn keys_are_fetched_when_first_needed_and_once() {
    let mut run = Run::new();
    assert_eq!(run.keys(), "wait, fetch");
    for _ in 0..100 {
        assert_eq!(run.keys(), "wait");
    }
    run.cache.fetched(run.now, set("a"));
    assert_eq!(run.keys_after_waiting(), "use 1");
    assert_eq!(run.keys(), "use 1");
}

#[test]
fn keys_in_use_are_fetched_ahead_and_nobody_waits() {
    let mut run = Run::begun();
    assert_eq!(run.at(REFRESH - TICK).keys(), "use 1");
    assert_eq!(run.at(REFRESH).keys(), "use 1, fetch");
    assert_eq!(run.keys(), "use 1");
    run.cache.fetched(run.now, set("a"));
    assert_eq!(run.keys(), "use 1");
    assert_eq!(run.at(REFRESH * 2 - TICK).keys(), "use 1");
    assert_eq!(run.at(REFRESH * 2).keys(), "use 1, fetch");
    run.cache.fetched(run.now, set("b"));
    assert_eq!(run.keys(), "use 2");
}

#[test]
fn a_verdict_is_good_until_the_next_fetch_is_due() {
    let mut run = Run::begun();
    assert_eq!(run.good_for(), REFRESH);
    assert_eq!(run.at(REFRESH - TICK).good_for(), TICK);
    assert_eq!(run.at(REFRESH).good_for(), Duration::ZERO);
    assert_eq!(run.at(LIFETIME).good_for(), Duration::ZERO);
}

#[test]
fn keys_past_their_lifetime_wait_for_new_ones() {
    let mut run = Run::begun();
    assert_eq!(run.at(LIFETIME - TICK).keys(), "use 1, fetch");
    assert_eq!(run.keys(), "use 1");
    assert_eq!(run.at(LIFETIME).keys(), "wait");
    let mut idle = Run::begun();
    assert_eq!(idle.at(LIFETIME * 3).keys(), "wait, fetch");
    idle.cache.fetched(idle.now, set("b"));
    assert_eq!(idle.keys_after_waiting(), "use 2");
}

#[test]
fn the_last_keys_are_used_for_a_bounded_time_while_there_are_no_new_ones() {
    let mut run = Run::begun();
    assert_eq!(run.at(LIFETIME).keys(), "wait, fetch");
    run.cache.failed(run.now);
    assert_eq!(run.keys_after_waiting(), "use 1");
    // From now on it is known that nothing comes, so nobody waits.
    assert_eq!(run.at(LIFETIME + MIN_JWKS_BACKOFF).keys(), "use 1, fetch");
    assert_eq!(run.keys(), "use 1");
    run.cache.failed(run.now);
    assert_eq!(run.at(LIFETIME + JWKS_GRACE - TICK).keys(), "use 1, fetch");
    run.cache.failed(run.now);
    assert_eq!(run.at(LIFETIME + JWKS_GRACE).keys(), "unavailable");
    assert_eq!(
        run.at(LIFETIME + JWKS_GRACE + MAX_JWKS_BACKOFF).keys(),
        "wait, fetch"
    );
    run.cache.fetched(run.now, set("a"));
    assert_eq!(run.keys_after_waiting(), "use 1");
}

#[test]
fn failures_are_followed_by_ever_longer_pauses() {
    let mut run = Run::new();
    let mut waits = Vec::new();
    for _ in 0..100 {
        assert_eq!(run.keys(), "wait, fetch");
        let wait = run.cache.failed(run.now);
        waits.push(wait.as_secs());
        assert_eq!(run.keys_after_waiting(), "unavailable");
        assert_eq!(run.keys(), "unavailable");
        run.now += wait - TICK;
        assert_eq!(run.keys(), "unavailable");
        run.now += TICK;
    }
    assert_eq!(waits[..8], [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(waits.last(), Some(&60));

    assert_eq!(run.keys(), "wait, fetch");
    run.cache.fetched(run.now, set("a"));
    run.now += REFRESH;
    assert_eq!(run.keys(), "use 1, fetch");
    assert_eq!(run.cache.failed(run.now), MIN_JWKS_BACKOFF);
}

#[test]
fn an_unknown_key_makes_them_be_fetched_at_most_once_in_an_interval() {
    let mut run = Run::begun();
    for _ in 0..100 {
        assert_eq!(run.at(UNKNOWN_KEY_INTERVAL - TICK).unknown(), "absent");
    }
    assert_eq!(run.at(UNKNOWN_KEY_INTERVAL).unknown(), "wait, fetch");
    assert_eq!(run.unknown(), "wait");
    run.cache.fetched(run.now, set("a"));
    assert_eq!(run.unknown_after_waiting(1), "absent");
    assert_eq!(run.at(UNKNOWN_KEY_INTERVAL * 2 - TICK).unknown(), "absent");
    assert_eq!(run.at(UNKNOWN_KEY_INTERVAL * 2).unknown(), "wait, fetch");
    run.cache.fetched(run.now, set("b"));
    assert_eq!(run.unknown_after_waiting(1), "use 2");
    assert_eq!(run.unknown_after_waiting(2), "absent");
    // Whoever looked into the old set meanwhile looks into the new one.
    assert_eq!(shown(&run.cache.unknown_key(run.now, 1, false)), "use 2");
}

#[test]
fn whether_a_key_exists_is_not_known_while_keys_can_not_be_fetched() {
    let mut run = Run::begun();
    assert_eq!(run.at(UNKNOWN_KEY_INTERVAL).unknown(), "wait, fetch");
    run.cache.failed(run.now);
    assert_eq!(run.unknown_after_waiting(1), "unavailable");
    assert_eq!(run.unknown(), "unavailable");
    // Those that are known are used.
    assert_eq!(run.keys(), "use 1");
    assert_eq!(
        run.at(UNKNOWN_KEY_INTERVAL + MIN_JWKS_BACKOFF).unknown(),
        "wait, fetch"
    );
}

#[test]
fn a_short_lifetime_is_kept_to() {
    let mut run = Run::new();
    assert_eq!(run.keys(), "wait, fetch");
    let short = Fetched {
        lifetime: MIN_JWKS_LIFETIME,
        ..set("a")
    };
    run.cache.fetched(run.now, short);
    assert_eq!(run.at(MIN_JWKS_LIFETIME * 4 / 5 - TICK).keys(), "use 1");
    assert_eq!(run.at(MIN_JWKS_LIFETIME * 4 / 5).keys(), "use 1, fetch");
}

#[test]
fn a_fetch_that_does_not_end_is_lost() {
    let mut run = Run::new();
    assert_eq!(run.keys(), "wait, fetch");
    assert_eq!(run.at(MAX_JWKS_WAIT - TICK).keys(), "wait");
    assert_eq!(run.at(MAX_JWKS_WAIT).keys(), "wait, fetch");
    assert_eq!(run.at(MAX_JWKS_WAIT * 2 - TICK).keys(), "wait");
    assert_eq!(run.at(MAX_JWKS_WAIT * 2).keys(), "wait, fetch");
    run.cache.fetched(run.now, set("a"));
    assert_eq!(run.at(MAX_JWKS_WAIT * 2).keys(), "use 1");
}
