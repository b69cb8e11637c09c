//! A token without the scopes that a rule requires: denied before anything is asked, and told which ones would do.

use sapl_mcp::{
    ACCESS_DENIED, AuthorizationDecision, EnforceExt as _, Rule, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Ask, Behaviour, Log, Mode, Pdp, Revision, Server, World, prompt, resource, template, tool,
};
use serde_json::{Value, json};

/// One component of each kind under the rule. All tokens grant the scope `mcp`.
async fn world(rule: Rule, mode: Mode) -> World {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("zqt").enforce(rule.clone()), Behaviour::text("secret"))
        .prompt(prompt("zqp").enforce(rule.clone()), Behaviour::text("secret"))
        .resource(
            resource("data://zqr").enforce(rule.clone()),
            Behaviour::text("secret"),
        )
        .template(
            template("data://zqs/{x}").enforce(rule),
            Behaviour::text("secret"),
        );
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    World::with(&log, server, pdp, mode, |builder| builder).await
}

fn uses() -> [(&'static str, Value); 4] {
    [
        ("tools/call", json!({"name": "zqt"})),
        ("prompts/get", json!({"name": "zqp"})),
        ("resources/read", json!({"uri": "data://zqr"})),
        ("resources/read", json!({"uri": "data://zqs/1"})),
    ]
}

/// The same requests for names that nobody has.
fn unknown() -> [(&'static str, Value); 4] {
    [
        ("tools/call", json!({"name": "zqu"})),
        ("prompts/get", json!({"name": "zqu"})),
        ("resources/read", json!({"uri": "data://zqu"})),
        ("resources/read", json!({"uri": "data://zqu/1"})),
    ]
}

#[tokio::test]
async fn the_answer_names_all_scopes_of_the_rule_and_nothing_is_asked() {
    for rule in [pre_enforce(), post_enforce()] {
        let rule = rule.required_scopes(["admin", "mcp", "data:read"]);
        let world = world(rule, Mode::Json).await;
        for revision in Revision::ALL {
            for (method, params) in uses() {
                let reply = world.wire.ask(&Ask::new(revision, "mara", method, params)).await;
                assert_eq!(reply.status, 403, "{revision:?} {method} {reply:?}");
                assert_eq!(
                    reply.header("www-authenticate"),
                    Some(
                        r#"Bearer error="insufficient_scope", error_description="the access token lacks a scope", scope="admin mcp data:read""#
                    )
                );
                assert!(!reply.contains("secret"), "{reply:?}");
                let record = world.audit.records().pop().unwrap();
                assert_eq!(
                    record.reason.as_deref(),
                    Some("the token lacks a scope that the rule requires")
                );
            }
        }
        assert_eq!(world.log.lines(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn a_token_with_the_scopes_passes() {
    for mode in [Mode::Json, Mode::Sse] {
        let world = world(pre_enforce().required_scopes(["mcp"]), mode).await;
        for (method, params) in uses() {
            let reply = world.ask("mara", method, params).await;
            assert_eq!(reply.status, 200, "{reply:?}");
            assert!(reply.contains("secret"), "{reply:?}");
        }
    }
}

#[tokio::test]
async fn an_event_stream_that_has_begun_ends_in_the_ordinary_denial() {
    let world = world(pre_enforce().required_scopes(["admin"]), Mode::Sessions).await;
    let session = world.wire.open("mara", Revision::November2025).await;
    for (method, params) in uses() {
        let ask = Ask::new(Revision::November2025, "mara", method, params).session(&session);
        let reply = world.wire.ask(&ask).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        if method == "tools/call" {
            assert_eq!(reply.result()["isError"], true);
        } else {
            assert_eq!(reply.error()["code"], ACCESS_DENIED.0);
        }
        assert!(!reply.contains("admin") && !reply.contains("secret"), "{reply:?}");
    }
    assert_eq!(world.log.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_hidden_is_not_revealed_by_its_scopes() {
    for rule in [pre_enforce().stealth(), post_enforce().stealth(), gate()] {
        for mode in [Mode::Json, Mode::Sse] {
            let world = world(rule.clone().required_scopes(["admin"]), mode).await;
            for revision in Revision::ALL {
                for ((method, params), (_, other)) in uses().into_iter().zip(unknown()) {
                    let hidden = world
                        .wire
                        .ask(&Ask::new(revision, "mara", method, params.clone()))
                        .await;
                    let unknown = world
                        .wire
                        .ask(&Ask::new(revision, "mara", method, other.clone()))
                        .await;
                    assert_ne!(hidden.status, 403, "{hidden:?}");
                    assert!(!hidden.contains("scope"), "{hidden:?}");
                    let names = |params: &Value| {
                        let name = params.get("name").or(params.get("uri")).unwrap();
                        name.as_str().unwrap().to_owned()
                    };
                    assert_eq!(
                        hidden.naming(&names(&params), &names(&other)),
                        unknown,
                        "{revision:?} {method}"
                    );
                }
            }
            assert_eq!(world.log.lines(), Vec::<String>::new());
        }
    }
}

#[tokio::test]
async fn scopes_that_no_token_can_have_do_not_break_the_challenge() {
    let world = world(pre_enforce().required_scopes(["ad min", "x\"y\r\n"]), Mode::Json).await;
    let reply = world.ask("mara", "tools/call", json!({"name": "zqt"})).await;
    assert_eq!(reply.status, 403, "{reply:?}");
    assert_eq!(
        reply.header("www-authenticate"),
        Some(r#"Bearer error="insufficient_scope", error_description="the access token lacks a scope""#)
    );
}

#[tokio::test]
async fn a_component_stays_listed_so_that_its_scopes_can_be_learned() {
    let world = world(pre_enforce().required_scopes(["admin"]), Mode::Json).await;
    let listed = world.ask("mara", "tools/list", json!({})).await.result();
    assert_eq!(listed["tools"][0]["name"], "zqt");
    assert_eq!(world.log.lines(), Vec::<String>::new());
}
