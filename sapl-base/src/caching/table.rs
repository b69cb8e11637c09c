//! The entries. Readers take no lock; writers copy, which costs little beside the connection that each entry brings.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use tokio::sync::oneshot;

use super::entry::Entry;

/// The subscriptions that are followed, by digest. Two with one digest don't fit: the second is asked directly.
#[derive(Debug, Default)]
pub(super) struct Table {
    entries: ArcSwap<Entries>,
    writing: Mutex<()>,
}

type Entries = HashMap<u64, Arc<Followed>, RandomState>;

/// An entry in the table. When it leaves, its follower ends, since the other half of the lease closes.
#[derive(Debug)]
struct Followed {
    entry: Arc<Entry>,
    _lease: oneshot::Sender<()>,
}

/// Closes when the entry leaves the table.
pub(super) type Lease = oneshot::Receiver<()>;

impl Table {
    /// What `use_entry` makes of the entry with this digest.
    pub(super) fn with<T>(&self, digest: u64, use_entry: impl FnOnce(&Entry) -> Option<T>) -> Option<T> {
        use_entry(&self.entries.load().get(&digest)?.entry)
    }

    /// Adds an entry unless its digest is there. Where there would be more than `max`, those that were not asked for
    /// the longest time leave.
    pub(super) fn add(&self, entry: Arc<Entry>, max: usize) -> Option<Lease> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = Entries::clone(&self.entries.load());
        if max == 0 || entries.contains_key(&entry.digest) {
            return None;
        }
        while entries.len() >= max {
            let oldest = entries
                .values()
                .min_by_key(|followed| followed.entry.last_asked())?
                .entry
                .digest;
            entries.remove(&oldest);
        }
        let (lease, held) = oneshot::channel();
        let followed = Followed { entry, _lease: lease };
        entries.insert(followed.entry.digest, Arc::new(followed));
        self.entries.store(Arc::new(entries));
        Some(held)
    }

    /// Removes this very entry.
    pub(super) fn remove(&self, entry: &Arc<Entry>) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.entries.load();
        if current
            .get(&entry.digest)
            .is_some_and(|followed| Arc::ptr_eq(&followed.entry, entry))
        {
            let mut entries = Entries::clone(&current);
            entries.remove(&entry.digest);
            self.entries.store(Arc::new(entries));
        }
    }

    pub(super) fn len(&self) -> usize {
        self.entries.load().len()
    }
}
