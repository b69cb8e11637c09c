//! Results of other forms: their output obligation can't be fulfilled, so they are denied.

use rmcp::model::{
    CallToolResult, ContentBlock, GetPromptResult, PromptMessage, ReadResourceResult, ResourceContents, Role,
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Behaviour, Component, Log, Pdp, Server, World, prompt, resource, step};
use serde_json::json;

use crate::common::{assert_denied, call, decided};

/// Obligations that look at or change the value.
fn outputs() -> [AuthorizationDecision; 4] {
    let permit = AuthorizationDecision::permit;
    [
        permit().with_obligation(step("map", "m")),
        permit().with_obligation(step("keep", "k")),
        permit().with_resource(json!("instead")),
        permit().with_obligation(json!({"type": "filterJsonContent", "actions": []})),
    ]
}

#[tokio::test]
async fn tool_results_of_several_blocks_or_of_no_text_are_denied_under_an_output_obligation() {
    let text = || ContentBlock::text("secret");
    let forms = [
        vec![text(), text()],
        vec![ContentBlock::image("c2VjcmV0", "image/png")],
        vec![ContentBlock::audio("c2VjcmV0", "audio/wav")],
        vec![ContentBlock::embedded_text("data://x", "secret")],
        vec![ContentBlock::resource_link(resource("data://secret"))],
        vec![text(), ContentBlock::image("c2VjcmV0", "image/png")],
    ];
    for blocks in forms {
        let result = CallToolResult::success(blocks);
        for decision in outputs() {
            let world = decided(decision.clone(), Behaviour::result(result.clone())).await;
            assert_denied(&call(&world, json!({})).await);
        }
        let world = decided(AuthorizationDecision::permit(), Behaviour::result(result.clone())).await;
        assert_eq!(call(&world, json!({})).await.unwrap().content, result.content);
    }
}

#[tokio::test]
async fn resources_of_several_or_binary_contents_are_denied_under_an_output_obligation() {
    let text = || ResourceContents::text("secret", "data://r");
    for contents in [
        vec![text(), text()],
        vec![ResourceContents::blob("c2VjcmV0", "data://r")],
        vec![],
    ] {
        let given = Component::Resource(ReadResourceResult::new(contents).into());
        for (decision, allowed) in outputs()
            .into_iter()
            .map(|decision| (decision, false))
            .chain([(AuthorizationDecision::permit(), true)])
        {
            let log = Log::new();
            let server = Server::new(&log).resource(
                resource("data://r").enforce(pre_enforce()),
                Behaviour::gives(given.clone()),
            );
            let world = World::new(&log, server, Pdp::decides(&log, decision.clone())).await;
            let read = world.client("mara").await.read("data://r").await;
            assert_eq!(read.is_ok(), allowed, "{decision:?} {read:?}");
        }
    }
}

#[tokio::test]
async fn prompts_of_several_messages_or_of_no_text_are_denied_under_an_output_obligation() {
    let text = || PromptMessage::new_text(Role::User, "secret");
    let link = || PromptMessage::new_resource_link(Role::User, resource("data://secret"));
    for messages in [vec![text(), text()], vec![link()], vec![]] {
        let given = Component::Prompt(GetPromptResult::new(messages).into());
        for (decision, allowed) in outputs()
            .into_iter()
            .map(|decision| (decision, false))
            .chain([(AuthorizationDecision::permit(), true)])
        {
            let log = Log::new();
            let server = Server::new(&log).prompt(
                prompt("p").enforce(pre_enforce()),
                Behaviour::gives(given.clone()),
            );
            let world = World::new(&log, server, Pdp::decides(&log, decision.clone())).await;
            let got = world.client("mara").await.prompt("p", json!({})).await;
            assert_eq!(got.is_ok(), allowed, "{decision:?} {got:?}");
        }
    }
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
