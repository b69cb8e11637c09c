//! Under a layer that permits everything a client gets what it gets without one, byte for byte.

use std::sync::Arc;

use sapl_mcp::{AuthorizationDecision, InputRequired, SaplLayer, gate, pre_enforce};
use sapl_mcp_tests::{Ask, Everything, Log, Mode, Pdp, Reply, Revision, Wire};
use serde_json::{Value, json};

/// One request of each kind for each component of [`Everything`] that needs no answer of the client.
fn requests() -> Vec<(&'static str, Value)> {
    let tools = [
        "test_simple_text",
        "test_image_content",
        "test_audio_content",
        "test_embedded_resource",
        "test_multiple_content_types",
        "test_error_handling",
        "test_tool_with_logging",
        "test_missing_capability",
        "test_input_required_result_elicitation",
        "test_input_required_result_request_state",
        "test_input_required_result_capabilities",
        "absent",
    ];
    let prompts = [
        "test_simple_prompt",
        "test_prompt_with_arguments",
        "test_prompt_with_embedded_resource",
        "test_prompt_with_image",
        "test_input_required_result_prompt",
        "absent",
    ];
    let uris = [
        "test://static-text",
        "test://static-binary",
        "test://template/123/data",
        "test://absent",
    ];
    let arguments = json!({"arg1": "hello", "arg2": "world", "resourceUri": "test://static-text"});
    let reference = |kind: &str, key: &str, name: &str| json!({"type": kind, key: name});
    let completion =
        |reference: Value| json!({"ref": reference, "argument": {"name": "arg1", "value": "par"}});
    let mut requests = vec![
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("ping", json!({})),
        ("server/discover", json!({})),
        ("logging/setLevel", json!({"level": "info"})),
        ("resources/subscribe", json!({"uri": "test://watched-resource"})),
        ("resources/unsubscribe", json!({"uri": "test://watched-resource"})),
        (
            "completion/complete",
            completion(reference("ref/prompt", "name", "test_prompt_with_arguments")),
        ),
        (
            "completion/complete",
            completion(reference("ref/resource", "uri", "test://template/{id}/data")),
        ),
        ("tools/call", json!({"name": ["malformed"]})),
        ("vendor/method", json!({"a": 1})),
    ];
    requests.extend(tools.map(|name| ("tools/call", json!({"name": name, "arguments": {}}))));
    requests.extend(prompts.map(|name| ("prompts/get", json!({"name": name, "arguments": arguments}))));
    requests.extend(uris.map(|uri| ("resources/read", json!({"uri": uri}))));
    requests
}

/// The message in a reply, but for what a rule has to change: who may keep it, since it is for one caller alone, and the
/// seal on the state that a client holds.
fn message(reply: &Reply) -> (u16, Value) {
    let mut message = reply.message();
    if let Some(result) = message["result"].as_object_mut() {
        result.remove("cacheScope");
        result.remove("ttlMs");
        if let Some(state) = result.get_mut("requestState") {
            *state = state.is_string().into();
        }
    }
    (reply.status, message)
}

#[tokio::test]
async fn a_layer_that_permits_everything_changes_nothing() {
    let layer = SaplLayer::builder(Pdp::decides(&Log::new(), AuthorizationDecision::permit()))
        .build()
        .unwrap();
    for mode in [Mode::Json, Mode::Sse] {
        let under = |rule: sapl_mcp::Rule| {
            let server = Everything::under(rule.shared());
            Wire::serving(layer.layer(Arc::new(server)), mode)
        };
        let bare = Wire::serving(Arc::new(Everything::new()), mode).await;
        let layered = Wire::serving(layer.layer(Arc::new(Everything::new())), mode).await;
        let stealth = under(pre_enforce().stealth().input_required(InputRequired::Pass)).await;
        let gated = under(gate()).await;
        let mut compared = 0;
        for revision in Revision::ALL {
            for (method, params) in requests() {
                let ask = Ask::new(revision, "mara", method, params);
                let expected = bare.ask(&ask).await;
                assert_eq!(layered.ask(&ask).await, expected, "{mode:?} {ask:?}");
                for wire in [stealth, gated] {
                    let reply = wire.ask(&ask).await;
                    assert_eq!(message(&reply), message(&expected), "{mode:?} {ask:?}");
                }
                compared += 1;
            }
        }
        assert_eq!(compared, 3 * requests().len());
    }
}
