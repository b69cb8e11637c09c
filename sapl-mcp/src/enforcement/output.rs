//! The output stages: the only way from a sealed result to a released one.

use rmcp::{ErrorData, model::ErrorCode};
use sapl_base::constraint::{ComponentError, ConstraintBundle, FailureOutput};
use serde_json::Value;

use super::{Enforced, Operation, Permit, Reason, Released, Returned, Sealed, returned::Form, round, task};
use crate::{
    subscription::Outcome,
    value::schema::{OutputSchema, Schemas},
};

/// What stands in place of an error's text where an output obligation forbids the text itself.
pub(super) const FAILED: &str = "The operation failed";

type Opened<C> = Result<Result<C, ErrorData>, Reason>;

/// Opens `result` with `permit`: replacement → filters → consumers → mappings for a value, error handlers → error
/// mappings for a failure. `value` is the result's value where the caller has it already.
pub(super) fn release<C: Returned>(
    operation: &mut Operation,
    permit: Permit,
    result: Sealed<Result<C, ErrorData>>,
    value: Option<Value>,
) -> Enforced<C> {
    let mut bundle = match &result.0 {
        Ok(returned) if returned.form() == Form::Task => {
            return task::begin(operation, Some(permit), result);
        }
        _ => permit.bundle,
    };
    operation.closed = bundle.has_output_obligation();
    let (outcome, opened) = match result.0 {
        Ok(returned) => match returned.form() {
            Form::Value => (
                Outcome::Completed,
                open_value(
                    &mut bundle,
                    returned,
                    value,
                    output_schema(operation),
                    &operation.request.shared.schemas,
                ),
            ),
            Form::Failure => (Outcome::Failed, open_failure(&mut bundle, returned)),
            Form::InputRequired => (
                Outcome::InputRequired,
                round::end(operation, bundle.has_output_obligation(), returned).map(Ok),
            ),
            Form::Task => (Outcome::Task, Err(Reason::NotAValue)),
        },
        Err(error) => (Outcome::Failed, open_error(&mut bundle, error)),
    };
    operation.outcome = outcome;
    operation.keep_report(bundle);
    match opened {
        Ok(mut result) => {
            if let Ok(returned) = &mut result {
                returned.private();
            }
            Ok(Released(result))
        }
        Err(reason) => Err(operation.deny(reason)),
    }
}

/// The error as the error stages see it.
pub(super) fn component_error(error: &ErrorData) -> ComponentError {
    ComponentError {
        code: Some(error.code.0.into()),
        message: error.message.clone().into_owned(),
        data: error.data.clone(),
    }
}

/// Where there is no operation: the same stages for what a client gets of a server. What the stages can't look into passes
/// only where there are none.
#[cfg(feature = "client")]
pub(crate) fn open<C: Returned>(
    bundle: &mut ConstraintBundle,
    result: Result<C, ErrorData>,
    schema: Option<OutputSchema<'_>>,
    schemas: &Schemas,
) -> Opened<C> {
    match result {
        Ok(returned) => match returned.form() {
            Form::Value => open_value(bundle, returned, None, schema, schemas),
            Form::Failure => open_failure(bundle, returned),
            Form::InputRequired if !bundle.has_output_obligation() => Ok(Ok(returned)),
            Form::Task if !bundle.has_output_stages() && !bundle.has_error_stages() => Ok(Ok(returned)),
            Form::InputRequired | Form::Task => Err(Reason::NotAValue),
        },
        Err(error) => open_error(bundle, error),
    }
}

fn output_schema(operation: &Operation) -> Option<OutputSchema<'_>> {
    let declared = operation.request.output_schema.as_ref()?;
    Some(match operation.rule().relaxes_output_schema() {
        true => OutputSchema::relaxed(declared),
        false => OutputSchema::declared(declared),
    })
}

fn open_value<C: Returned>(
    bundle: &mut ConstraintBundle,
    returned: C,
    value: Option<Value>,
    schema: Option<OutputSchema<'_>>,
    schemas: &Schemas,
) -> Opened<C> {
    if !bundle.has_output_stages() {
        return Ok(Ok(returned));
    }
    let value = value.unwrap_or_else(|| returned.value(schema.map(OutputSchema::as_object)));
    let output = bundle.output(value).map_err(Reason::ObligationFailed)?;
    if !output.changed && !bundle.has_output_obligation() {
        return Ok(Ok(returned));
    }
    returned
        .rebuilt(output.value, schema, schemas)
        .map(Ok)
        .map_err(Reason::Unfit)
}

fn open_failure<C: Returned>(bundle: &mut ConstraintBundle, returned: C) -> Opened<C> {
    let Some(output) = failed(bundle, || returned.failure())? else {
        return Ok(Ok(returned));
    };
    C::failed(output.error.message).map(Ok).ok_or(Reason::NotAValue)
}

fn open_error<C: Returned>(bundle: &mut ConstraintBundle, error: ErrorData) -> Opened<C> {
    let Some(output) = failed(bundle, || component_error(&error))? else {
        return Ok(Err(error));
    };
    // A mapping may choose another code; one that JSON-RPC has no room for is not sent.
    let code = output
        .error
        .code
        .and_then(|code| i32::try_from(code).ok())
        .map_or(error.code, ErrorCode);
    Ok(Err(ErrorData::new(code, output.error.message, output.error.data)))
}

/// The error stages; `None` when the failure may be sent as it is. Where the decision has an output obligation, a
/// failure carries no data past it: unless a mapping of an obligation made what is sent, all but the code goes.
fn failed(
    bundle: &mut ConstraintBundle,
    error: impl FnOnce() -> ComponentError,
) -> Result<Option<FailureOutput>, Reason> {
    let closed = bundle.has_output_obligation();
    if !closed && !bundle.has_error_stages() {
        return Ok(None);
    }
    let error = error();
    let code = error.code;
    let mut output = bundle.failure(error).map_err(Reason::ObligationFailed)?;
    if closed && !output.made_by_obligation {
        output.error = ComponentError {
            code,
            message: FAILED.to_owned(),
            data: None,
        };
        output.changed = true;
    }
    Ok(output.changed.then_some(output))
}
