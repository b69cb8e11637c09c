//! The constraint engine by itself.

use sapl_mcp::constraint::{EnforcementPoint, MethodInvocation};
use sapl_mcp_tests::Log;
use serde_json::Value;

use super::{decision_point, handlers};
use crate::model::{Decision, Effects, Point};

/// What the handlers of a decision make of a value, if they give it at all, whether that is another value, and what
/// happened.
pub(crate) async fn made_of_value(
    decision: &Decision,
    point: Point,
    value: Value,
) -> (Option<(Value, bool)>, Effects) {
    let log = Log::new();
    let decision = decision_point::made_of(decision);
    let point = match point {
        Point::Pre => EnforcementPoint::PreEnforce,
        Point::Post => EnforcementPoint::PostEnforce,
        Point::Gate => EnforcementPoint::Gate,
    };
    let made = async {
        let mut bundle = handlers::service(&log).resolve(&decision, point).ok()?;
        bundle.on_decision().await.ok()?;
        if bundle.has_method_invocation() {
            let mut call = MethodInvocation::new("component", serde_json::Map::new());
            bundle.method_invocation(&mut call).await.ok()?;
        }
        let output = bundle.output(value).ok()?;
        Some((output.value, output.changed))
    };
    (made.await, log.take())
}
