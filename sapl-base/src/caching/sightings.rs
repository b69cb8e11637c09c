//! What was asked lately.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// A second question within this time of the first is worth a stream.
pub const ASKED_TWICE_WITHIN: Duration = Duration::from_secs(10);

/// How many questions are remembered between the first and the second time.
pub(super) const MAX_SIGHTINGS: usize = 4096;

/// Digests of recent questions, each in the one place where it can be, over whatever was there. One that is pushed
/// out, or taken for another, opens a stream later or sooner, and that is all.
#[derive(Debug)]
pub(super) struct Sightings {
    places: Mutex<Box<[Option<Sighting>]>>,
}

#[derive(Clone, Copy, Debug)]
struct Sighting {
    digest: u64,
    at: Duration,
}

impl Sightings {
    pub(super) fn new() -> Self {
        Self {
            places: Mutex::new(vec![None; MAX_SIGHTINGS].into()),
        }
    }

    /// Notes that `digest` was asked at `now`, and says whether it was the second time.
    pub(super) fn again(&self, digest: u64, now: Duration) -> bool {
        let mut places = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        // Of the digest's upper half, which is as random as the rest.
        let place = (digest >> 32) as usize % MAX_SIGHTINGS;
        let Some(place) = places.get_mut(place) else {
            return false;
        };
        let again = place
            .is_some_and(|seen| seen.digest == digest && now.saturating_sub(seen.at) <= ASKED_TWICE_WITHIN);
        *place = (!again).then_some(Sighting { digest, at: now });
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Duration = Duration::from_secs(100);

    #[test]
    fn twice_within_ten_seconds_and_not_later() {
        let sightings = Sightings::new();
        assert!(!sightings.again(1, START));
        assert!(sightings.again(1, START + ASKED_TWICE_WITHIN));

        let sightings = Sightings::new();
        assert!(!sightings.again(1, START));
        let late = START + ASKED_TWICE_WITHIN + Duration::from_nanos(1);
        assert!(!sightings.again(1, late));
        assert!(sightings.again(1, late));
    }

    #[test]
    fn a_question_in_the_place_of_another_is_not_that_other() {
        let sightings = Sightings::new();
        assert!(!sightings.again(1, START));
        assert!(!sightings.again(2, START));
        assert!(!sightings.again(1, START));
    }

    #[test]
    fn any_number_of_questions_needs_no_more_room() {
        let sightings = Sightings::new();
        for digest in 0..10 * MAX_SIGHTINGS as u64 {
            assert!(!sightings.again(digest << 32, START));
        }
        assert_eq!(sightings.places.lock().unwrap().len(), MAX_SIGHTINGS);
    }
}
