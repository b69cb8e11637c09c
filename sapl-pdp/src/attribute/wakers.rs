//! Who is woken when an attribute changes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Wake, Waker};

/// The tasks that listen to one stream: it is polled by one of them, and wakes them all.
#[derive(Debug, Default)]
pub(super) struct Wakers(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    tickets: u64,
    wakers: BTreeMap<u64, Waker>,
}

impl Wakers {
    /// Has `waker` woken once, at the place of a ticket, which is drawn the first time.
    pub(super) fn wait(&self, ticket: &mut Option<u64>, waker: &Waker) {
        let mut waiting = self.waiting();
        let number = match *ticket {
            Some(number) => number,
            None => {
                waiting.tickets += 1;
                *ticket.insert(waiting.tickets)
            }
        };
        match waiting.wakers.get_mut(&number) {
            Some(known) => known.clone_from(waker),
            None => {
                waiting.wakers.insert(number, waker.clone());
            }
        }
    }

    /// Forgets a task.
    pub(super) fn leave(&self, ticket: Option<u64>) {
        if let Some(ticket) = ticket {
            self.waiting().wakers.remove(&ticket);
        }
    }

    /// Wakes all but the one with this ticket.
    pub(super) fn wake_others(&self, ticket: Option<u64>) {
        let wakers = {
            let mut waiting = self.waiting();
            let own = ticket.and_then(|ticket| waiting.wakers.remove_entry(&ticket));
            std::mem::replace(&mut waiting.wakers, own.into_iter().collect())
        };
        // Outside of the lock: a waker may run its task at once.
        for waker in wakers.into_values() {
            waker.wake();
        }
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Wakers {
    fn wake(self: Arc<Self>) {
        self.wake_others(None);
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_others(None);
    }
}
