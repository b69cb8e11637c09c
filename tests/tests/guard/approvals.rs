//! Who agrees, to what, and for how long.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use futures_util::future::BoxFuture;
use sapl_mcp::{
    AuthorizationDecision,
    client::{
        Approval, ApprovalRequest, ApprovedBy, Approver, Guard, GuardDecision, GuardError, GuardRequest,
        Judgement, PdpPolicy, ScriptedApprover,
    },
    decide_fn,
};
use serde_json::json;
use tokio::sync::{Mutex, oneshot};

use crate::scene::{Toolbox, call, denied, tool};

fn asks(_: &GuardRequest) -> Judgement {
    Judgement::approval_required("maybe")
}

async fn asking(toolbox: &Arc<Toolbox>, person: &Arc<ScriptedApprover>) -> Guard {
    toolbox.guarded(asks, Arc::clone(person)).await
}

#[tokio::test]
async fn a_grant_reaches_as_far_as_the_person_said() {
    // How often the person is asked in four calls: twice the same, with other arguments, of another tool.
    for (said, asked) in [
        (Approval::Once, [1, 2, 3, 4]),
        (Approval::Arguments, [1, 1, 2, 3]),
        (Approval::Tool, [1, 1, 1, 2]),
        (Approval::Session, [1, 1, 1, 1]),
    ] {
        let toolbox = Toolbox::of(vec![tool("a", "a"), tool("b", "b")]);
        let person = Arc::new(ScriptedApprover::new([said; 4]));
        let guard = asking(&toolbox, &person).await;
        let calls = [("a", 1), ("a", 1), ("a", 2), ("b", 1)];
        for ((name, x), asked) in calls.into_iter().zip(asked) {
            let attempt = guard.attempt(call(name, json!({"x": x}))).await;
            assert!(attempt.result.is_ok(), "{said}: {attempt:?}");
            assert_eq!(person.asked().len(), asked, "{said}: {name} {x}");
        }
        assert_eq!(toolbox.log.take().len(), 4);
    }
}

#[tokio::test]
async fn a_person_who_says_no_is_asked_again_the_next_time() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let person = Arc::new(ScriptedApprover::new([Approval::Denied, Approval::Tool]));
    let guard = asking(&toolbox, &person).await;
    let attempt = guard.attempt(call("a", json!({}))).await;
    assert_eq!(denied(&attempt), "the person who was asked said no");
    assert_eq!(attempt.approval, Some(ApprovedBy::Person(Approval::Denied)));
    assert!(toolbox.log.lines().is_empty());
    assert!(guard.attempt(call("a", json!({}))).await.result.is_ok());
    guard.revoke("a");
    let attempt = guard.attempt(call("a", json!({}))).await;
    assert_eq!(
        denied(&attempt),
        "the person who was asked said no",
        "the script is over"
    );
}

#[tokio::test]
async fn no_approval_makes_up_for_a_denial() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let denies = Arc::new(AtomicBool::new(false));
    let now = Arc::clone(&denies);
    let policy = move |_: &GuardRequest| match now.load(Ordering::SeqCst) {
        true => Judgement::deny("not any more"),
        false => Judgement::approval_required("maybe"),
    };
    let person = ScriptedApprover::new([Approval::Session]);
    let guard = toolbox.guarded(policy, person).await;
    assert!(guard.attempt(call("a", json!({}))).await.result.is_ok());
    denies.store(true, Ordering::SeqCst);
    assert_eq!(denied(&guard.attempt(call("a", json!({}))).await), "not any more");
    assert_eq!(toolbox.log.lines().len(), 1);
}

#[tokio::test]
async fn an_approver_that_panics_has_refused() {
    struct Panics(bool);
    impl Approver for Panics {
        fn ask<'a>(&'a self, _: &'a ApprovalRequest) -> BoxFuture<'a, Approval> {
            if self.0 {
                panic!("at once");
            }
            Box::pin(async { panic!("later") })
        }
    }
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    for at_once in [true, false] {
        let guard = toolbox.guarded(asks, Panics(at_once)).await;
        let attempt = guard.attempt(call("a", json!({}))).await;
        assert_eq!(denied(&attempt), "the person who was asked said no");
    }
    assert!(toolbox.log.lines().is_empty());
}

#[tokio::test]
async fn a_host_without_an_approver_asks_by_itself_and_tells_the_guard() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let guard = toolbox.guard().await.policy(asks).build();
    let pending = async |x: u8| match guard.attempt(call("a", json!({"x": x}))).await.result {
        Err(GuardError::ApprovalRequired(asked)) => Some(asked),
        _ => None,
    };
    let asked = pending(1).await.unwrap();
    guard.approve(&asked, Approval::Denied);
    assert!(pending(1).await.is_some());
    guard.approve(&asked, Approval::Once);
    assert!(pending(2).await.is_some(), "other arguments");
    assert!(pending(1).await.is_none());
    assert!(pending(1).await.is_some(), "it is used up");
    guard.approve(&asked, Approval::Session);
    assert!(pending(2).await.is_none());
    guard.revoke_all();
    assert!(pending(2).await.is_some());
    assert_eq!(toolbox.log.lines().len(), 2);
}

#[tokio::test]
async fn what_another_guard_has_asked_is_worth_nothing() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let guard = async |user: &str, server: &str| {
        let builder = toolbox.guard().await.policy(asks).user(user).server(server);
        builder.build()
    };
    let ann = guard("ann", "files").await;
    let Err(GuardError::ApprovalRequired(asked)) = ann.call_tool(call("a", json!({}))).await else {
        panic!("nobody was asked");
    };
    for other in [
        guard("bob", "files").await,
        guard("ann", "mail").await,
        guard("ann", "files").await,
    ] {
        other.list_tools().await.unwrap();
        for approval in [
            Approval::Once,
            Approval::Arguments,
            Approval::Tool,
            Approval::Session,
        ] {
            other.approve(&asked, approval);
            let called = other.call_tool(call("a", json!({}))).await;
            assert!(
                matches!(called, Err(GuardError::ApprovalRequired(_))),
                "{called:?}"
            );
        }
    }
    assert!(toolbox.log.lines().is_empty());
}

#[tokio::test]
async fn an_approval_for_once_is_for_the_round_that_it_was_asked_about() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let guard = toolbox.guard().await.policy(asks).build();
    let round = |state: Option<&str>| {
        let mut params = call("a", json!({}));
        params.request_state = state.map(str::to_owned);
        params
    };
    for (asked, others) in [
        (None, [Some("one"), Some("two")]),
        (Some("one"), [None, Some("two")]),
    ] {
        let Err(GuardError::ApprovalRequired(question)) = guard.attempt(round(asked)).await.result else {
            panic!("nobody was asked");
        };
        guard.approve(&question, Approval::Once);
        for other in others {
            let other = guard.attempt(round(other)).await;
            assert!(other.result.is_err(), "{other:?}");
        }
        assert!(toolbox.log.lines().is_empty());
        assert!(guard.attempt(round(asked)).await.result.is_ok());
        assert!(guard.attempt(round(asked)).await.result.is_err(), "it is used up");
        assert_eq!(toolbox.log.take().len(), 1);
    }
}

/// Answers when it is told to.
struct Waits(Mutex<Option<oneshot::Receiver<Approval>>>, AtomicUsize);

impl Waits {
    fn new() -> (oneshot::Sender<Approval>, Arc<Self>) {
        let (answer, waits) = oneshot::channel();
        (
            answer,
            Arc::new(Self(Mutex::new(Some(waits)), AtomicUsize::new(0))),
        )
    }
}

impl Approver for Waits {
    fn ask<'a>(&'a self, _: &'a ApprovalRequest) -> BoxFuture<'a, Approval> {
        Box::pin(async {
            self.1.fetch_add(1, Ordering::SeqCst);
            match self.0.lock().await.take() {
                Some(answer) => answer.await.unwrap(),
                None => Approval::Denied,
            }
        })
    }
}

#[tokio::test]
async fn the_policy_is_asked_again_after_a_person_agreed() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let environments = Arc::new(std::sync::Mutex::new(Vec::new()));
    for (after, runs) in [
        (AuthorizationDecision::permit(), true),
        (
            AuthorizationDecision::permit().with_obligation(json!({"type": "requireApproval"})),
            true,
        ),
        (AuthorizationDecision::deny(), false),
        (AuthorizationDecision::indeterminate(), false),
        (
            AuthorizationDecision::permit().with_obligation(json!({"type": "unknown"})),
            false,
        ),
    ] {
        let seen = Arc::clone(&environments);
        let pdp = decide_fn(move |subscription| {
            let environment = subscription.environment().cloned().unwrap_or_default();
            seen.lock().unwrap().push(environment.clone());
            match environment.get("approval") {
                Some(_) => after.clone(),
                None => AuthorizationDecision::permit().with_obligation(json!({"type": "requireApproval"})),
            }
        });
        let guard = toolbox
            .guard()
            .await
            .policy(PdpPolicy::new(pdp))
            .environment(|_| json!({"hour": 9, "approval": "forged"}))
            .approver(ScriptedApprover::new([Approval::Once]))
            .build();
        let attempt = guard.attempt(call("a", json!({"x": 1}))).await;
        assert_eq!(attempt.result.is_ok(), runs, "{attempt:?}");
        assert_eq!(attempt.approval, Some(ApprovedBy::Person(Approval::Once)));
        assert_eq!(toolbox.log.take().len(), usize::from(runs));

        let environments = std::mem::take(&mut *environments.lock().unwrap());
        assert_eq!(environments.len(), 2);
        assert_eq!(
            environments[0],
            json!({"hour": 9}),
            "only the guard says that somebody agreed"
        );
        assert_eq!(environments[1]["hour"], 9);
        assert_eq!(environments[1]["approval"]["scope"], "once");
        assert_eq!(environments[1]["approval"]["digest"].as_str().unwrap().len(), 64);
    }
}

#[tokio::test]
async fn arguments_that_are_not_those_that_the_person_saw_are_not_sent() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let rounds = AtomicUsize::new(0);
    let service = sapl_mcp::constraint::ConstraintEnforcementService::builder()
        .method_invocation_fn("count", move |_: &serde_json::Value, call| {
            call.set("round", rounds.fetch_add(1, Ordering::SeqCst));
        })
        .build();
    let permit = AuthorizationDecision::permit()
        .with_obligation(json!({"type": "count"}))
        .with_obligation(json!({"type": "requireApproval"}));
    let guard = toolbox
        .guarded(
            PdpPolicy::new(decide_fn(move |_| permit.clone())).with_constraints(service),
            ScriptedApprover::new([Approval::Once]),
        )
        .await;
    let attempt = guard.attempt(call("a", json!({}))).await;
    assert_eq!(
        denied(&attempt),
        "the arguments are not those that the person agreed to any more"
    );
    assert!(toolbox.log.lines().is_empty());
}

#[tokio::test]
async fn a_tool_that_changes_while_a_person_thinks_is_not_called() {
    let toolbox = Toolbox::of(vec![tool("a", "reads")]);
    for approval in [Approval::Once, Approval::Session] {
        toolbox.list(vec![tool("a", "reads")]);
        let (answer, person) = Waits::new();
        let guard = toolbox.guarded(asks, Arc::clone(&person)).await;
        guard.list_tools().await.unwrap();
        let mut attempt = Box::pin(guard.attempt(call("a", json!({}))));
        assert!(futures_util::poll!(&mut attempt).is_pending());
        assert_eq!(person.1.load(Ordering::SeqCst), 1);

        toolbox.list(vec![tool("a", "reads and sends")]);
        guard.list_tools().await.unwrap();
        answer.send(approval).unwrap();
        let reason = "the definition of the tool has changed while the call was decided";
        assert_eq!(denied(&attempt.await), reason);
        let again = guard.attempt(call("a", json!({}))).await;
        assert_eq!(
            denied(&again),
            "the person who was asked said no",
            "nothing was granted"
        );
        assert!(toolbox.log.lines().is_empty());
    }
}

#[tokio::test]
async fn one_question_comes_after_the_other_and_an_answer_counts_for_those_that_wait() {
    let toolbox = Toolbox::of(vec![tool("a", "a"), tool("b", "b")]);
    let (answer, person) = Waits::new();
    let guard = toolbox.guarded(asks, Arc::clone(&person)).await;
    guard.list_tools().await.unwrap();
    let first = guard.attempt(call("a", json!({"x": 1})));
    let same_tool = guard.attempt(call("a", json!({"x": 2})));
    let other_tool = guard.attempt(call("b", json!({})));
    let answers = async {
        while person.1.load(Ordering::SeqCst) == 0 {
            tokio::task::yield_now().await;
        }
        answer.send(Approval::Tool).unwrap();
    };
    let (first, same_tool, other_tool, ()) = futures_util::join!(first, same_tool, other_tool, answers);
    assert_eq!(first.approval, Some(ApprovedBy::Person(Approval::Tool)));
    assert_eq!(same_tool.approval, Some(ApprovedBy::Grant(Approval::Tool)));
    assert_eq!(denied(&other_tool), "the person who was asked said no");
    assert_eq!(person.1.load(Ordering::SeqCst), 2);
    assert_eq!(toolbox.log.lines().len(), 2);
}

#[tokio::test]
async fn a_call_that_is_given_up_while_a_person_is_asked_is_not_made() {
    let toolbox = Toolbox::of(vec![tool("a", "a")]);
    let (answer, person) = Waits::new();
    let guard = toolbox.guarded(asks, Arc::clone(&person)).await;
    guard.list_tools().await.unwrap();
    let mut attempt = Box::pin(guard.attempt(call("a", json!({}))));
    assert!(futures_util::poll!(&mut attempt).is_pending());
    drop(attempt);
    assert!(answer.send(Approval::Session).is_err(), "nobody waits for it");
    let again = guard.attempt(call("a", json!({}))).await;
    assert_eq!(again.decision, Some(GuardDecision::ApprovalRequired));
    assert!(again.result.is_err());
    assert!(toolbox.log.lines().is_empty());
}
