//! A changed value that does not fit the published output schema any more would crash the client.

use std::sync::Arc;

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, OutputSchema, Rule, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Pdp, Server, World, object, step_with, tool};
use serde_json::{Value, json};

use crate::common::{assert_denied, call, value};

fn schema() -> Value {
    json!({
        "type": "object",
        "properties": {
            "name": {"type": "string"},
            "address": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
        },
        "required": ["name", "address"],
    })
}

fn card() -> Value {
    json!({"name": "Ann", "address": {"city": "Ulm"}})
}

async fn world(rule: Rule, decision: AuthorizationDecision) -> World {
    let log = Log::new();
    let tool = tool("t")
        .with_raw_output_schema(Arc::new(object(schema())))
        .enforce(rule);
    World::new(
        &log,
        Server::new(&log).tool(tool, Behaviour::value(card())),
        Pdp::decides(&log, decision),
    )
    .await
}

fn deleting(path: &str) -> AuthorizationDecision {
    AuthorizationDecision::permit().with_obligation(json!({
        "type": "filterJsonContent", "actions": [{"type": "delete", "path": path}],
    }))
}

fn mapping(to: Value) -> AuthorizationDecision {
    AuthorizationDecision::permit().with_obligation(step_with("map", "m", json!({"to": to})))
}

#[tokio::test]
async fn a_value_that_does_not_fit_is_denied_and_the_record_says_why() {
    for decision in [
        deleting("$.name"),
        deleting("$.address.city"),
        mapping(json!({"name": 5, "address": {"city": "Ulm"}})),
        mapping(json!([])),
        AuthorizationDecision::permit().with_resource(Value::Null),
        AuthorizationDecision::permit().with_resource(json!({})),
    ] {
        let world = world(pre_enforce(), decision.clone()).await;
        assert_denied(&call(&world, json!({})).await);
        let record = &world.audit.records()[0];
        assert!(
            record
                .reason
                .as_ref()
                .is_some_and(|reason| reason.contains("schema")),
            "{record:?}"
        );
        assert!(!format!("{record:?}").contains("Ann"));
    }
    let fitting = json!({"name": "Bob", "address": {"city": "Bonn"}});
    let world = world(pre_enforce(), mapping(fitting.clone())).await;
    assert_eq!(value(&call(&world, json!({})).await), &fitting);
}

#[tokio::test]
async fn a_relaxed_schema_requires_nothing_and_is_published_so() {
    let relaxed = || pre_enforce().output_schema(OutputSchema::Relaxed);
    for (path, left) in [
        ("$.name", json!({"address": {"city": "Ulm"}})),
        ("$.address.city", json!({"name": "Ann", "address": {}})),
    ] {
        let world = world(relaxed(), deleting(path)).await;
        // rmcp's client holds a result to the schema that it was shown.
        let client = world.client("mara").await;
        let tools = client.peer().list_all_tools().await.unwrap();
        let published = json!(tools[0].output_schema);
        assert!(!published.to_string().contains("required"), "{published}");
        assert_eq!(
            client.call("t", json!({})).await.unwrap().structured_content,
            Some(left)
        );
    }
    // It still says what type a part has.
    let world = world(relaxed(), mapping(json!({"name": 5}))).await;
    assert_denied(&call(&world, json!({})).await);
}

#[tokio::test]
async fn a_list_in_its_wrapping_is_a_list_to_handlers() {
    let log = Log::new();
    let wrapping =
        json!({"type": "object", "properties": {"result": {"type": "array"}}, "required": ["result"]});
    let t = tool("t")
        .with_raw_output_schema(Arc::new(object(wrapping)))
        .enforce(pre_enforce());
    let behaviour = Behaviour::value(json!({"result": [1, 2, 3]}));
    let decision =
        AuthorizationDecision::permit().with_obligation(step_with("keep", "k", json!({"keep": [1, 3]})));
    let world = World::new(
        &log,
        Server::new(&log).tool(t, behaviour),
        Pdp::decides(&log, decision),
    )
    .await;
    assert_eq!(value(&call(&world, json!({})).await), &json!({"result": [1, 3]}));
}

#[tokio::test]
async fn a_failure_is_held_to_no_schema() {
    let log = Log::new();
    let t = tool("t")
        .with_raw_output_schema(Arc::new(object(schema())))
        .enforce(pre_enforce());
    let decision = deleting("$.name");
    let world = World::new(
        &log,
        Server::new(&log).tool(t, Behaviour::is_error("Ann")),
        Pdp::decides(&log, decision),
    )
    .await;
    let called = call(&world, json!({})).await.unwrap();
    assert_eq!(
        (called.is_error, called.structured_content.is_none()),
        (Some(true), true)
    );
    assert!(!crate::common::text(&called).contains("Ann"));
}
