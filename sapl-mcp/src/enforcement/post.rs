//! Post-enforcement: the component runs first, and the decision sees what it returned.

use rmcp::{ErrorData, model::JsonObject};
use sapl_base::constraint::EnforcementPoint;
use serde_json::json;

use super::{Enforced, Operation, Reason, Returned, Sealed, output, returned::Form};

/// Component → subscription with its return value or error → decision → on-decision → output stages.
///
/// What the component returned stays sealed until then; the decision point sees a copy of its value, and a denial
/// drops it.
pub(super) async fn enforce<C, R, F>(operation: &mut Operation, run: R) -> Enforced<C>
where
    C: Returned,
    R: FnOnce(Option<JsonObject>) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    // Nothing runs for a caller that can't be permitted anyway.
    operation.admit()?;
    if !C::HAS_OUTPUT {
        return Err(operation.withhold(Reason::NoOutput));
    }
    let result = run(operation.arguments()).await;
    let value = match &result.0 {
        Ok(returned) => match returned.form() {
            Form::Value => Some(returned.value(operation.request.output_schema.as_deref())),
            Form::Failure => {
                operation
                    .request
                    .context
                    .set_error(Some(returned.failure().message.into()));
                None
            }
            Form::InputRequired | Form::Task => return Err(operation.deny(Reason::NotAValue)),
        },
        Err(error) => {
            operation
                .request
                .context
                .set_error(Some(json!({"code": error.code.0, "message": error.message})));
            None
        }
    };
    operation.request.context.set_return_value(value.clone());
    let permit = operation.permit(EnforcementPoint::PostEnforce).await?;
    output::release(operation, permit, result, value)
}
