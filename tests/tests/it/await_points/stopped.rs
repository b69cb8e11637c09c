//! Stopping an operation: it ends once, in time, and gives nothing away.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use futures_util::{FutureExt as _, future::BoxFuture};
use rmcp::{
    RoleServer, ServerHandler as _,
    model::{CallToolRequestParams, GetPromptRequestParams, ReadResourceRequestParams},
    service::RequestContext,
};
use sapl_mcp::{
    ApprovalAnswer, ApprovalRequest, AuditOutcome, AuthorizationDecision, Decision, EnforceExt,
    RecordingAudit, Rule, SaplLayer, SaplService, constraint::HandlerError, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{Answer, Behaviour, Component, Log, Pdp, Server, prompt, resource, step, steps, tool};
use serde_json::json;
use tokio::runtime::Handle;

use super::{ByHand, CONTENT, captured::Captured, settle};
use crate::finalize::{finalized, finalizing};

type Service = SaplService<Arc<Server>>;

/// What is asked of the server: whether it got its content.
#[derive(Clone, Copy, Debug)]
enum Asked {
    Tool,
    Prompt,
    Resource,
}

/// A server with one component, all of whose stages wait, and what came of it.
struct Case {
    log: Log,
    audit: RecordingAudit,
    service: Service,
    asked: Asked,
    /// What goes into the slots of the operation, as long as it is not there, and whether it is anywhere.
    to_keep: Arc<Mutex<Option<Arc<()>>>>,
    kept: Weak<()>,
}

/// The kind of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Pre,
    /// The same, where a person has to agree.
    Approved,
    Post,
}

fn enforced<D: EnforceExt>(definition: D, rule: &Rule, gated: bool) -> D {
    let definition = definition.enforce(rule.clone().shared());
    match gated {
        true => definition.enforce(gate().action("pass")),
        false => definition,
    }
}

fn case(Setup { asked, kind, gated }: Setup) -> Case {
    let log = Log::new();
    let audit = RecordingAudit::default();
    let content = Arc::new(());
    let kept = Arc::downgrade(&content);
    let to_keep = Arc::new(Mutex::new(Some(content)));
    let keeping = Arc::clone(&to_keep);
    let rule = match kind {
        Kind::Pre | Kind::Approved => pre_enforce(),
        Kind::Post => post_enforce(),
    };
    let rule = finalizing(rule, &log).environment_fn(move |context| {
        if let Some(kept) = taken(&keeping) {
            context.slot::<Arc<()>>().set(kept);
        }
        json!({})
    });
    let behaviour = Behaviour::does(|_, _| async {
        for _ in 0..2 {
            tokio::task::yield_now().await;
        }
        Ok(Component::Text(CONTENT.to_owned()))
    });
    let server = match asked {
        Asked::Tool => Server::new(&log).tool(enforced(tool("c"), &rule, gated), behaviour),
        Asked::Prompt => Server::new(&log).prompt(enforced(prompt("c"), &rule, gated), behaviour),
        Asked::Resource => {
            Server::new(&log).resource(enforced(resource("data://c"), &rule, gated), behaviour)
        }
    };
    let invokes = matches!(asked, Asked::Tool) && kind != Kind::Post;
    let pdp = Pdp::new(&log, move |subscription| {
        let decision = AuthorizationDecision::permit();
        if subscription.action() == "pass" {
            return Answer::Later(decision);
        }
        let decision = decision.with_obligation(step("run_async", "a"));
        let is_approved = subscription
            .environment()
            .is_some_and(|it| it.get("approval").is_some());
        let decision = match kind == Kind::Approved && !is_approved {
            true => decision.with_obligation(json!({"type": "requireApproval", "approver": "desk"})),
            false => decision,
        };
        Answer::Later(match invokes {
            true => decision.with_obligation(step("invoke_async", "b")),
            false => decision,
        })
    });
    let layer = SaplLayer::builder(pdp)
        .constraints(steps(&log))
        .approver("desk", agrees)
        .audit(audit.clone())
        .build()
        .unwrap()
        .enforce_stdio("somebody");
    Case {
        service: layer.layer(server.shared()),
        log,
        audit,
        asked,
        to_keep,
        kept,
    }
}

async fn agrees(_: Arc<ApprovalRequest>) -> Result<ApprovalAnswer, HandlerError> {
    tokio::task::yield_now().await;
    Ok(ApprovalAnswer::accepted("desk"))
}

fn taken(to_keep: &Mutex<Option<Arc<()>>>) -> Option<Arc<()>> {
    to_keep.lock().unwrap_or_else(PoisonError::into_inner).take()
}

impl Case {
    /// The operation: whether its answer has the content.
    fn operation(&self, context: RequestContext<RoleServer>) -> BoxFuture<'static, bool> {
        let (service, asked) = (self.service.clone(), self.asked);
        async move {
            let answer = match asked {
                Asked::Tool => {
                    let called = service.call_tool(CallToolRequestParams::new("c"), context).await;
                    format!("{called:?}")
                }
                Asked::Prompt => {
                    let got = service
                        .get_prompt(GetPromptRequestParams::new("c"), context)
                        .await;
                    format!("{got:?}")
                }
                Asked::Resource => {
                    let read = service
                        .read_resource(ReadResourceRequestParams::new("data://c"), context)
                        .await;
                    format!("{read:?}")
                }
            };
            answer.contains(CONTENT)
        }
        .boxed()
    }

    fn finalized(&self) -> Vec<String> {
        let lines = self.log.lines().into_iter();
        lines.filter(|line| line.starts_with("finalize")).collect()
    }

    fn count(&self, start: &str) -> usize {
        self.log
            .lines()
            .iter()
            .filter(|line| line.starts_with(start))
            .count()
    }

    /// Whether the slots of the operation are still there.
    fn keeps_slots(&self) -> bool {
        drop(taken(&self.to_keep));
        self.kept.strong_count() > 0
    }

    /// The outcomes in the records, but for that of a gate that was passed.
    fn recorded(&self) -> Vec<AuditOutcome> {
        let outcomes = self.audit.records().into_iter().map(|record| record.outcome);
        outcomes
            .filter(|outcome| *outcome != AuditOutcome::Passed)
            .collect()
    }
}

/// An operation to try.
#[derive(Clone, Copy, Debug)]
struct Setup {
    asked: Asked,
    kind: Kind,
    gated: bool,
}

fn setups() -> impl Iterator<Item = Setup> {
    let asked = [Asked::Tool, Asked::Prompt, Asked::Resource];
    asked.into_iter().flat_map(|asked| {
        [Kind::Pre, Kind::Approved, Kind::Post]
            .into_iter()
            .flat_map(move |kind| [false, true].map(|gated| Setup { asked, kind, gated }))
    })
}

/// How many await points the operation has, when nobody stops it.
async fn points(captured: &Captured, setup: Setup) -> usize {
    let case = case(setup);
    let mut operation = ByHand::new(case.operation(captured.context().0));
    assert!(operation.finish().await, "{setup:?}: {:?}", case.log.lines());
    assert_eq!(case.finalized(), ["finalize PERMIT completed c"]);
    assert_eq!(case.recorded(), [AuditOutcome::Completed]);
    operation.pending
}

#[tokio::test]
async fn a_future_that_is_dropped_at_any_await_point_is_settled_once() {
    let captured = Captured::new().await;
    let mut stops = 0;
    for setup in setups() {
        let points = points(&captured, setup).await;
        assert!(points >= 5, "decision, handlers, component and end: {points}");
        for point in 0..=points {
            let at = format!("{setup:?}, {point} of {points}");
            let tasks = Handle::current().metrics().num_alive_tasks();
            let case = case(setup);
            let mut operation = ByHand::new(case.operation(captured.context().0));
            assert_eq!(operation.to(point).await, None, "{at}");
            drop(operation);
            settle().await;

            let lines = case.log.lines();
            if point == 0 {
                assert!(lines.is_empty(), "{at}: nobody began {lines:?}");
                continue;
            }
            // At the last one the operation is at its end, and only its finalize function is waited for.
            let outcome = if point < points {
                AuditOutcome::Cancelled
            } else {
                AuditOutcome::Completed
            };
            let passed = case.audit.records().len() > case.recorded().len() || !setup.gated;
            assert_eq!(case.recorded(), [outcome], "{at}: {lines:?}");
            if passed {
                let finalized = case.finalized();
                assert_eq!(finalized.len(), 1, "{at}: {lines:?}");
                let outcome = format!(" {outcome} c");
                assert!(finalized[0].ends_with(&outcome), "{at}: {finalized:?}");
            }
            assert!(case.count("component") <= 1, "{at}");
            assert_eq!(
                Handle::current().metrics().num_alive_tasks(),
                tasks,
                "{at}: a task is left"
            );
            assert!(!case.keeps_slots(), "{at}");
            stops += 1;
        }
    }
    assert!(stops >= 60, "{stops}");
}

#[tokio::test]
async fn a_request_that_is_cancelled_at_any_await_point_is_answered_and_settled_once() {
    let captured = Captured::new().await;
    let mut abandoned = 0;
    for setup in setups() {
        let points = points(&captured, setup).await;
        for point in 0..points {
            let at = format!("{setup:?}, {point} of {points}");
            let case = case(setup);
            let (context, token) = captured.context();
            let mut operation = ByHand::new(case.operation(context));
            assert_eq!(operation.to(point).await, None, "{at}");
            let began = case.count("component");
            token.cancel();
            let content = operation.finish().await;
            settle().await;

            let lines = case.log.lines();
            assert_eq!(case.recorded(), [AuditOutcome::Cancelled], "{at}: {lines:?}");
            assert!(case.finalized().len() <= 1, "{at}: {lines:?}");
            assert!(
                case.finalized().iter().all(|line| line.ends_with("cancelled c")),
                "{at}: {lines:?}"
            );
            let permitted = case
                .finalized()
                .iter()
                .any(|line| line.starts_with("finalize PERMIT"));
            if setup.kind != Kind::Post && !permitted {
                assert_eq!(
                    case.count("component"),
                    0,
                    "{at}: nothing runs without a decision {lines:?}"
                );
                abandoned += 1;
            }
            if content {
                assert_eq!(
                    case.count("run"),
                    1 + usize::from(setup.kind == Kind::Approved),
                    "{at}: only what was permitted is given {lines:?}"
                );
            }
            assert!(case.count("component") >= began, "{at}");
            assert!(!case.keeps_slots(), "{at}");
        }
    }
    assert!(abandoned >= 6, "decisions that were waited for: {abandoned}");
}

/// A question that nobody ended.
struct Unended;

impl Drop for Unended {
    fn drop(&mut self) {
        panic!("a question was not ended");
    }
}

#[tokio::test(start_paused = true)]
async fn an_operation_in_which_a_destructor_panics_is_denied_and_settled_once() {
    for (rule, hides) in [(pre_enforce(), false), (pre_enforce().stealth(), true)] {
        let captured = Captured::new().await;
        let (log, audit) = (Log::new(), RecordingAudit::default());
        let rule = finalizing(rule, &log).shared();
        let server = Server::new(&log).tool(tool("c").enforce(rule), Behaviour::text(CONTENT));
        let wanted = json!({"type": "requireApproval", "approver": "desk"});
        let pdp = Pdp::decides(&log, AuthorizationDecision::permit().with_obligation(wanted));
        let layer = SaplLayer::builder(pdp)
            .audit(audit.clone())
            .approver("desk", |_: Arc<ApprovalRequest>| async {
                let _held = Unended;
                std::future::pending::<Result<ApprovalAnswer, HandlerError>>().await
            })
            .build()
            .unwrap()
            .enforce_stdio("somebody");
        let service = layer.layer(server.shared());
        let call = async |name: &'static str| {
            let called = service.call_tool(CallToolRequestParams::new(name), captured.context().0);
            format!("{:?}", called.await)
        };
        let called = call("c").await;
        assert_eq!(called.contains("Access denied"), !hides, "{called}");
        assert_eq!(called == call("nobody").await, hides, "{called}");
        settle().await;
        let [record] = &audit.records()[..] else { panic!() };
        assert_eq!(
            (record.outcome, record.effective),
            (AuditOutcome::Denied, Decision::Deny)
        );
        assert_eq!(finalized(log.lines()), ["finalize DENY denied c"]);
    }
}
