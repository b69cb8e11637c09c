//! The methods of the protocol, taken from rmcp's own types, and what the layer does with each.

use std::collections::BTreeSet;

use rmcp::{
    model::{ClientNotification, ClientRequest, Skill, SkillFrontmatter, SkillResource, SkillResources},
    schemars::{JsonSchema, SchemaGenerator},
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Log, Mode, Pdp, Revision, Server, World, prompt, resource, template, tool,
};
use serde_json::{Value, json};

const PAGE: &str = include_str!("../../../docs/protocol.md");
const CONTENT: &str = "what nobody may see";
const SKILL: &str = "skill://secret/SKILL.md";

/// The methods of a union of rmcp's messages: each variant but the custom one has a constant.
fn methods_of<T: JsonSchema>() -> BTreeSet<String> {
    let mut generator = SchemaGenerator::default();
    let union = T::json_schema(&mut generator).to_value();
    let definitions = json!(generator.definitions());
    let variants = union["anyOf"].as_array().unwrap();
    let resolved = variants.iter().map(|variant| resolve(variant, &definitions));
    let methods: Vec<Option<String>> = resolved
        .map(|variant| {
            let method = resolve(&variant["properties"]["method"], &definitions);
            method["const"].as_str().map(str::to_owned)
        })
        .collect();
    let typed: BTreeSet<String> = methods.iter().flatten().cloned().collect();
    assert_eq!(
        typed.len() + 1,
        methods.len(),
        "all but the custom one: {methods:?}"
    );
    typed
}

fn resolve<'a>(schema: &'a Value, definitions: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(reference) => &definitions[reference.rsplit('/').next().unwrap()],
        None => schema,
    }
}

/// The rows of the page below this heading: the method and what is said first about it.
fn rows(heading: &str) -> Vec<(&'static str, &'static str)> {
    let (_, section) = PAGE.split_once(&format!("\n## {heading}\n")).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        (cells[1].trim_matches('`'), cells[2])
    })
    .collect()
}

fn names(rows: &[(&str, &str)]) -> BTreeSet<String> {
    let names: BTreeSet<String> = rows.iter().map(|(name, _)| (*name).to_owned()).collect();
    assert_eq!(names.len(), rows.len(), "a method twice");
    names
}

/// Parameters that fit the method and are about something with a rule.
fn params(method: &str) -> Value {
    let uri = match method {
        "skills/get" => SKILL,
        _ => "data://r",
    };
    match method {
        "tools/call" => json!({"name": "t", "arguments": {}}),
        "prompts/get" => json!({"name": "p"}),
        "tasks/get" | "tasks/cancel" => json!({"taskId": "1"}),
        "tasks/update" => json!({"taskId": "1", "inputResponses": {}}),
        "completion/complete" => {
            json!({"ref": {"type": "ref/prompt", "name": "p"}, "argument": {"name": "a", "value": ""}})
        }
        "subscriptions/listen" => json!({"notifications": {"resourceSubscriptions": ["data://r"]}}),
        "resources/read"
        | "resources/directory/read"
        | "resources/subscribe"
        | "resources/unsubscribe"
        | "skills/get" => json!({"uri": uri}),
        "logging/setLevel" => json!({"level": "info"}),
        "initialize" => json!({
            "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "c", "version": "1"}
        }),
        _ => json!({}),
    }
}

/// A server all of whose components have a rule that hides them, and that nobody is permitted.
async fn closed() -> World {
    let log = Log::new();
    let rule = || pre_enforce().stealth();
    let secret = || Behaviour::text(CONTENT);
    let skill = Skill::new(
        SKILL,
        SkillFrontmatter::new("secret", "a skill with a rule"),
        SkillResources::Files(vec![SkillResource::from_bytes(SKILL, CONTENT.as_bytes())]),
    );
    let server = Server::new(&log)
        .tool(tool("t").enforce(rule()), secret())
        .prompt(prompt("p").enforce(rule()), secret())
        .resource(resource("data://r").enforce(rule()), secret())
        .template(template("data://t/{id}").enforce(rule()), secret())
        .template(template("skill://secret/{file}").enforce(rule()), secret())
        .skill(skill);
    let pdp = Pdp::decides(&log, AuthorizationDecision::deny());
    World::with(&log, server, pdp, Mode::Json, |builder| builder).await
}

#[test]
fn every_method_of_the_protocol_stands_on_the_page() {
    assert_eq!(names(&rows("Requests")), methods_of::<ClientRequest>());
    assert_eq!(names(&rows("Notifications")), methods_of::<ClientNotification>());
    let untyped = names(&rows("Methods that are refused"));
    assert!(untyped.is_disjoint(&methods_of::<ClientRequest>()), "{untyped:?}");
    for (method, treatment) in rows("Requests") {
        assert!(
            ["enforced", "filtered", "passed"].contains(&treatment),
            "{method}: {treatment}"
        );
    }
}

#[tokio::test]
async fn what_is_enforced_or_filtered_gives_nothing_of_what_is_denied() {
    let world = closed().await;
    let mut passed = Vec::new();
    for (method, treatment) in rows("Requests") {
        if treatment == "passed" {
            passed.push(method);
            continue;
        }
        for revision in Revision::ALL {
            let ask = Ask::new(revision, "sam", method, params(method));
            let reply = match (method, revision) {
                // Such a stream stays open, and says no more than that.
                ("subscriptions/listen", Revision::July2026) => {
                    let mut opened = world.wire.open_stream(&ask).await;
                    opened.until("acknowledged").await.unwrap()
                }
                _ => world.wire.ask(&ask).await,
            };
            assert!(
                !reply.contains(CONTENT) && !reply.contains("completed"),
                "{method}: {reply:?}"
            );
            let fits = !reply.contains("missing") && !reply.contains("deserialize");
            assert!(fits, "{method} is not asked well: {reply:?}");
        }
    }
    assert_eq!(
        passed,
        [
            "resources/unsubscribe",
            "initialize",
            "server/discover",
            "ping",
            "logging/setLevel"
        ],
        "none of these holds anything of a component"
    );
    let ran: Vec<_> = world
        .server
        .received()
        .into_iter()
        .filter(|one| one.method != "skills/list")
        .collect();
    assert_eq!(ran, []);
}

#[tokio::test]
async fn no_method_reaches_the_server_as_a_custom_request() {
    let world = closed().await;
    let methods = methods_of::<ClientRequest>();
    let untyped = names(&rows("Methods that are refused"));
    for method in methods.union(&untyped) {
        for params in [
            json!({"name": ["t"], "uri": ["data://r"], "cursor": 1, "taskId": []}),
            json!([1]),
            json!("x"),
        ] {
            let ask = Ask::new(Revision::November2025, "sam", method, params);
            let reply = world.wire.ask(&ask).await;
            assert!(
                !reply.contains("custom") && !reply.contains(CONTENT),
                "{method}: {reply:?}"
            );
        }
    }
    let custom: Vec<_> = world
        .server
        .received()
        .into_iter()
        .filter(|one| one.method != "skills/list")
        .collect();
    assert_eq!(custom, []);
}
