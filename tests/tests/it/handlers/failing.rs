//! What holds for all kinds: the failure of an obligation denies, that of an advice does not, a panic is a failure,
//! and the rest of the stage runs all the same.

use sapl_mcp::{AuditOutcome, AuthorizationDecision, Decision};
use sapl_mcp_tests::{Behaviour, step, step_with};
use serde_json::json;

use crate::common::{assert_denied, call, decided};

/// A type of constraint, and whether its stage is before the component.
const KINDS: [(&str, bool); 11] = [
    ("run", true),
    ("run_async", true),
    ("invoke", true),
    ("invoke_async", true),
    ("keep", false),
    ("look", false),
    ("map", false),
    ("map_first", false),
    ("on_error", false),
    ("map_error", false),
    ("map_error_first", false),
];

/// A component whose outcome brings the stage of this kind about.
fn behaviour(kind: &str) -> Behaviour {
    if kind.contains("error") {
        Behaviour::is_error("broken")
    } else {
        Behaviour::value(json!([1, 2]))
    }
}

/// Whether some line is of the step with this id.
fn ran(lines: &[String], id: &str) -> bool {
    lines.iter().any(|line| line.split(' ').nth(1) == Some(id))
}

#[tokio::test]
async fn an_obligation_that_fails_denies_after_the_rest_of_its_stage() {
    for (kind, before) in KINDS {
        for fail in ["error", "panic"] {
            let decision = AuthorizationDecision::permit()
                .with_obligation(step_with(kind, "first", json!({"fail": fail})))
                .with_obligation(step(kind, "second"))
                .with_advice(step(kind, "third"));
            let world = decided(decision, behaviour(kind)).await;
            assert_denied(&call(&world, json!({})).await);

            let lines = world.log.lines();
            for id in ["first", "second", "third"] {
                assert!(ran(&lines, id), "{kind} {fail} {id}: {lines:?}");
            }
            assert_eq!(
                world.server.received().is_empty(),
                before,
                "{kind} {fail}: {lines:?}"
            );

            let record = &world.audit.records()[0];
            assert_eq!(record.decision, Some(Decision::Permit));
            assert_eq!(
                (record.effective, record.outcome),
                (Decision::Deny, AuditOutcome::Denied)
            );
            assert!(
                record
                    .reason
                    .as_ref()
                    .is_some_and(|reason| reason.contains("first")),
                "{record:?}"
            );
        }
    }
}

#[tokio::test]
async fn an_advice_that_fails_changes_nothing() {
    for (kind, _) in KINDS {
        for fail in ["error", "panic"] {
            let decision = AuthorizationDecision::permit().with_advice(step_with(
                kind,
                "failing",
                json!({"fail": fail, "set": {"limit": 1}, "keep": []}),
            ));
            let world = decided(decision, behaviour(kind)).await;
            let with = call(&world, json!({"limit": 100})).await;

            let plain = decided(AuthorizationDecision::permit(), behaviour(kind)).await;
            let without = call(&plain, json!({"limit": 100})).await;

            assert_eq!(with, without, "{kind} {fail}");
            assert!(ran(&world.log.lines(), "failing"), "{kind} {fail}");
            assert_eq!(
                world.server.only().arguments,
                json!({"limit": 100}),
                "{kind} {fail}"
            );
            assert_eq!(world.audit.records()[0].effective, Decision::Permit);
        }
    }
}

#[tokio::test]
async fn an_advice_that_fails_leaves_the_work_of_the_others_as_it_was() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step_with("invoke", "a", json!({"set": {"limit": 5}})))
        .with_advice(step_with(
            "invoke",
            "b",
            json!({"set": {"limit": 100, "more": true}, "fail": "error"}),
        ))
        .with_advice(step_with("invoke", "c", json!({"set": {"offset": 0}})))
        .with_obligation(step("map", "d"))
        .with_advice(step_with("map", "e", json!({"fail": "panic"})))
        .with_advice(step("map", "f"));
    let world = decided(decision, Behaviour::value(json!({}))).await;
    let called = call(&world, json!({})).await;
    assert_eq!(world.server.only().arguments, json!({"limit": 5, "offset": 0}));
    assert_eq!(crate::common::value(&called), &json!({"d": true, "f": true}));
}

#[tokio::test]
async fn a_constraint_that_does_not_fit_its_handler_has_failed() {
    for (kind, _) in KINDS {
        let malformed = json!({"type": kind, "id": 7});
        let world = decided(
            AuthorizationDecision::permit().with_obligation(malformed.clone()),
            behaviour(kind),
        )
        .await;
        assert_denied(&call(&world, json!({})).await);
        assert_eq!(
            world.server.received(),
            [],
            "{kind}: found when the decision is resolved, before anything runs"
        );

        let world = decided(
            AuthorizationDecision::permit().with_advice(malformed),
            behaviour(kind),
        )
        .await;
        let with = call(&world, json!({})).await;
        let plain = decided(AuthorizationDecision::permit(), behaviour(kind)).await;
        assert_eq!(with, call(&plain, json!({})).await, "{kind}");
    }
}
