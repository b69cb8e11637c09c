//! What changes while an operation waits: the operation goes on with what it began with.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, Tool},
    service::RequestContext,
};
use sapl_mcp::{
    ApprovalAnswer, ApprovalRequest, AuthorizationDecision, EnforceExt as _, Rule, SaplLayer, post_enforce,
    pre_enforce,
};
use sapl_mcp_tests::{Answer, Asked, Behaviour, Log, Pdp, Server, tool};
use serde_json::json;
use tokio::sync::Notify;

use super::{ByHand, CONTENT, captured::Captured};
use crate::finalize::{finalized, finalizing};

/// A server whose one tool can be replaced.
struct Replaceable(RwLock<Tool>);

impl ServerHandler for Replaceable {
    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        tokio::task::yield_now().await;
        Ok(CallToolResult::success(vec![ContentBlock::text(CONTENT)]).into())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let tool = self.0.read().unwrap_or_else(PoisonError::into_inner).clone();
        (tool.name == name).then_some(tool)
    }
}

/// The tool under this rule, which tells at the end which one it is.
fn tagged(rule: Rule, tag: &'static str, log: &Log) -> Tool {
    let log = log.clone();
    let rule = rule.tags([tag.to_owned()]).finalize(
        move |decision: &AuthorizationDecision, context: &sapl_mcp::SubscriptionContext| {
            log.add(format!(
                "finalize {tag} {} {}",
                decision.decision,
                context.outcome()
            ));
            std::future::ready(())
        },
    );
    tool("t").enforce(rule.shared())
}

#[tokio::test]
async fn a_tool_that_is_replaced_at_any_await_point_is_enforced_by_the_rule_it_had() {
    let captured = Captured::new().await;
    for rule in [pre_enforce, post_enforce] {
        let mut point = 1;
        loop {
            let log = Log::new();
            let server = Arc::new(Replaceable(RwLock::new(tagged(rule(), "before", &log))));
            let pdp = Pdp::new(&log, |subscription| {
                let permits = subscription.resource()["tags"] == json!(["before"]);
                Answer::Later(match permits {
                    true => AuthorizationDecision::permit(),
                    false => AuthorizationDecision::deny(),
                })
            });
            let layer = SaplLayer::builder(pdp).build().unwrap().enforce_stdio("somebody");
            let service = layer.layer(Arc::clone(&server));
            let call = || {
                let (service, context) = (service.clone(), captured.context().0);
                async move { service.call_tool(CallToolRequestParams::new("t"), context).await }
            };
            let mut operation = ByHand::new(call());
            let ended = operation.to(point).await.is_some();
            *server.0.write().unwrap_or_else(PoisonError::into_inner) = tagged(rule(), "behind", &log);
            if ended {
                break;
            }
            let answer = format!("{:?}", operation.finish().await);
            assert!(answer.contains(CONTENT), "{answer}");
            let next = format!("{:?}", call().await);
            assert!(
                next.contains("Access denied"),
                "the next one has the new rule: {next}"
            );
            let finalized = finalized(log.lines());
            assert_eq!(
                finalized,
                ["finalize before PERMIT completed", "finalize behind DENY denied"]
            );
            point += 1;
        }
        assert!(point > 2, "it waits for the decision and for the tool");
    }
}

#[tokio::test]
async fn a_decision_that_changes_while_the_component_runs_is_for_the_next_request() {
    let log = Log::new();
    let (go_on, revoked) = (
        Arc::new(Notify::new()),
        Arc::new(std::sync::atomic::AtomicBool::new(false)),
    );
    let server = Server::new(&log)
        .tool(tool("t").enforce(pre_enforce()), Behaviour::when(&go_on, CONTENT))
        .shared();
    let now = Arc::clone(&revoked);
    let pdp = Pdp::new(&log, move |_| {
        Answer::Now(match now.load(std::sync::atomic::Ordering::SeqCst) {
            false => AuthorizationDecision::permit(),
            true => AuthorizationDecision::deny(),
        })
    });
    let layer = SaplLayer::builder(pdp.clone())
        .build()
        .unwrap()
        .enforce_stdio("somebody");
    let service = layer.layer(server);
    let captured = Captured::new().await;
    let call = || service.call_tool(CallToolRequestParams::new("t"), captured.context().0);
    let mut operation = ByHand::new(call());
    assert!(operation.to(1).await.is_none());
    revoked.store(true, std::sync::atomic::Ordering::SeqCst);
    go_on.notify_one();
    assert!(format!("{:?}", operation.finish().await).contains(CONTENT));
    assert!(format!("{:?}", call().await).contains("Access denied"));
    assert!(matches!(pdp.asked().as_slice(), [Asked::One(_), Asked::One(_)]));
}

#[tokio::test(start_paused = true)]
async fn a_decision_point_that_is_slower_than_its_budget_gives_no_permit() {
    const BUDGET: Duration = Duration::from_secs(2);
    let captured = Captured::new().await;
    for (needs, permitted) in [
        (BUDGET - Duration::from_millis(1), true),
        (BUDGET + Duration::from_millis(1), false),
    ] {
        for rule in [pre_enforce(), post_enforce()] {
            let log = Log::new();
            let rule = finalizing(rule, &log).shared();
            let server = Server::new(&log).tool(tool("t").enforce(rule), Behaviour::text(CONTENT));
            let arrived = Arc::new(Notify::new());
            let permit = Answer::When(Arc::clone(&arrived), AuthorizationDecision::permit());
            let layer = SaplLayer::builder(Pdp::always(&log, permit))
                .decision_timeout(BUDGET)
                .build()
                .unwrap()
                .enforce_stdio("somebody");
            let answering = tokio::spawn(async move {
                tokio::time::sleep(needs).await;
                arrived.notify_one();
            });
            let service = layer.layer(server.shared());
            let answer = service
                .call_tool(CallToolRequestParams::new("t"), captured.context().0)
                .await;
            let answer = format!("{answer:?}");
            answering.await.unwrap();
            assert_eq!(answer.contains(CONTENT), permitted, "{answer}");
            let end = if permitted {
                "finalize PERMIT completed t"
            } else {
                "finalize INDETERMINATE denied t"
            };
            assert_eq!(log.lines().last().map(String::as_str), Some(end));
        }
    }
}

#[tokio::test]
async fn a_tool_that_gets_another_rule_while_a_person_thinks_does_not_run() {
    let captured = Captured::new().await;
    let log = Log::new();
    let before = tagged(pre_enforce(), "before", &log);
    let others = [
        (before.clone(), CONTENT),
        (tagged(pre_enforce(), "behind", &log), "Access denied"),
        (tagged(pre_enforce().stealth(), "behind", &log), "tool not found"),
        (tool("t"), "Access denied"),
        // The tool has gone.
        (tool("u"), "tool not found"),
    ];
    for (other, expected) in others {
        let log = Log::new();
        let server = Arc::new(Replaceable(RwLock::new(before.clone())));
        let pdp = Pdp::new(&log, |subscription| {
            let permit = AuthorizationDecision::permit();
            Answer::Now(match subscription.environment() {
                None => permit.with_obligation(json!({"type": "requireApproval", "approver": "desk"})),
                Some(_) => permit,
            })
        });
        let replaced = Arc::clone(&server);
        let desk = move |_: Arc<ApprovalRequest>| {
            *replaced.0.write().unwrap_or_else(PoisonError::into_inner) = other.clone();
            std::future::ready(Ok(ApprovalAnswer::accepted("desk")))
        };
        let builder = SaplLayer::builder(pdp).approver("desk", desk);
        let service = builder.build().unwrap().enforce_stdio("somebody").layer(server);
        let called = service
            .call_tool(CallToolRequestParams::new("t"), captured.context().0)
            .await;
        let answer = format!("{called:?}");
        assert!(answer.contains(expected), "{expected}: {answer}");
        assert_eq!(answer.contains(CONTENT), expected == CONTENT, "{answer}");
    }
}
