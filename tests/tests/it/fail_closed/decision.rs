//! The decision point does not permit, or does not answer.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use sapl_mcp::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, Decision, EnforceExt as _,
    PolicyDecisionPoint, SaplLayer, pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Behaviour, Log, McpClient, Mode, Pdp, Revision, Server, World, prompt, resource, template, tool,
};
use serde_json::json;

use crate::common::{assert_denied, call, decided};

fn server(log: &Log) -> Server {
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
}

#[tokio::test]
async fn anything_but_a_permit_denies_every_kind() {
    let answers = [
        (Answer::Now(AuthorizationDecision::deny()), Decision::Deny),
        (
            Answer::Now(AuthorizationDecision::indeterminate()),
            Decision::Indeterminate,
        ),
        (
            Answer::Now(AuthorizationDecision::not_applicable()),
            Decision::NotApplicable,
        ),
        (
            Answer::Now(AuthorizationDecision::new(Decision::Suspend)),
            Decision::Suspend,
        ),
        (Answer::Later(AuthorizationDecision::deny()), Decision::Deny),
        (
            Answer::Now(AuthorizationDecision::deny().with_resource(json!("instead"))),
            Decision::Deny,
        ),
        (Answer::Panic, Decision::Indeterminate),
        (Answer::PanicLater, Decision::Indeterminate),
        (Answer::Never, Decision::Indeterminate),
    ];
    for (answer, decision) in answers {
        let log = Log::new();
        let pdp = Pdp::always(&log, answer.clone());
        let world = World::with(&log, server(&log), pdp, Mode::Json, |builder| {
            builder.decision_timeout(Duration::from_millis(5))
        })
        .await;
        let client = world.client("mara").await;
        assert_denied(&client.call("t", json!({})).await);
        let mut errors = vec![client.prompt("p", json!({})).await.unwrap_err()];
        for uri in ["data://r", "data://t/1"] {
            errors.push(client.read(uri).await.unwrap_err());
        }
        for error in errors {
            assert_eq!(
                (error.code, &*error.message, &error.data),
                (sapl_mcp::ACCESS_DENIED, "Access denied", &None)
            );
        }
        assert_eq!(world.server.received(), [], "{answer:?}");
        let records = world.audit.records();
        assert_eq!(records.len(), 4);
        assert!(
            records.iter().all(|record| record.decision == Some(decision)),
            "{answer:?} {records:?}"
        );
        assert!(
            records.iter().all(|record| record.effective == decision),
            "{answer:?} {records:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_silent_decision_point_is_waited_for_exactly_as_long_as_it_may_take() {
    for (timeout, expected) in [
        (None, Duration::from_secs(5)),
        (Some(Duration::from_millis(70)), Duration::from_millis(70)),
    ] {
        let log = Log::new();
        let mut builder = SaplLayer::builder(Pdp::always(&log, Answer::Never));
        if let Some(timeout) = timeout {
            builder = builder.decision_timeout(timeout);
        }
        let layer = builder.build().unwrap().enforce_stdio("somebody");
        let server = server(&log).shared();
        let client = McpClient::in_process(layer.layer(server.clone()), Revision::November2025).await;
        let started = tokio::time::Instant::now();
        assert_denied(&client.call("t", json!({})).await);
        assert!(
            started.elapsed().abs_diff(expected) < Duration::from_millis(50),
            "{:?}",
            started.elapsed()
        );
        assert_eq!(server.received(), []);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_within_the_time_counts_and_one_behind_it_does_not() {
    for (after, permitted) in [(4_990, true), (5_010, false)] {
        let log = Log::new();
        let signal = std::sync::Arc::new(tokio::sync::Notify::new());
        let answer = Answer::When(signal.clone(), AuthorizationDecision::permit());
        let layer = SaplLayer::builder(Pdp::always(&log, answer))
            .build()
            .unwrap()
            .enforce_stdio("somebody");
        let client = McpClient::in_process(layer.layer(server(&log).shared()), Revision::November2025).await;
        tokio::spawn(async move {
            // By the clock that stands still until everybody waits.
            tokio::time::sleep(Duration::from_millis(after)).await;
            signal.notify_one();
        });
        let result = client.call("t", json!({})).await.unwrap();
        assert_eq!(crate::common::text(&result) == "secret", permitted);
    }
}

#[tokio::test]
async fn a_malformed_decision_is_no_permit() {
    for malformed in [
        r#"{"decision":"PERMIT","obligations":null}"#,
        r#"{"decision":"PERMIT","obligations":{}}"#,
        r#"{"decision":"PERMIT","advice":"x"}"#,
        r#"{"decision":"PERMIT","decision":"PERMIT"}"#,
        r#"{"decision":"DENY","decision":"PERMIT"}"#,
        r#"{"decision":"permit"}"#,
        r#"{"decision":true}"#,
        r#"["PERMIT"]"#,
        r#""PERMIT""#,
        r#"{}"#,
        r#"{"decision":"PERMIT"} x"#,
    ] {
        let decision = AuthorizationDecision::from_json(malformed.as_bytes())
            .unwrap_or_else(|_| AuthorizationDecision::indeterminate());
        let world = decided(decision, Behaviour::text("secret")).await;
        assert_denied(&call(&world, json!({})).await);
        assert_eq!(world.server.received(), [], "{malformed}");
    }
}

#[tokio::test]
async fn a_component_that_panics_is_answered_and_its_message_stays_here() {
    for rule in [pre_enforce(), sapl_mcp::post_enforce()] {
        let world = crate::common::ruled(rule, AuthorizationDecision::permit(), Behaviour::panics()).await;
        let error = call(&world, json!({})).await.unwrap_err();
        assert_eq!(error.code, rmcp::model::ErrorCode::INTERNAL_ERROR);
        assert!(!error.message.contains("panics"), "{error:?}");
        assert_eq!(world.audit.records()[0].outcome, sapl_mcp::AuditOutcome::Failed);
    }
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("unruled"), Behaviour::panics())
        .prompt(prompt("p").enforce(pre_enforce()), Behaviour::panics())
        .resource(resource("data://r").enforce(pre_enforce()), Behaviour::panics());
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    let client = world.client("mara").await;
    assert!(client.call("unruled", json!({})).await.is_err());
    assert!(client.prompt("p", json!({})).await.is_err());
    assert!(client.read("data://r").await.is_err());
}

#[tokio::test]
async fn an_audit_sink_that_panics_changes_nothing() {
    for (decision, allowed) in [
        (AuthorizationDecision::permit(), true),
        (AuthorizationDecision::deny(), false),
    ] {
        let log = Log::new();
        let pdp = Pdp::decides(&log, decision);
        let world = World::with(&log, server(&log), pdp, Mode::Json, |builder| {
            builder.audit(|_: &sapl_mcp::AuditRecord<'_>| panic!("the sink panics"))
        })
        .await;
        let called = world.client("mara").await.call("t", json!({})).await.unwrap();
        assert_eq!(called.is_error != Some(true), allowed);
    }
}

/// Gives a decision that panics when it is dropped.
struct Fragile;

struct FragileDecision;

impl PolicyDecisionPoint for Fragile {
    fn decide_once<'a>(&'a self, _: &'a AuthorizationSubscription) -> Deciding<'a> {
        Deciding::pending(FragileDecision)
    }
}

impl Future for FragileDecision {
    type Output = AuthorizationDecision;

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<AuthorizationDecision> {
        Poll::Ready(AuthorizationDecision::permit())
    }
}

impl Drop for FragileDecision {
    fn drop(&mut self) {
        panic!("the decision panics when it is dropped");
    }
}

#[tokio::test]
async fn a_decision_that_panics_when_it_is_dropped_denies_and_keeps_secrets() {
    let log = Log::new();
    let layer = SaplLayer::builder(Fragile).build().unwrap().enforce_stdio("mara");
    let server = Server::new(&log)
        .tool(tool("plain").enforce(pre_enforce()), Behaviour::text("secret"))
        .tool(
            tool("secret").enforce(pre_enforce().stealth()),
            Behaviour::text("secret"),
        );
    let client = McpClient::in_process(layer.layer(server.shared()), Revision::November2025).await;
    assert_denied(&client.call("plain", json!({})).await);
    let hidden = client.call("secret", json!({})).await.unwrap_err();
    assert_eq!(hidden, client.call("absent", json!({})).await.unwrap_err());
}
