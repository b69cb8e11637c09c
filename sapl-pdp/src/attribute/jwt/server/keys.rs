//! Which keys are known, and which are not to be asked for now: a machine that is told the time and what came of a request.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use http::Uri;

use crate::function::keys::PublicKey;

/// How many keys are kept; beyond them the oldest is forgotten, and first those by which no signature was right yet.
pub(super) const MAX_KEYS: usize = 64;

/// How many places without a key are remembered; beyond them the oldest is forgotten.
pub(super) const MAX_REFUSED: usize = 1_024;

/// How many servers are told apart; beyond them the oldest is forgotten.
const MAX_SERVERS: usize = 64;

/// A place that gave no key is not asked again for so long, and
pub const JWT_KEY_INTERVAL: Duration = Duration::from_secs(30);

/// a server is asked for this many keys at most in that time which nobody has known before: tokens name what they like.
pub const MAX_UNKNOWN_JWT_KEYS: usize = 16;

/// How long a key is kept by which no signature was right yet.
const UNPROVEN: Duration = JWT_KEY_INTERVAL;

/// The keys of all servers over time.
#[derive(Default)]
pub(super) struct Keys {
    kept: VecDeque<Kept>,
    /// What is being fetched.
    under_way: Vec<Uri>,
    refused: VecDeque<(Uri, SystemTime)>,
    servers: VecDeque<Server>,
}

struct Kept {
    uri: Uri,
    key: Arc<PublicKey>,
    until: SystemTime,
    /// Whether a signature was right by it,
    is_proven: bool,
    /// or by one that was there before it.
    is_known: bool,
}

struct Server {
    name: Box<str>,
    /// When it was asked for keys that nobody knew.
    asked: VecDeque<SystemTime>,
}

/// What can be done for a key.
pub(super) enum Answer {
    /// It is known, and for so long if a signature was right by it.
    Known(Arc<PublicKey>, Option<Duration>),
    /// It is to be fetched.
    Fetch,
    /// It is being fetched.
    Wait,
    /// It is not to be fetched now.
    Refused,
}

impl Keys {
    /// What there is of the key at a place of a server. Who is told to fetch it has to tell when that has ended
    /// ([`landed`](Self::landed)).
    pub(super) fn look(&mut self, server: &str, uri: &Uri, now: SystemTime) -> Answer {
        let kept = self.kept.iter().find(|kept| kept.uri == *uri);
        if let Some(kept) = kept
            && kept.until > now
        {
            let rest = kept.until.duration_since(now).unwrap_or_default();
            return Answer::Known(Arc::clone(&kept.key), kept.is_proven.then_some(rest));
        }
        if self.under_way.contains(uri) {
            return Answer::Wait;
        }
        let is_known = kept.is_some_and(|kept| kept.is_known);
        if self.is_refused(uri, now) || !is_known && !self.allow(server, now) {
            return Answer::Refused;
        }
        self.under_way.push(uri.clone());
        Answer::Fetch
    }

    /// A request has ended, whatever came of it.
    pub(super) fn landed(&mut self, uri: &Uri) {
        self.under_way.retain(|under_way| under_way != uri);
    }

    /// Takes a key that was fetched; it counts for long once a signature is right by it.
    pub(super) fn fetched(&mut self, uri: Uri, key: Arc<PublicKey>, now: SystemTime) {
        let is_known = self.forget(&uri);
        if self.kept.len() == MAX_KEYS {
            let oldest = self.kept.iter().position(|kept| !kept.is_known);
            self.kept.remove(oldest.unwrap_or(0));
        }
        self.kept.push_back(Kept {
            uri,
            key,
            until: later(now, UNPROVEN),
            is_proven: false,
            is_known,
        });
    }

    /// A signature was right by a key.
    pub(super) fn proven(&mut self, uri: &Uri, key: &Arc<PublicKey>, lifetime: Duration, now: SystemTime) {
        let mut kept = self.kept.iter_mut();
        if let Some(kept) = kept.find(|kept| kept.uri == *uri && Arc::ptr_eq(&kept.key, key)) {
            (kept.is_proven, kept.is_known) = (true, true);
            kept.until = later(now, lifetime);
        }
    }

    /// A place gave no key.
    pub(super) fn failed(&mut self, uri: Uri, now: SystemTime) {
        self.refused.retain(|(refused, _)| *refused != uri);
        if self.refused.len() == MAX_REFUSED {
            self.refused.pop_front();
        }
        self.refused.push_back((uri, now));
    }

    fn is_refused(&self, uri: &Uri, now: SystemTime) -> bool {
        let mut refused = self.refused.iter();
        refused.any(|(refused, since)| refused == uri && is_recent(*since, now))
    }

    /// Whether a server may be asked for one more key that nobody knows.
    fn allow(&mut self, name: &str, now: SystemTime) -> bool {
        let place = self.servers.iter().position(|server| *server.name == *name);
        let mut server = match place.and_then(|place| self.servers.remove(place)) {
            Some(server) => server,
            None => Server {
                name: name.into(),
                asked: VecDeque::new(),
            },
        };
        server.asked.retain(|asked| is_recent(*asked, now));
        let is_allowed = server.asked.len() < MAX_UNKNOWN_JWT_KEYS;
        if is_allowed {
            server.asked.push_back(now);
        }
        if self.servers.len() == MAX_SERVERS {
            self.servers.pop_front();
        }
        self.servers.push_back(server);
        is_allowed
    }

    /// Whether a signature was right by the key that is forgotten, or by one before it.
    fn forget(&mut self, uri: &Uri) -> bool {
        let place = self.kept.iter().position(|kept| kept.uri == *uri);
        let kept = place.and_then(|place| self.kept.remove(place));
        kept.is_some_and(|kept| kept.is_known)
    }
}

/// Whether a time is within the interval before now. What is in the future of a clock that was set is not.
fn is_recent(time: SystemTime, now: SystemTime) -> bool {
    now.duration_since(time)
        .is_ok_and(|since| since < JWT_KEY_INTERVAL)
}

fn later(now: SystemTime, by: Duration) -> SystemTime {
    now.checked_add(by).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "https://keys.example/{kid}";

    fn uri(number: usize) -> Uri {
        format!("https://keys.example/{number}").parse().unwrap()
    }

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(1_000 + seconds)
    }

    fn key() -> Arc<PublicKey> {
        let tokens: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/tokens.json")).unwrap();
        Arc::new(super::super::public_key(tokens["keys"]["ed"].as_str().unwrap()).unwrap())
    }

    fn is_fetched(keys: &mut Keys, number: usize, seconds: u64) -> bool {
        let answer = keys.look(SERVER, &uri(number), at(seconds));
        keys.landed(&uri(number));
        matches!(answer, Answer::Fetch)
    }

    fn is_known(keys: &mut Keys, number: usize, seconds: u64) -> bool {
        matches!(keys.look(SERVER, &uri(number), at(seconds)), Answer::Known(..))
    }

    #[test]
    fn a_place_without_a_key_is_left_alone_for_a_while() {
        let mut keys = Keys::default();
        assert!(is_fetched(&mut keys, 0, 0));
        keys.failed(uri(0), at(0));
        assert!(!is_fetched(&mut keys, 0, 29));
        assert!(is_fetched(&mut keys, 1, 29));
        assert!(is_fetched(&mut keys, 0, 30));
    }

    #[test]
    fn a_server_is_asked_for_so_many_unknown_keys_and_for_known_ones_as_ever() {
        let mut keys = Keys::default();
        assert!(is_fetched(&mut keys, 0, 0));
        let proven = key();
        keys.fetched(uri(0), Arc::clone(&proven), at(0));
        keys.proven(&uri(0), &proven, Duration::from_secs(10), at(0));
        for number in 1..MAX_UNKNOWN_JWT_KEYS {
            assert!(is_fetched(&mut keys, number, 15), "{number}");
        }
        assert!(!is_fetched(&mut keys, MAX_UNKNOWN_JWT_KEYS, 15));
        let other = keys.look("https://other.example/{kid}", &uri(99), at(15));
        assert!(matches!(other, Answer::Fetch));
        assert!(is_known(&mut keys, 0, 9));
        assert!(is_fetched(&mut keys, 0, 10), "known before");
        assert!(is_fetched(&mut keys, 100, 30), "the first one is long ago");
        assert!(!is_fetched(&mut keys, 101, 30));
        assert!(is_fetched(&mut keys, 102, 45));
    }

    #[test]
    fn keys_by_which_no_signature_was_right_are_forgotten_first() {
        let mut keys = Keys::default();
        let proven = key();
        keys.fetched(uri(0), Arc::clone(&proven), at(0));
        keys.proven(&uri(0), &proven, Duration::from_secs(1_000), at(0));
        for number in 1..=MAX_KEYS {
            keys.fetched(uri(number), key(), at(1));
        }
        assert!(is_known(&mut keys, 0, 2) && is_known(&mut keys, MAX_KEYS, 2));
        assert!(!is_known(&mut keys, 1, 2));
        assert!(is_known(&mut keys, 2, 30) && !is_known(&mut keys, 2, 31));
    }

    #[test]
    fn a_key_is_fetched_once_at_a_time() {
        let mut keys = Keys::default();
        let look = |keys: &mut Keys| keys.look(SERVER, &uri(0), at(0));
        assert!(matches!(look(&mut keys), Answer::Fetch));
        assert!(matches!(look(&mut keys), Answer::Wait));
        keys.landed(&uri(0));
        // Nothing came of it, as when the one who asked was dropped.
        assert!(matches!(look(&mut keys), Answer::Fetch));
        keys.fetched(uri(0), key(), at(0));
        keys.landed(&uri(0));
        assert!(matches!(look(&mut keys), Answer::Known(_, None)));
    }

    #[test]
    fn what_is_remembered_ends_at_its_limits() {
        let mut keys = Keys::default();
        for number in 0..=MAX_REFUSED {
            keys.failed(uri(number), at(0));
            let other = uri(2 * MAX_REFUSED + number);
            let _ = keys.look(&format!("server {number}"), &other, at(0));
            keys.landed(&other);
        }
        assert_eq!(
            (keys.refused.len(), keys.servers.len()),
            (MAX_REFUSED, MAX_SERVERS)
        );
        assert!(is_fetched(&mut keys, 0, 1) && !is_fetched(&mut keys, 1, 1));
    }

    #[test]
    fn a_clock_that_is_set_back_refuses_nothing_for_ever() {
        let mut keys = Keys::default();
        keys.failed(uri(0), at(500));
        for number in 1..=MAX_UNKNOWN_JWT_KEYS {
            assert!(is_fetched(&mut keys, number, 500));
        }
        assert!(is_fetched(&mut keys, 0, 0));
    }
}
