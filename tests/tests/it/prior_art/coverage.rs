//! What is enforced in one place and not in another.

use std::sync::{Arc, OnceLock};

use rmcp::{
    ServerHandler as _,
    model::{CallToolRequestParams, CreateTaskResult, ReadResourceRequestParams, Task, TaskStatus},
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, SaplLayer, SaplService, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Component, Log, McpClient, Mode, Pdp, Revision, Server, Wire, World, prompt, resource,
    template, tool,
};
use serde_json::json;

use super::{ASKS, LISTS, params};
use crate::stealth;

#[tokio::test]
async fn a_list_is_filtered_but_the_call_is_not_enforced() {
    for mode in [Mode::Json, Mode::Sse] {
        let world = stealth::world(mode).await;
        for (method, name) in ASKS {
            let reply = world.ask("sam", method, params(name)).await;
            assert!(reply.message().get("error").is_some(), "{reply:?}");
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn a_meta_tool_calls_or_lists_what_its_caller_may_not() {
    let log = Log::new();
    let service: Arc<OnceLock<SaplService<Arc<Server>>>> = Arc::default();
    let inside = Arc::clone(&service);
    let meta = Behaviour::does(move |received, context| {
        let service = inside.get().cloned();
        async move {
            let service = service.unwrap_or_else(|| panic!("not served yet"));
            let name = received.arguments["name"].as_str().unwrap_or_default().to_owned();
            let tools = service.list_tools(None, context.clone()).await?.tools;
            let called = service.call_tool(CallToolRequestParams::new(name), context).await;
            let names: Vec<String> = tools.into_iter().map(|tool| tool.name.into_owned()).collect();
            Ok(Component::Value(
                json!({"listed": names, "called": called.is_ok()}),
            ))
        }
    });
    let server = stealth::server(&log).tool(tool("meta"), meta).shared();
    let layer = SaplLayer::builder(Pdp::role(&log, "ANALYST")).build().unwrap();
    let _ = service.set(layer.layer(server));
    let wire = Wire::serving(service.get().cloned().unwrap(), Mode::Json).await;
    for (user, allowed) in [("sam", false), ("mara", true)] {
        let client = McpClient::connect(wire, user, Revision::November2025).await;
        let result = client.call("meta", json!({"name": "secret_tool"})).await.unwrap();
        let result = result.structured_content.unwrap();
        assert_eq!(result["called"], allowed, "{user}");
        assert_eq!(
            result["listed"].to_string().contains("secret_tool"),
            allowed,
            "{user}"
        );
    }
}

#[tokio::test]
async fn a_template_shadows_the_rule_of_another() {
    let log = Log::new();
    let server = Server::new(&log)
        .template(template("data://{kind}/{id}"), Behaviour::text("open"))
        .template(
            template("data://secret/{id}").enforce(pre_enforce()),
            Behaviour::text("secret"),
        )
        .resource(
            resource("data://secret/7"),
            Behaviour::text("listed without a rule"),
        )
        .prompt(prompt("p"), Behaviour::text("p"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    for uri in ["data://secret/7", "data://secret/8"] {
        let error = world
            .ask("sam", "resources/read", json!({"uri": uri}))
            .await
            .error();
        assert_eq!(error["code"], -32003, "{uri}");
    }
    assert_eq!(world.server.received(), []);
    world
        .ask("sam", "resources/read", json!({"uri": "data://open/8"}))
        .await
        .result();
}

#[tokio::test]
async fn a_call_is_enforced_but_the_list_is_not_filtered() {
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        let world = stealth::world(mode).await;
        for revision in Revision::ALL {
            for list in LISTS {
                let mut ask = Ask::new(revision, "sam", list, json!({}));
                if mode == Mode::Sessions && revision.initializes() {
                    ask = ask.session(&world.wire.open("sam", revision).await);
                }
                let reply = world.wire.ask(&ask).await;
                reply.result();
                assert!(
                    !reply.contains("secret") && !reply.contains("vaults"),
                    "{list} {reply:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_tool_that_reads_resources_goes_around_their_rules() {
    let log = Log::new();
    let service: Arc<OnceLock<SaplService<Arc<Server>>>> = Arc::default();
    let inside = Arc::clone(&service);
    let reads = Behaviour::does(move |received, context| {
        let service = inside.get().cloned();
        async move {
            let service = service.unwrap_or_else(|| panic!("not served yet"));
            let uri = received.arguments["uri"].as_str().unwrap_or_default().to_owned();
            let read = service
                .read_resource(ReadResourceRequestParams::new(uri), context)
                .await;
            Ok(Component::Value(json!({"read": read.is_ok()})))
        }
    });
    let server = stealth::server(&log).tool(tool("read_resource"), reads).shared();
    let layer = SaplLayer::builder(Pdp::role(&log, "ANALYST")).build().unwrap();
    let _ = service.set(layer.layer(server));
    let wire = Wire::serving(service.get().cloned().unwrap(), Mode::Json).await;
    for (user, allowed) in [("sam", false), ("mara", true)] {
        let client = McpClient::connect(wire, user, Revision::November2025).await;
        for uri in ["data://secret", "data://vaults/7"] {
            let result = client.call("read_resource", json!({"uri": uri})).await.unwrap();
            assert_eq!(
                result.structured_content.unwrap()["read"],
                allowed,
                "{user} {uri}"
            );
        }
    }
}

#[tokio::test]
async fn templates_are_neither_filtered_nor_enforced() {
    let world = stealth::world(Mode::Json).await;
    for (user, count) in [("sam", 0), ("mara", 1)] {
        let reply = world.ask(user, "resources/templates/list", json!({})).await;
        let templates = reply.result()["resourceTemplates"].as_array().map(Vec::len);
        assert_eq!(templates, Some(count));
        let reply = world.ask(user, "resources/read", params("data://vaults/7")).await;
        assert_eq!(reply.message().get("result").is_some(), user == "mara");
    }
}

#[tokio::test]
async fn prompts_and_resources_are_not_covered() {
    let world = stealth::world(Mode::Json).await;
    for (method, name) in ASKS.into_iter().skip(1) {
        world.ask("sam", method, params(name)).await.error();
        world.ask("mara", method, params(name)).await.result();
    }
    assert_eq!(world.server.received().len(), 3);
}

#[tokio::test]
async fn completion_is_always_allowed() {
    let world = stealth::world(Mode::Json).await;
    for (user, count) in [("sam", 0), ("mara", 1)] {
        for reference in [
            json!({"type": "ref/prompt", "name": "secret_prompt"}),
            json!({"type": "ref/resource", "uri": "data://vaults/{id}"}),
        ] {
            let params = json!({"ref": reference, "argument": {"name": "a", "value": ""}});
            let reply = world.ask(user, "completion/complete", params).await;
            let values = &reply.result()["completion"]["values"];
            assert_eq!(values.as_array().map(Vec::len), Some(count), "{user}");
        }
    }
}

#[tokio::test]
async fn subscriptions_are_always_allowed() {
    let world = stealth::world(Mode::Json).await;
    for uri in ["data://secret", "data://vaults/7", "data://open"] {
        let params = json!({"uri": uri});
        world
            .ask("sam", "resources/subscribe", params.clone())
            .await
            .error();
        world.ask("mara", "resources/subscribe", params).await.result();
    }
    let uris = json!({"notifications": {"resourceSubscriptions": ["data://open"]}});
    let listen = |user| Ask::new(Revision::July2026, user, "subscriptions/listen", uris.clone());
    assert!(world.wire.ask(&listen("sam")).await.contains("Access denied"));
    assert!(
        world
            .wire
            .ask(&listen("mara"))
            .await
            .contains("resources/updated")
    );
}

#[tokio::test]
async fn a_task_is_read_by_another_principal() {
    const TIME: &str = "2026-01-01T00:00:00Z";
    let log = Log::new();
    let task = Task::new("task-1", TaskStatus::Working, TIME, TIME);
    let goes_on = Behaviour::result(CreateTaskResult::new(task));
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), goes_on);
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    let world = World::new(&log, server, pdp).await;
    let ask = |user, method, params| Ask::new(Revision::July2026, user, method, params);
    let called = ask("mara", "tools/call", json!({"name": "t"}));
    assert_eq!(world.wire.ask(&called).await.result()["resultType"], "task");
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let params = |id| json!({"taskId": id, "inputResponses": {}});
        let foreign = world.wire.ask(&ask("sam", method, params("task-1"))).await;
        let unknown = world.wire.ask(&ask("sam", method, params("task-2"))).await;
        foreign.error();
        assert_eq!(
            foreign.naming("task-1", "TASK"),
            unknown.naming("task-2", "TASK"),
            "{method}"
        );
    }
    let own = ask("mara", "tasks/get", json!({"taskId": "task-1"}));
    assert!(world.wire.ask(&own).await.contains("the result of a task"));
}
