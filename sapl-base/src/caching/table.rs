//! The entries. Readers take no lock; writers copy, which costs little beside the connection that each entry brings.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use foldhash::fast::RandomState;
use tokio::sync::oneshot;

use super::{entry::Entry, sightings::ASKED_TWICE_WITHIN};

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

    /// Adds an entry unless its digest is there. Where there would be more than `max`, the one that was not asked for
    /// the longest time leaves; one that is in use stays, so that many questions don't open and close streams all the
    /// time instead of being asked.
    pub(super) fn add(&self, entry: Arc<Entry>, max: usize) -> Option<Lease> {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let current = self.entries.load();
        if max == 0 || current.contains_key(&entry.digest) {
            return None;
        }
        let leaves = if current.len() < max {
            None
        } else {
            Some(out_of_use(&current, entry.last_asked())?)
        };
        let mut entries = Entries::clone(&current);
        if let Some(digest) = leaves {
            entries.remove(&digest);
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

/// The digest of the one that was not asked for the longest time, if that is long enough.
fn out_of_use(entries: &Entries, now: Duration) -> Option<u64> {
    let entries = entries.values().map(|followed| &followed.entry);
    let oldest = entries.min_by_key(|entry| entry.last_asked())?;
    (now.saturating_sub(oldest.last_asked()) > ASKED_TWICE_WITHIN).then_some(oldest.digest)
}
