//! Decisions that are misread or not carried out.

use sapl_mcp::{AuthorizationDecision, Decision};
use sapl_mcp_tests::{Behaviour, Log, Pdp, World, step_with};
use serde_json::json;

use super::{ASKS, params};
use crate::{
    common::{call, decided, text},
    stealth,
};

#[tokio::test]
async fn an_error_inside_of_a_policy_or_no_policy_at_all_allows() {
    for decision in [
        AuthorizationDecision::indeterminate(),
        AuthorizationDecision::not_applicable(),
    ] {
        let log = Log::new();
        let world = World::new(&log, stealth::server(&log), Pdp::decides(&log, decision)).await;
        for (method, name) in ASKS {
            world.ask("mara", method, params(name)).await.error();
        }
        assert_eq!(
            world.call("mara", "open_tool", json!({})).await.result()["isError"],
            true
        );
    }
}

#[test]
fn malformed_obligations_become_none() {
    for obligations in [
        json!({"type": "limitResults"}),
        json!("limitResults"),
        json!(null),
        json!(7),
    ] {
        let text = json!({"decision": "PERMIT", "obligations": obligations}).to_string();
        let decision = AuthorizationDecision::from_json(text.as_bytes());
        let permits = decision.is_ok_and(|decision| decision.decision == Decision::Permit);
        assert!(!permits, "{text}");
    }
}

#[tokio::test]
async fn a_scalar_that_a_predicate_drops_is_returned_unfiltered() {
    let drops = step_with("keep", "a", json!({"keep": []}));
    let decision = AuthorizationDecision::permit().with_obligation(drops);
    let world = decided(decision, Behaviour::text("the secret")).await;
    let result = call(&world, json!({})).await.unwrap();
    assert_eq!(text(&result), "null");
}
