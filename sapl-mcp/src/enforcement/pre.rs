//! Pre-enforcement: the decision comes first, and the component runs on a permit alone.

use rmcp::{ErrorData, model::JsonObject};
use sapl_base::constraint::EnforcementPoint;

use super::{
    Carried, Enforced, Operation, Reason, Released, Returned, Sealed,
    approval::{self, Approved},
    output,
};

/// Subscription → decision → on-decision → method invocation → approval → component → output stages.
pub(super) async fn enforce<C, X, R, F>(operation: &mut Operation, carried: X, run: R) -> Enforced<C>
where
    C: Returned,
    X: Carried,
    R: FnOnce(Option<JsonObject>, X) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    if let Some(presented) = operation.presented.take() {
        let (permit, arguments) = approval::resume(operation, carried.context(), *presented).await?;
        let result = run(arguments, carried).await;
        return output::release(operation, permit, result, None);
    }
    let mut permit = operation.permit(EnforcementPoint::PreEnforce).await?;
    if !C::HAS_OUTPUT && permit.bundle.has_output_obligation() {
        operation.keep_report(permit.bundle);
        return Err(operation.withhold(Reason::NoOutput));
    }
    let (permit, arguments) = match permit.wanted.take() {
        None => {
            let arguments = operation.invocation(&mut permit).await?;
            (permit, arguments)
        }
        Some(wanted) => match approval::obtain(operation, &carried, permit, wanted).await? {
            Approved::Run(run) => *run,
            Approved::Ask(asking) => return Ok(Released(Ok(asking))),
        },
    };
    let result = run(arguments, carried).await;
    output::release(operation, permit, result, None)
}
