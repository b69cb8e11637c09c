//! A person elsewhere, reached by an approver of the server.

use std::sync::Arc;

use sapl_mcp::{
    ApprovalAnswer, ApprovalOutcome, ApprovalRequest, ApprovalWay, ConfigError, SaplLayer,
    constraint::HandlerError, decide_fn, pre_enforce,
};
use sapl_mcp_tests::{World, accept};
use serde_json::json;

use super::{approvals, wants, world};
use crate::common::{assert_denied, value};

type Answered = Result<ApprovalAnswer, HandlerError>;

async fn agrees(request: Arc<ApprovalRequest>) -> Answered {
    assert_eq!(request.subject.as_deref(), Some("mara"));
    Ok(ApprovalAnswer::accepted(format!("desk for {}", request.name)))
}

async fn declines(_: Arc<ApprovalRequest>) -> Answered {
    Ok(ApprovalAnswer::Declined)
}

async fn edits(_: Arc<ApprovalRequest>) -> Answered {
    Ok(ApprovalAnswer::Accepted {
        by: "desk".to_owned(),
        arguments: json!({"a": 2}).as_object().cloned(),
    })
}

fn outcome(world: &World) -> (ApprovalOutcome, Option<ApprovalWay>, String) {
    let [record] = &world.audit.take()[..] else {
        panic!()
    };
    let approval = record.approval.clone().unwrap();
    (
        approval.outcome,
        approval.way,
        record.reason.clone().unwrap_or_default(),
    )
}

#[tokio::test]
async fn a_named_approver_is_asked_whatever_the_client_can_do() {
    let pdp = |log: &_| wants(log, json!({"approver": "desk"}));
    let world = world(pre_enforce(), pdp, |b| {
        b.approver("desk", agrees).approver("other", declines)
    })
    .await;
    let person =
        sapl_mcp_tests::Person::connect(world.wire, "mara", sapl_mcp_tests::Revision::November2025, |_| {
            std::future::ready(accept())
        })
        .await;
    let called = person.call("t", json!({"a": 1})).await;
    assert_eq!(value(&called), &json!({"a": 1}));
    assert!(person.asked().is_empty());
    assert_eq!(approvals(&world)[1]["by"], "desk for t");
    let (outcome, way, _) = outcome(&world);
    assert_eq!(
        (outcome, way),
        (ApprovalOutcome::Accepted, Some(ApprovalWay::Approver))
    );
}

#[tokio::test]
async fn the_default_approver_is_asked_where_the_client_cannot_ask() {
    let world = world(
        pre_enforce(),
        |log| wants(log, json!({})),
        |b| b.default_approver(agrees),
    )
    .await;
    let called = world.client("mara").await.call("t", json!({"a": 1})).await;
    assert_eq!(value(&called), &json!({"a": 1}));
}

#[tokio::test]
async fn an_approver_that_does_not_accept_lets_nothing_run() {
    async fn fails(_: Arc<ApprovalRequest>) -> Answered {
        Err("the chat is down")?
    }
    async fn panics(_: Arc<ApprovalRequest>) -> Answered {
        panic!("the approver panics")
    }
    async fn cancels(_: Arc<ApprovalRequest>) -> Answered {
        Ok(ApprovalAnswer::Cancelled)
    }
    async fn never(_: Arc<ApprovalRequest>) -> Answered {
        std::future::pending().await
    }
    let pdp = |name: &'static str| move |log: &_| wants(log, json!({"approver": name, "expiresIn": "PT1S"}));
    for (name, expected, reason) in [
        ("declines", ApprovalOutcome::Declined, "declined"),
        ("cancels", ApprovalOutcome::Cancelled, "turned away"),
        ("fails", ApprovalOutcome::Refused, "the chat is down"),
        ("panics", ApprovalOutcome::Refused, "panicked"),
        ("edits", ApprovalOutcome::Refused, "edited"),
        ("never", ApprovalOutcome::TimedOut, "in time"),
        ("nobody", ApprovalOutcome::Refused, "no approver of that name"),
    ] {
        let world = world(pre_enforce(), pdp(name), |b| {
            b.approver("declines", declines)
                .approver("cancels", cancels)
                .approver("fails", fails)
                .approver("panics", panics)
                .approver("edits", edits)
                .approver("never", never)
                .default_approver(agrees)
        })
        .await;
        assert_denied(&world.client("mara").await.call("t", json!({"a": 1})).await);
        assert!(world.server.received().is_empty());
        let (outcome, _, told) = outcome(&world);
        assert_eq!(outcome, expected, "{name}");
        assert!(told.contains(reason), "{name}: {told}");
    }
}

#[tokio::test]
async fn an_approver_may_edit_where_the_obligation_says_so() {
    let pdp = |log: &_| wants(log, json!({"approver": "desk", "editable": true}));
    let world = world(pre_enforce(), pdp, |b| b.approver("desk", edits)).await;
    let called = world.client("mara").await.call("t", json!({"a": 1})).await;
    assert_eq!(value(&called), &json!({"a": 2}));
}

#[test]
fn a_name_stands_for_one_approver() {
    let build = |second: &str| {
        SaplLayer::builder(decide_fn(|_| sapl_mcp::AuthorizationDecision::permit()))
            .approver("desk", agrees)
            .approver(second, agrees)
            .build()
    };
    assert!(build("other").is_ok());
    let error = build("desk").unwrap_err();
    assert!(matches!(error, ConfigError::DuplicateApprover { .. }), "{error}");
}
