//! Post-enforcement: the component runs first, and the decision sees what it returned.

use rmcp::{ErrorData, model::JsonObject};
use sapl_base::constraint::EnforcementPoint;
use serde_json::json;

use super::{Carried, Enforced, Operation, Reason, Returned, Sealed, output, returned::Form, task};

/// Component → subscription with its return value or error → decision → on-decision → output stages.
///
/// What the component returned stays sealed until then; the decision point sees a copy of its value, and a denial
/// drops it.
pub(super) async fn enforce<C, X, R, F>(operation: &mut Operation, carried: X, run: R) -> Enforced<C>
where
    C: Returned,
    X: Carried,
    R: FnOnce(Option<JsonObject>, X) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    // Nothing runs for a caller that can't be permitted anyway.
    operation.admit()?;
    if !C::HAS_OUTPUT {
        return Err(operation.withhold(Reason::NoOutput));
    }
    let result = run(operation.arguments(), carried).await;
    decide(operation, result).await
}

/// Subscription with what the component returned → decision → on-decision → output stages.
///
/// A request for more input is no value and no error: the decision is made without either, and holds for this round.
pub(super) async fn decide<C: Returned>(
    operation: &mut Operation,
    result: Sealed<Result<C, ErrorData>>,
) -> Enforced<C> {
    let (value, error) = match &result.0 {
        Ok(returned) => match returned.form() {
            Form::Value => (
                Some(returned.value(operation.request.output_schema.as_deref())),
                None,
            ),
            Form::Failure => (None, Some(returned.failure().message.into())),
            Form::InputRequired => (None, None),
            Form::Task => return task::begin(operation, None, result),
        },
        Err(error) => (
            None,
            Some(json!({"code": error.code.0, "message": error.message})),
        ),
    };
    let context = &mut operation.request.context;
    context.set_error(error);
    context.set_return_value(value.clone());
    let permit = operation.permit(EnforcementPoint::PostEnforce).await?;
    output::release(operation, permit, result, value)
}
