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
    by_owner: HashMap<Principal, usize>,
    entered: u64,
}

struct Known {
    owner: Principal,
    kept: Arc<KeptTask>,
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
        let of_owner = self.by_owner.entry(owner).or_default();
        if *of_owner >= MAX_TASKS_PER_PRINCIPAL {
            return Err((NoPlace::OwnerFull, kept));
        }
        *of_owner = of_owner.saturating_add(1);
        let id = Arc::<str>::from(place.id);
        let end = self.end(&place);
        self.by_end.insert(end, Arc::clone(&id));
        self.by_id.insert(id, Known { owner, kept, end });
        Ok(())
    }

    fn end(&mut self, place: &Place<'_>) -> (Instant, u64) {
        self.entered = self.entered.wrapping_add(1);
        (place.end(), self.entered)
    }

    fn renew(&mut self, place: Place<'_>) {
        let end = self.end(&place);
        if let Some(known) = self.by_id.get_mut(place.id)
            && end.0 > known.end.0
            && let Some(id) = self.by_end.remove(&known.end)
        {
            known.end = end;
            self.by_end.insert(end, id);
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
            let left = of_owner.get().saturating_sub(1);
            if left == 0 {
                of_owner.remove();
            } else {
                of_owner.insert(left);
            }
        }
        Some(known.kept)
    }
}

#[cfg(test)]
mod tests;
