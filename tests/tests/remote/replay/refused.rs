//! What a node refuses has no decision.

use futures_util::StreamExt as _;
use sapl_base::{AuthorizationDecision, PolicyDecisionPoint as _};
use sapl_mcp_tests::{Pieces, Question};

use super::Scene;

pub(super) const PLAYED: &[&str] = &[
    "refused-400",
    "refused-401",
    "refused-404",
    "refused-405",
    "refused-413",
    "refused-multi-400",
    "refused-stream-400",
    "refused-stream-401",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_question_that_is_refused_is_indeterminate_and_not_asked_again() {
    for name in [
        "refused-400",
        "refused-401",
        "refused-404",
        "refused-405",
        "refused-413",
    ] {
        for pieces in Pieces::ALL {
            let scene = Scene::of(name, pieces).await;
            let decided = scene.pdp.decide_once(&Question::Query.subscription()).await;
            assert_eq!(
                decided,
                AuthorizationDecision::indeterminate(),
                "{name}, {pieces:?}"
            );
            assert_eq!(scene.node.requests().len(), 1, "{name}, {pieces:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_questions_that_are_refused_are_indeterminate_each() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("refused-multi-400", pieces).await;
        scene.assert_nothing_is_decided(&format!("{pieces:?}")).await;
        assert_eq!(scene.node.requests().len(), 1, "{pieces:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_is_refused_begins_with_indeterminate() {
    for name in ["refused-stream-400", "refused-stream-401"] {
        for pieces in Pieces::ALL {
            let scene = Scene::of(name, pieces).await;
            let question = Question::Query.subscription();
            let first = scene.pdp.decide(&question).next().await;
            assert_eq!(
                first,
                Some(AuthorizationDecision::indeterminate()),
                "{name}, {pieces:?}"
            );
        }
    }
}
