//! What does not leave: markers, tags, and permission for others to keep a list.

use rmcp::model::{
    CallToolResult, ContentBlock, GetPromptResult, MetaObject, PromptMessage, ReadResourceResult,
    ResourceContents, Role, Skill, SkillFrontmatter, SkillResources,
};
use sapl_mcp::{EnforceExt as _, Rule, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Component, Log, Mode, Pdp, Reply, Revision, Server, World, object, prompt, resource,
    template, tool,
};
use serde_json::json;

/// The key of the marker, and a tag that no text of the server has.
const TRACES: [&str; 2] = ["io.sapl", "tag-of-the-rule"];

fn server(log: &Log) -> Server {
    let rule = || pre_enforce().tags([TRACES[1]]).stealth();
    let own = MetaObject(object(json!({"author": "kept"})));
    let linked = resource("data://linked").enforce(rule());
    let text =
        |uri: &str| ResourceContents::text("text", uri).with_meta(linked.meta.clone().unwrap_or_default());
    let result = CallToolResult::success(vec![
        ContentBlock::resource_link(linked.clone()),
        ContentBlock::resource(text("data://embedded")),
    ]);
    let message = PromptMessage::new_resource_link(Role::User, linked.clone());
    let contents = ReadResourceResult::new(vec![text("data://copied")]);
    Server::new(log)
        .tool(
            tool("t").with_meta(own.clone()).enforce(rule()),
            Behaviour::echo(),
        )
        .tool(
            tool("open").enforce(pre_enforce().tags([TRACES[1]])),
            Behaviour::text("open"),
        )
        .tool(
            tool("links").enforce(pre_enforce()),
            Behaviour::result(result.clone()),
        )
        .tool(tool("links_unruled"), Behaviour::result(result))
        .prompt(
            prompt("links"),
            Behaviour::gives(Component::Prompt(GetPromptResult::new(vec![message]).into())),
        )
        .resource(
            resource("data://copied"),
            Behaviour::gives(Component::Resource(contents.into())),
        )
        .prompt(
            prompt("p").with_meta(own.clone()).enforce(rule()),
            Behaviour::text("about"),
        )
        .resource(
            resource("data://r").with_meta(own.clone()).enforce(rule()),
            Behaviour::text("read"),
        )
        .resource(linked, Behaviour::text("linked"))
        .template(
            template("data://t/{id}").with_meta(own).enforce(rule()),
            Behaviour::text("read"),
        )
}

fn assert_clean(reply: &Reply) {
    for trace in TRACES {
        assert!(!reply.contains(trace), "{reply:?}");
    }
}

#[tokio::test]
async fn no_byte_of_a_marker_or_tag_is_sent() {
    let asks = [
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/directory/read", json!({"uri": "data://elsewhere"})),
        ("tools/call", json!({"name": "t", "arguments": {"a": 1}})),
        ("tools/call", json!({"name": "open"})),
        ("prompts/get", json!({"name": "p"})),
        ("resources/read", json!({"uri": "data://r"})),
        ("resources/read", json!({"uri": "data://t/1"})),
        ("tools/call", json!({"name": "missing"})),
    ];
    for mode in [Mode::Json, Mode::Sse] {
        let log = Log::new();
        let world = World::with(&log, server(&log), Pdp::role(&log, "ANALYST"), mode, |builder| {
            builder
        })
        .await;
        for user in ["mara", "sam"] {
            for revision in Revision::ALL {
                for (method, params) in &asks {
                    let ask = Ask::new(revision, user, method, params.clone());
                    assert_clean(&world.wire.ask(&ask).await);
                }
            }
        }
    }
}

#[tokio::test]
async fn a_definition_inside_of_a_result_carries_no_marker() {
    let log = Log::new();
    let world = World::new(&log, server(&log), Pdp::role(&log, "ANALYST")).await;
    for name in ["links", "links_unruled"] {
        let reply = world.call("mara", name, json!({})).await;
        assert_eq!(reply.result()["content"][0]["uri"], "data://linked");
        assert_eq!(reply.result()["content"][1]["resource"]["uri"], "data://embedded");
        assert_clean(&reply);
    }
    let reply = world.ask("mara", "prompts/get", json!({"name": "links"})).await;
    assert_eq!(reply.result()["messages"][0]["content"]["uri"], "data://linked");
    assert_clean(&reply);
    let reply = world
        .ask("mara", "resources/read", json!({"uri": "data://copied"}))
        .await;
    assert_eq!(reply.result()["contents"][0]["text"], "text");
    assert_clean(&reply);
}

#[tokio::test]
async fn what_the_author_wrote_into_meta_stays() {
    let log = Log::new();
    let world = World::new(&log, server(&log), Pdp::role(&log, "ANALYST")).await;
    let lists = [
        ("tools/list", "tools"),
        ("prompts/list", "prompts"),
        ("resources/list", "resources"),
        ("resources/templates/list", "resourceTemplates"),
    ];
    for (method, key) in lists {
        let result = world.ask("mara", method, json!({})).await.result();
        let listed = result[key].as_array().unwrap();
        let kept = listed
            .iter()
            .any(|definition| definition["_meta"] == json!({"author": "kept"}));
        assert!(kept, "{method}: {listed:?}");
    }
    // Where there was nothing but the marker, there is no `_meta` at all.
    let result = world.ask("mara", "tools/list", json!({})).await.result();
    assert_eq!(result["tools"][1].get("_meta"), None);
}

#[tokio::test]
async fn lists_and_reads_of_a_server_with_rules_are_for_the_caller_alone() {
    let log = Log::new();
    let world = World::new(&log, server(&log), Pdp::role(&log, "ANALYST")).await;
    let asks = [
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("resources/templates/list", json!({})),
        ("resources/read", json!({"uri": "data://r"})),
        ("resources/read", json!({"uri": "data://t/1"})),
    ];
    for user in ["mara", "sam"] {
        for (method, params) in &asks {
            let reply = world
                .wire
                .ask(&Ask::new(Revision::July2026, user, method, params.clone()))
                .await;
            if reply.message().get("error").is_some() {
                continue;
            }
            let result = reply.result();
            assert_eq!(
                (&result["cacheScope"], &result["ttlMs"]),
                (&json!("private"), &json!(0)),
                "{user} {method}"
            );
        }
    }
}

#[tokio::test]
async fn a_server_without_rules_says_itself_who_may_keep_its_lists() {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t"), Behaviour::text("t"));
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    let reply = world
        .wire
        .ask(&Ask::new(Revision::July2026, "sam", "tools/list", json!({})))
        .await;
    let result = reply.result();
    assert_eq!(
        (&result["cacheScope"], &result["ttlMs"]),
        (&json!("public"), &json!(60_000))
    );
}

#[tokio::test]
async fn a_page_without_rules_is_for_the_caller_alone_before_any_rule_was_met() {
    let text = || Behaviour::text("text");
    let rule = || pre_enforce().stealth();
    let ruled: [fn(Server, Rule) -> Server; 5] = [
        |server, rule| server.tool(tool("last").enforce(rule), Behaviour::text("text")),
        |server, rule| server.prompt(prompt("last").enforce(rule), Behaviour::text("text")),
        |server, rule| server.resource(resource("data://last").enforce(rule), Behaviour::text("text")),
        |server, rule| {
            let last = template("data://last/{id}").enforce(rule);
            server.template(last, Behaviour::text("text"))
        },
        |server, rule| {
            let mut skill = skill();
            skill.uri = "skill://last/SKILL.md".to_owned();
            skill.meta = resource("data://any").enforce(rule).meta;
            server.skill(skill)
        },
    ];
    let lists = [
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
        "skills/list",
        "resources/directory/read",
    ];
    for (index, add) in ruled.into_iter().enumerate() {
        for method in lists {
            let log = Log::new();
            let server = Server::new(&log)
                .tool(tool("t"), text())
                .prompt(prompt("p"), text())
                .resource(resource("data://d/r"), text())
                .template(template("data://t/{id}"), text())
                .skill(skill());
            let world = World::new(&log, add(server, rule()).paged(1), Pdp::role(&log, "ANALYST")).await;
            let params = match method {
                "resources/directory/read" => json!({"uri": "data://d/"}),
                _ => json!({}),
            };
            let ask = Ask::new(Revision::July2026, "sam", method, params);
            let result = world.wire.ask(&ask).await.result();
            assert_eq!(
                (&result["cacheScope"], &result["ttlMs"]),
                (&json!("private"), &json!(0)),
                "{index} {method}"
            );
        }
    }
}

fn skill() -> Skill {
    let frontmatter = SkillFrontmatter::new("first", "a skill of the tests");
    Skill::new("skill://first/SKILL.md", frontmatter, SkillResources::Dynamic)
}
