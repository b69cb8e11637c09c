//! Tokens that were found to be good, so that a call costs no signature check.

use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::SystemTime,
};

use arc_swap::ArcSwap;

use super::{Identity, claims::Validity};

/// How many good tokens a verifier remembers at most.
pub const MAX_REMEMBERED_TOKENS: usize = SHARDS * SHARD_TOKENS;

/// How many parts the memory has, each replaced as a whole when a token comes in. A power of two.
const SHARDS: usize = 256;

/// How many tokens a part holds. The oldest one makes room.
const SHARD_TOKENS: usize = 16;

/// A bounded memory of good tokens. A look-up takes no lock.
///
/// A digest under a key of this process finds the entry, and the whole token is compared then, so that two tokens with
/// one digest are not taken for each other.
pub(super) struct RememberedTokens {
    digests: RandomState,
    shards: Box<[ArcSwap<Vec<Entry>>]>,
}

#[derive(Clone)]
struct Entry {
    digest: u64,
    validity: Validity,
    /// When it was found good. A clock that has gone back behind it would make the memory last longer.
    since: SystemTime,
    /// The keys that it was verified with.
    epoch: u64,
    identity: Arc<Identity>,
}

impl Entry {
    fn is_in_force(&self, now: SystemTime) -> bool {
        self.since <= now && self.validity.started(now) && !self.validity.ended(now)
    }

    fn is_for(&self, digest: u64, token: &str) -> bool {
        self.digest == digest && **self.identity.token().expose() == *token
    }
}

impl RememberedTokens {
    pub(super) fn new() -> Self {
        let none = Arc::new(Vec::new());
        let shards = (0..SHARDS).map(|_| ArcSwap::new(Arc::clone(&none))).collect();
        Self {
            digests: RandomState::new(),
            shards,
        }
    }

    /// The identity of a token that was found good before, by the keys of `epoch`, and is in force now.
    pub(super) fn get(&self, token: &str, epoch: u64, now: SystemTime) -> Option<Arc<Identity>> {
        let digest = self.digests.hash_one(token);
        let entries = self.shard(digest)?.load();
        let entry = entries.iter().find(|entry| entry.is_for(digest, token))?;
        let good = entry.epoch == epoch && entry.is_in_force(now);
        good.then(|| Arc::clone(&entry.identity))
    }

    /// Remembers the token of `identity`, verified by the keys of `epoch`, for as long as it is in force.
    pub(super) fn insert(&self, identity: &Arc<Identity>, validity: Validity, epoch: u64, now: SystemTime) {
        let token = &**identity.token().expose();
        let digest = self.digests.hash_one(token);
        let Some(shard) = self.shard(digest) else { return };
        shard.rcu(|entries| {
            let kept = |entry: &&Entry| !entry.validity.ended(now) && !entry.is_for(digest, token);
            let excess = (entries.iter().filter(kept).count() + 1).saturating_sub(SHARD_TOKENS);
            let mut next: Vec<_> = entries.iter().filter(kept).skip(excess).cloned().collect();
            next.push(Entry {
                digest,
                validity,
                since: now,
                epoch,
                identity: Arc::clone(identity),
            });
            next
        });
    }

    fn shard(&self, digest: u64) -> Option<&ArcSwap<Vec<Entry>>> {
        let index = usize::try_from(digest % SHARDS as u64).ok()?;
        self.shards.get(index)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.load().len()).sum()
    }
}

impl fmt::Debug for RememberedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RememberedTokens").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use serde_json::json;

    use super::*;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    fn until(second: u64) -> Validity {
        Validity {
            start: None,
            end: at(second),
        }
    }

    fn identity(token: &str) -> Arc<Identity> {
        Arc::new(Identity::new(token, json!({"sub": token})))
    }

    #[test]
    fn a_token_is_remembered_until_it_ends_and_no_longer() {
        let tokens = RememberedTokens::new();
        tokens.insert(&identity("a"), until(100), 0, at(0));
        assert_eq!(tokens.get("a", 0, at(99)).unwrap().claims(), &json!({"sub": "a"}));
        assert!(tokens.get("a", 0, at(100)).is_none());
        assert!(tokens.get("b", 0, at(0)).is_none());
    }

    #[test]
    fn a_clock_that_went_back_finds_nothing_that_was_remembered_later() {
        let tokens = RememberedTokens::new();
        for start in [None, Some(at(50)), Some(at(60))] {
            tokens.insert(&identity("a"), Validity { start, end: at(100) }, 0, at(60));
            assert!(tokens.get("a", 0, at(59)).is_none());
            assert!(tokens.get("a", 0, at(60)).is_some());
            assert!(tokens.get("a", 0, at(99)).is_some());
        }
    }

    #[test]
    fn what_other_keys_have_verified_is_not_known() {
        let tokens = RememberedTokens::new();
        tokens.insert(&identity("a"), until(100), 1, at(0));
        assert!(tokens.get("a", 1, at(0)).is_some());
        assert!(tokens.get("a", 0, at(0)).is_none());
        assert!(tokens.get("a", 2, at(0)).is_none());
        tokens.insert(&identity("a"), until(100), 2, at(0));
        assert!(tokens.get("a", 1, at(0)).is_none());
        assert!(tokens.get("a", 2, at(0)).is_some());
    }

    #[test]
    fn a_token_that_comes_again_takes_no_more_room() {
        let tokens = RememberedTokens::new();
        tokens.insert(&identity("a"), until(100), 0, at(0));
        tokens.insert(&identity("a"), until(200), 0, at(0));
        assert_eq!(tokens.len(), 1);
        assert!(tokens.get("a", 0, at(150)).is_some());
    }

    #[test]
    fn a_full_part_forgets_the_ended_first_and_then_the_oldest() {
        let tokens = RememberedTokens::new();
        let home = |name: &String| tokens.digests.hash_one(name.as_str()) % SHARDS as u64;
        let names: Vec<String> = (0..)
            .map(|n| n.to_string())
            .filter(|name| home(name) == 7)
            .take(SHARD_TOKENS + 2)
            .collect();
        let (filling, later) = names.split_at(SHARD_TOKENS);
        for (index, name) in filling.iter().enumerate() {
            tokens.insert(
                &identity(name),
                until(if index == 3 { 10 } else { 100 }),
                0,
                at(0),
            );
        }
        assert_eq!(tokens.len(), SHARD_TOKENS);
        assert!(filling.iter().all(|name| tokens.get(name, 0, at(0)).is_some()));

        tokens.insert(&identity(&later[0]), until(100), 0, at(20));
        assert_eq!(tokens.len(), SHARD_TOKENS);
        assert!(tokens.get(&filling[3], 0, at(0)).is_none());
        assert!(tokens.get(&filling[0], 0, at(20)).is_some());

        tokens.insert(&identity(&later[1]), until(100), 0, at(20));
        assert_eq!(tokens.len(), SHARD_TOKENS);
        assert!(tokens.get(&filling[0], 0, at(20)).is_none());
        assert!(tokens.get(&filling[1], 0, at(20)).is_some());
        assert!(later.iter().all(|name| tokens.get(name, 0, at(20)).is_some()));
    }

    #[test]
    fn the_memory_is_bounded() {
        let tokens = RememberedTokens::new();
        for n in 0..MAX_REMEMBERED_TOKENS * 2 {
            tokens.insert(&identity(&n.to_string()), until(100), 0, at(0));
        }
        assert!(tokens.len() <= MAX_REMEMBERED_TOKENS);
        assert!(tokens.len() > MAX_REMEMBERED_TOKENS * 9 / 10);
    }

    #[test]
    fn tokens_with_one_digest_are_not_taken_for_each_other() {
        let entry = Entry {
            digest: 1,
            validity: until(100),
            since: at(0),
            epoch: 0,
            identity: identity("a"),
        };
        assert!(entry.is_for(1, "a"));
        assert!(!entry.is_for(1, "b"));
        assert!(!entry.is_for(2, "a"));
    }

    #[test]
    fn many_threads_lose_nothing() {
        let tokens = RememberedTokens::new();
        thread::scope(|scope| {
            for worker in 0..4 {
                let tokens = &tokens;
                scope.spawn(move || {
                    for n in 0..100 {
                        let name = format!("{worker}-{n}");
                        tokens.insert(&identity(&name), until(100), 0, at(0));
                        assert_eq!(
                            tokens.get(&name, 0, at(0)).unwrap().claims(),
                            &json!({"sub": name})
                        );
                    }
                });
            }
        });
        assert_eq!(tokens.len(), 400);
    }
}
