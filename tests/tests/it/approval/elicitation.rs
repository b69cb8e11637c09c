//! The person at the other end, asked while the call waits.

use sapl_mcp::{
    APPROVAL_TITLE, ApprovalOutcome, ApprovalWay, AuditOutcome, AuthorizationDecision, Decision, pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Log, Pdp, Person, Revision, World, accept, accept_with, cancel, decline, step, step_with,
};
use serde_json::{Value, json};

use super::{approvals, arguments, require, wants, world};
use crate::common::{assert_denied, value};

const REVISIONS: [Revision; 2] = [Revision::June2025, Revision::November2025];

async fn asked_by(world: &World, answer: rmcp::model::ElicitResult) -> Person {
    let script = move |_| std::future::ready(answer.clone());
    Person::connect(world.wire, "mara", Revision::November2025, script).await
}

#[tokio::test]
async fn what_a_person_agrees_to_is_decided_again_and_runs() {
    for revision in REVISIONS {
        let world = world(
            pre_enforce(),
            |log| wants(log, json!({"message": "Really?"})),
            |b| b,
        )
        .await;
        let person = Person::connect(world.wire, "mara", revision, |_| std::future::ready(accept())).await;
        let (arguments, digest) = arguments();
        let called = person.call("t", arguments.clone()).await;
        assert_eq!(value(&called), &arguments);

        let [form] = &person.asked()[..] else { panic!() };
        assert_eq!(form["requestedSchema"]["title"], APPROVAL_TITLE);
        let message = form["message"].as_str().unwrap();
        for shown in ["Really?", "mara", "\"t\"", "\"x\""] {
            assert!(message.contains(shown), "{message}");
        }

        let told = approvals(&world);
        assert_eq!(told.len(), 2);
        assert_eq!(told[0], Value::Null);
        assert_eq!(told[1]["by"], "mara");
        assert_eq!(told[1]["digest"], digest);
        assert!(told[1]["at"].as_str().unwrap().ends_with('Z'));

        let [record] = &world.audit.take()[..] else {
            panic!()
        };
        assert_eq!(record.outcome, AuditOutcome::Completed);
        let approval = record.approval.as_ref().unwrap();
        assert_eq!(approval.outcome, ApprovalOutcome::Accepted);
        assert_eq!(approval.way, Some(ApprovalWay::Elicitation));
        assert_eq!(approval.by.as_deref(), Some("mara"));
    }
}

#[tokio::test]
async fn prompts_and_resources_wait_for_a_person_too() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let person = asked_by(&world, accept()).await;
    assert!(person.prompt("p", json!({"a": "x"})).await.is_ok());
    assert!(person.read("data://r").await.is_ok());
    assert!(person.read("item://7").await.is_ok());
    let asked = person.asked();
    assert_eq!(asked.len(), 3);
    assert!(asked[1]["message"].as_str().unwrap().contains("data://r"));
    assert!(asked[2]["message"].as_str().unwrap().contains("item://7"));
}

#[tokio::test]
async fn whoever_does_not_say_yes_lets_nothing_run() {
    use ApprovalOutcome::{Cancelled, Declined, Refused};
    for (answer, outcome) in [
        (decline(), Declined),
        (cancel(), Cancelled),
        (accept_with(json!({"approve": false})), Declined),
        (accept_with(json!({})), Refused),
        (accept_with(json!({"approve": true, "arguments": "{}"})), Refused),
    ] {
        let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
        let person = asked_by(&world, answer).await;
        assert_denied(&person.call("t", json!({})).await);
        assert_eq!(person.asked().len(), 1);
        assert!(world.server.received().is_empty());
        let [record] = &world.audit.take()[..] else {
            panic!()
        };
        assert_eq!(record.outcome, AuditOutcome::Denied);
        assert_eq!(record.effective, Decision::Deny);
        assert_eq!(record.approval.as_ref().unwrap().outcome, outcome);
        assert!(record.reason.is_some());
    }
}

#[tokio::test]
async fn a_person_who_does_not_answer_in_time_lets_nothing_run() {
    let world = world(
        pre_enforce(),
        |log| wants(log, json!({"expiresIn": "PT1S"})),
        |b| b,
    )
    .await;
    let person = Person::connect(world.wire, "mara", Revision::November2025, |_| {
        std::future::pending::<rmcp::model::ElicitResult>()
    })
    .await;
    assert_denied(&person.call("t", json!({})).await);
    assert!(world.server.received().is_empty());
    let [record] = &world.audit.take()[..] else {
        panic!()
    };
    assert_eq!(
        record.approval.as_ref().unwrap().outcome,
        ApprovalOutcome::TimedOut
    );
}

#[tokio::test]
async fn a_secret_component_stays_one_when_a_person_declines() {
    let world = world(pre_enforce().stealth(), |log| wants(log, json!({})), |b| b).await;
    let person = asked_by(&world, decline()).await;
    let error = person.call("t", json!({})).await.unwrap_err();
    assert_eq!(error, person.call("nobody", json!({})).await.unwrap_err());
}

fn arguments_of(asked: &sapl_mcp_tests::Asked) -> Value {
    match asked {
        sapl_mcp_tests::Asked::One(subscription) => subscription.resource()["arguments"].clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn edited_arguments_are_decided_and_run_where_the_obligation_lets_them_be() {
    let edited = accept_with(json!({"approve": true, "arguments": r#"{"a": 2}"#}));
    let world = world(pre_enforce(), |log| wants(log, json!({"editable": true})), |b| b).await;
    let person = asked_by(&world, edited).await;
    let called = person.call("t", json!({"a": 1})).await;
    assert_eq!(value(&called), &json!({"a": 2}));
    let asked: Vec<_> = world.pdp.asked().iter().map(arguments_of).collect();
    assert_eq!(asked, [json!({"a": 1}), json!({"a": 2}), json!({"a": 2})]);
    let told: Vec<bool> = approvals(&world).iter().map(Value::is_object).collect();
    assert_eq!(told, [false, false, true]);
    // The variables of a URI can't be edited.
    assert!(person.read("item://7").await.is_err());
}

#[tokio::test]
async fn a_second_decision_that_does_not_permit_denies() {
    let pdp = |log: &Log| {
        Pdp::new(log, |subscription| {
            Answer::Now(match subscription.environment() {
                None => AuthorizationDecision::permit().with_obligation(require(json!({}))),
                Some(_) => AuthorizationDecision::deny(),
            })
        })
    };
    let world = world(pre_enforce(), pdp, |b| b).await;
    let person = asked_by(&world, accept()).await;
    assert_denied(&person.call("t", json!({})).await);
    assert!(world.server.received().is_empty());
    let [record] = &world.audit.take()[..] else {
        panic!()
    };
    assert_eq!(record.decision, Some(Decision::Deny));
    assert_eq!(
        record.approval.as_ref().unwrap().outcome,
        ApprovalOutcome::Accepted
    );
}

/// What the second decision adds, and whether the component runs with that.
#[tokio::test]
async fn the_second_decision_is_what_is_enforced() {
    let other = || require(json!({"message": "another"}));
    let changed = |by: &str| step_with("invoke", "i", json!({"set": {"a": by}}));
    for (first, second, runs) in [
        (vec![], vec![require(json!({}))], true),
        (vec![], vec![other()], false),
        (vec![], vec![require(json!({})), other()], false),
        (vec![], vec![step("run", "r")], true),
        (vec![], vec![json!({"type": "unknown"})], false),
        (vec![], vec![changed("x")], false),
        (vec![changed("x")], vec![], false),
        (vec![changed("x")], vec![changed("x")], true),
        (vec![changed("x")], vec![changed("y")], false),
        (vec![], vec![require(json!({"other": 1}))], false),
    ] {
        let decision = |obligations: Vec<Value>| {
            obligations.into_iter().fold(
                AuthorizationDecision::permit(),
                AuthorizationDecision::with_obligation,
            )
        };
        let shown = format!("{first:?} then {second:?}");
        let (one, two) = (
            decision(first).with_obligation(require(json!({}))),
            decision(second),
        );
        let pdp = |log: &Log| {
            Pdp::new(log, move |subscription| {
                Answer::Now(match subscription.environment() {
                    None => one.clone(),
                    Some(_) => two.clone(),
                })
            })
        };
        let world = world(pre_enforce(), pdp, |b| b).await;
        let person = asked_by(&world, accept()).await;
        let called = person.call("t", json!({"a": "w"})).await;
        assert_eq!(person.asked().len(), 1, "{shown}");
        assert_eq!(world.server.received().len(), usize::from(runs), "{shown}");
        if !runs {
            assert_denied(&called);
        }
        let [record] = &world.audit.take()[..] else {
            panic!()
        };
        assert_eq!(
            record.outcome == AuditOutcome::Completed,
            runs,
            "{shown}: {record:?}"
        );
    }
}

#[tokio::test]
async fn a_person_sees_the_arguments_as_handlers_leave_them() {
    let pdp = |log: &Log| {
        Pdp::new(log, |_| {
            let changed = step_with("invoke", "i", json!({"set": {"a": "changed"}}));
            let permit = AuthorizationDecision::permit().with_obligation(changed);
            Answer::Now(permit.with_obligation(require(json!({}))))
        })
    };
    let world = world(pre_enforce(), pdp, |b| b).await;
    let person = asked_by(&world, accept()).await;
    let called = person.call("t", json!({"a": "given"})).await;
    assert_eq!(value(&called), &json!({"a": "changed"}));
    let message = person.asked()[0]["message"].as_str().unwrap().to_owned();
    assert!(
        message.contains("changed") && !message.contains("given"),
        "{message}"
    );
}
