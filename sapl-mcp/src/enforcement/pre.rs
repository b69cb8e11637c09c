//! Pre-enforcement: the decision comes first, and the component runs on a permit alone.

use rmcp::{ErrorData, model::JsonObject};
use sapl_base::constraint::EnforcementPoint;

use super::{Enforced, Operation, Reason, Returned, Sealed, output};

/// Subscription → decision → on-decision → method invocation → component → output stages.
pub(super) async fn enforce<C, R, F>(operation: &mut Operation, run: R) -> Enforced<C>
where
    C: Returned,
    R: FnOnce(Option<JsonObject>) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    let mut permit = operation.permit(EnforcementPoint::PreEnforce).await?;
    if !C::HAS_OUTPUT && permit.bundle.has_output_obligation() {
        operation.keep_report(permit.bundle);
        return Err(operation.withhold(Reason::NoOutput));
    }
    let arguments = operation.invocation(&mut permit).await?;
    let result = run(arguments).await;
    output::release(operation, permit, result, None)
}
