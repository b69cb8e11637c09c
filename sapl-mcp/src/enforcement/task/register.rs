//! The tasks that are known, and whose they are.

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    hash::RandomState,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::{super::finalize::let_go, KeptTask};
use crate::identity::{Principal, Whose};

/// How many tasks are known at most. A call that would make one more is denied.
pub const MAX_TASKS: usize = 10_000;

/// How many tasks of one principal are known at most. A call of his that would make one more is denied.
pub const MAX_TASKS_PER_PRINCIPAL: usize = 1_000;

/// How many bytes are kept at most for all tasks together, roughly, as they lie in memory: the arguments and the input of
/// their calls, the decisions, and the results that have been enforced. A call or a result that would make more is denied.
pub const MAX_TASK_BYTES: usize = 256 * 1024 * 1024;

/// How many of these bytes are kept at most for the tasks of one principal.
pub const MAX_TASK_BYTES_PER_PRINCIPAL: usize = 32 * 1024 * 1024;

/// How long a task is known at most after its owner has last asked about it: 24 hours. One with a time to live is known for
/// twice that time, because servers keep an ended task for a while.
pub const MAX_TASK_AGE: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a task is known at least after its owner has last asked about it.
const MIN_TASK_AGE: Duration = Duration::from_secs(60);

/// A bounded memory of tasks. What is not in it is an unknown task, whatever the server says.
#[derive(Default)]
pub(crate) struct TaskRegister {
    key: RandomState,
    tasks: Mutex<Tasks>,
}

/// Where a task is to be kept.
pub(crate) struct Place<'a> {
    pub(crate) id: &'a str,
    /// How long the server keeps it at least, if it says so.
    pub(crate) ttl_ms: Option<u64>,
    pub(crate) now: Instant,
}

/// Why a task can't be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoPlace {
    /// As many are known as may be.
    Full,
    /// As many of this principal are known as may be.
    OwnerFull,
    /// There is one of the same id already.
    Taken,
    /// What is kept for all tasks takes as much room as it may.
    Heavy,
    /// What is kept for the tasks of this principal does.
    OwnerHeavy,
}

/// What is known of a task that somebody asks about.
pub(crate) enum Found {
    /// It is the caller's.
    Own(Arc<KeptTask>),
    /// It is another's.
    Foreign(Arc<KeptTask>),
    Unknown,
}

#[derive(Default)]
struct Tasks {
    by_id: HashMap<Arc<str>, Known>,
    /// Ids by when they are forgotten, and a number that makes these places different.
    by_end: BTreeMap<(Instant, u64), Arc<str>>,
    by_owner: HashMap<Principal, Share>,
    bytes: usize,
    entered: u64,
}

/// What the tasks of one principal take.
#[derive(Default)]
struct Share {
    tasks: usize,
    bytes: usize,
}

struct Known {
    owner: Principal,
    kept: Arc<KeptTask>,
    /// How much is kept for it.
    bytes: usize,
    /// Its place in `by_end`.
    end: (Instant, u64),
}

impl NoPlace {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Full => "the component goes on as a task, and no more tasks are kept",
            Self::OwnerFull => {
                "the component goes on as a task, and no more tasks of this principal are kept"
            }
            Self::Taken => "the component goes on as a task whose id another task has",
            Self::Heavy => "no more bytes are kept for tasks",
            Self::OwnerHeavy => "no more bytes are kept for tasks of this principal",
        }
    }
}

impl TaskRegister {
    /// Keeps a task.
    ///
    /// # Errors
    /// When there is no place for it. Nothing that is known gives way: its owner may still fetch the result.
    pub(crate) fn enter(&self, place: Place<'_>, whose: &Whose<'_>, kept: KeptTask) -> Result<(), NoPlace> {
        let owner = Principal::new(whose, &self.key);
        let mut tasks = self.lock();
        let forgotten = tasks.forget_ended(place.now);
        let entered = tasks.enter(place, owner, Arc::new(kept));
        drop(tasks);
        let_go(forgotten);
        entered.map_err(|(none, kept)| {
            let_go(kept);
            none
        })
    }

    /// What is known of the task `id` to `whose`.
    pub(crate) fn find(&self, id: &str, whose: &Whose<'_>, now: Instant) -> Found {
        let caller = Principal::new(whose, &self.key);
        let mut tasks = self.lock();
        let forgotten = tasks.forget_ended(now);
        let found = match tasks.by_id.get(id) {
            Some(known) if known.owner == caller => Found::Own(Arc::clone(&known.kept)),
            Some(known) => Found::Foreign(Arc::clone(&known.kept)),
            None => Found::Unknown,
        };
        drop(tasks);
        let_go(forgotten);
        found
    }

    /// Whether the task is somebody's.
    pub(crate) fn knows(&self, id: &str) -> bool {
        self.lock().by_id.contains_key(id)
    }

    /// So many bytes are to be kept for the task from now on.
    ///
    /// # Errors
    /// When there is no room for them. What is counted for it stays as it was.
    pub(crate) fn resize(&self, id: &str, kept: &KeptTask, bytes: usize) -> Result<(), NoPlace> {
        self.lock().resize(id, kept, bytes)
    }

    /// Its owner has asked about the task: it is known for as long again.
    pub(crate) fn renew(&self, place: Place<'_>) {
        self.lock().renew(place);
    }

    /// The server does not know the task any more.
    pub(crate) fn forget(&self, id: &str) {
        let forgotten = self.lock().remove(id);
        let_go(forgotten);
    }

    /// Nothing is called under the lock that could leave the maps apart.
    fn lock(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place<'_> {
    /// When the task is forgotten.
    fn end(&self) -> Instant {
        let age = match self.ttl_ms {
            Some(ttl) => Duration::from_millis(ttl)
                .saturating_mul(2)
                .clamp(MIN_TASK_AGE, MAX_TASK_AGE),
            None => MAX_TASK_AGE,
        };
        self.now.checked_add(age).unwrap_or(self.now)
    }
}

impl Tasks {
    fn enter(
        &mut self,
        place: Place<'_>,
        owner: Principal,
        kept: Arc<KeptTask>,
    ) -> Result<(), (NoPlace, Arc<KeptTask>)> {
        if self.by_id.contains_key(place.id) {
            return Err((NoPlace::Taken, kept));
        }
        if self.by_id.len() >= MAX_TASKS {
            return Err((NoPlace::Full, kept));
        }
        let share = self.by_owner.get(&owner);
        let (tasks, of_owner) = share.map_or((0, 0), |share| (share.tasks, share.bytes));
        if tasks >= MAX_TASKS_PER_PRINCIPAL {
            return Err((NoPlace::OwnerFull, kept));
        }
        let bytes = kept.weight();
        let fits = fits(self.bytes, of_owner, bytes);
        let (all, of_owner) = match fits {
            Ok(sums) => sums,
            Err(none) => return Err((none, kept)),
        };
        self.bytes = all;
        let share = Share {
            tasks: tasks.saturating_add(1),
            bytes: of_owner,
        };
        self.by_owner.insert(owner, share);
        let id = Arc::<str>::from(place.id);
        let end = self.end(&place);
        self.by_end.insert(end, Arc::clone(&id));
        let known = Known {
            owner,
            kept,
            bytes,
            end,
        };
        self.by_id.insert(id, known);
        Ok(())
    }

    fn resize(&mut self, id: &str, kept: &KeptTask, bytes: usize) -> Result<(), NoPlace> {
        let known = self.by_id.get_mut(id);
        // Of one that has been forgotten meanwhile nothing is kept beyond the request that is asking.
        let Some(known) = known.filter(|known| std::ptr::eq(&*known.kept, kept)) else {
            return Ok(());
        };
        let Some(share) = self.by_owner.get_mut(&known.owner) else {
            return Ok(());
        };
        let without = |bytes: usize| bytes.saturating_sub(known.bytes);
        (self.bytes, share.bytes) = fits(without(self.bytes), without(share.bytes), bytes)?;
        known.bytes = bytes;
        Ok(())
    }

    fn end(&mut self, place: &Place<'_>) -> (Instant, u64) {
        self.entered = self.entered.wrapping_add(1);
        (place.end(), self.entered)
    }

    fn renew(&mut self, place: Place<'_>) {
        let end = self.end(&place);
        if let Some(known) = self.by_id.get_mut(place.id)
            && let Some(id) = self.by_end.remove(&known.end)
        {
            known.end = end.max(known.end);
            self.by_end.insert(known.end, id);
        }
    }

    /// Forgets the tasks that have come to their end, and gives what was kept for them.
    fn forget_ended(&mut self, now: Instant) -> Vec<Arc<KeptTask>> {
        let mut forgotten = Vec::new();
        while let Some((end, id)) = self.by_end.first_key_value()
            && end.0 <= now
        {
            let id = Arc::clone(id);
            forgotten.extend(self.remove(&id));
        }
        forgotten
    }

    fn remove(&mut self, id: &str) -> Option<Arc<KeptTask>> {
        let known = self.by_id.remove(id)?;
        self.by_end.remove(&known.end);
        if let Entry::Occupied(mut of_owner) = self.by_owner.entry(known.owner) {
            let share = of_owner.get_mut();
            share.tasks = share.tasks.saturating_sub(1);
            share.bytes = share.bytes.saturating_sub(known.bytes);
            if share.tasks == 0 {
                of_owner.remove();
            }
        }
        self.bytes = self.bytes.saturating_sub(known.bytes);
        Some(known.kept)
    }
}

/// What is kept for all tasks and for those of one principal, when there are so many bytes more.
fn fits(all: usize, of_owner: usize, more: usize) -> Result<(usize, usize), NoPlace> {
    let sum = |bytes: usize, limit| bytes.checked_add(more).filter(|sum| *sum <= limit);
    let of_owner = sum(of_owner, MAX_TASK_BYTES_PER_PRINCIPAL).ok_or(NoPlace::OwnerHeavy)?;
    let all = sum(all, MAX_TASK_BYTES).ok_or(NoPlace::Heavy)?;
    Ok((all, of_owner))
}

#[cfg(test)]
mod tests;
