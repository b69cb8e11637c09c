//! The gate: a yes or no before anything else.

use rmcp::{ErrorData, model::JsonObject};
use sapl_base::constraint::EnforcementPoint;

use super::{Carried, Denial, Enforced, Operation, Returned, Sealed, output};

/// Subscription → decision → on-decision → component, whose result passes as it is.
pub(super) async fn enforce<C, X, R, F>(operation: &mut Operation, carried: X, run: R) -> Enforced<C>
where
    C: Returned,
    X: Carried,
    R: FnOnce(Option<JsonObject>, X) -> F + Send,
    F: Future<Output = Sealed<Result<C, ErrorData>>> + Send,
{
    let permit = operation.permit(EnforcementPoint::Gate).await?;
    operation.reveal();
    let result = run(operation.arguments(), carried).await;
    // No handler of a gate looks at a result, so there is nothing in this permit that could change it.
    output::release(operation, permit, result, None)
}

/// Subscription → decision → on-decision, and then the operation is one under the enforcement behind the gate.
pub(super) async fn pass(operation: &mut Operation) -> Result<(), Denial> {
    operation.hold_policies();
    let permit = operation.permit(EnforcementPoint::Gate).await?;
    operation.keep_report(permit.bundle);
    operation.pass_gate();
    Ok(())
}

/// The same once more, where an operation has waited behind its gate: the gate can have closed. What it says now holds together
/// with the next decision. The operation stays one under the enforcement, whose record it leaves.
pub(super) async fn pass_again(operation: &mut Operation) -> Result<(), Denial> {
    if !operation.has_enforcement() {
        return Ok(());
    }
    operation.turn_to_gate();
    operation.hold_policies();
    let passed = operation.permit(EnforcementPoint::Gate).await;
    operation.turn_back();
    passed.map(drop)
}
