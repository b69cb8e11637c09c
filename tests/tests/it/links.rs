//! Links in results: what a list would not show, a result does not link to.

use rmcp::model::{
    CallToolResult, ContentBlock, CreateTaskResult, DetailedTask, EmbeddedResource, GetPromptResult,
    GetTaskResult, InputRequests, InputRequiredResult, PromptMessage, ReadResourceResult, Resource,
    ResourceContents, Role, Task, TaskPayload, TaskStatus, TextContent,
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, Rule, SaplLayer, gate, pre_enforce};
use sapl_mcp_tests::{
    Ask, Asked, Behaviour, Component, Log, McpClient, Mode, Pdp, Revision, Server, World, object, prompt,
    resource, step, template, tool,
};
use serde_json::{Value, json};

/// A link and an embedded resource for each of these URIs, with a text in between.
fn blocks(uris: &[&str]) -> Vec<ContentBlock> {
    let of = |uri: &&str| {
        [
            ContentBlock::ResourceLink(resource(uri)),
            ContentBlock::text("between"),
            ContentBlock::embedded_text(*uri, "embedded"),
        ]
    };
    uris.iter().flat_map(of).collect()
}

const ALL: [&str; 6] = [
    "data://secret",
    "data://vaults/7",
    "data://ruled",
    "data://open",
    "data://unknown",
    "DATA://secret",
];
/// What is left for somebody who may not see what is hidden. Another spelling of a hidden URI is absent for a reader.
const LEFT: [&str; 3] = ["data://ruled", "data://open", "data://unknown"];

fn messages(uris: &[&str]) -> GetPromptResult {
    let blocks = blocks(uris).into_iter();
    GetPromptResult::new(
        blocks
            .map(|block| PromptMessage::new(Role::User, block))
            .collect(),
    )
}

fn contents(uris: &[&str]) -> ReadResourceResult {
    ReadResourceResult::new(
        uris.iter()
            .map(|uri| ResourceContents::text("text", *uri))
            .collect(),
    )
}

/// Hidden, plain and open resources, and a tool, a prompt and a resource whose results link to them.
fn server(log: &Log, hider: impl Fn() -> Rule, rule: impl Fn() -> Option<Rule>) -> Server {
    let text = || Behaviour::text("text");
    macro_rules! under {
        ($definition:expr) => {
            match rule() {
                Some(rule) => $definition.enforce(rule.shared()),
                None => $definition,
            }
        };
    }
    let mut bundle = vec!["data://bundle", "Data://bundle"];
    bundle.extend(ALL);
    Server::new(log)
        .resource(resource("data://secret").enforce(hider().shared()), text())
        .resource(resource("data://ruled").enforce(pre_enforce()), text())
        .resource(resource("data://open"), text())
        .template(template("data://vaults/{id}").enforce(hider().shared()), text())
        .tool(
            under!(tool("t")),
            Behaviour::result(CallToolResult::success(blocks(&ALL))),
        )
        .tool(
            under!(tool("e")),
            Behaviour::result(CallToolResult::error(blocks(&ALL))),
        )
        .prompt(
            under!(prompt("p")),
            Behaviour::gives(Component::Prompt(messages(&ALL).into())),
        )
        .resource(
            under!(resource("data://bundle")),
            Behaviour::gives(Component::Resource(contents(&bundle).into())),
        )
}

/// Mara may see what is hidden; everybody may do everything else.
fn pdp(log: &Log) -> Pdp {
    Pdp::new(log, |subscription| {
        let resource = subscription.resource();
        let hidden = resource["tags"] == json!(["hidden"]) || resource == "mcp";
        let denied = hidden && subscription.subject()["sub"] != "mara";
        sapl_mcp_tests::Answer::Now(match denied {
            true => AuthorizationDecision::deny(),
            false => AuthorizationDecision::permit(),
        })
    })
}

async fn world(hider: impl Fn() -> Rule, rule: impl Fn() -> Option<Rule>) -> World {
    let log = Log::new();
    let server = server(&log, hider, rule);
    World::new(&log, server, pdp(&log)).await
}

fn stealth() -> Rule {
    pre_enforce().tags(["hidden"]).stealth()
}

/// The URIs that the blocks link to and those that they embed.
fn linked(blocks: &[Value]) -> [Vec<&str>; 2] {
    let of = |key: &str| {
        let uris = blocks.iter().filter_map(|block| block.pointer(key)?.as_str());
        uris.collect::<Vec<_>>()
    };
    [of("/uri"), of("/resource/uri")]
}

#[tokio::test]
async fn a_tools_result_links_to_what_its_caller_may_see() {
    for hider in [stealth, gate] {
        for rule in [|| None, || Some(pre_enforce()), || Some(sapl_mcp::post_enforce())] {
            for name in ["t", "e"] {
                let world = world(hider, rule).await;
                for (user, expected) in [("sam", &LEFT[..]), ("mara", &ALL[..5])] {
                    let result = world.call(user, name, json!({})).await.result();
                    let blocks = result["content"].as_array().unwrap();
                    assert_eq!(linked(blocks), [expected, expected], "{user}");
                    let texts = blocks.iter().filter(|block| block["text"] == "between").count();
                    assert_eq!(texts, ALL.len());
                }
            }
        }
    }
}

#[tokio::test]
async fn a_prompt_has_no_messages_with_what_its_reader_may_not_see() {
    for rule in [|| None, || Some(pre_enforce())] {
        let world = world(stealth, rule).await;
        for (user, expected) in [("sam", &LEFT[..]), ("mara", &ALL[..5])] {
            let result = world
                .ask(user, "prompts/get", json!({"name": "p"}))
                .await
                .result();
            let messages = result["messages"].as_array().unwrap();
            let blocks: Vec<Value> = messages
                .iter()
                .map(|message| message["content"].clone())
                .collect();
            assert_eq!(linked(&blocks), [expected, expected], "{user}");
        }
    }
}

#[tokio::test]
async fn a_resource_has_no_content_of_another_one_that_its_reader_may_not_see() {
    for rule in [|| None, || Some(pre_enforce())] {
        let world = world(stealth, rule).await;
        for (user, expected) in [("sam", &LEFT[..]), ("mara", &ALL[..5])] {
            let reply = world
                .ask(user, "resources/read", json!({"uri": "data://bundle"}))
                .await;
            let result = reply.result();
            let contents = result["contents"].as_array().unwrap();
            let uris: Vec<&str> = contents
                .iter()
                .map(|content| content["uri"].as_str().unwrap())
                .collect();
            let mut all = vec!["data://bundle", "Data://bundle"];
            all.extend(expected);
            assert_eq!(uris, all, "{user}");
        }
    }
}

#[tokio::test]
async fn all_links_of_a_result_are_one_question_about_their_use() {
    let world = world(stealth, || None).await;
    world.call("sam", "t", json!({})).await.result();
    let asked = world.pdp.asked();
    let [Asked::Page(page)] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(page.len(), 4);
    assert!(page.iter().all(|subscription| subscription.action() == "read"));
    assert_eq!(
        page[0].resource(),
        &json!({"name": "secret", "tags": ["hidden"], "arguments": {}, "uri": "data://secret"})
    );
    assert_eq!(
        page[2].resource(),
        &json!({"name": "data://vaults/{id}", "tags": ["hidden"], "arguments": {}, "uri": "data://vaults/7"})
    );
}

#[tokio::test]
async fn nothing_is_asked_where_nothing_is_hidden() {
    let world = world(pre_enforce, || None).await;
    let result = world.call("sam", "t", json!({})).await.result();
    let blocks = result["content"].as_array().unwrap();
    assert_eq!(linked(blocks), [&ALL[..], &ALL[..]]);
    assert!(world.pdp.asked().is_empty());
}

#[tokio::test]
async fn what_was_read_is_the_readers_alone_where_it_depends_on_who_reads() {
    type Hider = fn() -> Rule;
    let cases: [(Hider, &str); 3] = [(stealth, "private"), (gate, "private"), (pre_enforce, "public")];
    for (hider, scope) in cases {
        let world = world(hider, || None).await;
        // The whole of it is the one reader's, and a part of it the other's.
        for user in ["mara", "sam"] {
            let params = json!({"uri": "data://bundle"});
            let ask = Ask::new(Revision::July2026, user, "resources/read", params);
            assert_eq!(world.wire.ask(&ask).await.result()["cacheScope"], scope, "{user}");
        }
    }
}

#[tokio::test]
async fn an_unclaimed_obligation_and_a_silent_decision_point_take_links_out() {
    for decision in [
        AuthorizationDecision::permit().with_obligation(json!({"type": "unknown"})),
        AuthorizationDecision::indeterminate(),
    ] {
        let log = Log::new();
        let server = server(&log, stealth, || None);
        let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
        let result = world.call("mara", "t", json!({})).await.result();
        assert_eq!(linked(result["content"].as_array().unwrap()), [LEFT, LEFT]);
    }
    let log = Log::new();
    let claimed = AuthorizationDecision::permit().with_obligation(step("map", "a"));
    let world = World::new(&log, server(&log, stealth, || None), Pdp::decides(&log, claimed)).await;
    let result = world.call("mara", "t", json!({})).await.result();
    assert_eq!(linked(result["content"].as_array().unwrap())[0], ALL[..5]);
}

#[tokio::test]
async fn a_link_can_carry_the_rule_of_a_resource_that_nobody_lists() {
    let link: Resource = resource("data://dynamic").enforce(stealth());
    let log = Log::new();
    let result = CallToolResult::success(vec![ContentBlock::ResourceLink(link)]);
    let server = Server::new(&log).tool(tool("t"), Behaviour::result(result));
    let world = World::new(&log, server, pdp(&log)).await;
    for (user, links) in [("sam", 0), ("mara", 1)] {
        let reply = world.call(user, "t", json!({})).await;
        assert_eq!(reply.result()["content"].as_array().map(Vec::len), Some(links));
        assert!(!reply.contains("io.sapl"));
    }
}

#[tokio::test]
async fn a_server_whose_lists_can_not_be_read_links_to_nothing() {
    let log = Log::new();
    let server = server(&log, stealth, || None).without_lists();
    let world = World::new(&log, server, pdp(&log)).await;
    let result = world.call("mara", "t", json!({})).await.result();
    assert_eq!(linked(result["content"].as_array().unwrap()), [[""; 0]; 2]);
}

#[tokio::test]
async fn links_stay_where_lists_are_not_filtered() {
    let log = Log::new();
    let server = server(&log, stealth, || None);
    let world = World::with(&log, server, pdp(&log), Mode::Json, |builder| {
        builder.enforce_listing(false)
    })
    .await;
    let result = world.call("sam", "t", json!({})).await.result();
    assert_eq!(linked(result["content"].as_array().unwrap())[0], ALL);
}

#[tokio::test]
async fn a_process_that_is_trusted_gets_every_link_and_nothing_is_asked() {
    let log = Log::new();
    let pdp = pdp(&log);
    let layer = SaplLayer::builder(pdp.clone()).build().unwrap();
    let server = server(&log, stealth, || Some(pre_enforce())).shared();
    let client = McpClient::in_process(layer.for_stdio(server), Revision::November2025).await;
    let result = json!(client.call("t", json!({})).await.unwrap());
    assert_eq!(linked(result["content"].as_array().unwrap()), [ALL, ALL]);
    assert!(pdp.asked().is_empty());
}

#[tokio::test]
async fn no_kind_of_content_brings_a_marker_along() {
    let marker = || tool("ruled").enforce(pre_enforce()).meta;
    let mut text = TextContent::new("text");
    text.meta = marker();
    let mut linked = resource("data://open");
    linked.meta = marker();
    let mut embedded = EmbeddedResource::new(ResourceContents::text("text", "data://open"));
    embedded.meta = marker();
    let blocks = vec![
        ContentBlock::Text(text),
        ContentBlock::ResourceLink(linked),
        ContentBlock::Resource(embedded),
    ];
    for rule in [None, Some(pre_enforce())] {
        let log = Log::new();
        let t = match rule {
            Some(rule) => tool("t").enforce(rule),
            None => tool("t"),
        };
        let server = Server::new(&log).tool(t, Behaviour::result(CallToolResult::success(blocks.clone())));
        let world = World::new(&log, server, pdp(&log)).await;
        let reply = world.call("sam", "t", json!({})).await;
        assert_eq!(reply.result()["content"].as_array().map(Vec::len), Some(3));
        assert!(!reply.contains("io.sapl"), "{reply:?}");
    }
}

const TIME: &str = "2026-01-01T00:00:00Z";

#[tokio::test]
async fn the_result_of_a_task_links_to_what_its_owner_may_see() {
    let task = |id: &str| Task::new(id, TaskStatus::Working, TIME, TIME);
    for rule in [|| None, || Some(pre_enforce()), || Some(sapl_mcp::post_enforce())] {
        let log = Log::new();
        let goes_on = || Behaviour::result(CreateTaskResult::new(task("task-1")));
        let long = match rule() {
            Some(rule) => tool("long").enforce(rule),
            None => tool("long"),
        };
        let server = server(&log, stealth, || None)
            .tool(long, goes_on())
            .tasks(move |id| {
                let mut blocks = json!(blocks(&ALL));
                let all = blocks.as_array_mut().unwrap();
                // Whoever reads it may look at either URI.
                all.extend([
                    json!({"type": "resource_link", "uri": "data://secret", "resource": {"uri": "data://open"}}),
                    json!({"type": "resource", "uri": "data://open", "resource": {"uri": "data://secret"}}),
                    json!({"type": "resource_link", "uri": "data://last", "name": "last"}),
                ]);
                let result = object(json!({"content": blocks, "isError": false}));
                Ok(GetTaskResult::new(DetailedTask::new(
                    task(id),
                    TaskPayload::Completed { result },
                )))
            });
        let world = World::new(&log, server, pdp(&log)).await;
        let ask = |method, params| Ask::new(Revision::July2026, "sam", method, params);
        let called = world.wire.ask(&ask("tools/call", json!({"name": "long"}))).await;
        assert_eq!(called.result()["resultType"], "task", "{called:?}");
        let got = world
            .wire
            .ask(&ask("tasks/get", json!({"taskId": "task-1"})))
            .await;
        let result = got.result();
        let blocks = result["result"]["content"].as_array().unwrap();
        let mut links = LEFT.to_vec();
        links.push("data://last");
        assert_eq!(linked(blocks), [links, LEFT.to_vec()]);
    }
}

/// A request to the client's model with the result of a tool, and with the definition of one that has a rule.
fn asking() -> InputRequests {
    let mut params = json!({
        "messages": [
            {"role": "assistant", "content": {"type": "tool_use", "id": "1", "name": "t", "input": {}}},
            {"role": "user", "content": [{"type": "tool_result", "toolUseId": "1", "content": blocks(&ALL)}]},
            {"role": "user", "content": {"type": "tool_result", "toolUseId": "2", "content": blocks(&ALL)}},
        ],
        "maxTokens": 1,
    });
    params["tools"] = json!([tool("ruled").enforce(pre_enforce())]);
    params["messages"][1]["content"][0]["content"][0] = json!(ContentBlock::ResourceLink(
        resource("data://open").enforce(pre_enforce())
    ));
    let asked = json!({
        "model": {"method": "sampling/createMessage", "params": params},
        "person": {
            "method": "elicitation/create",
            "params": {
                "mode": "form",
                "message": "which one?",
                "requestedSchema": {"type": "object", "properties": {}},
            },
        },
    });
    serde_json::from_value(asked).unwrap()
}

#[tokio::test]
async fn a_request_for_input_links_to_what_its_receiver_may_see() {
    let asks = || InputRequiredResult::from_input_requests(asking());
    for rule in [|| None, || Some(pre_enforce()), || Some(sapl_mcp::post_enforce())] {
        macro_rules! under {
            ($definition:expr) => {
                match rule() {
                    Some(rule) => $definition.enforce(rule),
                    None => $definition,
                }
            };
        }
        let log = Log::new();
        let server = server(&log, stealth, || None)
            .tool(under!(tool("asks")), Behaviour::result(asks()))
            .tool(
                under!(tool("long")),
                Behaviour::result(CreateTaskResult::new(Task::new(
                    "task-1",
                    TaskStatus::Working,
                    TIME,
                    TIME,
                ))),
            )
            .prompt(
                under!(prompt("asks")),
                Behaviour::gives(Component::Prompt(asks().into())),
            )
            .resource(
                under!(resource("data://asks")),
                Behaviour::gives(Component::Resource(asks().into())),
            )
            .tasks(|id| {
                let input_requests = asking();
                Ok(GetTaskResult::new(DetailedTask::new(
                    Task::new(id, TaskStatus::InputRequired, TIME, TIME),
                    TaskPayload::InputRequired { input_requests },
                )))
            });
        let world = World::new(&log, server, pdp(&log)).await;
        for (method, params) in [
            ("tools/call", json!({"name": "asks"})),
            ("prompts/get", json!({"name": "asks"})),
            ("resources/read", json!({"uri": "data://asks"})),
            ("tools/call", json!({"name": "long"})),
            ("tasks/get", json!({"taskId": "task-1"})),
        ] {
            let ask = Ask::new(Revision::July2026, "sam", method, params.clone());
            let reply = world.wire.ask(&ask).await;
            let result = reply.result();
            assert!(!reply.contains("io.sapl"), "{method} {reply:?}");
            if params == json!({"name": "long"}) {
                continue;
            }
            let requests = &result["inputRequests"];
            assert_eq!(requests["person"]["params"]["message"], "which one?");
            let sampling = &requests["model"]["params"];
            assert_eq!(sampling["tools"][0]["name"], "ruled");
            let messages = &sampling["messages"];
            let many = messages[1]["content"][0]["content"].as_array().unwrap();
            let mut links = LEFT.to_vec();
            links.insert(0, "data://open");
            assert_eq!(linked(many), [links, LEFT.to_vec()], "{method}");
            let one = messages[2]["content"]["content"].as_array().unwrap();
            assert_eq!(linked(one), [LEFT, LEFT], "{method}");
        }
    }
}
