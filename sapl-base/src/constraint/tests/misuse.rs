//! A caller that forgets or repeats a stage gets an error, never a value past an obligation.

use serde_json::{Map, json};

use super::support::{Log, constraint, recording};
use crate::{
    AuthorizationDecision,
    constraint::{ComponentError, ConstraintBundle, EnforcementPoint, MethodInvocation},
};

fn bundle(kind: &str) -> ConstraintBundle {
    let decision = AuthorizationDecision::permit().with_obligation(constraint(kind, "x"));
    recording(&Log::default())
        .build()
        .resolve(&decision, EnforcementPoint::PreEnforce)
        .unwrap()
}

#[tokio::test]
async fn a_stage_whose_predecessor_did_not_run_is_refused() {
    let mut call = MethodInvocation::new("query", Map::new());
    assert!(bundle("runnable").method_invocation(&mut call).await.is_err());
    for kind in ["runnable", "slow", "method_invocation", "slow_call"] {
        assert!(bundle(kind).output(json!(1)).is_err(), "{kind}");
        assert!(bundle(kind).failure(ComponentError::new("e")).is_err(), "{kind}");
    }
    // Where there is nothing to run, nothing was forgotten.
    assert!(bundle("mapping").output(json!(1)).is_ok());
    assert!(ConstraintBundle::default().output(json!(1)).is_ok());
}

#[tokio::test]
async fn a_stage_runs_once() {
    let mut call = MethodInvocation::new("query", Map::new());
    let mut twice = bundle("runnable");
    assert!(twice.on_decision().await.is_ok());
    assert!(twice.on_decision().await.is_err());
    assert!(twice.output(json!(1)).is_err());

    let mut twice = bundle("method_invocation");
    assert!(twice.method_invocation(&mut call).await.is_ok());
    assert!(twice.method_invocation(&mut call).await.is_err());

    let mut twice = bundle("mapping");
    assert!(twice.output(json!(1)).is_ok());
    assert!(twice.output(json!(1)).is_err());
    assert!(twice.failure(ComponentError::new("e")).is_err());
}

#[tokio::test]
async fn a_stage_that_was_dropped_half_way_has_not_passed() {
    let mut bundle = bundle("slow");
    {
        let mut running = std::pin::pin!(bundle.on_decision());
        assert!(futures_util::poll!(running.as_mut()).is_pending());
    }
    assert!(bundle.output(json!(1)).is_err());
    assert!(bundle.on_decision().await.is_err());
}
