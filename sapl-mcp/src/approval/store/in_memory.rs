//! The store of one process.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet, hash_map::Entry},
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use futures_util::{FutureExt, future::BoxFuture, future::ready};

use super::{ApprovalStore, ApprovalStoreError, GrantId, GrantKey, GrantOwner, RememberedGrant};

/// How many used approvals are known at most while they would still be good. Beyond that none is used.
pub const MAX_SPENT_GRANTS: usize = 20_000;

/// How many of them may be of one caller.
pub const MAX_SPENT_GRANTS_PER_OWNER: usize = 1_000;

/// How many approvals are remembered at most. For another one the one that ends first is forgotten.
pub const MAX_REMEMBERED_GRANTS: usize = 10_000;

/// How many of them may be of one caller. For another one that of his which ends first is forgotten.
pub const MAX_REMEMBERED_GRANTS_PER_OWNER: usize = 100;

/// Keeps approvals in memory, for one process.
///
/// ```
/// use sapl_mcp::{ApprovalStore, GrantId, GrantOwner, InMemoryApprovals};
/// use std::time::{Duration, SystemTime};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), sapl_mcp::ApprovalStoreError> {
/// let store = InMemoryApprovals::new();
/// let (id, mara) = (GrantId::from_bytes([7; 16]), GrantOwner::from_bytes([1; 32]));
/// let until = SystemTime::now() + Duration::from_secs(60);
/// assert!(store.use_once(&id, &mara, until).await?);
/// assert!(!store.use_once(&id, &mara, until).await?);
/// # Ok(()) }
/// ```
pub struct InMemoryApprovals {
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    spent: Spent,
    remembered: Remembered,
}

#[derive(Default)]
struct Spent {
    ids: HashSet<GrantId>,
    by_end: BTreeSet<(SystemTime, GrantId, GrantOwner)>,
    by_owner: HashMap<GrantOwner, usize>,
    /// The latest end of one that was forgotten.
    forgotten: Option<SystemTime>,
}

#[derive(Default)]
struct Remembered {
    by_key: HashMap<GrantKey, RememberedGrant>,
    by_end: BTreeSet<(SystemTime, GrantKey)>,
    by_owner: BTreeMap<GrantOwner, BTreeSet<(SystemTime, GrantKey)>>,
}

impl InMemoryApprovals {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::with_clock(SystemTime::now)
    }

    /// An empty store that asks `clock` what time it is.
    pub fn with_clock(clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self {
            clock: Box::new(clock),
            kept: Mutex::default(),
        }
    }

    /// What is kept, without what is over by now.
    fn kept(&self) -> (MutexGuard<'_, Kept>, SystemTime) {
        let now = (self.clock)();
        // Nothing is called under the lock that could leave the maps apart.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.spent.forget_ended(now);
        kept.remembered.forget_ended(now);
        (kept, now)
    }
}

impl ApprovalStore for InMemoryApprovals {
    fn use_once<'a>(
        &'a self,
        id: &'a GrantId,
        owner: &'a GrantOwner,
        until: SystemTime,
    ) -> BoxFuture<'a, Result<bool, ApprovalStoreError>> {
        let (mut kept, now) = self.kept();
        ready(kept.spent.use_once(*id, *owner, until, now)).boxed()
    }

    fn remember(&self, grant: RememberedGrant) -> BoxFuture<'_, Result<(), ApprovalStoreError>> {
        let (mut kept, now) = self.kept();
        if grant.until > now {
            kept.remembered.keep(grant);
        }
        ready(Ok(())).boxed()
    }

    fn recall<'a>(
        &'a self,
        key: &'a GrantKey,
    ) -> BoxFuture<'a, Result<Option<RememberedGrant>, ApprovalStoreError>> {
        let (kept, _) = self.kept();
        ready(Ok(kept.remembered.by_key.get(key).cloned())).boxed()
    }

    fn revoke<'a>(&'a self, owner: &'a GrantOwner) -> BoxFuture<'a, Result<u64, ApprovalStoreError>> {
        let (mut kept, _) = self.kept();
        ready(Ok(kept.remembered.revoke(owner))).boxed()
    }
}

impl Default for InMemoryApprovals {
    fn default() -> Self {
        Self::new()
    }
}

impl Spent {
    fn use_once(
        &mut self,
        id: GrantId,
        owner: GrantOwner,
        until: SystemTime,
        now: SystemTime,
    ) -> Result<bool, ApprovalStoreError> {
        // Where the clock was set back, what was forgotten could be used again.
        let was_forgotten = self.forgotten.is_some_and(|forgotten| until <= forgotten);
        if until <= now || was_forgotten || self.ids.contains(&id) {
            return Ok(false);
        }
        if self.ids.len() >= MAX_SPENT_GRANTS {
            return Err(ApprovalStoreError::new("too many approvals were used lately"));
        }
        let of_owner = self.by_owner.entry(owner).or_default();
        if *of_owner >= MAX_SPENT_GRANTS_PER_OWNER {
            return Err(ApprovalStoreError::new(
                "too many approvals of the same principal were used lately",
            ));
        }
        *of_owner = of_owner.saturating_add(1);
        self.ids.insert(id);
        self.by_end.insert((until, id, owner));
        Ok(true)
    }

    fn forget_ended(&mut self, now: SystemTime) {
        while let Some(&(end, id, owner)) = self.by_end.first()
            && end <= now
        {
            self.by_end.pop_first();
            self.ids.remove(&id);
            self.forgotten = self.forgotten.max(Some(end));
            if let Entry::Occupied(mut of_owner) = self.by_owner.entry(owner) {
                match of_owner.get().saturating_sub(1) {
                    0 => {
                        of_owner.remove();
                    }
                    left => {
                        of_owner.insert(left);
                    }
                }
            }
        }
    }
}

impl Remembered {
    fn keep(&mut self, grant: RememberedGrant) {
        self.remove(&grant.key);
        let of_owner = self.by_owner.get(&grant.owner);
        let first = match of_owner {
            Some(ends) if ends.len() >= MAX_REMEMBERED_GRANTS_PER_OWNER => ends.first(),
            _ if self.by_key.len() >= MAX_REMEMBERED_GRANTS => self.by_end.first(),
            _ => None,
        };
        if let Some(&(_, key)) = first {
            self.remove(&key);
        }
        let end = (grant.until, grant.key);
        self.by_end.insert(end);
        self.by_owner.entry(grant.owner).or_default().insert(end);
        self.by_key.insert(grant.key, grant);
    }

    fn revoke(&mut self, owner: &GrantOwner) -> u64 {
        let ends = self.by_owner.remove(owner).unwrap_or_default();
        for (end, key) in &ends {
            self.by_end.remove(&(*end, *key));
            self.by_key.remove(key);
        }
        u64::try_from(ends.len()).unwrap_or(u64::MAX)
    }

    fn forget_ended(&mut self, now: SystemTime) {
        while let Some(&(end, key)) = self.by_end.first()
            && end <= now
        {
            self.remove(&key);
        }
    }

    fn remove(&mut self, key: &GrantKey) {
        let Some(grant) = self.by_key.remove(key) else {
            return;
        };
        let end = (grant.until, grant.key);
        self.by_end.remove(&end);
        if let Some(ends) = self.by_owner.get_mut(&grant.owner) {
            ends.remove(&end);
            if ends.is_empty() {
                self.by_owner.remove(&grant.owner);
            }
        }
    }
}

impl fmt::Debug for InMemoryApprovals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemoryApprovals").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
