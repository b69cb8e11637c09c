//! What a caller gets of what a tool gave.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
};

use rmcp::{
    ErrorData, ServiceError,
    model::{CallToolResponse, CallToolResult, ContentBlock, Tool},
};
use sapl_base::constraint::{ConstraintBundle, HandlerError};

use super::GuardRequest;
use crate::{
    enforcement,
    value::schema::{OutputSchema, Schemas},
};

const TRANSPORT: &str = "the transport failed, and what it says of that can't be held to the decision";

type Filter = dyn Fn(&GuardRequest, CallToolResult) -> Result<CallToolResult, HandlerError> + Send + Sync;

/// What every result passes behind the constraints of its decision.
#[derive(Default)]
pub(super) struct ResultFilter(Option<Box<Filter>>);

/// Takes an answer through the constraints of a judgement and the filter of the host.
///
/// # Errors
/// Why nobody may have the answer.
pub(super) fn constrain(
    constraints: Vec<ConstraintBundle>,
    filter: &ResultFilter,
    request: &GuardRequest,
    schemas: &Schemas,
    answer: Result<CallToolResponse, ServiceError>,
) -> Result<Result<CallToolResponse, ServiceError>, String> {
    let mut answer = match answer {
        Ok(response) => Ok(response),
        Err(ServiceError::McpError(error)) => Err(error),
        // It may quote what the server sent instead of an answer.
        Err(ServiceError::TransportSend(_)) if is_held(&constraints, filter) => {
            return Err(TRANSPORT.to_owned());
        }
        // The others hold nothing of the server.
        Err(other) => return Ok(Err(other)),
    };
    let declared = request.definition().and_then(declared);
    for mut bundle in constraints {
        let opened = enforcement::open(&mut bundle, answer, declared, schemas);
        answer = opened.map_err(|reason| reason.to_string())?;
    }
    let answer = filter.run(request, answer)?;
    Ok(answer.map_err(ServiceError::McpError))
}

/// Whether an error may not pass as it is.
fn is_held(constraints: &[ConstraintBundle], filter: &ResultFilter) -> bool {
    let holds = |bundle: &ConstraintBundle| bundle.has_output_obligation() || bundle.has_error_stages();
    filter.0.is_some() || constraints.iter().any(holds)
}

fn declared(tool: &Tool) -> Option<OutputSchema<'_>> {
    tool.output_schema.as_ref().map(OutputSchema::declared)
}

impl ResultFilter {
    pub(super) fn new(
        filter: impl Fn(&GuardRequest, CallToolResult) -> Result<CallToolResult, HandlerError>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Some(Box::new(filter)))
    }

    fn run(
        &self,
        request: &GuardRequest,
        answer: Result<CallToolResponse, ErrorData>,
    ) -> Result<Result<CallToolResponse, ErrorData>, String> {
        let Some(filter) = &self.0 else {
            return Ok(answer);
        };
        let run = |result| {
            catch_unwind(AssertUnwindSafe(|| filter(request, result)))
                .map_err(|_| "the filter of results panicked".to_owned())?
                .map_err(|error| format!("the filter of results failed: {}", error.message()))
        };
        match answer {
            Ok(CallToolResponse::Complete(result)) => Ok(Ok(run(result)?.into())),
            Ok(CallToolResponse::InputRequired(asked)) => Ok(Ok(asked.into())),
            Ok(_) => Err("the result of a task passes no filter".to_owned()),
            // The text of an error is as much the server's as that of a result.
            Err(error) => {
                let shown = CallToolResult::error(vec![ContentBlock::text(error.message.into_owned())]);
                let left = run(shown)?;
                let texts = left.content.iter().filter_map(ContentBlock::as_text);
                let message: Vec<&str> = texts.map(|block| block.text.as_str()).collect();
                Ok(Err(ErrorData::new(error.code, message.join("\n"), None)))
            }
        }
    }
}

impl fmt::Debug for ResultFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ResultFilter").field(&self.0.is_some()).finish()
    }
}
