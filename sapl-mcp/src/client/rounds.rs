//! Calls of several rounds: a tool asks for input, and the client's handler answers.

use std::{collections::BTreeMap, time::Duration};

use rmcp::{
    ServiceError,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, DEFAULT_MRTR_MAX_ROUNDS, InputRequiredResult,
    },
};
use serde_json::Value;

use super::{Guard, GuardError, connection::Answers};

/// How long the first round waits that only sends a state back; each one after it waits twice as long.
const FIRST_WAIT: Duration = Duration::from_millis(50);

/// How long such a round waits at most.
const LONGEST_WAIT: Duration = Duration::from_millis(250);

impl Guard {
    pub(super) async fn call_in_rounds(
        &self,
        mut params: CallToolRequestParams,
    ) -> Result<CallToolResult, GuardError> {
        let mut wait = FIRST_WAIT;
        for _ in 0..DEFAULT_MRTR_MAX_ROUNDS {
            let asked = match self.attempt(params.clone()).await.result? {
                CallToolResponse::Complete(result) => return Ok(result),
                CallToolResponse::InputRequired(asked) => asked,
                _ => return Err(unfinished(&params)),
            };
            let Some(client) = &self.inner.settings.connection.client else {
                return Err(unfinished(&params));
            };
            let asks = asked
                .input_requests
                .as_ref()
                .is_some_and(|requests| !requests.is_empty());
            if !asks {
                if asked.request_state.is_none() {
                    return Err(GuardError::Failed(ServiceError::UnexpectedResponse));
                }
                tokio::time::sleep(wait).await;
                wait = (wait * 2).min(LONGEST_WAIT);
            }
            params.request_state.clone_from(&asked.request_state);
            let responses = answers(&**client, asked).await.map_err(GuardError::Failed)?;
            params.input_responses = (!responses.is_empty()).then_some(responses);
        }
        Err(GuardError::Failed(ServiceError::InputRequiredRoundsExceeded {
            max_rounds: DEFAULT_MRTR_MAX_ROUNDS,
        }))
    }
}

async fn answers(
    client: &dyn Answers,
    asked: InputRequiredResult,
) -> Result<BTreeMap<String, Value>, ServiceError> {
    let mut responses = BTreeMap::new();
    for (key, request) in asked.input_requests.unwrap_or_default() {
        let response = client.answer(key.clone(), request).await?;
        responses.insert(key, response);
    }
    Ok(responses)
}

fn unfinished(params: &CallToolRequestParams) -> GuardError {
    GuardError::Unfinished {
        tool: params.name.clone().into_owned(),
    }
}
