use std::sync::Mutex;

use rmcp::model::{Tool, ToolAnnotations};
use sapl_base::{constraint::MethodInvocation, decide_fn};
use serde_json::json;

use super::*;
use crate::client::{Approval, ToolHints, request::tests::request};

fn decided(decision: AuthorizationDecision) -> PdpPolicy<impl PolicyDecisionPoint> {
    PdpPolicy::new(decide_fn(move |_| decision.clone()))
}

async fn judged(policy: &impl GuardPolicy) -> Judgement {
    policy.judge(&request("t", json!({"n": 7}))).await
}

fn asks() -> Value {
    json!({"type": "requireApproval", "message": "it costs money"})
}

#[tokio::test]
async fn only_a_permit_whose_obligations_are_handled_allows() {
    let permit = AuthorizationDecision::permit;
    let unknown = json!({"type": "nobodyKnowsThis"});
    let hides = json!({"type": "filterJsonContent", "actions": [{"type": "delete", "path": "$.secret"}]});
    for (decision, expected) in [
        (permit(), GuardDecision::Allow),
        (permit().with_obligation(hides.clone()), GuardDecision::Allow),
        (permit().with_advice(unknown.clone()), GuardDecision::Allow),
        (permit().with_advice(asks()), GuardDecision::Allow),
        (permit().with_obligation(asks()), GuardDecision::ApprovalRequired),
        (
            permit().with_obligation(asks()).with_obligation(hides),
            GuardDecision::ApprovalRequired,
        ),
        (permit().with_obligation(unknown.clone()), GuardDecision::Deny),
        (
            permit().with_obligation(asks()).with_obligation(unknown),
            GuardDecision::Deny,
        ),
        (AuthorizationDecision::deny(), GuardDecision::Deny),
        (
            AuthorizationDecision::deny().with_obligation(asks()),
            GuardDecision::Deny,
        ),
        (AuthorizationDecision::indeterminate(), GuardDecision::Deny),
        (AuthorizationDecision::new(Decision::Suspend), GuardDecision::Deny),
        (AuthorizationDecision::not_applicable(), GuardDecision::Deny),
    ] {
        let judgement = judged(&decided(decision.clone())).await;
        assert_eq!(
            judgement.decision(),
            expected,
            "{decision:?}: {}",
            judgement.reason()
        );
    }
}

#[tokio::test]
async fn a_person_can_be_asked_where_no_policy_applies_and_nowhere_else() {
    for (decision, expected) in [
        (
            AuthorizationDecision::not_applicable(),
            GuardDecision::ApprovalRequired,
        ),
        (AuthorizationDecision::deny(), GuardDecision::Deny),
        (AuthorizationDecision::indeterminate(), GuardDecision::Deny),
        (AuthorizationDecision::new(Decision::Suspend), GuardDecision::Deny),
    ] {
        let policy = decided(decision).ask_when_not_applicable();
        assert_eq!(judged(&policy).await.decision(), expected);
    }
}

#[tokio::test]
async fn an_approval_is_asked_for_with_the_messages_of_the_obligations() {
    let permit = AuthorizationDecision::permit().with_obligation(asks());
    assert_eq!(judged(&decided(permit.clone())).await.reason(), "it costs money");
    let two = permit.with_obligation(json!({"type": "requireApproval", "message": "twice"}));
    assert_eq!(judged(&decided(two)).await.reason(), "it costs money; twice");
    let bare = AuthorizationDecision::permit().with_obligation(json!({"type": "requireApproval"}));
    assert_eq!(
        judged(&decided(bare)).await.reason(),
        "the policies ask for approval"
    );
}

#[tokio::test]
async fn an_approval_that_nobody_here_can_ask_for_denies() {
    for obligation in [
        json!({"type": "requireApproval", "approver": "the boss"}),
        json!({"type": "requireApproval", "approver": null}),
        json!({"type": "requireApproval", "message": 7}),
        json!({"type": "requireApproval", "quorum": 2}),
        json!({"type": "requireApproval", "editable": "yes"}),
    ] {
        let judgement = judged(&decided(
            AuthorizationDecision::permit().with_obligation(obligation.clone()),
        ))
        .await;
        assert_eq!(judgement.decision(), GuardDecision::Deny, "{obligation}");
        let reason = match obligation.get("approver") {
            Some(_) => "an obligation asks for the approval of somebody else",
            None => "an obligation `requireApproval` can't be read",
        };
        assert!(judgement.reason().starts_with(reason), "{}", judgement.reason());
    }
    let server =
        json!({"type": "requireApproval", "expiresIn": "PT1M", "editable": true, "remember": "session"});
    let judgement = judged(&decided(AuthorizationDecision::permit().with_obligation(server))).await;
    assert_eq!(judgement.decision(), GuardDecision::ApprovalRequired);
}

#[tokio::test]
async fn handlers_run_on_the_decision_and_their_failure_denies() {
    let ran = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&ran);
    let service = ConstraintEnforcementService::builder()
        .runnable_fn("log", move |constraint: &Value| {
            seen.lock().unwrap().push(constraint["n"].clone());
        })
        .runnable_fn("fails", |_: &Value| Err::<(), &str>("no"))
        .build();
    let log = |n: u8| json!({"type": "log", "n": n});
    for (decision, expected) in [
        (
            AuthorizationDecision::permit().with_obligation(log(1)),
            GuardDecision::Allow,
        ),
        (
            AuthorizationDecision::deny().with_obligation(log(2)),
            GuardDecision::Deny,
        ),
        (
            AuthorizationDecision::permit()
                .with_obligation(json!({"type": "fails"}))
                .with_obligation(log(3)),
            GuardDecision::Deny,
        ),
        (
            AuthorizationDecision::not_applicable().with_advice(log(4)),
            GuardDecision::Deny,
        ),
    ] {
        let policy = decided(decision).with_constraints(service.clone());
        assert_eq!(judged(&policy).await.decision(), expected);
    }
    assert_eq!(*ran.lock().unwrap(), [json!(1), json!(2), json!(3), json!(4)]);
}

#[tokio::test]
async fn constraints_come_along_with_the_judgement() {
    let service = ConstraintEnforcementService::builder()
        .method_invocation_fn("limit", |_: &Value, call: &mut MethodInvocation| call.cap("n", 5))
        .build();
    let permit = AuthorizationDecision::permit().with_obligation(json!({"type": "limit"}));
    let mut judgement = judged(&decided(permit).with_constraints(service)).await;
    assert_eq!(judgement.constraints_mut().len(), 1);
    assert!(judgement.constraints_mut()[0].has_method_invocation());
}

#[test]
fn a_subscription_says_who_wants_what_of_which_server() {
    let mut request = request("write_file", json!({"path": "a"}));
    assert_eq!(*subscription(&request).subject(), json!({"name": "ann"}));
    assert_eq!(*subscription(&request).action(), json!("call"));
    assert_eq!(subscription(&request).environment(), None);
    assert_eq!(
        *subscription(&request).resource(),
        json!({
            "name": "write_file",
            "arguments": {"path": "a"},
            "listed": false,
            "annotations": {
                "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false, "openWorldHint": true,
            },
            "server": {"name": "files", "trusted": false},
        })
    );
    let mut annotations = ToolAnnotations::default();
    annotations.open_world_hint = Some(false);
    request.hints = ToolHints::of(Some(&annotations));
    request.definition = Some(Arc::new(Tool::new(
        "write_file",
        "writes",
        serde_json::Map::new(),
    )));
    request.environment = Some(json!({"hour": 7}));
    request.approval = Some(Approval::Once);
    let subscription = subscription(&request);
    assert_eq!(subscription.environment(), Some(&json!({"hour": 7})));
    assert_eq!(subscription.resource()["listed"], true);
    assert_eq!(subscription.resource()["annotations"]["openWorldHint"], false);
}
