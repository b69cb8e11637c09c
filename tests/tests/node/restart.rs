//! The node goes away and comes back.

use std::time::Duration;

use futures_util::{StreamExt as _, future};
use sapl_base::{AuthorizationDecision, CachingPdp, Decision, PolicyDecisionPoint as _};
use sapl_mcp_tests::Question;
use tokio::time::timeout;

use crate::{
    Scene,
    scene::{soon, until},
};

/// A restart, and what clients wait before they try again.
const RESTART: Duration = Duration::from_secs(300);

pub(crate) async fn restart(scene: &Scene) {
    let pdp = scene.pdp();
    let cache = CachingPdp::new(scene.pdp());
    let (question, questions) = (Question::Query.subscription(), Question::multi_subscription());
    let (permit, outage) = (Question::Query.decision(), AuthorizationDecision::indeterminate());

    let mut one = pdp.decide(&question);
    assert_eq!(soon("the first decision", one.next()).await.unwrap(), permit);
    let mut all = pdp.multi_decide_all(&questions);
    soon("the first snapshot", all.next()).await.unwrap();
    let mut each = pdp.multi_decide(&questions);
    let count = Question::MULTI.len();
    let _: Vec<_> = soon("the first decisions", each.by_ref().take(count).collect()).await;
    for _ in 0..2 {
        assert_eq!(cache.decide_once(&question).await, permit);
    }

    let one = async {
        assert_eq!(one.next().await.unwrap(), outage);
        assert_eq!(one.next().await.unwrap(), permit);
    };
    let all = async {
        let [outage_of_all, recovered] = [all.next().await.unwrap(), all.next().await.unwrap()];
        for question in Question::MULTI {
            assert_eq!(*outage_of_all.decision(question.id()), outage, "{question:?}");
            assert_eq!(
                *recovered.decision(question.id()),
                question.decision(),
                "{question:?}"
            );
        }
    };
    let each = async {
        let told: Vec<_> = each.by_ref().take(2 * count).collect().await;
        for question in Question::MULTI {
            let told: Vec<_> = told
                .iter()
                .filter(|it| it.subscription_id == question.id())
                .collect();
            let expected = [&outage, &question.decision()];
            assert!(
                told.iter().map(|it| &it.decision).eq(expected),
                "{question:?}: {told:?}"
            );
        }
    };
    let cached = until_restarted(|| cache.decide_once(&question));
    let everything = future::join5(scene.restart(), one, all, each, cached);
    assert!(
        timeout(RESTART, everything).await.is_ok(),
        "something did not outlast the restart"
    );
    assert_eq!(pdp.decide_once(&question).await, permit);
    assert_eq!(cache.decide_once(&question).await, permit);
}

/// Sees the outage, and then the end of it.
async fn until_restarted<F: Future<Output = AuthorizationDecision>>(ask: impl Fn() -> F) {
    until(Decision::Indeterminate, RESTART, &ask).await;
    until(Decision::Permit, RESTART, &ask).await;
}
