//! Whatever goes wrong with a gate closes it.

use std::time::Duration;

use sapl_mcp::{
    AuditOutcome, AuditRecord, AuthorizationDecision, Decision, EnforceExt as _, Rule, SaplLayer,
    SubscriptionContext, gate,
};
use sapl_mcp_tests::{
    Answer, Behaviour, Log, McpClient, Mode, Pdp, Revision, Server, World, step, step_with, tool,
};
use serde_json::json;

use super::{assert_closed, gated};

#[tokio::test]
async fn a_decision_that_does_not_permit_closes_it_however_it_comes_about() {
    let permit = AuthorizationDecision::permit;
    let answers = [
        Answer::Now(AuthorizationDecision::deny()),
        Answer::Now(AuthorizationDecision::indeterminate()),
        Answer::Now(AuthorizationDecision::not_applicable()),
        Answer::Now(AuthorizationDecision::new(Decision::Suspend)),
        Answer::Later(AuthorizationDecision::deny()),
        Answer::Now(permit().with_resource(json!("replaced"))),
        Answer::Now(permit().with_resource(json!(null))),
        Answer::Missing,
        Answer::Never,
        Answer::Panic,
        Answer::PanicLater,
    ];
    for answer in answers {
        let log = Log::new();
        let server = Server::new(&log).tool(tool("t").enforce(gate()), Behaviour::text("secret"));
        let pdp = Pdp::always(&log, answer.clone());
        let world = World::with(&log, server, pdp, Mode::Json, |builder| {
            builder.decision_timeout(Duration::from_millis(5))
        })
        .await;
        assert_closed(&world).await;
        let records = world.audit.records();
        assert_eq!(records.len(), 2, "{answer:?}");
        for record in records {
            assert_eq!(record.outcome, AuditOutcome::Denied, "{answer:?}");
            assert_ne!(record.effective, Decision::Permit, "{answer:?}");
            assert!(record.gate && record.reason.is_some(), "{answer:?}");
        }
    }
}

#[tokio::test]
async fn an_obligation_that_no_on_decision_handler_claims_closes_it_and_the_attempt_is_logged() {
    for obligation in [
        json!({"type": "unknown"}),
        json!(null),
        step("invoke", "a"),
        step("keep", "a"),
        step("look", "a"),
        step("map", "a"),
        step("on_error", "a"),
        step("map_error", "a"),
        json!({"type": "filterJsonContent", "actions": []}),
    ] {
        let decision = AuthorizationDecision::permit()
            .with_obligation(obligation.clone())
            .with_obligation(step("run", "logged"));
        let world = gated(gate(), decision).await;
        assert_closed(&world).await;
        assert_eq!(
            world.log.lines(),
            ["decide", "run logged", "decide", "run logged"],
            "{obligation}"
        );
    }
}

#[tokio::test]
async fn an_on_decision_handler_that_fails_closes_it_after_the_others_ran() {
    for fail in ["error", "panic"] {
        for kind in ["run", "run_async"] {
            let decision = AuthorizationDecision::permit()
                .with_obligation(step_with(kind, "failing", json!({"fail": fail})))
                .with_obligation(step("run", "logged"));
            let world = gated(gate(), decision).await;
            assert_closed(&world).await;
            assert!(
                world.log.lines().contains(&"run logged".to_owned()),
                "{fail} {kind}"
            );

            let decision = AuthorizationDecision::permit().with_advice(step_with(
                kind,
                "failing",
                json!({"fail": fail}),
            ));
            let world = gated(gate(), decision).await;
            assert!(
                crate::common::call(&world, json!({})).await.is_ok(),
                "{fail} {kind}"
            );
        }
    }
}

#[tokio::test]
async fn a_subscription_that_can_not_be_built_closes_it() {
    fn panics(_: &SubscriptionContext) -> u8 {
        panic!("on purpose")
    }
    let rules: [Rule; 8] = [
        gate().subject_fn(|_| None::<u8>),
        gate().action_fn(|_| Err::<u8, &str>("no")),
        gate().resource_fn(panics),
        gate().environment_fn(panics),
        gate().secrets_fn(panics),
        gate().secrets("no object"),
        gate().resource(None::<u8>),
        gate().required_scopes(["mcp", "admin"]),
    ];
    for rule in rules {
        let name = format!("{rule:?}");
        let world = gated(rule, AuthorizationDecision::permit()).await;
        assert_closed(&world).await;
        assert_eq!(world.pdp.asked().len(), 0, "{name}");
        assert_eq!(world.audit.records().len(), 2, "{name}");
    }
    let world = gated(gate().required_scopes(["mcp"]), AuthorizationDecision::permit()).await;
    assert!(crate::common::call(&world, json!({})).await.is_ok());
}

#[tokio::test]
async fn a_transport_without_identity_finds_it_closed() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t").enforce(gate()), Behaviour::text("secret"))
        .shared();
    let layer = SaplLayer::builder(Pdp::decides(&log, AuthorizationDecision::permit()))
        .build()
        .unwrap();
    let client = McpClient::in_process(layer.layer(server.clone()), Revision::November2025).await;
    assert_eq!(
        client.call("t", json!({})).await,
        client.call("u", json!({})).await
    );
    assert!(client.peer().list_all_tools().await.unwrap().is_empty());

    let subject = layer.enforce_stdio("operator").layer(server.clone());
    let client = McpClient::in_process(subject, Revision::November2025).await;
    assert!(client.call("t", json!({})).await.is_ok());
    let trusted = McpClient::in_process(layer.for_stdio(server), Revision::November2025).await;
    assert!(trusted.call("t", json!({})).await.is_ok());
}

#[tokio::test]
async fn a_request_that_is_cancelled_while_the_gate_is_decided_runs_nothing() {
    let log = Log::new();
    let recorded = log.clone();
    let server = Server::new(&log)
        .tool(tool("t").enforce(gate()), Behaviour::text("secret"))
        .shared();
    let layer = SaplLayer::builder(Pdp::always(&log, Answer::Never))
        .audit(move |record: &AuditRecord<'_>| {
            recorded.add(format!("{} {}", record.outcome, record.effective))
        })
        .build()
        .unwrap();
    let layered = layer.enforce_stdio("operator").layer(server.clone());
    let client = McpClient::in_process(layered, Revision::November2025).await;
    {
        let call = client.call("t", json!({}));
        tokio::pin!(call);
        tokio::select! {
            called = &mut call => panic!("{called:?}"),
            () = log.wait_for("decide") => {}
        }
        // Dropping the call tells the server.
    }
    log.wait_for("cancelled").await;
    assert_eq!(log.lines(), ["decide", "cancelled INDETERMINATE"]);
    assert_eq!(server.received(), []);
}
