//! The answer is the same whatever is the matter with the decision point.

use std::time::Duration;

use sapl_mcp::{AuthorizationDecision, Decision};
use sapl_mcp_tests::{Answer, Log, Mode, Pdp, Revision, World, step_with};
use serde_json::json;

use super::{Hider, INSTANCE, POST_TOOL, PROMPT, RESOURCE, TOOL, assert_same, server_behind};

#[tokio::test]
async fn a_decision_point_that_is_down_slow_or_broken_does_not_tell_either() {
    let permit = AuthorizationDecision::permit;
    let answers = [
        Answer::Now(AuthorizationDecision::deny()),
        Answer::Now(AuthorizationDecision::indeterminate()),
        Answer::Now(AuthorizationDecision::not_applicable()),
        Answer::Now(AuthorizationDecision::new(Decision::Suspend)),
        Answer::Now(permit().with_obligation(json!({"type": "unknown"}))),
        Answer::Now(permit().with_obligation(step_with("run", "a", json!({"fail": "error"})))),
        Answer::Now(permit().with_obligation(step_with("run", "a", json!({"fail": "panic"})))),
        Answer::Now(permit().with_obligation(step_with("look", "a", json!({"fail": "error"})))),
        Answer::Later(AuthorizationDecision::deny()),
        Answer::Never,
        Answer::Panic,
        Answer::PanicLater,
    ];
    for (answer, hider) in answers
        .into_iter()
        .flat_map(|answer| [(answer.clone(), Hider::Stealth), (answer, Hider::Gate)])
    {
        let log = Log::new();
        let pdp = Pdp::always(&log, answer.clone());
        let world = World::with(&log, server_behind(&log, hider), pdp, Mode::Json, |builder| {
            hider
                .configure(builder)
                .decision_timeout(Duration::from_millis(5))
        })
        .await;
        for revision in [Revision::November2025, Revision::July2026] {
            for names in [TOOL, POST_TOOL] {
                let params = json!({"name": "NAME", "arguments": {"limit": 1}});
                assert_same(&world, false, revision, "tools/call", names, &params).await;
            }
            let params = json!({"name": "NAME", "arguments": {}});
            assert_same(&world, false, revision, "prompts/get", PROMPT, &params).await;
            for names in [RESOURCE, INSTANCE] {
                assert_same(
                    &world,
                    false,
                    revision,
                    "resources/read",
                    names,
                    &json!({"uri": "NAME"}),
                )
                .await;
            }
        }
        assert_eq!(world.audit.records().len(), 10, "{answer:?} {hider:?}");
    }
}
