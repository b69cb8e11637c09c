//! Who waits for other policies.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::Waker;

/// Numbers the versions of the policies, and wakes those who wait for the next one.
///
/// A waiter is a waker and nothing else: however slow it is, it holds no version of the policies, and nothing is
/// queued for it.
#[derive(Debug, Default)]
pub(super) struct Changes {
    versions: AtomicU64,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    tickets: u64,
    wakers: BTreeMap<u64, Waker>,
}

/// The place of one waiter among the others; none until it first waits.
#[derive(Debug, Default)]
pub(super) struct Ticket(Option<u64>);

impl Changes {
    /// A number that no version has had before.
    pub(super) fn next_version(&self) -> u64 {
        self.versions.fetch_add(1, Ordering::Relaxed)
    }

    /// Wakes everybody who waits.
    pub(super) fn announce(&self) {
        let wakers = std::mem::take(&mut self.waiting().wakers);
        // Outside of the lock: a waker may run the waiter at once.
        for waker in wakers.into_values() {
            waker.wake();
        }
    }

    /// Has `waker` woken at the next announcement. Look at the version once more afterwards.
    pub(super) fn wait(&self, ticket: &mut Ticket, waker: &Waker) {
        let mut waiting = self.waiting();
        let number = match ticket.0 {
            Some(number) => number,
            None => {
                waiting.tickets += 1;
                *ticket.0.insert(waiting.tickets)
            }
        };
        match waiting.wakers.get_mut(&number) {
            Some(known) => known.clone_from(waker),
            None => {
                waiting.wakers.insert(number, waker.clone());
            }
        }
    }

    /// Forgets a waiter.
    pub(super) fn leave(&self, ticket: &mut Ticket) {
        if let Some(number) = ticket.0.take() {
            self.waiting().wakers.remove(&number);
        }
    }

    /// How many wait.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.waiting().wakers.len()
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
