//! Results of other forms than one text or structured content: handlers see them as JSON, and what is sent is read back
//! from that.

use rmcp::model::{
    CallToolResult, ContentBlock, EmbeddedResource, GetPromptResult, MetaObject, PromptMessage,
    ReadResourceResult, ResourceContents, Role, TextContent,
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Component, Log, Mode, Pdp, Revision, Server, World, object, prompt, resource, step,
    step_with, tool,
};
use serde_json::{Value, json};

use crate::common::{assert_denied, call, decided};

/// Obligations that look at the value and leave it as it is.
fn keeping() -> [AuthorizationDecision; 2] {
    [
        AuthorizationDecision::permit().with_obligation(step("keep", "k")),
        AuthorizationDecision::permit().with_obligation(json!({"type": "filterJsonContent", "actions": []})),
    ]
}

/// Obligations that make something of the value that is no result.
fn breaking() -> [AuthorizationDecision; 4] {
    let permit = AuthorizationDecision::permit;
    let mapped = |to: Value| permit().with_obligation(step_with("map", "m", json!({"to": to})));
    [
        permit().with_resource(json!("instead")),
        permit().with_resource(Value::Null),
        mapped(json!([{"type": "text"}])),
        mapped(json!({"contents": [{"uri": "data://x"}], "messages": [{"role": "user"}]})),
    ]
}

/// Each removes all that says `secret` from a list of blocks, or from the list of an object.
fn removing() -> AuthorizationDecision {
    AuthorizationDecision::permit().with_obligation(json!({
        "type": "jsonContentFilterPredicate",
        "conditions": [{"path": "$.type", "type": "==", "value": "text"}, {"path": "$.text", "type": "!=", "value": "secret"}],
    }))
}

fn meta() -> MetaObject {
    MetaObject(object(json!({"raw": "secret"})))
}

/// One block of each kind, whose content and metadata are secret.
fn secrets() -> Vec<ContentBlock> {
    vec![
        ContentBlock::Text(TextContent::new("secret").with_meta(meta())),
        ContentBlock::image("secret", "image/png"),
        ContentBlock::audio("secret", "audio/wav"),
        ContentBlock::Resource(
            EmbeddedResource::new(ResourceContents::text("secret", "data://x").with_meta(meta()))
                .with_meta(meta()),
        ),
        ContentBlock::resource(ResourceContents::blob("secret", "data://x")),
        ContentBlock::resource_link(resource("data://secret").with_meta(meta())),
    ]
}

#[tokio::test]
async fn blocks_of_every_kind_pass_an_obligation_that_leaves_them() {
    for block in secrets() {
        let mut result = CallToolResult::success(vec![ContentBlock::text("open"), block]);
        result.meta = Some(meta());
        for decision in keeping() {
            let world = decided(decision, Behaviour::result(result.clone())).await;
            let called = json!(call(&world, json!({})).await.unwrap());
            let mut expected = json!(result.content);
            let block = expected[1].as_object_mut().unwrap();
            block.remove("_meta");
            if let Some(embedded) = block.get_mut("resource").and_then(Value::as_object_mut) {
                embedded.remove("_meta");
            }
            assert_eq!(called["content"], expected, "all but what no handler could see");
            assert_eq!(called.get("_meta"), None);
        }
        let world = decided(AuthorizationDecision::permit(), Behaviour::result(result.clone())).await;
        let called = call(&world, json!({})).await.unwrap();
        assert_eq!(
            (called.content, called.meta),
            (result.content, result.meta),
            "untouched without an obligation"
        );
    }
}

#[tokio::test]
async fn a_removed_block_leaves_no_byte_on_the_wire() {
    for mode in [Mode::Json, Mode::Sse] {
        for block in secrets() {
            let mut result = CallToolResult::success(vec![
                ContentBlock::text("open"),
                block,
                ContentBlock::text("more"),
            ]);
            result.meta = Some(meta());
            let log = Log::new();
            let server = Server::new(&log).tool(
                tool("t").enforce(pre_enforce()),
                Behaviour::result(result.clone()),
            );
            let pdp = Pdp::decides(&log, removing());
            let world = World::with(&log, server, pdp, mode, |builder| builder).await;
            for revision in Revision::ALL {
                let ask = Ask::new(
                    revision,
                    "mara",
                    "tools/call",
                    json!({"name": "t", "arguments": {}}),
                );
                let reply = world.wire.ask(&ask).await;
                assert_eq!(
                    reply.result()["content"],
                    json!([{"type": "text", "text": "open"}, {"type": "text", "text": "more"}])
                );
                assert!(!reply.contains("secret"), "{reply:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_masked_text_is_masked_in_every_block() {
    let result = CallToolResult::success(vec![
        ContentBlock::Text(TextContent::new("secret one").with_meta(meta())),
        ContentBlock::image("aGk=", "image/png"),
    ]);
    let decision = AuthorizationDecision::permit().with_obligation(json!({
        "type": "filterJsonContent",
        "actions": [{"type": "blacken", "path": "$.text", "discloseRight": 3}],
    }));
    let world = decided(decision, Behaviour::result(result)).await;
    let reply = world.call("mara", "t", json!({})).await;
    assert_eq!(
        reply.result()["content"][0],
        json!({"type": "text", "text": "███████one"})
    );
    assert!(!reply.contains("secret"), "{reply:?}");
}

#[tokio::test]
async fn blocks_that_can_not_be_read_back_are_denied_and_the_record_says_why() {
    for block in secrets() {
        let result = CallToolResult::success(vec![ContentBlock::text("secret"), block]);
        for decision in breaking() {
            let world = decided(decision, Behaviour::result(result.clone())).await;
            assert_denied(&call(&world, json!({})).await);
            let reason = world.audit.records()[0].reason.clone().unwrap();
            assert!(reason.contains("can't be read back"), "{reason}");
        }
    }
}

/// The reply to a read of a resource that gives these contents.
async fn read(contents: &[ResourceContents], decision: AuthorizationDecision) -> sapl_mcp_tests::Reply {
    let mut given = ReadResourceResult::new(contents.to_vec());
    given.meta = Some(meta());
    let log = Log::new();
    let server = Server::new(&log).resource(
        resource("data://r").enforce(pre_enforce()),
        Behaviour::gives(Component::Resource(given.into())),
    );
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    world
        .ask("mara", "resources/read", json!({"uri": "data://r"}))
        .await
}

#[tokio::test]
async fn resources_of_several_or_binary_contents_are_seen_as_json_and_read_back() {
    let text = || ResourceContents::text("open", "data://r").with_meta(meta());
    let blob = || ResourceContents::blob("c2VjcmV0", "data://r");
    for (contents, told) in [
        (
            vec![text(), text()],
            json!([{"uri": "data://r", "mimeType": "text/plain", "text": "open"},
            {"uri": "data://r", "mimeType": "text/plain", "text": "open"}]),
        ),
        (vec![blob()], json!([{"uri": "data://r", "blob": "c2VjcmV0"}])),
        (vec![], json!([])),
    ] {
        for decision in keeping() {
            let reply = read(&contents, decision).await;
            assert_eq!(reply.result()["contents"], told);
            assert!(!reply.contains("secret"), "{reply:?}");
        }
        for decision in breaking() {
            let reply = read(&contents, decision).await;
            assert_eq!(reply.error(), json!({"code": -32003, "message": "Access denied"}));
        }
    }
    let deleting = AuthorizationDecision::permit().with_obligation(json!({
        "type": "filterJsonContent",
        "actions": [{"type": "delete", "path": "$.contents[?@.blob]"}],
    }));
    let reply = read(&[text(), blob()], deleting).await;
    assert_eq!(reply.result()["contents"].as_array().unwrap().len(), 1);
    assert!(!reply.contains("c2VjcmV0"), "{reply:?}");
}

/// The reply to getting a prompt that gives these messages.
async fn got(messages: &[PromptMessage], decision: AuthorizationDecision) -> sapl_mcp_tests::Reply {
    let mut given = GetPromptResult::new(messages.to_vec());
    given.meta = Some(meta());
    let log = Log::new();
    let given = Behaviour::gives(Component::Prompt(given.into()));
    let server = Server::new(&log).prompt(prompt("p").enforce(pre_enforce()), given);
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    world.ask("mara", "prompts/get", json!({"name": "p"})).await
}

#[tokio::test]
async fn prompts_of_several_messages_or_of_no_text_are_seen_as_json_and_read_back() {
    let text = || PromptMessage::new_text(Role::User, "open");
    let image = || PromptMessage::new(Role::Assistant, ContentBlock::image("c2VjcmV0", "image/png"));
    for messages in [vec![text(), text()], vec![image()], vec![]] {
        for decision in keeping() {
            let reply = got(&messages, decision).await;
            assert_eq!(reply.result()["messages"], json!(messages));
            assert!(!reply.contains("secret"), "{reply:?}");
        }
        for decision in breaking() {
            let reply = got(&messages, decision).await;
            assert_eq!(reply.error(), json!({"code": -32003, "message": "Access denied"}));
        }
    }
    let deleting = AuthorizationDecision::permit().with_obligation(json!({
        "type": "filterJsonContent",
        "actions": [{"type": "delete", "path": "$.messages[?@.content.type == 'image']"}],
    }));
    let reply = got(&[text(), image()], deleting).await;
    assert_eq!(reply.result()["messages"], json!([text()]));
    assert!(!reply.contains("c2VjcmV0"), "{reply:?}");
}

#[tokio::test]
async fn the_description_of_a_prompt_goes_with_what_it_describes() {
    let mut result = GetPromptResult::new(vec![PromptMessage::new_text(Role::Assistant, "text")]);
    result.description = Some("about secret".to_owned());
    let log = Log::new();
    let given = Behaviour::gives(Component::Prompt(result.into()));
    let server = Server::new(&log).prompt(prompt("p").enforce(pre_enforce()), given);
    let decision = AuthorizationDecision::permit().with_obligation(step("map", "m"));
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    let got = world.client("mara").await.prompt("p", json!({})).await.unwrap();
    assert_eq!(got.description, None);
    assert_eq!(json!(got.messages[0].role), "assistant");
}

#[tokio::test]
async fn a_handler_may_not_make_another_form_of_a_resource_than_text() {
    let log = Log::new();
    let server = Server::new(&log).resource(
        resource("data://r").enforce(pre_enforce()),
        Behaviour::text("old"),
    );
    let decision = AuthorizationDecision::permit().with_resource(json!({"n": 1}));
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    let reply = world
        .ask("mara", "resources/read", json!({"uri": "data://r"}))
        .await;
    assert_eq!(
        reply.result()["contents"],
        json!([{"uri": "data://r", "mimeType": "text/plain", "text": "{\"n\":1}"}])
    );
}
