//! The way by the client's next request: what it holds until then, and what it brings.
//!
//! The question is a result that requires input. Its state, sealed, says what the person is asked, and holds what the component
//! itself needs to go on from an earlier round, so that the component never hears of the question.

use std::{
    collections::BTreeMap,
    time::{Duration, SystemTime},
};

use rmcp::model::{ElicitRequest, ElicitResult, InputRequest, InputRequiredResult, InputResponses};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Operation, Refusal, grant::Grant};
use crate::{
    approval::{ApprovalAnswer, ApprovalRequest, Digest, Filled, GrantId, Remember, Wanted, form, read_form},
    request_state::{Binding, Purpose, StateError},
};

/// The key of the question among the requests for input.
pub(crate) const APPROVAL_KEY: &str = "io.sapl/approval";

/// How many random bytes tell a question from all others.
const NONCE_BYTES: usize = 16;

/// What the client holds while it asks its user.
#[derive(Serialize, Deserialize)]
struct Held {
    nonce: [u8; NONCE_BYTES],
    /// Of the arguments that are shown.
    seen: [u8; Digest::BYTES],
    obligations: [u8; Digest::BYTES],
    /// In seconds since 1970.
    expires: u64,
    editable: bool,
    /// Whether within the session alone, and for how many seconds at most.
    remember: Option<(bool, u64)>,
    /// Which round of the component's it is that is asked about, with what belongs to it.
    round: u32,
    state: Option<String>,
    responses: Option<InputResponses>,
}

/// What a client brought from its user.
pub(crate) struct Presented {
    held: Held,
    answer: Option<Value>,
}

/// The question, for the client to ask.
pub(super) fn question(
    operation: &Operation,
    wanted: &Wanted,
    request: &ApprovalRequest,
    text: String,
    (seen, now): (Digest, SystemTime),
) -> Result<InputRequiredResult, Refusal> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|_| Refusal::NoKey)?;
    let context = &operation.request.context;
    let held = Held {
        nonce,
        seen: *seen.bytes(),
        obligations: *wanted.digest.bytes(),
        expires: seconds(now + wanted.expires_in),
        editable: request.editable,
        remember: wanted
            .remember
            .map(|remember| (remember.in_session, remember.at_most.as_secs())),
        round: context.round(),
        state: operation.resumed.clone(),
        responses: context.input_responses().cloned(),
    };
    let payload = serde_json::to_vec(&held).map_err(|_| Refusal::State(StateError::Malformed))?;
    let states = &operation.request.shared.request_states;
    let state = states
        .seal(&Binding::of(context, Purpose::Approval), &payload, now)
        .map_err(Refusal::State)?;
    let form = ElicitRequest::new(form(request, text));
    let requests = BTreeMap::from([(APPROVAL_KEY.to_owned(), InputRequest::Elicitation(form))]);
    Ok(InputRequiredResult::new(Some(requests), Some(state)))
}

impl Operation {
    /// Opens a state that was given out with a question of the layer, and puts the component's own in its place.
    pub(in crate::enforcement) fn resume_approval(
        &mut self,
        state: &str,
        responses: &mut Option<InputResponses>,
    ) -> Result<Option<String>, StateError> {
        let context = &mut self.request.context;
        let states = &self.request.shared.request_states;
        let payload = states.open(
            &Binding::of(context, Purpose::Approval),
            state,
            self.request.shared.now(),
        )?;
        let mut held: Held = serde_json::from_slice(&payload).map_err(|_| StateError::Malformed)?;
        let answer = responses
            .as_mut()
            .and_then(|responses| responses.remove(APPROVAL_KEY));
        *responses = held.responses.take();
        context.set_round(held.round);
        context.set_input_responses(responses.clone());
        let state = held.state.take();
        self.presented = Some(Box::new(Presented { held, answer }));
        Ok(state)
    }
}

impl Presented {
    /// What was granted with it.
    pub(super) fn grant(self, by: String, now: SystemTime) -> Result<Grant, Refusal> {
        let Self { held, answer } = self;
        if held.expires <= seconds(now) {
            return Err(Refusal::Expired);
        }
        let answer = answer.ok_or(Refusal::Unreadable("there is none"))?;
        let answer: ElicitResult =
            serde_json::from_value(answer).map_err(|_| Refusal::Unreadable("it is no answer to a form"))?;
        let arguments = match read_form(answer, held.editable) {
            Filled::Accepted { edited } => edited,
            other => return Err(other.into()),
        };
        let remember = held.remember.map(|(in_session, seconds)| Remember {
            in_session,
            at_most: Duration::from_secs(seconds),
        });
        let answer = ApprovalAnswer::Accepted { by, arguments };
        let (seen, obligations) = (Digest::from(held.seen), Digest::from(held.obligations));
        let mut grant = Grant::of(answer, seen, obligations, remember, now);
        grant.once = Some((
            GrantId::from_bytes(held.nonce),
            SystemTime::UNIX_EPOCH + Duration::from_secs(held.expires),
        ));
        Ok(grant)
    }
}

/// Whole seconds since 1970.
fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn presented(answer: Value) -> Presented {
        Presented {
            held: Held {
                nonce: [7; NONCE_BYTES],
                seen: [1; Digest::BYTES],
                obligations: [2; Digest::BYTES],
                expires: 100,
                editable: false,
                remember: Some((true, 60)),
                round: 1,
                state: None,
                responses: None,
            },
            answer: Some(answer),
        }
    }

    #[test]
    fn an_answer_is_good_until_the_question_expires() {
        let yes = || presented(json!({"action": "accept", "content": {"approve": true}}));
        let grant = yes().grant("mara".to_owned(), at(99)).ok().unwrap();
        assert_eq!((grant.by.as_str(), grant.at), ("mara", at(99)));
        assert_eq!(grant.seen, Digest::from([1; Digest::BYTES]));
        assert_eq!(grant.obligations, Digest::from([2; Digest::BYTES]));
        assert_eq!(grant.once, Some((GrantId::from_bytes([7; NONCE_BYTES]), at(100))));
        let remember = grant.remember.unwrap();
        assert!(remember.in_session && remember.at_most == Duration::from_secs(60));
        for late in [100, 101] {
            let refused = yes().grant("mara".to_owned(), at(late)).err();
            assert_eq!(refused, Some(Refusal::Expired));
        }
    }

    #[test]
    fn a_no_is_no_grant() {
        let refused = presented(json!({"action": "decline"})).grant("mara".to_owned(), at(1));
        assert_eq!(refused.err(), Some(Refusal::Declined));
    }
}
