use std::{
    sync::{
        Arc, Barrier,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use super::*;

/// A clock that goes by hand, in seconds.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn set(&self, seconds: u64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    fn store(&self) -> InMemoryApprovals {
        let seconds = Arc::clone(&self.0);
        InMemoryApprovals::with_clock(move || at(seconds.load(Ordering::SeqCst)))
    }
}

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn id(number: usize) -> GrantId {
    GrantId::from_bytes((number as u128).to_be_bytes())
}

fn digest(number: usize) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_be_bytes());
    bytes
}

fn owner(number: usize) -> GrantOwner {
    GrantOwner::from_bytes(digest(number))
}

fn key(number: usize) -> GrantKey {
    GrantKey::from_bytes(digest(number))
}

fn grant(number: usize, of: usize, until: u64) -> RememberedGrant {
    RememberedGrant {
        key: key(number),
        owner: owner(of),
        by: "mara".to_owned(),
        at: at(0),
        until: at(until),
    }
}

/// The store answers at once.
fn now<T>(answer: BoxFuture<'_, Result<T, ApprovalStoreError>>) -> Result<T, String> {
    answer.now_or_never().unwrap().map_err(|error| error.to_string())
}

fn used(store: &InMemoryApprovals, number: usize, of: usize, until: u64) -> Result<bool, String> {
    now(store.use_once(&id(number), &owner(of), at(until)))
}

fn recalled(store: &InMemoryApprovals, number: usize) -> Option<RememberedGrant> {
    now(store.recall(&key(number))).unwrap()
}

#[test]
fn an_approval_is_used_once() {
    let store = Clock::default().store();
    assert_eq!(used(&store, 1, 1, 10), Ok(true));
    assert_eq!(used(&store, 1, 1, 10), Ok(false));
    assert_eq!(used(&store, 1, 2, 10), Ok(false), "whoever brings it");
    assert_eq!(used(&store, 1, 1, 20), Ok(false), "however long it is good");
    assert_eq!(used(&store, 2, 1, 10), Ok(true));
}

#[test]
fn an_approval_is_used_until_its_time_is_over_and_never_after() {
    let clock = Clock::default();
    let store = clock.store();
    clock.set(9);
    assert_eq!(used(&store, 1, 1, 10), Ok(true));
    clock.set(10);
    assert_eq!(used(&store, 1, 1, 10), Ok(false), "it is forgotten, and over");
    assert_eq!(used(&store, 2, 1, 10), Ok(false));
    assert_eq!(used(&store, 2, 1, 11), Ok(true));
}

#[test]
fn a_clock_that_is_set_back_brings_no_used_approval_back() {
    let clock = Clock::default();
    let store = clock.store();
    assert_eq!(used(&store, 1, 1, 10), Ok(true));
    clock.set(20);
    assert_eq!(used(&store, 2, 1, 30), Ok(true), "the first is forgotten by that");
    clock.set(5);
    assert_eq!(used(&store, 1, 1, 10), Ok(false));
    assert_eq!(used(&store, 3, 1, 11), Ok(true));
}

#[test]
fn of_many_who_come_at_once_one_is_first() {
    for round in 0..50 {
        let store = InMemoryApprovals::new();
        let start = Barrier::new(8);
        let until = SystemTime::now() + Duration::from_secs(60);
        let first: usize = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|of| {
                    let (store, start) = (&store, &start);
                    scope.spawn(move || {
                        start.wait();
                        usize::from(now(store.use_once(&id(round), &owner(of), until)).unwrap())
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).sum()
        });
        assert_eq!(first, 1);
    }
}

#[test]
fn a_caller_uses_as_many_approvals_as_the_limit_and_none_is_forgotten_for_another() {
    let clock = Clock::default();
    let store = clock.store();
    for number in 0..MAX_SPENT_GRANTS_PER_OWNER {
        assert_eq!(used(&store, number, 1, 10 + number as u64), Ok(true));
    }
    let next = MAX_SPENT_GRANTS_PER_OWNER;
    let error = used(&store, next, 1, 10).unwrap_err();
    assert!(error.contains("same principal"), "{error}");
    assert_eq!(used(&store, 0, 1, 10), Ok(false), "the oldest is known yet");
    assert_eq!(used(&store, next, 2, 10), Ok(true), "others have their own");
    clock.set(10);
    assert_eq!(
        used(&store, next + 1, 1, 20),
        Ok(true),
        "there is room once one is over"
    );
    assert!(used(&store, next + 2, 1, 20).is_err());
}

#[test]
fn all_callers_together_use_as_many_approvals_as_the_limit() {
    let clock = Clock::default();
    let store = clock.store();
    for number in 0..MAX_SPENT_GRANTS {
        let of = number / MAX_SPENT_GRANTS_PER_OWNER;
        assert_eq!(used(&store, number, of, 10), Ok(true));
    }
    let error = used(&store, MAX_SPENT_GRANTS, 1_000_000, 10).unwrap_err();
    assert!(!error.contains("same principal"), "{error}");
    assert_eq!(used(&store, 0, 0, 10), Ok(false));
    clock.set(10);
    assert_eq!(used(&store, MAX_SPENT_GRANTS, 1_000_000, 20), Ok(true));
    let kept = store.kept.lock().unwrap();
    assert_eq!(
        (
            kept.spent.ids.len(),
            kept.spent.by_end.len(),
            kept.spent.by_owner.len()
        ),
        (1, 1, 1)
    );
}

#[test]
fn an_approval_is_remembered_until_its_time_is_over() {
    let clock = Clock::default();
    let store = clock.store();
    now(store.remember(grant(1, 1, 10))).unwrap();
    clock.set(9);
    assert_eq!(recalled(&store, 1), Some(grant(1, 1, 10)));
    assert_eq!(recalled(&store, 2), None);
    clock.set(10);
    assert_eq!(recalled(&store, 1), None);
    now(store.remember(grant(1, 1, 10))).unwrap();
    clock.set(9);
    assert_eq!(recalled(&store, 1), None, "what is over is not kept");
}

#[test]
fn a_later_approval_of_the_same_takes_the_place_of_an_earlier_one() {
    let clock = Clock::default();
    let store = clock.store();
    now(store.remember(grant(1, 1, 20))).unwrap();
    now(store.remember(grant(1, 2, 10))).unwrap();
    assert_eq!(recalled(&store, 1), Some(grant(1, 2, 10)));
    assert_eq!(now(store.revoke(&owner(1))), Ok(0));
    clock.set(10);
    assert_eq!(recalled(&store, 1), None);
    let kept = store.kept.lock().unwrap();
    assert!(kept.remembered.by_end.is_empty() && kept.remembered.by_owner.is_empty());
}

#[test]
fn a_caller_whose_approvals_are_revoked_has_none_and_others_keep_theirs() {
    let store = Clock::default().store();
    for number in 0..4 {
        now(store.remember(grant(number, number % 2, 10))).unwrap();
    }
    assert_eq!(now(store.revoke(&owner(0))), Ok(2));
    assert_eq!(now(store.revoke(&owner(0))), Ok(0));
    let left: Vec<_> = (0..4)
        .filter(|number| recalled(&store, *number).is_some())
        .collect();
    assert_eq!(left, [1, 3]);
}

#[test]
fn a_caller_has_as_many_remembered_approvals_as_the_limit_and_the_first_to_end_gives_way() {
    let store = Clock::default().store();
    now(store.remember(grant(1_000, 2, 1))).unwrap();
    for number in 0..MAX_REMEMBERED_GRANTS_PER_OWNER {
        now(store.remember(grant(number, 1, 100 + number as u64))).unwrap();
    }
    assert!(recalled(&store, 0).is_some());
    now(store.remember(grant(500, 1, 1_000))).unwrap();
    assert!(recalled(&store, 0).is_none());
    for kept in [1, 500, 1_000] {
        assert!(recalled(&store, kept).is_some(), "{kept}");
    }
    // The same once more needs no more room.
    now(store.remember(grant(500, 1, 1_001))).unwrap();
    assert!(recalled(&store, 1).is_some());
}

#[test]
fn all_callers_together_have_as_many_remembered_approvals_as_the_limit() {
    let store = Clock::default().store();
    for number in 0..MAX_REMEMBERED_GRANTS {
        let of = number / MAX_REMEMBERED_GRANTS_PER_OWNER;
        now(store.remember(grant(number, of, 100 + number as u64))).unwrap();
    }
    assert!(recalled(&store, 0).is_some());
    now(store.remember(grant(MAX_REMEMBERED_GRANTS, 1_000_000, 10))).unwrap();
    assert!(recalled(&store, 0).is_none());
    assert!(recalled(&store, 1).is_some() && recalled(&store, MAX_REMEMBERED_GRANTS).is_some());
    assert_eq!(
        store.kept.lock().unwrap().remembered.by_key.len(),
        MAX_REMEMBERED_GRANTS
    );
}
