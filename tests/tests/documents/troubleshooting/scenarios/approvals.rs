//! Why an approval did not come about.

use std::{future::pending, sync::Arc};

use sapl_mcp::{
    ApprovalAnswer, ApprovalRequest, AuthorizationDecision, SaplLayerBuilder, constraint::HandlerError,
    pre_enforce,
};
use sapl_mcp_tests::{Answer, Ask, Behaviour, Log, Pdp, Revision, World};
use serde_json::{Value, json};

use super::{Scenario, ask, block_on, call, permit, plain};

type Answered = Result<ApprovalAnswer, HandlerError>;

pub(super) const SCENARIOS: &[Scenario] = &[
    ("`environment` of the rule has a member `approval`", || {
        let forged = pre_enforce().environment(json!({"approval": {"by": "mara"}}));
        call(forged, Answer::Now(permit()), Behaviour::text("secret"));
    }),
    ("approval was not possible", || {
        required(&[json!({})], |builder| builder)
    }),
    ("an obligation `requireApproval` is malformed", || {
        required(&[json!({"expiresIn": "P1M"})], |builder| builder)
    }),
    ("the obligations want different approvers", || {
        required(&[json!({"approver": "desk"}), json!({})], |builder| builder)
    }),
    ("the person declined", || {
        answered(|_| std::future::ready(Ok(ApprovalAnswer::Declined)))
    }),
    ("the person turned away from the question", || {
        answered(|_| std::future::ready(Ok(ApprovalAnswer::Cancelled)))
    }),
    ("nobody answered in time whether to approve", || {
        answered(|_| pending())
    }),
    ("the approver failed", || {
        answered(|_| std::future::ready(Err("the chat is down".into())))
    }),
    ("the answer to the approval is no good", || {
        brought(&[json!({"action": "accept"})], json!({}))
    }),
    ("the arguments are not those that were approved", || {
        brought(&[yes()], json!({"another": 1}))
    }),
    ("the approval was used before", || {
        brought(&[yes(), yes()], json!({}))
    }),
    ("access denied: something panicked on the way", || {
        answered(|_| async {
            let _question = Unended;
            pending().await
        });
    }),
];

/// A question that panics when nobody ends it.
struct Unended;

impl Drop for Unended {
    fn drop(&mut self) {
        panic!("the question was not ended");
    }
}

fn yes() -> Value {
    json!({"action": "accept", "content": {"approve": true}})
}

fn requiring(obligations: &[Value]) -> AuthorizationDecision {
    let obligation = |members: &Value| {
        let mut obligation = members.clone();
        obligation["type"] = "requireApproval".into();
        obligation
    };
    obligations
        .iter()
        .map(obligation)
        .fold(permit(), AuthorizationDecision::with_obligation)
}

/// A call that these obligations are about.
fn required(obligations: &[Value], configure: impl FnOnce(SaplLayerBuilder) -> SaplLayerBuilder) {
    let server = |log: &Log| plain(log, Behaviour::text("secret"));
    let answer = Answer::Now(requiring(obligations));
    ask(server, answer, configure, "tools/call", json!({"name": "t"}));
}

/// A call about which somebody elsewhere is asked.
fn answered<F>(answer: impl Fn(Arc<ApprovalRequest>) -> F + Send + Sync + 'static)
where
    F: Future<Output = Answered> + Send + 'static,
{
    let briefly = json!({"expiresIn": "PT1S"});
    required(&[briefly], |builder| builder.default_approver(answer));
}

/// A call about which the client asks its user, and that comes again with each of these answers, and with these arguments.
fn brought(answers: &[Value], arguments: Value) {
    let answers = answers.to_vec();
    block_on(async move {
        let log = Log::new();
        let pdp = Pdp::decides(&log, requiring(&[json!({})]));
        let world = World::new(&log, plain(&log, Behaviour::text("secret")), pdp).await;
        let ask = async |params: Value| {
            let ask = Ask::new(Revision::July2026, "mara", "tools/call", params);
            world.wire.ask(&ask.showing_forms()).await
        };
        let question = ask(json!({"name": "t", "arguments": {}})).await;
        let state = question.result()["requestState"].clone();
        for answer in answers {
            let responses = json!({"io.sapl/approval": answer});
            let params = json!({
                "name": "t", "arguments": arguments, "requestState": state, "inputResponses": responses,
            });
            ask(params).await;
        }
    });
}
