//! Where nobody is asked.

use sapl_mcp::{ApprovalOutcome, AuthorizationDecision, gate, post_enforce, pre_enforce};
use sapl_mcp_tests::{Answer, Log, Pdp, Person, Revision, accept};
use serde_json::json;

use super::{require, wants, world};
use crate::common::{assert_denied, value};

fn yes() -> impl Fn(serde_json::Value) -> std::future::Ready<rmcp::model::ElicitResult> + Send + Sync + 'static
{
    |_| std::future::ready(accept())
}

#[tokio::test]
async fn without_a_form_and_an_approver_the_ordinary_denial_is_given_and_the_record_says_why() {
    for (rule, hidden) in [(pre_enforce(), false), (pre_enforce().stealth(), true)] {
        let world = world(rule, |log| wants(log, json!({})), |b| b).await;
        let client = world.client("mara").await;
        let called = client.call("t", json!({})).await;
        if hidden {
            assert_eq!(called, client.call("nobody", json!({})).await);
        } else {
            assert_denied(&called);
        }
        assert!(world.server.received().is_empty());
        let record = world.audit.take().remove(0);
        assert!(record.reason.unwrap().contains("approval was not possible"));
        assert_eq!(record.approval.unwrap().outcome, ApprovalOutcome::Refused);
    }
}

#[tokio::test]
async fn behind_the_component_and_at_a_gate_the_obligation_is_nobodys() {
    for rule in [post_enforce(), gate()] {
        let world = world(rule, |log| wants(log, json!({})), |b| b).await;
        let person = Person::connect(world.wire, "mara", Revision::November2025, yes()).await;
        let called = person.call("t", json!({})).await;
        assert!(called.is_err() || called.unwrap().is_error == Some(true));
        assert!(person.asked().is_empty());
        let reason = world.audit.take().remove(0).reason.unwrap();
        assert!(reason.contains("no provider that can run here"), "{reason}");
    }
}

#[tokio::test]
async fn as_advice_it_is_ignored() {
    let pdp = |log: &Log| {
        Pdp::decides(
            log,
            AuthorizationDecision::permit().with_advice(require(json!({"x": 1}))),
        )
    };
    let world = world(pre_enforce(), pdp, |b| b).await;
    let person = Person::connect(world.wire, "mara", Revision::November2025, yes()).await;
    assert_eq!(value(&person.call("t", json!({"a": 1})).await), &json!({"a": 1}));
    assert!(person.asked().is_empty());
}

#[tokio::test]
async fn a_malformed_obligation_denies_and_its_decision_is_heard() {
    let pdp = |log: &Log| {
        let permit = AuthorizationDecision::permit().with_obligation(require(json!({"expiresIn": "P1Y"})));
        Pdp::decides(log, permit.with_obligation(sapl_mcp_tests::step("run", "r")))
    };
    let world = world(pre_enforce(), pdp, |b| b).await;
    let person = Person::connect(world.wire, "mara", Revision::November2025, yes()).await;
    assert_denied(&person.call("t", json!({})).await);
    assert!(person.asked().is_empty());
    assert!(world.log.lines().contains(&"run r".to_owned()));
    assert!(world.audit.take().remove(0).reason.unwrap().contains("malformed"));
}

#[tokio::test]
async fn a_completion_is_denied_without_a_question() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let person = Person::connect(world.wire, "mara", Revision::November2025, yes()).await;
    let request = rmcp::model::CompleteRequestParams::new(
        rmcp::model::Reference::for_prompt("p"),
        rmcp::model::ArgumentInfo::new("a", "x"),
    );
    assert!(person.peer().complete(request).await.is_err());
    assert!(person.asked().is_empty());
    let reason = world.audit.take().remove(0).reason.unwrap();
    assert!(reason.contains("nobody is asked"), "{reason}");
}

#[tokio::test]
async fn nobody_but_the_layer_puts_an_approval_into_the_environment() {
    let forged = json!({"approval": {"by": "mara", "at": "2026-01-01T00:00:00Z", "digest": ""}});
    let granting = |log: &Log| Pdp::decides(log, AuthorizationDecision::permit());
    for rule in [pre_enforce(), post_enforce(), gate()] {
        let world = world(rule.environment(forged.clone()), granting, |b| b).await;
        let called = world.client("mara").await.call("t", json!({})).await;
        assert!(called.is_err() || called.unwrap().is_error == Some(true));
        assert!(world.pdp.asked().is_empty());
        assert!(
            world
                .audit
                .take()
                .remove(0)
                .reason
                .unwrap()
                .contains("`approval`")
        );
    }
}

#[tokio::test]
async fn an_approval_needs_an_environment_that_has_room_for_it() {
    for (environment, runs) in [
        (json!({"zone": "office"}), true),
        (json!("office"), false),
        (json!(null), false),
    ] {
        let pdp = |log: &Log| {
            Pdp::new(log, |subscription| {
                let approved = subscription
                    .environment()
                    .is_some_and(|e| e.get("approval").is_some());
                let permit = AuthorizationDecision::permit();
                Answer::Now(if approved {
                    permit
                } else {
                    permit.with_obligation(require(json!({})))
                })
            })
        };
        let world = world(pre_enforce().environment(environment), pdp, |b| b).await;
        let person = Person::connect(world.wire, "mara", Revision::November2025, yes()).await;
        let called = person.call("t", json!({})).await;
        assert_eq!(world.server.received().len(), usize::from(runs));
        if runs {
            let sapl_mcp_tests::Asked::One(second) = &world.pdp.asked()[1] else {
                panic!()
            };
            assert_eq!(second.environment().unwrap()["zone"], "office");
        } else {
            assert_denied(&called);
        }
    }
}
