//! `multi-decide`: each event is one of several decisions.

use super::{Feed, Malformed, Origin, Slot, Slots, read};
use crate::IdentifiableAuthorizationDecision;

/// The decisions of several subscriptions, one by one.
#[derive(Debug)]
pub(crate) struct Each {
    slots: Slots,
    /// No slot before this one is due.
    first_due: usize,
}

impl Each {
    /// The decisions of the subscriptions with these ids.
    pub(crate) fn new<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let slots = Slots::new(ids);
        Self {
            first_due: slots.by_id.len(),
            slots,
        }
    }
}

impl Feed for Each {
    type Item = IdentifiableAuthorizationDecision;

    fn read(&mut self, data: &str) -> Result<Origin, Malformed> {
        let read::Identified { id, decision } = read::identified(data)?;
        if id.is_empty() {
            // Whatever it says: nobody asked under this id, a node answers so that it failed.
            self.lose();
            return Ok(Origin::Failure);
        }
        let Some(position) = self.slots.position(&id) else {
            return Ok(Origin::Unasked);
        };
        if let Some((_, slot)) = self.slots.by_id.get_mut(position) {
            slot.set(decision);
            self.first_due = self.first_due.min(position);
        }
        Ok(Origin::Decision)
    }

    fn lose(&mut self) {
        self.slots.change_all(Slot::lose);
        self.first_due = 0;
    }

    fn give_up_waiting(&mut self) {
        self.slots.change_all(Slot::give_up_waiting);
        self.first_due = 0;
    }

    fn take(&mut self) -> Option<IdentifiableAuthorizationDecision> {
        for (id, slot) in self.slots.by_id.iter_mut().skip(self.first_due) {
            self.first_due += 1;
            if let Some(decision) = slot.take() {
                return Some(IdentifiableAuthorizationDecision {
                    subscription_id: id.clone(),
                    decision,
                });
            }
        }
        None
    }
}
