//! Requests in a form that the enforcement does not look at.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, post_enforce, pre_enforce};
use sapl_mcp_tests::{
    Answer, Ask, Behaviour, Log, Mode, Pdp, Reply, Revision, Server, World, step_with, steps_builder,
    template, tool,
};
use serde_json::{Value, json};

use super::{ASKS, LISTS, params};
use crate::stealth;

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
async fn a_filter_is_skipped_for_event_streams() {
    let world = stealth::world(Mode::Sse).await;
    for list in LISTS {
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

/// A request of sam, sent as it stands.
async fn sent(world: &World, content_type: &str, body: &str) -> Reply {
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json, \
         text/event-stream\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\nAuthorization: Bearer \
         sam-token\r\n",
        body.len()
    );
    world.wire.send(&head, body).await
}

const CALL: &str = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"secret_tool","arguments":{"limit":1}}}"#;

#[tokio::test]
async fn a_batch_is_not_looked_into() {
    let world = stealth::world(Mode::Json).await;
    for body in [format!("[{CALL}]"), format!("[{CALL},{CALL}]")] {
        let reply = sent(&world, "application/json", &body).await;
        assert!(!reply.contains("the secret"), "{reply:?}");
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn an_odd_media_type_is_not_looked_into() {
    let world = stealth::world(Mode::Json).await;
    for content_type in [
        "text/plain",
        "application/vnd.api+json",
        "application/json; charset=utf-7",
        "APPLICATION/JSON",
        "application/json;x=y",
        "",
    ] {
        let reply = sent(&world, content_type, CALL).await;
        assert!(!reply.contains("the secret"), "{content_type}: {reply:?}");
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_byte_order_mark_keeps_the_enforcement_from_reading() {
    let world = stealth::world(Mode::Json).await;
    let reply = sent(&world, "application/json", &format!("\u{feff}{CALL}")).await;
    assert!(!reply.contains("the secret"), "{reply:?}");
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn an_identity_comes_from_a_header_or_an_argument() {
    let world = stealth::world(Mode::Json).await;
    let forged = json!({"sub": "mara", "role": "ANALYST"});
    for (method, name) in ASKS {
        let mut params = params(name);
        params["arguments"] = json!({"limit": 1, "subject": forged, "x-agent-id": "mara"});
        params["_meta"] = json!({"subject": forged, "x-agent-id": "mara", "progressToken": "mara-token"});
        let ask = Ask::new(Revision::November2025, "sam", method, params)
            .header("X-Agent-Id", "mara")
            .header("X-Subject", &forged.to_string())
            .header("X-Forwarded-User", "mara")
            .header("Cookie", "token=mara-token");
        world.wire.ask(&ask).await.error();
    }
    assert_eq!(world.server.received(), []);
    let subjects: Vec<_> = world
        .audit
        .records()
        .into_iter()
        .map(|record| record.subject)
        .collect();
    assert_eq!(subjects, vec![Some("sam".to_owned()); ASKS.len()]);
}

#[tokio::test]
async fn a_negative_or_absent_number_escapes_a_cap() {
    for arguments in [
        json!({"limit": -1}),
        json!({}),
        json!({"limit": null}),
        json!({"limit": 1e9}),
        json!({"limit": "100"}),
        json!({"limit": 5.5}),
    ] {
        let log = Log::new();
        let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::echo());
        let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "limit", "max": 5}));
        let world = World::with(
            &log,
            server,
            Pdp::decides(&log, decision),
            Mode::Json,
            |builder| {
                let constraints = steps_builder(&log).method_invocation_fn("limit", |limit: &Value, call| {
                    call.cap("limit", limit["max"].as_u64().unwrap_or_default());
                });
                builder.constraints(constraints.build())
            },
        )
        .await;
        world.call("mara", "t", arguments).await.result();
        assert_eq!(world.server.only().arguments, json!({"limit": 5}));
    }
}

#[tokio::test]
async fn a_handler_of_arguments_is_ignored_where_it_does_not_fit() {
    let log = Log::new();
    let post = tool("post").enforce(post_enforce());
    let server = Server::new(&log)
        .tool(tool("pre").enforce(pre_enforce()), Behaviour::text("done"))
        .tool(post, Behaviour::text("done"))
        .template(
            template("data://t/{id}").enforce(pre_enforce()),
            Behaviour::text("done"),
        );
    // Of the wrong shape; behind the component; for variables that nobody may change.
    let wrong = json!({"type": "invoke", "id": 7});
    let sets = step_with("invoke", "a", json!({"set": {"id": "8"}}));
    let pdp = Pdp::new(&log, move |subscription| {
        let constraint = match subscription.resource()["name"] == "pre" {
            true => wrong.clone(),
            false => sets.clone(),
        };
        Answer::Now(AuthorizationDecision::permit().with_obligation(constraint))
    });
    let world = World::new(&log, server, pdp).await;
    for (method, name) in [
        ("tools/call", "pre"),
        ("tools/call", "post"),
        ("resources/read", "data://t/7"),
    ] {
        let reply = world.ask("mara", method, params(name)).await;
        assert!(
            reply.contains("Access denied") && !reply.contains("done"),
            "{name}: {reply:?}"
        );
    }
}
