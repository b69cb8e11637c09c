//! How long to wait before the next connection.

use std::time::Duration;

/// The pause after the first failure of a stream, before jitter. Each further one doubles it.
pub const FIRST_RECONNECT_DELAY: Duration = Duration::from_secs(1);

/// The longest pause between two connections of a stream.
pub const MAX_RECONNECT_DELAY: Duration = Duration::from_secs(60);

/// Counts failures and spreads the pauses after them, so that the clients of a decision point that comes back don't
/// come back all at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    failures: u32,
    random: u64,
}

impl Backoff {
    /// `seed` chooses the jitter; streams should differ in it.
    pub(crate) const fn new(seed: u64) -> Self {
        Self {
            failures: 0,
            random: seed,
        }
    }

    /// The pause after one more failure: 50 to 100 % of 1 s · 2ⁿ, of at most 60 s.
    pub(crate) fn next_delay(&mut self) -> Duration {
        let full = delay_after(self.failures);
        self.failures = self.failures.saturating_add(1);
        full / 2 + full.mul_f64(self.next_fraction() / 2.0)
    }

    /// Begins anew, since the decision point decided.
    pub(crate) const fn reset(&mut self) {
        self.failures = 0;
    }

    /// From 0 to less than 1. SplitMix64: it need not be unpredictable, only different between streams.
    fn next_fraction(&mut self) -> f64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.random;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        f64::from((mixed >> 32) as u32) / (f64::from(u32::MAX) + 1.0)
    }
}

fn delay_after(failures: u32) -> Duration {
    2_u32
        .checked_pow(failures)
        .and_then(|factor| FIRST_RECONNECT_DELAY.checked_mul(factor))
        .map_or(MAX_RECONNECT_DELAY, |delay| delay.min(MAX_RECONNECT_DELAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_minute_and_stay_between_half_and_all() {
        for seed in 0..1000 {
            let mut backoff = Backoff::new(seed);
            for full in [1, 2, 4, 8, 16, 32, 60, 60, 60] {
                let full = Duration::from_secs(full);
                let delay = backoff.next_delay();
                assert!(full / 2 <= delay && delay <= full, "{delay:?} of {full:?}");
            }
        }
    }

    #[test]
    fn the_whole_width_of_the_jitter_is_used() {
        let delays: Vec<_> = (0..1000).map(|seed| Backoff::new(seed).next_delay()).collect();
        assert!(delays.iter().min().unwrap() < &Duration::from_millis(510));
        assert!(delays.iter().max().unwrap() > &Duration::from_millis(990));
    }

    #[test]
    fn a_reset_begins_anew_and_no_number_of_failures_overflows() {
        let mut backoff = Backoff::new(7);
        for _ in 0..200 {
            backoff.next_delay();
        }
        backoff.failures = u32::MAX;
        assert!(backoff.next_delay() >= MAX_RECONNECT_DELAY / 2);
        backoff.reset();
        assert!(backoff.next_delay() <= FIRST_RECONNECT_DELAY);
    }
}
