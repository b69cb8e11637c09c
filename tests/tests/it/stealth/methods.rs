//! The other methods that could tell that a component is there.

use sapl_mcp::{EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Mode, Pdp, Revision, Server, World, tool};
use serde_json::json;

use super::{INSTANCE, PROMPT, RESOURCE, TEMPLATE, TOOL, assert_same, world, worlds};

#[tokio::test]
async fn completion_knows_no_hidden_reference() {
    for world in worlds(Mode::Json).await {
        let prompt = json!({"ref": {"type": "ref/prompt", "name": "NAME"}, "argument": {"name": "topic", "value": "s"}});
        let resource =
            json!({"ref": {"type": "ref/resource", "uri": "NAME"}, "argument": {"name": "id", "value": ""}});
        for revision in Revision::ALL {
            let reply = assert_same(&world, false, revision, "completion/complete", PROMPT, &prompt).await;
            assert_eq!(reply.result()["completion"]["values"], json!([]));
            for names in [TEMPLATE, RESOURCE, INSTANCE] {
                assert_same(&world, false, revision, "completion/complete", names, &resource).await;
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn subscriptions_know_no_hidden_resource() {
    for world in worlds(Mode::Json).await {
        for revision in [Revision::June2025, Revision::November2025] {
            for names in [RESOURCE, INSTANCE] {
                for method in ["resources/subscribe", "resources/unsubscribe"] {
                    assert_same(&world, false, revision, method, names, &json!({"uri": "NAME"})).await;
                }
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn directories_and_skills_know_no_hidden_resource() {
    for world in worlds(Mode::Json).await {
        for revision in Revision::ALL {
            for names in [RESOURCE, INSTANCE] {
                for method in ["resources/directory/read", "skills/get"] {
                    assert_same(&world, false, revision, method, names, &json!({"uri": "NAME"})).await;
                }
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn headers_of_2026_07_28_are_not_compared_with_a_hidden_definition() {
    for world in worlds(Mode::Json).await {
        for value in ["1", "2", "x"] {
            let mut replies = Vec::new();
            for name in [super::BOUND_TOOL.0, super::BOUND_TOOL.1, TOOL.0, TOOL.1] {
                let params = json!({"name": name, "arguments": {"limit": 1}});
                let ask = sapl_mcp_tests::Ask::new(Revision::July2026, "sam", "tools/call", params)
                    .header("Mcp-Param-Limit", value);
                replies.push(world.wire.ask(&ask).await.naming(name, "NAME"));
            }
            assert!(replies.iter().all(|reply| *reply == replies[0]), "{replies:#?}");
        }
    }
}

#[tokio::test]
async fn a_denied_open_component_is_not_hidden() {
    let world = world(Mode::Json).await;
    let reply = world.call("sam", "open_tool", json!({})).await;
    assert_eq!(reply.result()["content"][0]["text"], "Access denied");
    let reply = world
        .ask("sam", "resources/read", json!({"uri": "data://open"}))
        .await;
    assert_eq!(reply.error(), json!({"code": -32003, "message": "Access denied"}));
    let reply = world
        .ask("sam", "prompts/get", json!({"name": "open_prompt"}))
        .await;
    assert_eq!(reply.error(), json!({"code": -32003, "message": "Access denied"}));
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_list_does_not_tell_whether_the_name_that_was_used_before_is_hidden_or_unknown() {
    let mut lists = Vec::new();
    for name in ["used_before", "never_used!"] {
        let log = Log::new();
        let server = Server::new(&log)
            .paged(1)
            .tool(tool("open"), Behaviour::text("open"))
            .tool(
                tool(name).enforce(pre_enforce().stealth()),
                Behaviour::text("the secret"),
            );
        let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
        world.call("sam", "used_before", json!({})).await.error();
        lists.push(world.ask("sam", "tools/list", json!({})).await);
    }
    assert_eq!(lists[0], lists[1]);
    assert!(!lists[0].contains("public"), "{lists:?}");
}
