//! `decide`: each event is the decision.

use super::{Feed, Malformed, Origin, Slot};
use crate::AuthorizationDecision;

/// The decision of one subscription.
#[derive(Debug, Default)]
pub(crate) struct Single(Slot);

impl Feed for Single {
    type Item = AuthorizationDecision;

    fn read(&mut self, data: &str) -> Result<Origin, Malformed> {
        let decision = AuthorizationDecision::from_json(data.as_bytes())
            .map_err(|error| Malformed(error.to_string()))?;
        self.0.set(decision);
        Ok(Origin::Decision)
    }

    fn lose(&mut self) {
        self.0.lose();
    }

    fn give_up_waiting(&mut self) {
        self.0.give_up_waiting();
    }

    fn take(&mut self) -> Option<AuthorizationDecision> {
        self.0.take()
    }
}
