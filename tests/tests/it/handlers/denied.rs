//! A denied attempt runs the on-decision handlers of its decision, so that a policy can have it logged.

use sapl_mcp::{AuditOutcome, AuthorizationDecision, Decision, constraint::HandlerOutcome, post_enforce};
use sapl_mcp_tests::{Behaviour, step, step_with};
use serde_json::json;

use crate::common::{assert_denied, call, decided, ruled};

fn not_permitted() -> [AuthorizationDecision; 4] {
    [
        AuthorizationDecision::deny(),
        AuthorizationDecision::indeterminate(),
        AuthorizationDecision::not_applicable(),
        AuthorizationDecision::new(Decision::Suspend),
    ]
}

#[tokio::test]
async fn a_denial_runs_the_on_decision_handlers_and_no_others() {
    for decision in not_permitted() {
        let decision = decision
            .with_obligation(step_with("run", "failing", json!({"fail": "panic"})))
            .with_obligation(step("invoke", "a"))
            .with_obligation(step("map", "b"))
            .with_obligation(json!({"type": "unknown"}))
            .with_obligation(step("run", "logged"))
            .with_advice(step("run_async", "advised"))
            .with_resource(json!("replaced"));
        let world = decided(decision, Behaviour::text("secret")).await;
        assert_denied(&call(&world, json!({})).await);
        assert_eq!(
            world.log.lines(),
            ["decide", "run failing", "run logged", "run advised"]
        );
        let record = &world.audit.records()[0];
        assert_eq!(record.outcome, AuditOutcome::Denied);
        let ran = record
            .constraints
            .iter()
            .filter(|record| record.outcome == HandlerOutcome::Ran)
            .count();
        assert_eq!(ran, 2, "{record:?}");
    }
}

#[tokio::test]
async fn a_denial_behind_the_component_does_the_same() {
    let decision = AuthorizationDecision::deny().with_obligation(step("run", "logged"));
    let world = ruled(post_enforce(), decision, Behaviour::text("secret")).await;
    assert_denied(&call(&world, json!({})).await);
    assert_eq!(world.log.lines(), ["component t", "decide", "run logged"]);
}

#[tokio::test]
async fn an_obligation_that_nobody_handles_denies_and_the_attempt_is_logged() {
    for unknown in [
        json!({"type": "unknown"}),
        json!("text"),
        json!(null),
        json!({}),
        json!({"type": 5}),
    ] {
        let decision = AuthorizationDecision::permit()
            .with_obligation(step("run", "logged"))
            .with_obligation(unknown.clone())
            .with_obligation(step("invoke", "a"));
        let world = decided(decision, Behaviour::text("secret")).await;
        assert_denied(&call(&world, json!({})).await);
        assert_eq!(world.log.lines(), ["decide", "run logged"], "{unknown}");

        let decision = AuthorizationDecision::permit().with_advice(unknown);
        let world = decided(decision, Behaviour::text("open")).await;
        assert_eq!(
            crate::common::text(&call(&world, json!({})).await.unwrap()),
            "open"
        );
    }
}

#[tokio::test]
async fn on_decision_handlers_run_once_though_a_later_stage_fails() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("run", "logged"))
        .with_obligation(step_with("invoke", "a", json!({"fail": "error"})));
    let world = decided(decision, Behaviour::text("secret")).await;
    assert_denied(&call(&world, json!({})).await);
    assert_eq!(world.log.lines(), ["decide", "run logged", "invoke a {}"]);
}
