//! The rules of this process, behind the markers.
//!
//! Reading takes no lock: the table only ever grows, and the index is an immutable snapshot that a writer replaces.

use std::{
    any::TypeId,
    collections::{HashMap, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Arc, LazyLock, Mutex, MutexGuard, Once, OnceLock, PoisonError},
};

use arc_swap::ArcSwap;

use super::{Rule, marker::RuleId};
use crate::advisory;

/// How many rules a process can have: one for each annotation in the source (and each instantiation of the generic
/// `impl` around it), one for each different rule that is attached by hand. Further components are denied.
///
/// The number of places that a [`RuleId`] can name.
pub(super) const MAX_RULES: usize = u16::MAX as usize + 1;

const CHUNK: usize = 256;
const CHUNKS: usize = MAX_RULES / CHUNK;

pub(super) static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::new);

/// Rules, found by place, by annotation, and by what they say.
pub(super) struct Registry {
    table: [OnceLock<Box<Chunk>>; CHUNKS],
    index: ArcSwap<Index>,
    /// How many there are. The lock is held while one is added.
    length: Mutex<usize>,
    hasher: RandomState,
}

type Chunk = [OnceLock<Arc<Rule>>; CHUNK];

#[derive(Clone, Default)]
struct Index {
    /// The type of the closure that makes the rule.
    by_site: HashMap<TypeId, RuleId>,
    /// The hash of what the rule says.
    by_content: HashMap<u64, Vec<RuleId>>,
}

/// Why a rule is not in the registry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unregistered {
    /// There are too many.
    Full,
    /// One of its functions captures something, so that it equals no other and would be added at every request.
    Captures,
    /// It is a gate and has this argument, which has no meaning on a gate.
    Misplaced(&'static str),
    /// Its advisory policy is refused.
    Advisory,
}

impl Registry {
    pub(super) fn new() -> Self {
        Self {
            table: [const { OnceLock::new() }; CHUNKS],
            index: ArcSwap::default(),
            length: Mutex::new(0),
            hasher: RandomState::new(),
        }
    }

    /// Whether there is no rule so far.
    pub(super) fn is_empty(&self) -> bool {
        self.get(RuleId(0)).is_none()
    }

    /// The rule at a place.
    pub(super) fn get(&self, RuleId(place): RuleId) -> Option<&Arc<Rule>> {
        let place = usize::from(place);
        self.table.get(place / CHUNK)?.get()?.get(place % CHUNK)?.get()
    }

    /// The rule of an annotation, made when it is asked for the first time.
    pub(super) fn of_site(&self, site: TypeId, make: impl FnOnce() -> Rule) -> Result<RuleId, Unregistered> {
        if let Some(id) = self.index.load().by_site.get(&site) {
            return Ok(*id);
        }
        // Before the lock is taken: it is the author's code.
        let rule = make();
        self.add(
            rule,
            |index, _| index.by_site.get(&site).copied(),
            |index, id| {
                index.by_site.insert(site, id);
            },
        )
    }

    /// The rule that says the same, or this one as a new entry.
    pub(super) fn intern(&self, rule: Rule) -> Result<RuleId, Unregistered> {
        if !rule.is_comparable() {
            return Err(Unregistered::Captures);
        }
        let hash = self.hasher.hash_one(&rule.content);
        let find = |index: &Index, rule: &Rule| {
            let same = |id: &&RuleId| self.get(**id).is_some_and(|known| known.content == rule.content);
            index.by_content.get(&hash)?.iter().find(same).copied()
        };
        if let Some(id) = find(&self.index.load(), &rule) {
            return Ok(id);
        }
        self.add(rule, find, |index, id| {
            index.by_content.entry(hash).or_default().push(id)
        })
    }

    /// The rule as a new entry, whatever it says.
    pub(super) fn push(&self, rule: Rule) -> Result<RuleId, Unregistered> {
        admit(&rule)?;
        self.append(&mut self.writing(), rule)
    }

    fn add(
        &self,
        rule: Rule,
        known: impl FnOnce(&Index, &Rule) -> Option<RuleId>,
        enter: impl FnOnce(&mut Index, RuleId),
    ) -> Result<RuleId, Unregistered> {
        // Before the lock is taken: it may compile a policy.
        admit(&rule)?;
        let mut length = self.writing();
        let index = self.index.load();
        // Another thread may have been here since the look-up.
        if let Some(id) = known(&index, &rule) {
            return Ok(id);
        }
        let id = self.append(&mut length, rule)?;
        let mut next = Index::clone(&index);
        enter(&mut next, id);
        self.index.store(Arc::new(next));
        Ok(id)
    }

    fn append(&self, length: &mut usize, rule: Rule) -> Result<RuleId, Unregistered> {
        let id = u16::try_from(*length).map_err(|_| Unregistered::Full)?;
        let chunk = self.table.get(*length / CHUNK).ok_or(Unregistered::Full)?;
        let chunk = chunk.get_or_init(|| Box::new([const { OnceLock::new() }; CHUNK]));
        let place = chunk.get(*length % CHUNK).ok_or(Unregistered::Full)?;
        place.set(Arc::new(rule)).map_err(|_| Unregistered::Full)?;
        *length += 1;
        Ok(RuleId(id))
    }

    /// A writer that panicked left at worst a rule that nothing points at.
    fn writing(&self) -> MutexGuard<'_, usize> {
        self.length.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        *self.length.lock().unwrap()
    }
}

/// Refuses what the layer's builder refuses too.
fn admit(rule: &Rule) -> Result<(), Unregistered> {
    static REFUSED: Once = Once::new();
    if let Some(argument) = rule.misplaced() {
        return Err(Unregistered::Misplaced(argument));
    }
    let Some(Err(error)) = rule.advisory().map(advisory::check) else {
        return Ok(());
    };
    // Here, where the diagnostic is.
    REFUSED.call_once(|| {
        tracing::error!(
            error = error.to_string(),
            "a rule has an advisory policy that can't be published; the component is denied"
        );
    });
    Err(Unregistered::Advisory)
}
