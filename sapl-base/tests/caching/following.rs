//! What is asked directly, and what is answered from a stream.

use std::{sync::atomic::Ordering, time::Duration};

use sapl_base::{
    ASKED_TWICE_WITHIN, AuthorizationDecision, AuthorizationSubscription, CachingPdp, Decision,
    MultiAuthorizationSubscription, PolicyDecisionPoint, decide_fn,
};
use serde_json::json;
use tokio::time::advance;

use crate::scripted::{Scripted, ask, follow, permitting, question, settle};

#[tokio::test(start_paused = true)]
async fn what_is_asked_twice_is_answered_from_its_stream_from_then_on() {
    let pdp = CachingPdp::new(Scripted::default());
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::deny());
    assert_eq!(pdp.streams(), 0);
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::deny());
    assert_eq!(pdp.streams(), 1);
    let permit = AuthorizationDecision::permit().with_obligation(json!({"type": "logAccess"}));
    pdp.get_ref().say("mara", permit.clone()).await;
    for _ in 0..5 {
        assert_eq!(pdp.decide_once(&question("mara")).now().unwrap(), permit);
    }
    assert_eq!(pdp.get_ref().asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn the_newest_decision_counts_at_once() {
    let pdp = permitting("mara").await;
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::permit());
    pdp.get_ref().say("mara", AuthorizationDecision::deny()).await;
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::deny());
    pdp.get_ref().say("mara", AuthorizationDecision::permit()).await;
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::permit());
    assert_eq!(pdp.get_ref().asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_outage_is_indeterminate_and_no_reason_to_ask() {
    let pdp = permitting("mara").await;
    pdp.get_ref()
        .say("mara", AuthorizationDecision::indeterminate())
        .await;
    for _ in 0..3 {
        assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::indeterminate());
    }
    assert_eq!(pdp.get_ref().asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_has_not_decided_yet_answers_nothing() {
    let pdp = CachingPdp::new(Scripted::default());
    for asked in 1..10 {
        assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::deny());
        assert_eq!(pdp.get_ref().asked(), asked);
    }
    // It may never come about, while asking works.
    pdp.get_ref()
        .say("mara", AuthorizationDecision::indeterminate())
        .await;
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::deny());
    assert_eq!(pdp.get_ref().opened.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn a_second_question_after_ten_seconds_is_a_first_one() {
    let pdp = CachingPdp::new(Scripted::default());
    ask(&pdp, "late").await;
    ask(&pdp, "in time").await;
    advance(ASKED_TWICE_WITHIN).await;
    ask(&pdp, "in time").await;
    assert_eq!(pdp.streams(), 1);
    advance(Duration::from_millis(1)).await;
    ask(&pdp, "late").await;
    assert_eq!(pdp.streams(), 1);
    ask(&pdp, "late").await;
    assert_eq!(pdp.streams(), 2);
}

#[tokio::test(start_paused = true)]
async fn another_question_gets_no_answer_from_it() {
    let pdp = permitting("mara").await;
    let secrets = |key: &str| json!({"key": key}).as_object().cloned().unwrap();
    for other in [
        question("Mara"),
        question("mara").with_environment(json!(null)),
        question("mara").with_secrets(secrets("a")),
        question("mara").with_secrets(secrets("b")),
        AuthorizationSubscription::new("mara", "write", json!({"name": "report"})),
        AuthorizationSubscription::new("mara", "read", json!({"name": "report", "tags": []})),
    ] {
        assert_eq!(
            pdp.decide_once(&other).await,
            AuthorizationDecision::deny(),
            "{other:?}"
        );
    }
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::permit());
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_or_panics_answers_nothing_more_and_may_come_again() {
    for panics in [false, true] {
        let pdp = permitting("mara").await;
        if panics {
            pdp.get_ref().panic("mara").await;
        } else {
            pdp.get_ref().end("mara").await;
        }
        assert_eq!(pdp.streams(), 0);
        assert_eq!(pdp.get_ref().open(), 0);
        follow(&pdp, "mara").await;
        assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::permit());
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_is_what_is_at_hand_and_one_question_for_the_rest() {
    let pdp = permitting("mara").await;
    let page = |subjects: &[&str]| {
        let mut page = MultiAuthorizationSubscription::new();
        for subject in subjects {
            page.add(format!("of {subject}"), question(subject)).unwrap();
        }
        page
    };
    let mixed = page(&["a", "mara", "b"]);
    let decided = pdp.multi_decide_all_once(&mixed).await;
    assert_eq!(decided.len(), 3);
    assert_eq!(decided.decision("of mara").decision, Decision::Permit);
    assert_eq!(decided.decision("of a").decision, Decision::Deny);
    assert_eq!(*pdp.get_ref().pages.lock().unwrap(), [["of a", "of b"]]);

    // The second time, so that the others are followed as well.
    pdp.multi_decide_all_once(&mixed).await;
    settle().await;
    assert_eq!(pdp.streams(), 3);
    for subject in ["a", "b"] {
        pdp.get_ref().say(subject, AuthorizationDecision::permit()).await;
    }
    let decided = pdp.multi_decide_all_once(&mixed).now().unwrap();
    assert!(
        decided
            .iter()
            .all(|(_, decision)| decision.decision == Decision::Permit)
    );
    assert_eq!(pdp.get_ref().pages.lock().unwrap().len(), 2);

    let nothing_at_hand = pdp.multi_decide_all_once(&page(&["c"])).await;
    assert_eq!(nothing_at_hand.decision("of c").decision, Decision::Deny);
}

#[tokio::test(start_paused = true)]
async fn a_decision_point_that_does_not_follow_changes_is_asked_every_time() {
    let pdp = CachingPdp::new(decide_fn(|_| AuthorizationDecision::permit()));
    for _ in 0..20 {
        assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::permit());
        assert_eq!(pdp.streams(), 0);
    }
}

#[test]
fn without_a_runtime_everything_is_asked_directly() {
    let pdp = CachingPdp::new(decide_fn(|_| AuthorizationDecision::permit()));
    for _ in 0..3 {
        assert!(pdp.decide_once(&question("mara")).now().is_ok());
    }
    assert_eq!(pdp.streams(), 0);
}
