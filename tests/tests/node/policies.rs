//! A policy changes while somebody listens.

use futures_util::StreamExt as _;
use sapl_base::{AuthorizationDecision, CachingPdp, Decision, PolicyDecisionPoint as _};
use sapl_mcp_tests::Question;

use crate::{
    Scene,
    scene::{PATIENCE, soon, until},
};

pub(crate) async fn change(scene: &Scene) {
    let pdp = scene.pdp();
    let (question, questions) = (Question::Query.subscription(), Question::multi_subscription());
    let mut one = pdp.decide(&question);
    let mut each = pdp.multi_decide(&questions);
    let mut all = pdp.multi_decide_all(&questions);

    let expected = Question::Query.decision();
    assert_eq!(soon("the first decision", one.next()).await.unwrap(), expected);
    let first: Vec<_> = soon(
        "the first decisions",
        each.by_ref().take(Question::MULTI.len()).collect(),
    )
    .await;
    for question in Question::MULTI {
        let told: Vec<_> = first
            .iter()
            .filter(|it| it.subscription_id == question.id())
            .collect();
        assert!(
            matches!(told.as_slice(), [it] if it.decision == question.decision()),
            "{question:?}: {first:?}"
        );
    }
    let first = soon("the first snapshot", all.next()).await.unwrap();
    for question in Question::MULTI {
        assert_eq!(
            *first.decision(question.id()),
            question.decision(),
            "{question:?}"
        );
    }

    let mut denied = Some(scene.deny_query());
    for expected in [AuthorizationDecision::deny(), expected] {
        assert_eq!(soon("the changed decision", one.next()).await.unwrap(), expected);
        let changed = soon("one changed decision", each.next()).await.unwrap();
        assert_eq!(
            (changed.subscription_id.as_str(), &changed.decision),
            (Question::Query.id(), &expected)
        );
        let changed = soon("the changed snapshot", all.next()).await.unwrap();
        assert_eq!(*changed.decision(Question::Query.id()), expected);
        for question in [Question::Refused, Question::Public] {
            assert_eq!(
                *changed.decision(question.id()),
                question.decision(),
                "{question:?}"
            );
        }
        denied.take();
    }
}

pub(crate) async fn change_cached(scene: &Scene) {
    let pdp = CachingPdp::new(scene.pdp());
    let question = Question::Query.subscription();
    for _ in 0..2 {
        assert_eq!(pdp.decide_once(&question).await, Question::Query.decision());
    }
    assert_eq!(pdp.streams(), 1);
    let denied = scene.deny_query();
    until(Decision::Deny, PATIENCE, || pdp.decide_once(&question)).await;
    drop(denied);
    until(Decision::Permit, PATIENCE, || pdp.decide_once(&question)).await;
    assert_eq!(pdp.decide_once(&question).await, Question::Query.decision());
}
