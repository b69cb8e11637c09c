//! Questions with one answer.

use sapl_base::{
    AuthorizationSubscription, Decision, MultiAuthorizationSubscription, PolicyDecisionPoint as _,
};
use sapl_mcp_tests::{MAX_ENTRIES, Question};
use serde_json::json;

use crate::Scene;

pub(crate) async fn answers(scene: &Scene) {
    let pdp = scene.pdp();
    for question in Question::ALL {
        let decided = pdp.decide_once(&question.subscription()).await;
        assert_eq!(decided, question.decision(), "{question:?}");
    }
    let decided = pdp.multi_decide_all_once(&Question::multi_subscription()).await;
    assert_eq!(decided.len(), Question::MULTI.len());
    for question in Question::MULTI {
        assert_eq!(
            *decided.decision(question.id()),
            question.decision(),
            "{question:?}"
        );
    }
}

/// By count, and by size.
pub(crate) async fn splits(scene: &Scene) {
    let pdp = scene.pdp();
    for (count, length) in [(MAX_ENTRIES, 1), (2 * MAX_ENTRIES + 1, 1), (100, 10_000)] {
        let mut questions = MultiAuthorizationSubscription::new();
        for index in 0..count {
            let subscription = AuthorizationSubscription::new(json!(index), "a", "r".repeat(length));
            questions.add(format!("s{index}"), subscription).unwrap();
        }
        let decided = pdp.multi_decide_all_once(&questions).await;
        assert_eq!(decided.len(), count);
        for (id, decision) in decided.iter() {
            assert_eq!(decision.decision, Decision::Deny, "{id} of {count}");
        }
    }
}
