//! `multi-decide-all`: each event is all decisions.

use super::{Feed, Malformed, Origin, Slot, Slots, read};
use crate::{AuthorizationDecision, MultiAuthorizationDecision};

/// The decisions of several subscriptions, all together.
#[derive(Debug)]
pub(crate) struct Snapshot {
    slots: Slots,
    due: bool,
}

impl Snapshot {
    /// The decisions of the subscriptions with these ids.
    pub(crate) fn new<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        Self {
            slots: Slots::new(ids),
            due: false,
        }
    }
}

impl Feed for Snapshot {
    type Item = MultiAuthorizationDecision;

    fn read(&mut self, data: &str) -> Result<Origin, Malformed> {
        let mut decisions = read::decisions(data)?;
        let mut origin = Origin::Failure;
        for (id, slot) in &mut self.slots.by_id {
            // What is missing is INDETERMINATE, whatever it was before. A node that failed leaves out everything.
            let decision = match decisions.remove(id.as_str()) {
                Some(decision) => {
                    origin = Origin::Decision;
                    decision
                }
                None => AuthorizationDecision::indeterminate(),
            };
            self.due |= slot.set(decision);
        }
        Ok(origin)
    }

    fn lose(&mut self) {
        self.due |= self.slots.change_all(Slot::lose);
    }

    fn give_up_waiting(&mut self) {
        self.due |= self.slots.change_all(Slot::give_up_waiting);
    }

    fn take(&mut self) -> Option<MultiAuthorizationDecision> {
        std::mem::take(&mut self.due).then(|| {
            self.slots
                .by_id
                .iter()
                .filter_map(|(id, slot)| Some((id.clone(), slot.decision.clone()?)))
                .collect()
        })
    }
}
