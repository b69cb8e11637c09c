//! Flaws that were found in other authorization layers for MCP, each under its name.

use std::sync::{Arc, OnceLock};

use rmcp::{ServerHandler as _, model::CallToolRequestParams};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, SaplLayer, SaplService, pre_enforce};
use sapl_mcp_tests::{
    Ask, Behaviour, Component, Log, McpClient, Mode, Pdp, Revision, Server, Wire, World, prompt, resource,
    template, tool,
};
use serde_json::{Value, json};

use crate::stealth;

const ASKS: [(&str, &str); 4] = [
    ("tools/call", "secret_tool"),
    ("prompts/get", "secret_prompt"),
    ("resources/read", "data://secret"),
    ("resources/read", "data://vaults/7"),
];

fn params(name: &str) -> Value {
    json!({"name": name, "uri": name})
}

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
async fn a_filter_is_skipped_for_event_streams() {
    let world = stealth::world(Mode::Sse).await;
    for list in [
        "tools/list",
        "prompts/list",
        "resources/list",
        "resources/templates/list",
    ] {
        let reply = world.ask("sam", list, json!({})).await;
        assert_eq!(reply.header("content-type"), Some("text/event-stream"));
        assert!(
            !reply.contains("secret") && !reply.contains("vaults"),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn a_case_variant_of_a_name_goes_around_its_rule() {
    let world = stealth::world(Mode::Json).await;
    for name in [
        "SECRET_TOOL",
        "Secret_tool",
        "secret_tool ",
        " secret_tool",
        "secret_tool\u{0}",
        "ſecret_tool",
    ] {
        for user in ["sam", "mara"] {
            let reply = world.ask(user, "tools/call", params(name)).await;
            assert_eq!(reply.error()["message"], "tool not found", "{name:?}");
        }
    }
    assert_eq!(world.server.received(), []);
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
async fn an_unknown_method_is_allowed_to_reach_what_a_known_one_protects() {
    let world = stealth::world(Mode::Json).await;
    for method in [
        "tools/execute",
        "tools/call/",
        "Tools/Call",
        "tools//call",
        "tools/call ",
    ] {
        let reply = world.ask("sam", method, params("secret_tool")).await;
        assert!(!reply.contains("the secret"), "{method}: {reply:?}");
    }
    assert!(
        world
            .server
            .received()
            .iter()
            .all(|received| received.method != "tools/call")
    );
}

#[tokio::test]
async fn an_error_inside_of_a_policy_or_no_policy_at_all_allows() {
    for decision in [
        AuthorizationDecision::indeterminate(),
        AuthorizationDecision::not_applicable(),
    ] {
        let log = Log::new();
        let world = World::new(&log, stealth::server(&log), Pdp::decides(&log, decision)).await;
        for (method, name) in ASKS {
            world.ask("mara", method, params(name)).await.error();
        }
        assert_eq!(
            world.call("mara", "open_tool", json!({})).await.result()["isError"],
            true
        );
    }
}

#[tokio::test]
async fn a_handler_renames_a_call_into_another_tool() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("open").enforce(pre_enforce()), Behaviour::text("open"))
        .tool(
            tool("excluded").enforce(pre_enforce()),
            Behaviour::text("excluded"),
        );
    let set = json!({"type": "invoke", "id": "a", "set": {"name": "excluded", "tool": "excluded"}});
    let world = World::new(
        &log,
        server,
        Pdp::decides(&log, AuthorizationDecision::permit().with_obligation(set)),
    )
    .await;
    world.call("mara", "open", json!({})).await.result();
    assert_eq!(world.server.only().name, "open");
}

#[tokio::test]
async fn a_shared_cache_keeps_the_list_of_one_for_another() {
    let world = stealth::world(Mode::Json).await;
    for user in ["mara", "sam"] {
        for list in [
            "tools/list",
            "prompts/list",
            "resources/list",
            "resources/templates/list",
        ] {
            let reply = world
                .wire
                .ask(&Ask::new(Revision::July2026, user, list, json!({})))
                .await;
            let result = reply.result();
            assert_eq!(
                (&result["cacheScope"], &result["ttlMs"]),
                (&json!("private"), &json!(0)),
                "{user} {list}"
            );
        }
    }
}

#[tokio::test]
async fn a_denial_that_looks_like_not_found_leaves_auditors_without_a_record() {
    let world = stealth::world(Mode::Json).await;
    for (method, name) in ASKS {
        world.ask("sam", method, params(name)).await.error();
    }
    let records = world.audit.records();
    assert_eq!(records.len(), 4);
    for record in records {
        assert_eq!(record.outcome, sapl_mcp::AuditOutcome::Denied);
        assert_eq!(record.decision, Some(sapl_mcp::Decision::Deny));
        assert!(record.stealth && record.reason.is_some(), "{record:?}");
    }
}

#[tokio::test]
async fn an_encoded_slash_in_a_variable_reaches_the_component_decoded() {
    let log = Log::new();
    let rule = pre_enforce().resource_fn(|context| json!(context.arguments()));
    let server = Server::new(&log).template(
        template("data://files/{name}").enforce(rule),
        Behaviour::text("read"),
    );
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    for uri in [
        "data://files/a%2Fb",
        "data://files/..%2f..%2fsecret",
        "data://files/%2e%2e%2Fsecret",
        "data://files/%ff",
    ] {
        world
            .ask("mara", "resources/read", json!({"uri": uri}))
            .await
            .error();
    }
    assert_eq!(log.lines(), Vec::<String>::new());
    world
        .ask("mara", "resources/read", json!({"uri": "data://files/a%20b"}))
        .await
        .result();
    assert_eq!(world.pdp.only().resource(), &json!({"name": "a b"}));
}

#[tokio::test]
async fn many_stealth_components_make_all_of_them_vanish() {
    let log = Log::new();
    let mut server = Server::new(&log);
    let names: Vec<&'static str> = (0..300)
        .map(|n| &*Box::leak(format!("tool-{n}").into_boxed_str()))
        .collect();
    for name in &names {
        server = server.tool(tool(name).enforce(pre_enforce().stealth()), Behaviour::text("t"));
    }
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    assert_eq!(
        world
            .client("mara")
            .await
            .peer()
            .list_all_tools()
            .await
            .unwrap()
            .len(),
        300
    );
    assert_eq!(
        world
            .client("sam")
            .await
            .peer()
            .list_all_tools()
            .await
            .unwrap()
            .len(),
        0
    );
    assert_eq!(log.lines(), ["decide 300", "decide 300"]);
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
async fn the_length_or_order_of_a_list_tells_what_is_hidden() {
    let world = stealth::world(Mode::Json).await;
    let log = Log::new();
    let visible = Server::new(&log)
        .tool(tool("open_tool").enforce(pre_enforce()), Behaviour::text("open"))
        .tool(tool("unruled_tool"), Behaviour::text("open"));
    let without = World::new(&log, visible, Pdp::role(&log, "ANALYST")).await;
    for revision in Revision::ALL {
        let ask = Ask::new(revision, "sam", "tools/list", json!({}));
        assert_eq!(world.wire.ask(&ask).await, without.wire.ask(&ask).await);
    }
}
