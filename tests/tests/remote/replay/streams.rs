//! Streams of decisions, through keep-alives, changes of the policies and the end of the node.

use futures_util::StreamExt as _;
use sapl_base::{
    AuthorizationDecision, IdentifiableAuthorizationDecision, MultiAuthorizationDecision,
    PolicyDecisionPoint as _,
};
use sapl_mcp_tests::{Pieces, Question};

use super::Scene;

pub(super) const PLAYED: &[&str] = &["decide", "multi-decide", "multi-decide-all", "multi-decide-empty"];

const PERMIT: fn() -> AuthorizationDecision = AuthorizationDecision::permit;
const DENY: fn() -> AuthorizationDecision = AuthorizationDecision::deny;
const INDETERMINATE: fn() -> AuthorizationDecision = AuthorizationDecision::indeterminate;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_decision_follows_the_policies_and_is_indeterminate_once_the_node_stops() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("decide", pieces).await;
        let question = Question::Query.subscription();
        let decided: Vec<_> = scene.pdp.decide(&question).take(4).collect().await;
        assert_eq!(
            decided,
            [capped(), DENY(), capped(), INDETERMINATE()],
            "{pieces:?}"
        );
        scene.assert_asked_as_recorded(&format!("{pieces:?}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_decision_follows_the_policies_and_all_are_indeterminate_once_the_node_stops() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("multi-decide", pieces).await;
        let questions = Question::multi_subscription();
        let decided: Vec<_> = scene.pdp.multi_decide(&questions).take(8).collect().await;
        let (told, outage) = decided.split_at(5);
        let expected = [
            ("refused", refused()),
            ("public", PERMIT()),
            ("query", capped()),
            ("query", DENY()),
            ("query", capped()),
        ];
        assert_eq!(told, expected.map(identified), "{pieces:?}");
        let mut outage = outage.to_vec();
        outage.sort_by(|a, b| a.subscription_id.cmp(&b.subscription_id));
        let expected = ["public", "query", "refused"].map(|id| identified((id, INDETERMINATE())));
        assert_eq!(outage, expected, "{pieces:?}");
        scene.assert_asked_as_recorded(&format!("{pieces:?}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_follows_the_policies_and_is_indeterminate_once_the_node_stops() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("multi-decide-all", pieces).await;
        let questions = Question::multi_subscription();
        let decided: Vec<_> = scene.pdp.multi_decide_all(&questions).take(4).collect().await;
        let expected = [
            all(capped(), refused(), PERMIT()),
            all(DENY(), refused(), PERMIT()),
            all(capped(), refused(), PERMIT()),
            all(INDETERMINATE(), INDETERMINATE(), INDETERMINATE()),
        ];
        assert_eq!(decided, expected, "{pieces:?}");
        scene.assert_asked_as_recorded(&format!("{pieces:?}"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_for_nobody_is_indeterminate_for_everybody() {
    for pieces in Pieces::ALL {
        let scene = Scene::of("multi-decide-empty", pieces).await;
        let questions = Question::multi_subscription();
        let decided: Vec<_> = scene.pdp.multi_decide(&questions).take(3).collect().await;
        assert!(
            decided.iter().all(|it| it.decision == INDETERMINATE()),
            "{pieces:?}: {decided:?}"
        );
        let mut ids: Vec<_> = decided.iter().map(|it| it.subscription_id.as_str()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ["public", "query", "refused"], "{pieces:?}");
    }
}

fn capped() -> AuthorizationDecision {
    Question::Query.decision()
}

fn refused() -> AuthorizationDecision {
    Question::Refused.decision()
}

fn identified((id, decision): (&str, AuthorizationDecision)) -> IdentifiableAuthorizationDecision {
    IdentifiableAuthorizationDecision {
        subscription_id: id.to_owned(),
        decision,
    }
}

fn all(
    query: AuthorizationDecision,
    refused: AuthorizationDecision,
    public: AuthorizationDecision,
) -> MultiAuthorizationDecision {
    let entries = [("query", query), ("refused", refused), ("public", public)];
    entries
        .map(|(id, decision)| (id.to_owned(), decision))
        .into_iter()
        .collect()
}
