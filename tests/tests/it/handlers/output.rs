//! Handlers behind the component: resource replacement, filters, consumers and mappings.

use sapl_mcp::{AuthorizationDecision, post_enforce};
use sapl_mcp_tests::{Behaviour, step, step_with};
use serde_json::{Value, json};

use crate::common::{assert_denied, call, decided, ruled, text, value};

#[tokio::test]
async fn the_stages_run_in_their_order_whatever_the_order_of_the_decision() {
    for (rule, first, second) in [
        (sapl_mcp::pre_enforce(), "decide", "component t"),
        (post_enforce(), "component t", "decide"),
    ] {
        let decision = AuthorizationDecision::permit()
            .with_obligation(step("map", "m"))
            .with_obligation(step("look", "l"))
            .with_obligation(step_with("keep", "k", json!({"keep": [2, 3]})))
            .with_resource(json!([1, 2, 3]));
        let world = ruled(rule, decision, Behaviour::value(json!(["secret"]))).await;
        assert_eq!(value(&call(&world, json!({})).await), &json!([2, 3, "m"]));
        assert_eq!(
            world.log.lines(),
            [
                first,
                second,
                "keep k 1",
                "keep k 2",
                "keep k 3",
                "look l [2,3]",
                "map m [2,3]"
            ]
        );
    }
}

#[tokio::test]
async fn mappings_run_by_priority_obligations_and_advice_together() {
    let decision = AuthorizationDecision::permit()
        .with_advice(step("map_first", "advice-first"))
        .with_obligation(step("map_last", "last"))
        .with_obligation(step("map", "one"))
        .with_advice(step("map", "advice"))
        .with_obligation(step("map_first", "first"))
        .with_obligation(step("map", "two"));
    let world = decided(decision, Behaviour::value(json!([]))).await;
    let expected = json!(["first", "advice-first", "one", "two", "advice", "last"]);
    assert_eq!(value(&call(&world, json!({})).await), &expected);
}

#[tokio::test]
async fn filters_all_have_to_let_an_element_through() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step_with("keep", "a", json!({"keep": [1, 2, 3]})))
        .with_obligation(step_with("keep", "b", json!({"keep": [2, 3, 4]})))
        .with_advice(step_with("keep", "c", json!({"keep": [3, 4, 5]})));
    let world = decided(decision, Behaviour::value(json!([1, 2, 3, 4, 5]))).await;
    assert_eq!(value(&call(&world, json!({})).await), &json!([3]));
}

#[tokio::test]
async fn a_single_value_that_a_filter_drops_is_null_for_all_who_come_after() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step_with("keep", "a", json!({"keep": []})))
        .with_obligation(step_with("keep", "b", json!({"keep": ["secret"]})))
        .with_obligation(step("look", "l"))
        .with_obligation(step("map", "m"));
    let world = decided(decision, Behaviour::text("secret")).await;
    assert_eq!(text(&call(&world, json!({})).await.unwrap()), "null");
    assert_eq!(
        world.log.lines(),
        [
            "decide",
            "component t",
            r#"keep a "secret""#,
            "look l null",
            "map m null"
        ]
    );
}

#[tokio::test]
async fn a_consumer_looks_and_the_result_stays_as_it_is() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("look", "a"))
        .with_advice(step("look", "b"));
    let world = decided(decision, Behaviour::value(json!({"n": 1}))).await;
    assert_eq!(value(&call(&world, json!({})).await), &json!({"n": 1}));
    assert_eq!(
        world.log.lines(),
        ["decide", "component t", r#"look a {"n":1}"#, r#"look b {"n":1}"#]
    );
}

#[tokio::test]
async fn the_replacement_takes_the_place_of_the_value_null_included() {
    for (replacement, expected) in [
        (json!({"n": 2}), r#"{"n":2}"#),
        (Value::Null, "null"),
        (json!("text"), "text"),
    ] {
        let decision = AuthorizationDecision::permit().with_resource(replacement);
        let world = decided(decision, Behaviour::text("secret")).await;
        assert_eq!(text(&call(&world, json!({})).await.unwrap()), expected);
        assert_eq!(world.log.lines(), ["decide", "component t"]);
    }
}

#[tokio::test]
async fn a_failure_in_one_stage_ends_the_stages_behind_it() {
    for fail in ["error", "panic"] {
        let decision = AuthorizationDecision::permit()
            .with_obligation(step_with("keep", "k", json!({"fail": fail})))
            .with_obligation(step("look", "l"))
            .with_obligation(step("map", "m"));
        let world = decided(decision, Behaviour::value(json!([1]))).await;
        assert_denied(&call(&world, json!({})).await);
        assert_eq!(world.log.lines(), ["decide", "component t", "keep k 1"]);
    }
}

#[tokio::test]
async fn error_handlers_do_not_see_values() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("on_error", "a"))
        .with_obligation(step("map_error", "b"));
    let world = decided(decision, Behaviour::value(json!({"n": 1}))).await;
    assert_eq!(value(&call(&world, json!({})).await), &json!({"n": 1}));
    assert_eq!(world.log.lines(), ["decide", "component t"]);
}
