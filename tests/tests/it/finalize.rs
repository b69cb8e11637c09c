//! What runs at the end of an operation: once, whatever the outcome, with the decision as it was enforced.

mod cancelled;
mod panics;

use rmcp::model::{ErrorCode, ErrorData};
use sapl_mcp::{
    AuthorizationDecision, EnforceExt as _, Rule, Slots, SubscriptionContext, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Behaviour, Component, Log, Pdp, Server, World, prompt, resource, step, step_with, tool,
};
use serde_json::json;

use crate::common::call;

/// The lines that tell of a finalization.
pub(crate) fn finalized(lines: Vec<String>) -> Vec<String> {
    lines
        .into_iter()
        .filter(|line| line.starts_with("finalize"))
        .collect()
}

/// The rule, with a line of the log at the end: decision, outcome and name.
pub(crate) fn finalizing(rule: Rule, log: &Log) -> Rule {
    let log = log.clone();
    rule.finalize(
        move |decision: &AuthorizationDecision, context: &SubscriptionContext| {
            let line = format!(
                "finalize {} {} {}",
                decision.decision,
                context.outcome(),
                context.name()
            );
            let log = log.clone();
            async move {
                tokio::task::yield_now().await;
                log.add(line);
            }
        },
    )
}

/// The lines of finalize functions after a call of the tool `t`.
async fn finalized_by(rule: Rule, decision: AuthorizationDecision, behaviour: Behaviour) -> Vec<String> {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(finalizing(rule, &log).shared()), behaviour);
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    let _ = call(&world, json!({})).await;
    let lines = log.lines();
    assert!(
        lines.last().is_some_and(|line| line.starts_with("finalize")),
        "at the end: {lines:?}"
    );
    finalized(lines)
}

#[tokio::test]
async fn it_runs_once_with_the_outcome_and_the_decision_as_it_was_enforced() {
    let permit = AuthorizationDecision::permit;
    let failing = |kind: &str| permit().with_obligation(step_with(kind, "a", json!({"fail": "error"})));
    let done = || Behaviour::text("done");
    let error = || Behaviour::fails(ErrorData::new(ErrorCode(-32050), "broken", None));
    let cases = [
        (permit(), done(), "PERMIT completed"),
        (
            permit().with_obligation(step("run", "a")),
            done(),
            "PERMIT completed",
        ),
        (
            permit().with_advice(step_with("run", "a", json!({"fail": "error"}))),
            done(),
            "PERMIT completed",
        ),
        (permit(), error(), "PERMIT failed"),
        (permit(), Behaviour::is_error("broken"), "PERMIT failed"),
        (permit(), Behaviour::panics(), "PERMIT failed"),
        (AuthorizationDecision::deny(), done(), "DENY denied"),
        (
            AuthorizationDecision::indeterminate(),
            done(),
            "INDETERMINATE denied",
        ),
        (
            AuthorizationDecision::not_applicable(),
            done(),
            "NOT_APPLICABLE denied",
        ),
        (failing("run"), done(), "DENY denied"),
        (failing("look"), done(), "DENY denied"),
        (failing("on_error"), error(), "DENY denied"),
        (
            permit().with_obligation(json!({"type": "unknown"})),
            done(),
            "DENY denied",
        ),
    ];
    for rule in [pre_enforce(), post_enforce()] {
        for (decision, behaviour, expected) in cases.clone() {
            let lines = finalized_by(rule.clone(), decision.clone(), behaviour).await;
            assert_eq!(lines, [format!("finalize {expected} t")], "{rule:?} {decision:?}");
        }
    }
    let lines = finalized_by(pre_enforce(), failing("invoke"), done()).await;
    assert_eq!(lines, ["finalize DENY denied t"]);
}

#[tokio::test]
async fn it_runs_too_when_the_subscription_could_not_be_built() {
    let rule = pre_enforce().subject_fn(|_| None::<()>);
    let lines = finalized_by(rule, AuthorizationDecision::permit(), Behaviour::text("done")).await;
    assert_eq!(lines, ["finalize DENY denied t"]);
}

#[tokio::test]
async fn it_runs_for_prompts_and_resources_and_not_for_lists() {
    let log = Log::new();
    let rule = finalizing(pre_enforce().stealth(), &log).shared();
    let server = Server::new(&log)
        .tool(tool("t").enforce(rule), Behaviour::text("done"))
        .prompt(prompt("p").enforce(rule), Behaviour::text("done"))
        .resource(resource("data://r").enforce(rule), Behaviour::text("done"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    for (method, params) in [
        ("tools/list", json!({})),
        ("prompts/list", json!({})),
        ("resources/list", json!({})),
        ("prompts/get", json!({"name": "p"})),
        ("resources/read", json!({"uri": "data://r"})),
    ] {
        world.ask("mara", method, params).await.result();
    }
    let lines = finalized(log.lines());
    assert_eq!(
        lines,
        ["finalize PERMIT completed p", "finalize PERMIT completed r"]
    );
}

#[tokio::test]
async fn its_own_panic_is_swallowed() {
    let rules = [
        pre_enforce().finalize(|_: &AuthorizationDecision, _: &SubscriptionContext| async {
            panic!("finalize panics")
        }),
        pre_enforce().finalize(
            |_: &AuthorizationDecision, _: &SubscriptionContext| -> std::future::Ready<()> {
                panic!("finalize panics at once")
            },
        ),
    ];
    for rule in rules {
        let world =
            crate::common::ruled(rule, AuthorizationDecision::permit(), Behaviour::text("done")).await;
        assert_eq!(
            crate::common::text(&call(&world, json!({})).await.unwrap()),
            "done"
        );
        // And the next call is answered as well.
        assert!(call(&world, json!({})).await.is_ok());
    }
}

#[tokio::test]
async fn a_slot_is_shared_by_the_rule_the_component_and_the_end() {
    struct Transaction(Vec<&'static str>);
    let log = Log::new();
    let end = log.clone();
    let rule = pre_enforce()
        .environment_fn(|context| {
            context.slot::<Transaction>().set(Transaction(vec!["rule"]));
            json!({})
        })
        .finalize(move |_: &AuthorizationDecision, context: &SubscriptionContext| {
            let steps = context
                .slot::<Transaction>()
                .take()
                .map(|transaction| transaction.0);
            let end = end.clone();
            async move { end.add(format!("finalize {steps:?}")) }
        });
    let behaviour = Behaviour::does(|_, context| async move {
        let slots = context.extensions.get::<Slots>().cloned().unwrap_or_default();
        let mut transaction = slots
            .slot::<Transaction>()
            .take()
            .unwrap_or(Transaction(vec!["lost"]));
        transaction.0.push("component");
        slots.slot::<Transaction>().set(transaction);
        Ok(Component::Text("done".to_owned()))
    });
    let server = Server::new(&log).tool(tool("t").enforce(rule.shared()), behaviour);
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    for _ in 0..2 {
        call(&world, json!({})).await.unwrap();
    }
    let expected = r#"finalize Some(["rule", "component"])"#;
    let lines = finalized(log.lines());
    assert_eq!(lines, [expected, expected], "each operation has slots of its own");
}

#[tokio::test]
async fn it_sees_the_arguments_as_they_were_sent() {
    let log = Log::new();
    let end = log.clone();
    let rule = pre_enforce().finalize(move |_: &AuthorizationDecision, context: &SubscriptionContext| {
        let arguments = json!(context.arguments());
        let end = end.clone();
        async move { end.add(format!("finalize {arguments}")) }
    });
    let server = Server::new(&log).tool(tool("t").enforce(rule.shared()), Behaviour::echo());
    let decision = AuthorizationDecision::permit().with_obligation(step_with(
        "invoke",
        "a",
        json!({"set": {"limit": 5}}),
    ));
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    call(&world, json!({"limit": 100})).await.unwrap();
    assert_eq!(world.server.only().arguments, json!({"limit": 5}));
    assert_eq!(
        log.lines().last().map(String::as_str),
        Some(r#"finalize {"limit":100}"#)
    );
}
