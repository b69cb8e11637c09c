//! Questions with one answer.

use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Decision, MultiAuthorizationSubscription,
    PolicyDecisionPoint as _,
};
use sapl_mcp_tests::{MAX_ENTRIES, Pieces, Question};
use serde_json::json;

use super::Scene;

pub(super) const PLAYED: &[&str] = &[
    "decide-once-permit",
    "decide-once-deny",
    "decide-once-advice",
    "decide-once-bare",
    "decide-once-secrets",
    "decide-once-twice",
    "decide-once-null",
    "multi-decide-all-once",
    "multi-decide-all-once-most",
    "multi-decide-all-once-empty",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_answer_is_understood_whole() {
    for (name, question) in [
        ("decide-once-permit", Question::Query),
        ("decide-once-deny", Question::Refused),
        ("decide-once-advice", Question::Personal),
        ("decide-once-bare", Question::Public),
        ("decide-once-secrets", Question::WithSecrets),
    ] {
        for pieces in Pieces::ALL {
            let scene = Scene::of(name, pieces).await;
            let decided = scene.pdp.decide_once(&question.subscription()).await;
            assert_eq!(decided, question.decision(), "{name}, {pieces:?}");
            scene.assert_asked_as_recorded(&format!("{name}, {pieces:?}"));
        }
    }
}

#[tokio::test]
async fn two_questions_one_after_the_other_share_a_connection() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("decide-once-twice", pieces).await;
        let first = scene.pdp.decide_once(&Question::Query.subscription()).await;
        // The pool gets the connection back a moment after the answer is there, by tasks that are ready by now.
        for _ in 0..32 {
            tokio::task::yield_now().await;
        }
        let second = scene.pdp.decide_once(&Question::Refused.subscription()).await;
        assert_eq!(
            (first, second),
            (Question::Query.decision(), Question::Refused.decision()),
            "{pieces:?}"
        );
        scene.assert_asked_as_recorded(&format!("{pieces:?}"));
        assert!(
            scene
                .node
                .requests()
                .iter()
                .all(|request| request.connection == 0)
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_indeterminate_answer_is_one() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("decide-once-null", pieces).await;
        let decided = scene.pdp.decide_once(&Question::Query.subscription()).await;
        assert_eq!(decided, AuthorizationDecision::indeterminate(), "{pieces:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_answers_find_their_questions() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("multi-decide-all-once", pieces).await;
        let questions = Question::multi_subscription();
        let decided = scene.pdp.multi_decide_all_once(&questions).await;
        assert_eq!(decided.len(), 3, "{pieces:?}");
        for question in Question::MULTI {
            let decision = decided.decision(question.id());
            assert_eq!(*decision, question.decision(), "{question:?}, {pieces:?}");
        }
        scene.assert_asked_as_recorded(&format!("{pieces:?}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn as_many_questions_as_a_node_takes_go_in_one_request_and_find_their_answers_in_any_order() {
    let mut questions = MultiAuthorizationSubscription::new();
    for index in 0..MAX_ENTRIES {
        let subscription = AuthorizationSubscription::new(json!(index), "a", "r");
        questions.add(format!("s{index}"), subscription).unwrap();
    }
    for pieces in Pieces::ALL {
        let scene = Scene::of("multi-decide-all-once-most", pieces).await;
        let decided = scene.pdp.multi_decide_all_once(&questions).await;
        assert_eq!(decided.len(), MAX_ENTRIES, "{pieces:?}");
        for (id, decision) in decided.iter() {
            assert_eq!(decision.decision, Decision::Deny, "{id}, {pieces:?}");
        }
        scene.assert_asked_as_recorded(&format!("{pieces:?}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_answer_for_nobody_is_none_for_anybody() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("multi-decide-all-once-empty", pieces).await;
        scene.assert_nothing_is_decided(&format!("{pieces:?}")).await;
    }
}

#[tokio::test]
async fn no_question_at_all_is_not_sent() {
    let scene = Scene::of("multi-decide-all-once-empty", Pieces::Whole).await;
    let decided = scene
        .pdp
        .multi_decide_all_once(&MultiAuthorizationSubscription::new())
        .await;
    assert!(decided.is_empty());
    assert!(scene.node.requests().is_empty());
}
