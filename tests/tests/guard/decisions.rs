//! What is decided, and that nothing is called that is not allowed.

use std::{sync::atomic::Ordering, time::Duration};

use rmcp::model::ToolAnnotations;
use sapl_mcp::{
    AuthorizationDecision, EmbeddedPdp, PolicyDecisionPoint,
    client::{
        Approval, GuardDecision, GuardError, GuardRequest, GuardRule, Judgement, PdpPolicy, RuleList,
        ScriptedApprover, async_policy,
    },
    constraint::ConstraintEnforcementService,
    decide_fn,
};
use serde_json::{Value, json};

use crate::scene::{Toolbox, call, denied, text, tool};

fn rules() -> RuleList {
    RuleList::new()
        .rule(GuardRule::deny("destructive tool").prefixes(["delete_", "drop_"]))
        .rule(
            GuardRule::allow("safe tool")
                .names(["add"])
                .prefixes(["read_", "list_"]),
        )
}

#[tokio::test]
async fn a_call_is_made_asked_about_or_denied_as_the_rules_say() {
    let toolbox = Toolbox::of(vec![
        tool("add", "a"),
        tool("delete_all", "d"),
        tool("write", "w"),
    ]);
    let guard = toolbox.guard().await.policy(rules()).build();

    assert_eq!(
        text(&guard.call_tool(call("add", json!({"a": 1}))).await),
        "add ran"
    );
    assert_eq!(toolbox.log.take(), [r#"add {"a":1}"#]);

    let attempt = guard.attempt(call("delete_all", json!({}))).await;
    assert_eq!(denied(&attempt), "destructive tool");
    assert_eq!(attempt.decision, Some(GuardDecision::Deny));

    let attempt = guard.attempt(call("write", json!({"x": 1}))).await;
    assert_eq!(attempt.decision, Some(GuardDecision::ApprovalRequired));
    assert_eq!(attempt.reason, "no rule is about this call");
    match attempt.result {
        Err(GuardError::ApprovalRequired(asked)) => {
            assert_eq!(asked.request().tool(), "write");
            assert_eq!(json!(asked.arguments()), json!({"x": 1}));
            assert!(!asked.redefined());
        }
        other => panic!("{other:?}"),
    }
    assert!(toolbox.log.lines().is_empty(), "nothing was called");
}

#[tokio::test]
async fn without_a_policy_everything_asks() {
    let toolbox = Toolbox::of(vec![tool("add", "a")]);
    let guard = toolbox.guard().await.build();
    let called = guard.call_tool(call("add", json!({}))).await;
    assert!(
        matches!(called, Err(GuardError::ApprovalRequired(_))),
        "{called:?}"
    );
    assert!(toolbox.log.lines().is_empty());
}

#[tokio::test]
async fn a_tool_that_was_never_listed_is_looked_up_and_one_that_nobody_lists_is_judged_by_the_worst() {
    let mut reads = tool("reads", "r");
    reads.annotations = Some(ToolAnnotations::default().read_only(true).open_world(false));
    let toolbox = Toolbox::paged(vec![tool("first", "f"), reads], 1, |_| panic!("never called"));
    let guard = toolbox
        .guard()
        .await
        .policy_fn(|request| {
            let listed = request.definition().map(|tool| tool.name.to_string());
            Judgement::deny(json!([listed, request.hints()]).to_string())
        })
        .build();
    let hints = |read_only: bool| {
        json!({
            "readOnlyHint": read_only, "destructiveHint": !read_only, "idempotentHint": read_only,
            "openWorldHint": !read_only,
        })
    };
    let reads = guard.attempt(call("reads", json!({}))).await;
    assert_eq!(denied(&reads), json!(["reads", hints(true)]).to_string());
    assert_eq!(toolbox.lists.load(Ordering::SeqCst), 2, "both pages, once");
    guard.attempt(call("first", json!({}))).await;
    assert_eq!(toolbox.lists.load(Ordering::SeqCst), 2);

    let unknown = guard.attempt(call("unknown", json!({}))).await;
    assert_eq!(denied(&unknown), json!([null, hints(false)]).to_string());
    assert_eq!(
        toolbox.lists.load(Ordering::SeqCst),
        4,
        "it might have come up since"
    );
}

#[tokio::test]
async fn where_the_tools_cannot_be_listed_nothing_is_called() {
    for (tools, reason) in [
        (vec![tool("no list at all", "n")], "no list"),
        (
            vec![tool("add", "a"), tool("add", "another one")],
            "`add` is listed twice",
        ),
    ] {
        let toolbox = Toolbox::of(tools);
        let guard = toolbox
            .guard()
            .await
            .policy_fn(|_| Judgement::allow("all"))
            .build();
        for _ in 0..2 {
            match guard.call_tool(call("add", json!({}))).await {
                Err(GuardError::Listing { reason: told }) => assert!(told.contains(reason), "{told}"),
                other => panic!("{other:?}"),
            }
        }
        assert!(guard.list_tools().await.is_err());
        assert!(toolbox.log.lines().is_empty());
        toolbox.list(vec![tool("add", "a")]);
        assert_eq!(text(&guard.call_tool(call("add", json!({}))).await), "add ran");
    }
}

#[tokio::test]
async fn a_list_without_end_is_refused() {
    let toolbox = Toolbox::paged(vec![tool("add", "a")], 0, |_| panic!("never called"));
    let guard = toolbox
        .guard()
        .await
        .policy_fn(|_| Judgement::allow("all"))
        .build();
    let listed = guard.list_tools().await.unwrap_err();
    assert_eq!(
        listed.to_string(),
        "the tools of the server can't be listed: the list has more than 1000 pages"
    );
    assert_eq!(
        toolbox.lists.load(Ordering::SeqCst),
        sapl_mcp::client::MAX_TOOL_PAGES
    );
}

#[tokio::test(start_paused = true)]
async fn what_goes_wrong_on_the_way_to_a_decision_denies() {
    let toolbox = Toolbox::of(vec![tool("add", "a")]);
    let allow = |_: &GuardRequest| Judgement::allow("all");
    let silent = decide_fn(|_| AuthorizationDecision::indeterminate());
    for (guard, reason) in [
        (
            toolbox.guard().await.policy_fn(|_| panic!("no")),
            "the policy panicked",
        ),
        (
            toolbox
                .guard()
                .await
                .policy(async_policy(|_| Box::pin(std::future::pending())))
                .decision_timeout(Duration::from_secs(3)),
            "the policy did not answer within the decision timeout",
        ),
        (
            toolbox.guard().await.policy(PdpPolicy::new(silent)),
            "the decision is INDETERMINATE",
        ),
        (
            toolbox.guard().await.policy(allow).environment(|_| panic!("no")),
            "the closure that gives the environment panicked",
        ),
        (
            toolbox
                .guard()
                .await
                .policy(allow)
                .environment(|_| json!("today")),
            "the environment is no object",
        ),
    ] {
        let attempt = guard.build().attempt(call("add", json!({}))).await;
        assert_eq!(denied(&attempt), reason);
        assert_eq!(attempt.decision, Some(GuardDecision::Deny));
    }
    assert!(toolbox.log.lines().is_empty());
}

const POLICIES: &str = r#"
policy "who is on duty may restart what is not protected"
permit
  action == "call";
  resource.name == "restart";
  subject.role == "operator";
  environment.hour >= 8 & environment.hour < 18;
  !environment.protected;
"#;

const ASKS: &str = r#"
policy "others ask"
permit
  resource.name == "restart";
  subject.role == "guest";
  resource.annotations.destructiveHint;
obligation
  { "type": "requireApproval", "message": "a guest restarts " + resource.arguments.service }
"#;

#[tokio::test]
async fn the_embedded_decision_point_sees_user_tool_arguments_and_circumstances() {
    let toolbox = Toolbox::of(vec![tool("restart", "r"), tool("stop", "s")]);
    for (role, hour, service, expected) in [
        ("operator", 9, "web", Ok("restart ran")),
        ("operator", 7, "web", Err("the decision is DENY")),
        ("operator", 9, "database", Err("the decision is DENY")),
        ("guest", 9, "web", Err("a guest restarts web")),
        ("nobody", 9, "web", Err("the decision is DENY")),
    ] {
        let pdp = EmbeddedPdp::from_texts(None, [("duty.sapl", POLICIES), ("guests.sapl", ASKS)]).unwrap();
        let guard = toolbox
            .guard()
            .await
            .policy(PdpPolicy::new(pdp))
            .user(json!({"name": "ann", "role": role}))
            .environment(move |request| {
                let protected = request
                    .argument("service")
                    .is_some_and(|service| service == "database");
                json!({"hour": hour, "protected": protected})
            })
            .build();
        let attempt = guard.attempt(call("restart", json!({"service": service}))).await;
        match expected {
            Ok(_) => assert!(attempt.result.is_ok(), "{attempt:?}"),
            Err(reason) => assert_eq!(attempt.reason, reason),
        }
        assert_eq!(toolbox.log.take().len(), usize::from(expected.is_ok()));
        let other = guard.attempt(call("stop", json!({"service": service}))).await;
        assert_eq!(denied(&other), "the decision is DENY");
    }
}

fn caps(
    decide: impl Fn() -> AuthorizationDecision + Send + Sync + 'static,
) -> PdpPolicy<impl PolicyDecisionPoint> {
    let service = ConstraintEnforcementService::builder()
        .method_invocation_fn("cap", |cap: &Value, call| {
            call.cap("rows", cap["max"].as_u64().unwrap_or_default());
        })
        .build();
    PdpPolicy::new(decide_fn(move |_| decide())).with_constraints(service)
}

#[tokio::test]
async fn an_obligation_changes_the_arguments_before_a_person_sees_them() {
    let toolbox = Toolbox::of(vec![tool("select", "s")]);
    let permit = || {
        AuthorizationDecision::permit()
            .with_obligation(json!({"type": "cap", "max": 5}))
            .with_obligation(json!({"type": "requireApproval"}))
    };
    let person = std::sync::Arc::new(ScriptedApprover::new([Approval::Once]));
    let guard = toolbox
        .guarded(caps(permit), std::sync::Arc::clone(&person))
        .await;
    guard
        .call_tool(call("select", json!({"rows": 100})))
        .await
        .unwrap();
    assert_eq!(json!(person.asked()[0].arguments()), json!({"rows": 5}));
    assert_eq!(
        json!(person.asked()[0].request().arguments()),
        json!({"rows": 100})
    );
    assert_eq!(toolbox.log.take(), [r#"select {"rows":5}"#]);
}
