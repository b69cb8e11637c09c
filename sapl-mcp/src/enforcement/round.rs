//! Rounds: a component asks for input, and the client calls again with it and with the state of the call.
//!
//! Each round is an operation of its own. Between two rounds the component's state is with the client, sealed for the
//! caller and the component.

use rmcp::model::InputResponses;

use super::{Operation, Reason, Returned};
use crate::{
    request_state::{Binding, Purpose, Round, StateError},
    rule::Mode,
};

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
        let sealed = states.seal(&binding, &next.write(), operation.request.shared.now());
        asked.request_state = Some(sealed.map_err(Reason::RequestState)?);
    }
    Ok(returned)
}

impl Operation {
    /// Goes on from the request that gave the client this state, and puts the component's own state and the answers to the
    /// component's own questions in place of what the client sent. A state that is no good denies the operation before
    /// anything runs.
    pub(crate) fn resume(&mut self, state: &mut Option<String>, responses: &mut Option<InputResponses>) {
        let Some(sealed) = state.take() else { return };
        let opened = match self.open_round(&sealed) {
            Ok(round) => {
                self.request.context.set_round(round.number);
                Ok(Some(round.state))
            }
            Err(StateError::Forged) if self.can_be_approved() => self.resume_approval(&sealed, responses),
            Err(error) => Err(error),
        };
        match opened {
            Ok(own) => {
                self.resumed.clone_from(&own);
                *state = own;
            }
            Err(error) => self.state_error = Some(error),
        }
    }

    fn open_round(&self, sealed: &str) -> Result<Round, StateError> {
        let binding = Binding::of(&self.request.context, Purpose::Round);
        let shared = &self.request.shared;
        Round::read(&shared.request_states.open(&binding, sealed, shared.now())?)
    }

    /// Whether a decision comes before the component.
    fn can_be_approved(&self) -> bool {
        let enforcement = self.request.rules.enforcement();
        enforcement.is_some_and(|rule| rule.mode() == Mode::Pre)
    }
}
