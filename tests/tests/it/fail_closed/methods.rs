//! Methods that could be ways around the enforcement of calls and reads.

use rmcp::model::{Skill, SkillFrontmatter, SkillResource, SkillResources};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Ask, Behaviour, Log, Pdp, Revision, Server, World, prompt, resource, template, tool};
use serde_json::json;

fn server(log: &Log) -> Server {
    let skill = Skill::new(
        "skill://secret/SKILL.md",
        SkillFrontmatter::new("secret", "a skill with a rule"),
        SkillResources::Files(vec![SkillResource::from_bytes(
            "skill://secret/SKILL.md",
            b"secret",
        )]),
    );
    Server::new(log)
        .tool(tool("t").enforce(pre_enforce()), Behaviour::text("secret"))
        .prompt(prompt("p").enforce(pre_enforce()), Behaviour::text("secret"))
        .resource(
            resource("data://r").enforce(pre_enforce()),
            Behaviour::text("secret"),
        )
        .template(
            template("data://t/{id}").enforce(pre_enforce()),
            Behaviour::text("secret"),
        )
        .template(
            template("skill://secret/{file}").enforce(pre_enforce()),
            Behaviour::text("secret"),
        )
        .skill(skill)
}

async fn world() -> World {
    let log = Log::new();
    World::new(
        &log,
        server(&log),
        Pdp::decides(&log, AuthorizationDecision::deny()),
    )
    .await
}

#[tokio::test]
async fn a_method_of_the_protocol_never_arrives_as_a_custom_request() {
    let methods = [
        "completion/complete",
        "elicitation/create",
        "initialize",
        "logging/setLevel",
        "prompts/get",
        "resources/directory/read",
        "resources/read",
        "resources/subscribe",
        "resources/unsubscribe",
        "roots/list",
        "sampling/createMessage",
        "skills/get",
        "subscriptions/listen",
        "tasks/cancel",
        "tasks/get",
        "tasks/list",
        "tasks/result",
        "tasks/update",
        "tools/call",
    ];
    let world = world().await;
    for method in methods {
        for params in [
            json!({"malformed": true, "name": ["t"], "uri": ["data://r"]}),
            json!([1]),
            json!("x"),
        ] {
            let ask = Ask::new(Revision::November2025, "sam", method, params);
            let reply = world.wire.ask(&ask).await;
            let custom = reply.contains("custom");
            assert!(!custom, "{method}: {reply:?}");
        }
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn other_methods_reach_the_server() {
    let world = world().await;
    let reply = world.ask("sam", "vendor/method", json!({"a": 1})).await;
    assert_eq!(reply.result(), json!({"custom": "vendor/method"}));
}

#[tokio::test]
async fn directories_and_skills_of_ruled_components_are_refused() {
    let world = world().await;
    for (method, uris) in [
        (
            "resources/directory/read",
            &["data://r", "data://t/1", "skill://secret/SKILL.md"][..],
        ),
        ("skills/get", &["skill://secret/SKILL.md"]),
    ] {
        for uri in uris {
            let reply = world.ask("sam", method, json!({"uri": uri})).await;
            assert_eq!(
                reply.error(),
                json!({"code": -32003, "message": "Access denied"}),
                "{method} {uri}"
            );
        }
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_directory_does_not_show_what_lists_hide() {
    let log = Log::new();
    let server = Server::new(&log)
        .resource(
            resource("data://secret").enforce(pre_enforce().stealth()),
            Behaviour::text("secret"),
        )
        .resource(resource("data://open"), Behaviour::text("open"));
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    for (user, entries) in [("sam", 1), ("mara", 2)] {
        let reply = world
            .ask(user, "resources/directory/read", json!({"uri": "data://open"}))
            .await;
        assert_eq!(
            reply.result()["resources"].as_array().map(Vec::len),
            Some(entries),
            "{reply:?}"
        );
        assert!(!reply.contains("io.sapl"));
    }
}

#[tokio::test]
async fn tasks_are_refused_before_anything_was_called_or_listed() {
    let world = world().await;
    for method in ["tasks/get", "tasks/cancel", "tasks/update"] {
        let params = json!({"taskId": "1", "inputResponses": {}});
        let reply = world
            .wire
            .ask(&Ask::new(Revision::July2026, "sam", method, params))
            .await;
        assert_eq!(
            reply.error(),
            json!({"code": -32602, "message": "unknown task: 1"}),
            "{method}"
        );
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn tasks_of_a_server_without_ruled_tools_pass() {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t"), Behaviour::text("open"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    let ask = Ask::new(Revision::July2026, "sam", "tasks/get", json!({"taskId": "1"}));
    assert!(world.wire.ask(&ask).await.contains("the result of a task"));
    assert_eq!(world.server.only().name, "1");
}

#[tokio::test]
async fn a_batch_reaches_nothing() {
    let world = world().await;
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}"#;
    for (content_type, body) in [
        ("application/json", format!("[{body}]")),
        ("application/json", format!("\u{feff}{body}")),
        ("text/plain", body.to_owned()),
        ("application/json; charset=utf-7", body.to_owned()),
        ("application/vnd.api+json", body.to_owned()),
    ] {
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json, \
             text/event-stream\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nAuthorization: Bearer \
             sam-token\r\n",
            body.len()
        );
        let reply = world.wire.send(&head, &body).await;
        assert!(
            reply.status >= 400 || reply.contains("Access denied"),
            "{content_type}: {reply:?}"
        );
    }
    assert_eq!(world.server.received(), []);
}
