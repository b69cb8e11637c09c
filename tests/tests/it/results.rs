//! Results: what of them handlers see and change, and what never passes.

mod forms;
mod schema;

use rmcp::model::{CallToolResult, ContentBlock, MetaObject};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Log, Mode, Pdp, Revision, Server, Wire, World, object, prompt, resource, step, tool,
};
use serde_json::{Value, json};

use crate::common::{assert_denied, call, decided, text, value};

/// An obligation to mask and to delete.
fn masking() -> AuthorizationDecision {
    AuthorizationDecision::permit().with_obligation(json!({
        "type": "filterJsonContent",
        "actions": [
            {"type": "blacken", "path": "$.ssn", "discloseRight": 4},
            {"type": "delete", "path": "$.notes"},
            {"type": "replace", "path": "$.level", "replacement": "REDACTED"},
        ],
    }))
}

fn card() -> Value {
    json!({"name": "Ann", "ssn": "123-45-6789", "notes": "private", "level": "secret"})
}

fn masked() -> Value {
    json!({"name": "Ann", "ssn": "███████6789", "level": "REDACTED"})
}

#[tokio::test]
async fn content_is_filtered_in_structured_content_and_in_its_text() {
    let world = decided(masking(), Behaviour::value(card())).await;
    let called = call(&world, json!({})).await;
    assert_eq!(value(&called), &masked());
    let text: Value = serde_json::from_str(text(called.as_ref().unwrap())).unwrap();
    assert_eq!(text, masked(), "the text says the same and no more");
}

#[tokio::test]
async fn content_is_filtered_in_a_text_of_json_and_in_each_element_of_a_list() {
    let world = decided(masking(), Behaviour::text(&card().to_string())).await;
    let called = call(&world, json!({})).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(text(&called)).unwrap(), masked());
    assert_eq!(called.structured_content, None);

    let world = decided(masking(), Behaviour::text(&json!([card(), card()]).to_string())).await;
    let called = call(&world, json!({})).await.unwrap();
    assert_eq!(
        serde_json::from_str::<Value>(text(&called)).unwrap(),
        json!([masked(), masked()])
    );
}

#[tokio::test]
async fn content_is_filtered_in_a_resource_of_json() {
    let log = Log::new();
    let server = Server::new(&log)
        .resource(
            resource("data://card").enforce(pre_enforce()),
            Behaviour::value(card()),
        )
        .resource(
            resource("data://text").enforce(pre_enforce()),
            Behaviour::text(&card().to_string()),
        );
    let world = World::new(&log, server, Pdp::decides(&log, masking())).await;
    let reply = world
        .ask("mara", "resources/read", json!({"uri": "data://card"}))
        .await;
    let contents = &reply.result()["contents"][0];
    assert_eq!(
        (&contents["uri"], &contents["mimeType"]),
        (&json!("data://card"), &json!("application/json"))
    );
    assert_eq!(
        serde_json::from_str::<Value>(contents["text"].as_str().unwrap()).unwrap(),
        masked()
    );
    // Text that is not said to be JSON can't be filtered, so nothing of it is sent.
    let reply = world
        .ask("mara", "resources/read", json!({"uri": "data://text"}))
        .await;
    assert_eq!(reply.error(), json!({"code": -32003, "message": "Access denied"}));
}

#[tokio::test]
async fn a_predicate_drops_elements() {
    let decision = AuthorizationDecision::permit().with_obligation(json!({
        "type": "jsonContentFilterPredicate",
        "conditions": [{"path": "$.n", "type": ">=", "value": 2}, {"path": "$.open", "type": "==", "value": true}],
    }));
    let list =
        json!([{"n": 1, "open": true}, {"n": 2, "open": true}, {"n": 3, "open": false}, {"open": true}]);
    let kept = json!([{"n": 2, "open": true}]);
    let world = decided(decision.clone(), Behaviour::text(&list.to_string())).await;
    let called = call(&world, json!({})).await.unwrap();
    assert_eq!(serde_json::from_str::<Value>(text(&called)).unwrap(), kept);

    let log = Log::new();
    let server = Server::new(&log).resource(
        resource("data://r").enforce(pre_enforce()),
        Behaviour::value(list),
    );
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    let reply = world
        .ask("mara", "resources/read", json!({"uri": "data://r"}))
        .await;
    let text = reply.result()["contents"][0]["text"].clone();
    assert_eq!(
        serde_json::from_str::<Value>(text.as_str().unwrap()).unwrap(),
        kept
    );
}

#[tokio::test]
async fn a_scalar_that_a_predicate_can_not_look_into_is_not_returned() {
    let decision = AuthorizationDecision::permit().with_obligation(json!({
        "type": "jsonContentFilterPredicate",
        "conditions": [{"path": "$.open", "type": "==", "value": true}],
    }));
    for scalar in ["secret", "5", "true", "[\"secret\"]", "[5, {\"open\": true}]"] {
        let world = decided(decision.clone(), Behaviour::text(scalar)).await;
        assert_denied(&call(&world, json!({})).await);
    }
}

#[tokio::test]
async fn a_prompt_is_a_text() {
    let log = Log::new();
    let server = |log: &Log| {
        let p = prompt("p").enforce(pre_enforce());
        Server::new(log).prompt(p, Behaviour::text("{\"secret\": 1}"))
    };
    let mapped = AuthorizationDecision::permit().with_obligation(step("map", "m"));
    let world = World::new(&log, server(&log), Pdp::decides(&log, mapped)).await;
    let result = world.client("mara").await.prompt("p", json!({})).await.unwrap();
    assert_eq!(json!(result.messages[0].content)["text"], "{\"secret\": 1}+m");

    let world = World::new(&log, server(&log), Pdp::decides(&log, masking())).await;
    let error = world
        .client("mara")
        .await
        .prompt("p", json!({}))
        .await
        .unwrap_err();
    assert_eq!(
        error.code,
        sapl_mcp::ACCESS_DENIED,
        "it is no JSON that could be filtered"
    );
}

#[tokio::test]
async fn without_an_output_obligation_a_result_is_the_same_to_the_last_byte() {
    let mut odd = CallToolResult::structured(json!({"n": 1.0, "s": "ä\u{1}"}));
    odd.content = vec![
        ContentBlock::text("something else"),
        ContentBlock::image("aGk=", "image/png"),
    ];
    odd.meta = Some(MetaObject(object(json!({"trace": "kept"}))));
    let behaviours = [
        Behaviour::result(odd),
        Behaviour::value(card()),
        Behaviour::text(" {\"n\": 1.50 , \"n\": 2 }"),
        Behaviour::is_error("broken"),
        Behaviour::fails(rmcp::ErrorData::internal_error("broken", Some(json!({"a": 1})))),
        Behaviour::result(CallToolResult::success(vec![])),
        Behaviour::result(CallToolResult::success(vec![ContentBlock::audio(
            "aGk=",
            "audio/wav",
        )])),
    ];
    let decisions = [
        AuthorizationDecision::permit(),
        AuthorizationDecision::permit()
            .with_obligation(step("run", "a"))
            .with_obligation(step("look", "b"))
            .with_obligation(step("on_error", "c"))
            .with_advice(step("keep", "d")),
    ];
    for behaviour in behaviours {
        let bare = Server::new(&Log::new())
            .tool(tool("t"), behaviour.clone())
            .shared();
        for mode in [Mode::Json, Mode::Sse] {
            let bare = Wire::serving(bare.clone(), mode).await;
            for decision in &decisions {
                let log = Log::new();
                let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), behaviour.clone());
                let pdp = Pdp::decides(&log, decision.clone());
                let world = World::with(&log, server, pdp, mode, |builder| builder).await;
                for revision in Revision::ALL {
                    let ask = Ask::new(
                        revision,
                        "mara",
                        "tools/call",
                        json!({"name": "t", "arguments": {}}),
                    );
                    assert_eq!(world.wire.ask(&ask).await, bare.ask(&ask).await);
                }
            }
        }
    }
}

#[tokio::test]
async fn under_an_output_obligation_nothing_but_the_value_is_sent() {
    let mut result = CallToolResult::structured(card());
    result.content = vec![
        ContentBlock::text(card().to_string()),
        ContentBlock::text("123-45-6789"),
    ];
    result.meta = Some(MetaObject(object(json!({"raw": card()}))));
    // It keeps everything, and still the rest could hold what a filter is to remove.
    for decision in [
        masking(),
        AuthorizationDecision::permit().with_obligation(step("keep", "all")),
    ] {
        let world = decided(decision, Behaviour::result(result.clone())).await;
        let called = call(&world, json!({})).await.unwrap();
        assert_eq!((called.content.len(), &called.meta), (1, &None));
        let structured = called.structured_content.clone().unwrap();
        assert_eq!(serde_json::from_str::<Value>(text(&called)).unwrap(), structured);
    }
}
