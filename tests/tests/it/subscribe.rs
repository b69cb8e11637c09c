//! `resources/subscribe`: decided as reading that URI is.

use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, EnforceExt as _, Rule, SubscriptionContext, gate, post_enforce,
    pre_enforce,
};
use sapl_mcp_tests::{
    Ask, Behaviour, Log, Pdp, Revision, Server, World, claims, resource, step, step_with, template,
};
use serde_json::{Value, json};

use crate::finalize::{finalized, finalizing};

const METHOD: &str = "resources/subscribe";
const URIS: [&str; 2] = ["data://r", "data://t/7"];
/// Those that have the method.
const REVISIONS: [Revision; 2] = [Revision::June2025, Revision::November2025];

async fn world(rule: impl Fn() -> Rule, decision: AuthorizationDecision) -> World {
    let log = Log::new();
    let pdp = Pdp::decides(&log, decision);
    let text = || Behaviour::text("secret");
    let server = Server::new(&log)
        .resource(resource("data://r").enforce(rule().shared()), text())
        .resource(resource("data://open"), text())
        .template(template("data://t/{id}").enforce(rule().shared()), text());
    World::new(&log, server, pdp).await
}

#[tokio::test]
async fn a_permit_lets_it_through() {
    for revision in REVISIONS {
        let world = world(pre_enforce, AuthorizationDecision::permit()).await;
        for uri in URIS {
            let ask = Ask::new(revision, "sam", METHOD, json!({"uri": uri}));
            assert_eq!(world.wire.ask(&ask).await.result(), json!({}));
        }
        let reached: Vec<String> = world
            .server
            .received()
            .into_iter()
            .map(|received| received.name)
            .collect();
        assert_eq!(reached, URIS);
    }
}

#[tokio::test]
async fn the_question_is_that_of_a_read() {
    let rule = || pre_enforce().environment_fn(|context: &SubscriptionContext| json!(context.operation()));
    let expected = [
        json!({"name": "r", "tags": [], "arguments": {}, "uri": "data://r"}),
        json!({"name": "data://t/{id}", "tags": [], "arguments": {"id": "7"}, "uri": "data://t/7"}),
    ];
    for (uri, resource) in URIS.into_iter().zip(expected) {
        let world = world(rule, AuthorizationDecision::permit()).await;
        world.ask("sam", METHOD, json!({"uri": uri})).await.result();
        let asked = world.pdp.only();
        assert_eq!(
            (asked.subject(), asked.action()),
            (&claims("sam"), &json!("read"))
        );
        assert_eq!(asked.resource(), &resource);
        assert_eq!(asked.environment(), Some(&json!("subscribe")));
    }
}

#[tokio::test]
async fn whatever_is_no_permit_or_can_not_be_held_for_updates_denies() {
    let permit = AuthorizationDecision::permit;
    for (rule, decision) in [
        (pre_enforce as fn() -> Rule, AuthorizationDecision::deny()),
        (pre_enforce, AuthorizationDecision::indeterminate()),
        (pre_enforce, permit().with_obligation(json!({"type": "unknown"}))),
        (
            pre_enforce,
            permit().with_obligation(step_with("run", "a", json!({"fail": "error"}))),
        ),
        (
            pre_enforce,
            permit().with_obligation(step_with("invoke", "a", json!({"set": {"id": "8"}}))),
        ),
        (pre_enforce, permit().with_obligation(step("map", "a"))),
        (pre_enforce, permit().with_obligation(step("keep", "a"))),
        (pre_enforce, permit().with_resource(Value::Null)),
        (post_enforce, permit()),
    ] {
        let world = world(rule, decision.clone()).await;
        for uri in URIS {
            let reply = world.ask("sam", METHOD, json!({"uri": uri})).await;
            assert_eq!(
                reply.error(),
                json!({"code": -32003, "message": "Access denied"}),
                "{decision:?}"
            );
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn what_is_hidden_answers_as_what_is_unknown() {
    let map = AuthorizationDecision::permit().with_obligation(step("map", "a"));
    for (rule, decision) in [
        (
            (|| pre_enforce().stealth()) as fn() -> Rule,
            AuthorizationDecision::deny(),
        ),
        (|| pre_enforce().stealth(), map),
        (|| post_enforce().stealth(), AuthorizationDecision::permit()),
        (gate, AuthorizationDecision::deny()),
    ] {
        let world = world(rule, decision).await;
        for (hidden, unknown) in URIS.into_iter().zip(["data://u", "data://u/7"]) {
            for revision in REVISIONS {
                let ask = |uri| Ask::new(revision, "sam", METHOD, json!({"uri": uri}));
                let reply = world.wire.ask(&ask(hidden)).await;
                assert_eq!(reply.error()["code"], -32002);
                assert_eq!(
                    reply.naming(hidden, "URI").body,
                    world.wire.ask(&ask(unknown)).await.naming(unknown, "URI").body
                );
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn advice_on_the_output_and_handlers_before_it_do_not_hold_it_up() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("run", "a"))
        .with_obligation(step("invoke", "b"))
        .with_obligation(step("look", "c"))
        .with_advice(step("map", "d"));
    let world = world(pre_enforce, decision).await;
    let reply = world.ask("sam", METHOD, json!({"uri": "data://t/7"})).await;
    assert_eq!(reply.result(), json!({}));
    assert_eq!(
        world.log.lines(),
        [
            "decide",
            "run a",
            r#"invoke b {"id":"7"}"#,
            "component data://t/7",
            "look c null",
            "map d null",
        ]
    );
}

#[tokio::test]
async fn it_is_finalized_and_recorded_once() {
    for (decision, expected, outcome) in [
        (
            AuthorizationDecision::permit(),
            "PERMIT completed",
            AuditOutcome::Completed,
        ),
        (AuthorizationDecision::deny(), "DENY denied", AuditOutcome::Denied),
        (
            AuthorizationDecision::permit().with_obligation(step("map", "a")),
            "DENY denied",
            AuditOutcome::Denied,
        ),
    ] {
        let log = Log::new();
        let rule = finalizing(pre_enforce(), &log).shared();
        let server =
            Server::new(&log).resource(resource("data://r").enforce(rule), Behaviour::text("secret"));
        let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
        let _ = world.ask("sam", METHOD, json!({"uri": "data://r"})).await;
        let finalized = finalized(log.lines());
        assert_eq!(finalized, [format!("finalize {expected} r")]);
        let records = world.audit.records();
        let [record] = records.as_slice() else {
            panic!("{records:?}")
        };
        assert_eq!(
            (record.uri.as_deref(), record.operation.as_str(), record.outcome),
            (Some("data://r"), "subscribe", outcome)
        );
    }
}

#[tokio::test]
async fn what_has_no_rule_and_the_end_of_a_subscription_reach_the_server_undecided() {
    let world = world(pre_enforce, AuthorizationDecision::deny()).await;
    let reply = world.ask("sam", METHOD, json!({"uri": "data://open"})).await;
    assert_eq!(reply.result(), json!({}));
    assert_eq!(world.server.only().name, "data://open");
    let reply = world
        .ask("sam", "resources/unsubscribe", json!({"uri": "data://r"}))
        .await;
    assert_eq!(reply.error()["code"], -32601, "the server has no such method");
    assert!(world.pdp.asked().is_empty());
}
