//! Handlers for a component that failed.

use rmcp::model::{ErrorCode, ErrorData};
use sapl_mcp::{AuditOutcome, AuthorizationDecision, post_enforce, pre_enforce};
use sapl_mcp_tests::{Behaviour, step, step_with};
use serde_json::json;

use crate::common::{assert_denied, call, decided, ruled, text};

fn error() -> ErrorData {
    ErrorData::new(ErrorCode(-32050), "broken", Some(json!({"secret": 1})))
}

#[tokio::test]
async fn an_error_goes_through_its_handlers_and_then_its_mappings_by_priority() {
    for rule in [pre_enforce(), post_enforce()] {
        let decision = AuthorizationDecision::permit()
            .with_advice(step("map_error", "advice"))
            .with_obligation(step("map_error", "m"))
            .with_obligation(step("map_error_first", "first"))
            .with_obligation(step("on_error", "e"));
        let world = ruled(rule, decision, Behaviour::fails(error())).await;
        let failed = call(&world, json!({})).await.unwrap_err();
        assert_eq!(
            (failed.code, &*failed.message),
            (ErrorCode(-32050), "broken+first+m+advice")
        );
        let lines = world.log.lines();
        assert_eq!(
            lines[2..],
            [
                "on_error e broken",
                "map_error first broken",
                "map_error m broken+first",
                "map_error advice broken+first+m"
            ]
        );
        assert_eq!(world.audit.records()[0].outcome, AuditOutcome::Failed);
    }
}

#[tokio::test]
async fn a_result_that_says_that_it_is_an_error_goes_the_same_way() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("on_error", "e"))
        .with_obligation(step("map_error", "m"));
    let world = decided(decision, Behaviour::is_error("broken")).await;
    let result = call(&world, json!({})).await.unwrap();
    assert_eq!((result.is_error, text(&result)), (Some(true), "broken+m"));
    assert_eq!(
        world.log.lines()[2..],
        ["on_error e broken", "map_error m broken"]
    );
}

#[tokio::test]
async fn values_handlers_do_not_see_errors() {
    let decision = AuthorizationDecision::permit()
        .with_advice(step("look", "l"))
        .with_advice(step_with("keep", "k", json!({"keep": []})))
        .with_advice(step_with("map", "m", json!({"to": "mapped"})));
    for behaviour in [Behaviour::fails(error()), Behaviour::is_error("broken")] {
        let world = decided(decision.clone(), behaviour.clone()).await;
        let plain = decided(AuthorizationDecision::permit(), behaviour).await;
        assert_eq!(call(&world, json!({})).await, call(&plain, json!({})).await);
        assert_eq!(world.log.lines(), ["decide", "component t"]);
    }
}

#[tokio::test]
async fn an_obligation_that_fails_on_an_error_denies() {
    for kind in ["on_error", "map_error"] {
        for fail in ["error", "panic"] {
            let decision =
                AuthorizationDecision::permit().with_obligation(step_with(kind, "a", json!({"fail": fail})));
            let world = decided(decision, Behaviour::fails(error())).await;
            assert_denied(&call(&world, json!({})).await);
        }
    }
}

#[tokio::test]
async fn an_advice_that_fails_on_an_error_leaves_it_as_it_was() {
    for kind in ["on_error", "map_error"] {
        let decision =
            AuthorizationDecision::permit().with_advice(step_with(kind, "a", json!({"fail": "panic"})));
        let world = decided(decision, Behaviour::fails(error())).await;
        assert_eq!(call(&world, json!({})).await.unwrap_err(), error());
    }
}

#[tokio::test]
async fn a_failure_carries_no_data_past_an_output_obligation() {
    let outputs = [
        AuthorizationDecision::permit().with_resource(json!(1)),
        AuthorizationDecision::permit().with_obligation(step("keep", "k")),
        AuthorizationDecision::permit().with_obligation(step("map", "m")),
        // A mapping of an advice did not make it, so what it made is not sent either.
        AuthorizationDecision::permit()
            .with_obligation(step("map", "m"))
            .with_advice(step("map_error", "x")),
    ];
    for decision in outputs {
        let world = decided(decision.clone(), Behaviour::fails(error())).await;
        let failed = call(&world, json!({})).await.unwrap_err();
        assert_eq!(
            (failed.code, failed.data),
            (ErrorCode(-32050), None),
            "{decision:?}"
        );
        assert!(
            !failed.message.contains("broken"),
            "{decision:?}: {}",
            failed.message
        );

        let world = decided(decision.clone(), Behaviour::is_error("broken")).await;
        let result = call(&world, json!({})).await.unwrap();
        assert_eq!(result.is_error, Some(true));
        assert!(!text(&result).contains("broken"), "{decision:?}: {result:?}");
    }
}

#[tokio::test]
async fn what_an_error_mapping_of_an_obligation_made_is_sent() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("map", "m"))
        .with_obligation(step("map_error", "x"));
    let world = decided(decision.clone(), Behaviour::fails(error())).await;
    assert_eq!(call(&world, json!({})).await.unwrap_err().message, "broken+x");
    let world = decided(decision, Behaviour::is_error("broken")).await;
    assert_eq!(text(&call(&world, json!({})).await.unwrap()), "broken+x");
}
