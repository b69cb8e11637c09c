//! Rounds: a component asks for input, and the client calls again with it and with the state of the call.
//!
//! Each round is an operation of its own. Between two rounds the component's state is with the client, sealed for the
//! caller and the component.

use std::time::SystemTime;

use super::{Operation, Reason, Returned};
use crate::request_state::{Binding, Purpose, Round};

/// A request for input as it may be sent. It leaves before an obligation on the output could look at a value, so unless
/// the rule passes it there must be none.
pub(super) fn end<C: Returned>(operation: &Operation, closed: bool, mut returned: C) -> Result<C, Reason> {
    if closed && !operation.rule().passes_input_required() {
        return Err(Reason::NotAValue);
    }
    let context = &operation.request.context;
    let asked = returned.asks().ok_or(Reason::NotAValue)?;
    if closed {
        asked.meta = None;
    }
    if let Some(state) = asked.request_state.take() {
        let next = Round {
            number: context.round().saturating_add(1),
            state,
        };
        let states = &operation.request.shared.request_states;
        let binding = Binding::of(context, Purpose::Round);
        let sealed = states.seal(&binding, &next.write(), SystemTime::now());
        asked.request_state = Some(sealed.map_err(Reason::RequestState)?);
    }
    Ok(returned)
}

impl Operation {
    /// Goes on from the round that gave the client this state, and gives the component's own state. One that is no good
    /// denies the operation before anything runs.
    pub(crate) fn resume(&mut self, state: Option<String>) -> Option<String> {
        let context = &mut self.request.context;
        let opened = self
            .request
            .shared
            .request_states
            .open(&Binding::of(context, Purpose::Round), &state?, SystemTime::now())
            .and_then(|payload| Round::read(&payload));
        match opened {
            Ok(round) => {
                context.set_round(round.number);
                Some(round.state)
            }
            Err(error) => {
                self.state_error = Some(error);
                None
            }
        }
    }
}
