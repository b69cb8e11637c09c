//! Completion of the arguments of prompts and templates: decided as the use of what it refers to.

use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, Decision, EnforceExt as _, Rule, SubscriptionContext, gate,
    post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Ask, Behaviour, Log, Mode, Pdp, Reply, Revision, Server, World, claims, prompt, resource, step,
    step_with, template,
};
use serde_json::{Value, json};

use crate::finalize::{finalized, finalizing};

const METHOD: &str = "completion/complete";

/// A request about the prompt `p`, with something filled in.
fn of_prompt() -> Value {
    about(json!({"type": "ref/prompt", "name": "p"}))
}

fn of_uri(uri: &str) -> Value {
    about(json!({"type": "ref/resource", "uri": uri}))
}

fn about(reference: Value) -> Value {
    json!({
        "ref": reference,
        "argument": {"name": "topic", "value": "x"},
        "context": {"arguments": {"language": "en"}},
    })
}

/// All that can be referred to, each under this rule. The rule has no function that captures something.
async fn world(rule: impl Fn() -> Rule, decision: AuthorizationDecision) -> World {
    let log = Log::new();
    let pdp = Pdp::decides(&log, decision);
    let text = || Behaviour::text("secret");
    let server = Server::new(&log)
        .prompt(prompt("p").enforce(rule().shared()), text())
        .prompt(prompt("open"), text())
        .resource(resource("data://r").enforce(rule().shared()), text())
        .template(template("data://t/{id}").enforce(rule().shared()), text());
    World::new(&log, server, pdp).await
}

/// The references, by the name that the log and the records know.
fn references() -> [(&'static str, Value); 4] {
    [
        ("p", of_prompt()),
        ("data://t/{id}", of_uri("data://t/{id}")),
        ("data://r", of_uri("data://r")),
        ("data://t/7", of_uri("data://t/7")),
    ]
}

#[track_caller]
fn values(reply: &Reply) -> Value {
    reply.result()["completion"]["values"].clone()
}

#[tokio::test]
async fn a_permit_gives_the_values_on_every_revision() {
    for revision in Revision::ALL {
        let world = world(pre_enforce, AuthorizationDecision::permit()).await;
        for (name, params) in references() {
            let reply = world.wire.ask(&Ask::new(revision, "sam", METHOD, params)).await;
            assert_eq!(
                values(&reply),
                json!([format!("{name}-completed")]),
                "{revision:?}"
            );
        }
        assert_eq!((world.server.received().len(), world.pdp.asked().len()), (4, 4));
    }
}

#[tokio::test]
async fn the_question_is_that_of_use_with_what_was_filled_in() {
    let rule = || {
        pre_enforce()
            .tags(["a"])
            .environment_fn(|context: &SubscriptionContext| json!(context.operation()))
    };
    let expected = [
        (
            "get",
            json!({"name": "p", "tags": ["a"], "arguments": {"language": "en", "topic": "x"}}),
        ),
        (
            "read",
            json!({"name": "data://t/{id}", "tags": ["a"], "arguments": {"language": "en", "topic": "x"}}),
        ),
        (
            "read",
            json!({"name": "r", "tags": ["a"], "arguments": {"topic": "x"}, "uri": "data://r"}),
        ),
        (
            "read",
            json!({
                "name": "data://t/{id}",
                "tags": ["a"],
                "arguments": {"id": "7", "topic": "x"},
                "uri": "data://t/7",
            }),
        ),
    ];
    for ((_, params), (action, resource)) in references().into_iter().zip(expected) {
        let world = world(rule, AuthorizationDecision::permit()).await;
        world.ask("sam", METHOD, params).await.result();
        let asked = world.pdp.only();
        assert_eq!(asked.subject(), &claims("sam"));
        assert_eq!(asked.action(), action);
        assert_eq!(asked.resource(), &resource);
        assert_eq!(asked.environment(), Some(&json!("complete")));
        let received = world.server.only();
        assert_eq!(received.arguments, json!({"language": "en"}));
        assert_eq!(received.completed, json!(["topic", "x"]));
    }
}

#[tokio::test]
async fn a_policy_sees_what_there_is_of_the_argument_that_is_to_be_completed() {
    let log = Log::new();
    let rule = pre_enforce().resource_fn(|ctx: &SubscriptionContext| json!(ctx.argument("topic")));
    let pdp = Pdp::new(&log, |subscription| {
        sapl_mcp_tests::Answer::Now(match subscription.resource() == "pub" {
            true => AuthorizationDecision::permit(),
            false => AuthorizationDecision::deny(),
        })
    });
    let server = Server::new(&log).prompt(prompt("p").enforce(rule), Behaviour::text("secret"));
    let world = World::new(&log, server, pdp).await;
    let params = |value: &str, context: Value| {
        json!({
            "ref": {"type": "ref/prompt", "name": "p"},
            "argument": {"name": "topic", "value": value},
            "context": context,
        })
    };
    for context in [
        json!(null),
        json!({}),
        json!({"arguments": {}}),
        // What is to be completed is what the policy sees, and what the server gets.
        json!({"arguments": {"topic": "sec"}}),
    ] {
        let mut permitted = params("pub", context.clone());
        if context.is_null() {
            permitted.as_object_mut().unwrap().remove("context");
        }
        let reply = world.ask("sam", METHOD, permitted).await;
        assert_eq!(values(&reply), json!(["p-completed"]));
        let received = world.server.received().pop().unwrap();
        assert_eq!(received.completed, json!(["topic", "pub"]));
        let expected = if context.get("arguments").is_some() {
            json!({})
        } else {
            json!(null)
        };
        assert_eq!(received.arguments, expected);
    }
    for context in [json!({}), json!({"arguments": {"topic": "pub"}})] {
        let before = world.server.received().len();
        let reply = world.ask("sam", METHOD, params("sec", context)).await;
        assert_eq!(reply.error()["code"], -32003);
        assert_eq!(world.server.received().len(), before);
    }
}

#[tokio::test]
async fn whatever_is_no_permit_denies_what_is_no_secret() {
    for decision in [
        AuthorizationDecision::deny(),
        AuthorizationDecision::indeterminate(),
        AuthorizationDecision::not_applicable(),
        AuthorizationDecision::permit().with_obligation(json!({"type": "unknown"})),
        AuthorizationDecision::permit().with_obligation(step_with("run", "a", json!({"fail": "panic"}))),
    ] {
        let world = world(pre_enforce, decision.clone()).await;
        for revision in Revision::ALL {
            for (_, params) in references() {
                let reply = world.wire.ask(&Ask::new(revision, "sam", METHOD, params)).await;
                assert_eq!(reply.status, 200);
                assert_eq!(
                    reply.error(),
                    json!({"code": -32003, "message": "Access denied"}),
                    "{decision:?}"
                );
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn what_is_hidden_answers_as_what_is_unknown() {
    for rule in [|| pre_enforce().stealth(), gate] {
        let world = world(rule, AuthorizationDecision::deny()).await;
        for revision in Revision::ALL {
            for ((_, hidden), unknown) in references().into_iter().zip([
                about(json!({"type": "ref/prompt", "name": "q"})),
                of_uri("data://u/{id}"),
                of_uri("data://u"),
                of_uri("data://u/7"),
            ]) {
                let ask = |params| Ask::new(revision, "sam", METHOD, params);
                let reply = world.wire.ask(&ask(hidden)).await;
                assert_eq!(reply, world.wire.ask(&ask(unknown)).await);
                assert_eq!(values(&reply), json!([]));
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn an_obligation_on_the_output_leaves_no_values() {
    let permit = AuthorizationDecision::permit;
    let filter = json!({"type": "filterJsonContent", "actions": [{"type": "delete", "path": "$.a"}]});
    for decision in [
        permit().with_obligation(step("map", "a")),
        permit().with_obligation(step_with("keep", "a", json!({"keep": []}))),
        permit().with_obligation(filter),
        permit().with_resource(json!(["other"])),
        permit().with_resource(Value::Null),
    ] {
        let world = world(pre_enforce, decision.clone()).await;
        for (_, params) in references() {
            let reply = world.ask("sam", METHOD, params).await;
            assert_eq!(values(&reply), json!([]), "{decision:?}");
        }
        assert_eq!(world.server.received(), []);
        for record in world.audit.records() {
            assert_eq!(
                (record.decision, record.effective, record.outcome),
                (Some(Decision::Permit), Decision::Deny, AuditOutcome::Denied)
            );
            assert!(record.reason.is_some_and(|reason| reason.contains("output")));
        }
    }
}

#[tokio::test]
async fn a_rule_that_decides_by_the_value_leaves_none_and_asks_nobody() {
    for rule in [post_enforce, || post_enforce().stealth()] {
        let world = world(rule, AuthorizationDecision::permit()).await;
        for (_, params) in references() {
            assert_eq!(values(&world.ask("sam", METHOD, params).await), json!([]));
        }
        assert_eq!(world.server.received(), []);
        assert!(world.pdp.asked().is_empty());
        assert_eq!(world.audit.records().len(), 4);
    }
}

#[tokio::test]
async fn a_gate_comes_first_and_both_must_permit() {
    for (actions, expected) in [
        (&["p", "get"][..], json!(["p-completed"])),
        (&["p"], json!("denied")),
        (&["get"], json!([])),
    ] {
        let log = Log::new();
        let pdp = Pdp::new(&log, |subscription| {
            let permitted = actions.iter().any(|action| subscription.action() == action);
            sapl_mcp_tests::Answer::Now(match permitted {
                true => AuthorizationDecision::permit(),
                false => AuthorizationDecision::deny(),
            })
        });
        let server = Server::new(&log).prompt(
            prompt("p").enforce(gate()).enforce(pre_enforce()),
            Behaviour::text("secret"),
        );
        let world = World::new(&log, server, pdp).await;
        let reply = world.ask("sam", METHOD, of_prompt()).await;
        if expected == "denied" {
            assert_eq!(reply.error()["message"], "Access denied");
        } else {
            assert_eq!(values(&reply), expected);
        }
    }
}

#[tokio::test]
async fn handlers_run_around_it_and_change_what_was_filled_in() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("run", "a"))
        .with_obligation(step_with(
            "invoke",
            "b",
            json!({"set": {"language": "de", "limit": 5, "topic": "y"}}),
        ))
        .with_obligation(step("look", "c"))
        .with_advice(step("map", "d"));
    let world = world(pre_enforce, decision).await;
    let reply = world.ask("sam", METHOD, of_prompt()).await;
    assert_eq!(values(&reply), json!(["p-completed", "d"]));
    assert_eq!(
        world.server.only().arguments,
        json!({"language": "de", "limit": "5"})
    );
    assert_eq!(world.server.only().completed, json!(["topic", "y"]));
    assert_eq!(
        world.log.lines(),
        [
            "decide",
            "run a",
            r#"invoke b {"language":"en","topic":"x"}"#,
            "component p",
            r#"look c ["p-completed"]"#,
            r#"map d ["p-completed"]"#,
        ]
    );
}

#[tokio::test]
async fn the_variables_of_a_template_are_no_handlers_to_change() {
    let decision = AuthorizationDecision::permit().with_obligation(step_with(
        "invoke",
        "a",
        json!({"set": {"language": "de"}}),
    ));
    let world = world(pre_enforce, decision).await;
    for (_, params) in references().into_iter().skip(1) {
        let reply = world.ask("sam", METHOD, params).await;
        assert_eq!(reply.error()["code"], -32003);
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn an_advice_that_makes_something_else_of_the_values_denies() {
    for to in [json!("text"), json!([1]), json!({}), json!(vec!["x"; 101])] {
        let decision = AuthorizationDecision::permit().with_advice(step_with("map", "a", json!({"to": to})));
        let world = world(pre_enforce, decision).await;
        let reply = world.ask("sam", METHOD, of_prompt()).await;
        assert_eq!(reply.error()["code"], -32003);
    }
    let most = vec!["x"; 100];
    let decision = AuthorizationDecision::permit().with_advice(step_with("map", "a", json!({"to": most})));
    let reply = world(pre_enforce, decision)
        .await
        .ask("sam", METHOD, of_prompt())
        .await;
    assert_eq!(values(&reply), json!(most));
}

#[tokio::test]
async fn it_is_finalized_and_recorded_once() {
    let permit = AuthorizationDecision::permit;
    for (rule, decision, expected, outcome) in [
        (
            pre_enforce(),
            permit(),
            "PERMIT completed",
            AuditOutcome::Completed,
        ),
        (
            pre_enforce(),
            AuthorizationDecision::deny(),
            "DENY denied",
            AuditOutcome::Denied,
        ),
        (
            pre_enforce(),
            permit().with_obligation(step("map", "a")),
            "DENY denied",
            AuditOutcome::Denied,
        ),
        (post_enforce(), permit(), "DENY denied", AuditOutcome::Denied),
    ] {
        let log = Log::new();
        let rule = finalizing(rule, &log).shared();
        let server = Server::new(&log).prompt(prompt("p").enforce(rule), Behaviour::text("secret"));
        let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
        let _ = world.ask("sam", METHOD, of_prompt()).await;
        let finalized = finalized(log.lines());
        assert_eq!(finalized, [format!("finalize {expected} p")]);
        let records = world.audit.records();
        let [record] = records.as_slice() else {
            panic!("{records:?}")
        };
        assert_eq!(
            (&*record.name, record.operation.as_str(), record.outcome),
            ("p", "complete", outcome)
        );
    }
}

#[tokio::test]
async fn a_reference_without_a_rule_reaches_the_server() {
    let world = world(pre_enforce, AuthorizationDecision::deny()).await;
    let params = about(json!({"type": "ref/prompt", "name": "open"}));
    let reply = world.ask("sam", METHOD, params).await;
    assert_eq!(values(&reply), json!(["open-completed"]));
    assert!(world.pdp.asked().is_empty());
}

#[tokio::test]
async fn components_without_a_rule_are_decided_where_the_layer_says_so() {
    let log = Log::new();
    let server = || Server::new(&log).prompt(prompt("p"), Behaviour::text("open"));
    let asks = World::with(
        &log,
        server(),
        Pdp::role(&log, "ANALYST"),
        Mode::Json,
        |builder| builder.unannotated(sapl_mcp::Unannotated::AskPdp),
    )
    .await;
    assert_eq!(
        values(&asks.ask("mara", METHOD, of_prompt()).await),
        json!(["p-completed"])
    );
    assert_eq!(asks.ask("sam", METHOD, of_prompt()).await.error()["code"], -32003);
    let denies = World::with(
        &log,
        server(),
        Pdp::role(&log, "ANALYST"),
        Mode::Json,
        |builder| builder.unannotated(sapl_mcp::Unannotated::Deny),
    )
    .await;
    assert_eq!(
        denies.ask("mara", METHOD, of_prompt()).await.error()["code"],
        -32003
    );
}

#[tokio::test]
async fn another_spelling_of_a_template_or_uri_is_no_way_around_its_rule() {
    let world = world(pre_enforce, AuthorizationDecision::deny()).await;
    for uri in [
        "DATA://t/{id}",
        "data://T/{id}",
        "data://t/%7Bid%7D",
        "data://t/{ID}",
        "Data://r",
        "data://%72",
        "data://t/./{id}",
    ] {
        let reply = world.ask("sam", METHOD, of_uri(uri)).await;
        assert!(!reply.contains("completed"), "{uri}: {reply:?}");
    }
    assert_eq!(world.server.received(), []);
}
