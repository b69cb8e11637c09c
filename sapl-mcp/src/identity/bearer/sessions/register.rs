//! The sessions that were opened, and whose they are.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry},
    fmt,
    hash::RandomState,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::identity::{Identity, Principal};

/// How many sessions are known at most. One more makes the longest idle one unknown.
pub const MAX_SESSIONS: usize = 100_000;

/// How many sessions of one principal are known at most. One more makes his own longest idle one unknown, so that nobody
/// pushes out those of all others.
pub const MAX_SESSIONS_PER_PRINCIPAL: usize = 10_000;

/// How long a session may go without a request before it is unknown.
pub const SESSION_IDLE: Duration = Duration::from_secs(60 * 60);

/// The longest session id that is known, in bytes.
pub const MAX_SESSION_ID_BYTES: usize = 256;

/// A bounded memory of sessions.
///
/// Only requests that name or open a session come here, so that requests without one share no lock.
#[derive(Default)]
pub(in super::super) struct SessionRegister {
    key: RandomState,
    sessions: Mutex<Sessions>,
}

#[derive(Default)]
struct Sessions {
    by_id: HashMap<Arc<str>, Session>,
    /// Ids by their last use: the first is the longest idle one.
    by_use: BTreeMap<u64, Arc<str>>,
    /// The places in `by_use` of each principal's sessions.
    by_owner: HashMap<Principal, BTreeSet<u64>>,
    uses: u64,
}

struct Session {
    owner: Principal,
    used: Instant,
    /// Its place in `by_use`.
    place: u64,
}

impl SessionRegister {
    /// Notes that the server opened the session `id` for `owner`; `false` for an id that is no good, which stays unknown.
    ///
    /// A session that is another's already remains his.
    pub(super) fn open(&self, id: &str, owner: &Identity, now: Instant) -> bool {
        if !is_good(id) {
            return false;
        }
        let owner = Principal::of(owner, &self.key);
        let mut sessions = self.lock();
        sessions.forget_idle(now);
        if let Some(session) = sessions.by_id.get(id) {
            return session.owner == owner;
        }
        sessions.make_room_for(owner);
        let id = Arc::<str>::from(id);
        let place = sessions.enter(Arc::clone(&id), owner);
        sessions.by_id.insert(
            id,
            Session {
                owner,
                used: now,
                place,
            },
        );
        true
    }

    /// Whether the session `id` is known and belongs to `caller`. Then it is not idle.
    pub(super) fn use_by(&self, id: &str, caller: &Identity, now: Instant) -> bool {
        if !is_good(id) {
            return false;
        }
        let caller = Principal::of(caller, &self.key);
        self.lock().use_by(id, caller, now).is_some()
    }

    /// Forgets the session `id`.
    pub(super) fn forget(&self, id: &str) {
        let mut sessions = self.lock();
        if let Some(session) = sessions.by_id.remove(id) {
            sessions.leave(session.place, session.owner);
        }
    }

    /// Nothing is called under the lock that could leave the maps apart.
    fn lock(&self) -> MutexGuard<'_, Sessions> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_good(id: &str) -> bool {
    !id.is_empty() && id.len() <= MAX_SESSION_ID_BYTES
}

impl Sessions {
    fn use_by(&mut self, id: &str, caller: Principal, now: Instant) -> Option<()> {
        self.forget_idle(now);
        let before = self
            .by_id
            .get(id)
            .filter(|session| session.owner == caller)?
            .place;
        let id = self.leave(before, caller)?;
        let place = self.enter(Arc::clone(&id), caller);
        let session = self.by_id.get_mut(&id)?;
        session.place = place;
        session.used = now;
        Some(())
    }

    /// Gives a session the place of the one that was used last.
    fn enter(&mut self, id: Arc<str>, owner: Principal) -> u64 {
        let place = self.uses;
        self.uses += 1;
        self.by_use.insert(place, id);
        self.by_owner.entry(owner).or_default().insert(place);
        place
    }

    /// Takes a session out of its place.
    fn leave(&mut self, place: u64, owner: Principal) -> Option<Arc<str>> {
        if let Entry::Occupied(mut places) = self.by_owner.entry(owner) {
            places.get_mut().remove(&place);
            if places.get().is_empty() {
                places.remove();
            }
        }
        self.by_use.remove(&place)
    }

    /// Makes room for one more session of `owner`.
    fn make_room_for(&mut self, owner: Principal) {
        let own = self.by_owner.get(&owner);
        let full = own.filter(|places| places.len() >= MAX_SESSIONS_PER_PRINCIPAL);
        if let Some(place) = full.and_then(BTreeSet::first).copied() {
            self.forget_at(place);
        }
        while self.by_id.len() >= MAX_SESSIONS && self.forget_first() {}
    }

    fn forget_idle(&mut self, now: Instant) {
        while self
            .by_use
            .first_key_value()
            .and_then(|(_, id)| self.by_id.get(id))
            .is_some_and(|session| now.saturating_duration_since(session.used) >= SESSION_IDLE)
        {
            self.forget_first();
        }
    }

    fn forget_first(&mut self) -> bool {
        let first = self.by_use.first_key_value().map(|(place, _)| *place);
        first.is_some_and(|place| self.forget_at(place))
    }

    fn forget_at(&mut self, place: u64) -> bool {
        let session = self.by_use.get(&place).and_then(|id| self.by_id.remove(id));
        session.is_some_and(|session| self.leave(place, session.owner).is_some())
    }
}

impl fmt::Debug for SessionRegister {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRegister").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn user(name: &str) -> Identity {
        Identity::new(format!("{name}-token"), json!({"sub": name}))
    }

    fn sizes(register: &SessionRegister) -> (usize, usize) {
        let sessions = register.lock();
        let owned: usize = sessions.by_owner.values().map(BTreeSet::len).sum();
        assert_eq!(owned, sessions.by_use.len());
        assert!(sessions.by_owner.values().all(|places| !places.is_empty()));
        (sessions.by_id.len(), sessions.by_use.len())
    }

    #[test]
    fn a_session_is_its_openers_until_it_is_forgotten() {
        let (register, now) = (SessionRegister::default(), Instant::now());
        assert!(!register.use_by("a", &user("mara"), now));
        assert!(register.open("a", &user("mara"), now));
        assert!(register.use_by("a", &user("mara"), now));
        assert!(!register.use_by("a", &user("sam"), now));
        assert!(!register.use_by("A", &user("mara"), now));
        register.forget("a");
        assert!(!register.use_by("a", &user("mara"), now));
        assert_eq!(sizes(&register), (0, 0));
    }

    #[test]
    fn a_session_that_is_opened_again_stays_with_its_owner() {
        let (register, now) = (SessionRegister::default(), Instant::now());
        assert!(register.open("a", &user("mara"), now));
        assert!(!register.open("a", &user("sam"), now));
        assert!(register.open("a", &user("mara"), now));
        assert!(register.use_by("a", &user("mara"), now));
        assert!(!register.use_by("a", &user("sam"), now));
        assert_eq!(sizes(&register), (1, 1));
    }

    #[test]
    fn an_idle_session_is_forgotten_and_a_use_by_its_owner_alone_keeps_it() {
        let (register, start) = (SessionRegister::default(), Instant::now());
        let just_before = SESSION_IDLE - Duration::from_nanos(1);
        assert!(register.open("a", &user("mara"), start));
        assert!(register.open("b", &user("mara"), start));
        assert!(register.use_by("a", &user("mara"), start + just_before));
        assert!(!register.use_by("b", &user("sam"), start + just_before));
        assert_eq!(sizes(&register), (2, 2));
        assert!(!register.use_by("b", &user("mara"), start + SESSION_IDLE));
        assert!(register.use_by("a", &user("mara"), start + SESSION_IDLE));
        assert_eq!(sizes(&register), (1, 1));
        // Once forgotten, an id is free for whomever the server opens it for.
        assert!(register.open("a", &user("sam"), start + 2 * SESSION_IDLE));
        assert!(!register.use_by("a", &user("mara"), start + 2 * SESSION_IDLE));
    }

    #[test]
    fn one_session_past_the_limit_makes_the_longest_idle_one_unknown() {
        let (register, now) = (SessionRegister::default(), Instant::now());
        let owner = |number: usize| user(&(number / MAX_SESSIONS_PER_PRINCIPAL).to_string());
        for number in 0..MAX_SESSIONS {
            assert!(register.open(&number.to_string(), &owner(number), now));
        }
        assert_eq!(sizes(&register), (MAX_SESSIONS, MAX_SESSIONS));
        assert!(register.use_by("0", &owner(0), now));
        assert!(register.open("one more", &user("mara"), now));
        assert_eq!(sizes(&register), (MAX_SESSIONS, MAX_SESSIONS));
        assert!(!register.use_by("1", &owner(1), now));
        for known in [0, 2] {
            assert!(register.use_by(&known.to_string(), &owner(known), now), "{known}");
        }
        assert!(register.use_by("one more", &user("mara"), now));
    }

    #[test]
    fn who_opens_too_many_sessions_loses_his_own_and_no_others() {
        let (register, now, mara, sam) = (
            SessionRegister::default(),
            Instant::now(),
            user("mara"),
            user("sam"),
        );
        assert!(register.open("of sam", &sam, now));
        for number in 0..MAX_SESSIONS_PER_PRINCIPAL {
            assert!(register.open(&number.to_string(), &mara, now));
        }
        assert!(register.use_by("0", &mara, now));
        for one_more in 0..1_000 {
            assert!(register.open(&format!("more {one_more}"), &mara, now));
        }
        let known = MAX_SESSIONS_PER_PRINCIPAL + 1;
        assert_eq!(sizes(&register), (known, known));
        assert!(register.use_by("of sam", &sam, now));
        for (number, is_known) in [("1", false), ("1000", false), ("1001", true), ("0", true)] {
            assert_eq!(register.use_by(number, &mara, now), is_known, "{number}");
        }
    }

    #[test]
    fn one_session_of_a_principal_past_his_limit_makes_his_longest_idle_one_unknown() {
        let (register, now, mara) = (SessionRegister::default(), Instant::now(), user("mara"));
        for number in 0..MAX_SESSIONS_PER_PRINCIPAL {
            assert!(register.open(&number.to_string(), &mara, now));
        }
        assert!(register.use_by("0", &mara, now));
        assert_eq!(sizes(&register).0, MAX_SESSIONS_PER_PRINCIPAL);
        assert!(register.open("one more", &mara, now));
        assert_eq!(sizes(&register).0, MAX_SESSIONS_PER_PRINCIPAL);
        assert!(!register.use_by("1", &mara, now));
        for known in ["0", "2", "one more"] {
            assert!(register.use_by(known, &mara, now), "{known}");
        }
    }

    #[test]
    fn the_length_of_an_id_is_limited() {
        let (register, now, mara) = (SessionRegister::default(), Instant::now(), user("mara"));
        let longest = "x".repeat(MAX_SESSION_ID_BYTES);
        assert!(register.open(&longest, &mara, now) && register.use_by(&longest, &mara, now));
        for bad in [String::new(), format!("{longest}x")] {
            assert!(!register.open(&bad, &mara, now) && !register.use_by(&bad, &mara, now));
        }
        assert_eq!(sizes(&register), (1, 1));
    }
}
