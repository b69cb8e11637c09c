//! Connections, calls of several rounds, and tasks.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use rmcp::{
    ClientHandler, ClientLifecycleMode, ErrorData, RoleClient, ServiceExt as _,
    model::*,
    service::{ClientServiceExt as _, RequestContext, RunningService},
};
use sapl_mcp::{
    AuthorizationDecision, EnforceExt as _,
    client::{
        Approval, Guard, GuardDecision, GuardError, GuardOutcome, GuardPolicy, GuardRequest, Judgement,
        PdpPolicy, ScriptedApprover,
    },
    constraint::ConstraintEnforcementService,
    decide_fn,
};
use sapl_mcp_tests::{Behaviour, Log, Mode, Pdp, Server, World};
use serde_json::{Value, json};

use crate::scene::{Toolbox, call, denied, records, text, tool};

fn allows(_: &GuardRequest) -> Judgement {
    Judgement::allow("all")
}

/// A client that answers forms and can do tasks.
#[derive(Clone, Default)]
struct Handler(Arc<AtomicUsize>);

impl ClientHandler for Handler {
    fn get_info(&self) -> ClientConfig {
        let mut config = ClientConfig::default();
        config.capabilities = serde_json::from_value(json!({
            "elicitation": {"form": {}},
            "extensions": {"io.modelcontextprotocol/tasks": {}},
        }))
        .unwrap();
        config
    }

    async fn create_elicitation(
        &self,
        _: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let asked = self.0.fetch_add(1, Ordering::SeqCst);
        Ok(ElicitResult::new(ElicitationAction::Accept).with_content(json!({"answer": asked})))
    }
}

async fn connected(toolbox: &Arc<Toolbox>, handler: &Handler) -> RunningService<RoleClient, Handler> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let server = Arc::clone(toolbox);
    tokio::spawn(async move {
        if let Ok(running) = server.serve(far).await {
            let _ = running.waiting().await;
        }
    });
    let lifecycle = ClientLifecycleMode::Discover {
        preferred_versions: vec![ProtocolVersion::V_2026_07_28],
    };
    handler
        .clone()
        .serve_with_lifecycle(near, lifecycle)
        .await
        .unwrap()
}

/// A tool that asks twice before it is done, and tells what it was told.
fn asks_twice() -> Arc<Toolbox> {
    Toolbox::that(vec![tool("t", "t")], |params| {
        let form = json!({
            "method": "elicitation/create",
            "params": {"mode": "form", "message": "?", "requestedSchema": {"type": "object", "properties": {}}},
        });
        let asked = |state: &str| -> CallToolResponse {
            let asked =
                json!({"resultType": "input_required", "requestState": state, "inputRequests": {"q": form}});
            serde_json::from_value::<InputRequiredResult>(asked)
                .unwrap()
                .into()
        };
        Ok(match params.request_state.as_deref() {
            None => asked("one"),
            Some("one") => asked("two"),
            Some(state) => {
                let told = json!([state, params.input_responses]).to_string();
                CallToolResult::success(vec![ContentBlock::text(told)]).into()
            }
        })
    })
}

#[tokio::test]
async fn the_handler_of_a_client_that_the_guard_owns_answers_and_each_round_is_decided() {
    let toolbox = asks_twice();
    let decided = Arc::new(AtomicUsize::new(0));
    let counts = Arc::clone(&decided);
    let handler = Handler::default();
    let guard = Guard::builder(connected(&toolbox, &handler).await)
        .policy_fn(move |_| {
            counts.fetch_add(1, Ordering::SeqCst);
            Judgement::allow("all")
        })
        .build();
    let called = guard.call_tool(call("t", json!({"x": 1}))).await;
    let told: Value = serde_json::from_str(text(&called)).unwrap();
    assert_eq!(told[0], "two");
    assert_eq!(told[1]["q"]["action"], "accept");
    assert_eq!(told[1]["q"]["content"], json!({"answer": 1}));
    assert_eq!(handler.0.load(Ordering::SeqCst), 2);
    assert_eq!(decided.load(Ordering::SeqCst), 3);
    assert_eq!(toolbox.log.take(), [r#"t {"x":1}"#; 3]);
}

#[tokio::test]
async fn one_approval_is_for_all_rounds_of_the_call_that_it_was_given_for() {
    let toolbox = asks_twice();
    let person = Arc::new(ScriptedApprover::new([Approval::Once, Approval::Once]));
    let guard = Guard::builder(connected(&toolbox, &Handler::default()).await)
        .policy_fn(|_| Judgement::approval_required("maybe"))
        .approver(Arc::clone(&person))
        .build();
    assert!(guard.call_tool(call("t", json!({"x": 1}))).await.is_ok());
    assert_eq!(person.asked().len(), 1);
    assert!(guard.call_tool(call("t", json!({"x": 1}))).await.is_ok());
    assert_eq!(person.asked().len(), 2, "another call is another question");

    // Neither another state nor other arguments go on from a round that was approved.
    let person = Arc::new(ScriptedApprover::new([Approval::Once]));
    let guard = Guard::builder(connected(&toolbox, &Handler::default()).await)
        .policy_fn(|_| Judgement::approval_required("maybe"))
        .approver(Arc::clone(&person))
        .build();
    let first = guard.attempt(call("t", json!({"x": 1}))).await;
    assert!(
        matches!(first.result, Ok(CallToolResponse::InputRequired(_))),
        "{first:?}"
    );
    let round = |x: u8, state: &str| {
        let mut params = call("t", json!({"x": x}));
        params.request_state = Some(state.to_owned());
        params
    };
    toolbox.log.take();
    for (x, state) in [(1, "two"), (2, "one")] {
        let other = guard.attempt(round(x, state)).await;
        assert_eq!(denied(&other), "the person who was asked said no");
    }
    assert!(toolbox.log.lines().is_empty());
    assert!(guard.attempt(round(1, "one")).await.result.is_ok());
    assert!(
        guard.attempt(round(1, "one")).await.result.is_err(),
        "it is used up"
    );
}

#[tokio::test]
async fn a_round_that_is_denied_ends_the_call() {
    let toolbox = asks_twice();
    let decided = AtomicUsize::new(0);
    let handler = Handler::default();
    let guard = Guard::builder(connected(&toolbox, &handler).await)
        .policy_fn(move |_| match decided.fetch_add(1, Ordering::SeqCst) {
            0 => Judgement::allow("all"),
            _ => Judgement::deny("not any more"),
        })
        .build();
    let called = guard.call_tool(call("t", json!({}))).await;
    assert!(
        matches!(&called, Err(GuardError::Denied { reason, .. }) if reason == "not any more"),
        "{called:?}"
    );
    assert_eq!(toolbox.log.lines().len(), 1);
}

#[tokio::test]
async fn with_a_peer_alone_the_caller_answers() {
    let toolbox = asks_twice();
    let client = connected(&toolbox, &Handler::default()).await;
    let guard = Guard::builder(client.peer().clone()).policy(allows).build();
    let called = guard.call_tool(call("t", json!({}))).await;
    assert!(matches!(called, Err(GuardError::Unfinished { .. })), "{called:?}");
    let Ok(CallToolResponse::InputRequired(asked)) = guard.attempt(call("t", json!({}))).await.result else {
        panic!("nothing was asked");
    };
    let mut params = call("t", json!({}));
    params.request_state = asked.request_state;
    assert!(guard.attempt(params).await.result.is_ok());
    guard.close();
    assert!(guard.list_tools().await.is_ok(), "the connection is the caller's");
}

/// A policy that permits under this obligation, which looks at the arguments, the result or an error.
fn under(obligation: &str) -> impl GuardPolicy + use<> {
    let service = ConstraintEnforcementService::builder()
        .method_invocation_fn("arguments", |_: &Value, _| ())
        .mapping_fn("result", |_: &Value, value| value)
        .error_handler_fn("error", |_: &Value, _| ())
        .build();
    let permit = AuthorizationDecision::permit().with_obligation(json!({"type": obligation}));
    PdpPolicy::new(decide_fn(move |_| permit.clone())).with_constraints(service)
}

#[tokio::test]
async fn a_request_for_input_does_not_get_past_an_obligation_on_the_result() {
    for (obligation, passes) in [("arguments", true), ("error", true), ("result", false)] {
        let toolbox = asks_twice();
        let guard = Guard::builder(connected(&toolbox, &Handler::default()).await)
            .policy(under(obligation))
            .build();
        let attempt = guard.attempt(call("t", json!({}))).await;
        match passes {
            true => assert!(matches!(attempt.result, Ok(CallToolResponse::InputRequired(_)))),
            false => assert!(matches!(attempt.result, Err(GuardError::Withheld { .. }))),
        }
        toolbox.log.take();
        let called = guard.call_tool(call("t", json!({}))).await;
        assert_eq!(called.is_ok(), passes, "{obligation}: {called:?}");
        assert_eq!(toolbox.log.lines().len() > 1, passes, "{obligation}");
    }
}

#[tokio::test]
async fn a_task_passes_only_where_nothing_looks_at_its_result() {
    let toolbox = Toolbox::that(vec![tool("t", "t")], |_| {
        let time = "2026-01-01T00:00:00Z";
        Ok(CreateTaskResult::new(Task::new("task-1", TaskStatus::Working, time, time)).into())
    });
    let (told, sink) = records();
    let plain = Guard::builder(connected(&toolbox, &Handler::default()).await)
        .policy(allows)
        .record_to(sink)
        .build();
    let attempt = plain.attempt(call("t", json!({}))).await;
    assert!(
        matches!(attempt.result, Ok(CallToolResponse::Task(_))),
        "{attempt:?}"
    );
    let called = plain.call_tool(call("t", json!({}))).await;
    assert!(matches!(called, Err(GuardError::Unfinished { .. })), "{called:?}");
    assert_eq!(told.lock().unwrap()[0].outcome, GuardOutcome::Task);
    assert_eq!(toolbox.log.take().len(), 2);

    let constrained = async |obligation| {
        Guard::builder(connected(&toolbox, &Handler::default()).await)
            .policy(under(obligation))
            .build()
    };
    let filtered = Guard::builder(connected(&toolbox, &Handler::default()).await)
        .policy(allows)
        .result_filter(|_, result| Ok(result))
        .build();
    let attempt = constrained("arguments").await.attempt(call("t", json!({}))).await;
    assert!(
        matches!(attempt.result, Ok(CallToolResponse::Task(_))),
        "{attempt:?}"
    );
    toolbox.log.take();
    for guard in [constrained("result").await, constrained("error").await, filtered] {
        let attempt = guard.attempt(call("t", json!({}))).await;
        assert!(
            matches!(attempt.result, Err(GuardError::Withheld { .. })),
            "{attempt:?}"
        );
        assert_eq!(toolbox.log.take(), ["t {}", "cancelled task-1"]);
    }
}

#[tokio::test]
async fn a_guard_and_a_layer_work_together_over_http() {
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        let log = Log::new();
        let server = Server::new(&log)
            .tool(sapl_mcp_tests::tool("read_file"), Behaviour::echo())
            .tool(
                sapl_mcp_tests::tool("write_file").enforce(sapl_mcp::pre_enforce().shared()),
                Behaviour::text("written"),
            );
        let pdp = Pdp::decides(&log, AuthorizationDecision::deny());
        let world = World::with(&log, server, pdp, mode, |builder| builder).await;
        let client = world.client("mara").await;
        let person = Arc::new(ScriptedApprover::new([Approval::Once]));
        let guard = Guard::builder(client.into_running())
            .policy_fn(|request| match request.tool().starts_with("read_") {
                true => Judgement::allow("reads"),
                false => Judgement::approval_required("writes"),
            })
            .approver(Arc::clone(&person))
            .build();
        let read = guard
            .call_tool(call("read_file", json!({"path": "a"})))
            .await
            .unwrap();
        assert!(json!(read).to_string().contains("path"));
        let attempt = guard.attempt(call("write_file", json!({}))).await;
        assert_eq!(attempt.decision, Some(GuardDecision::ApprovalRequired));
        let Ok(CallToolResponse::Complete(refused)) = attempt.result else {
            panic!("{attempt:?}");
        };
        assert_eq!(
            text(&Ok(refused)),
            "Access denied",
            "the server has the last word"
        );
        assert_eq!(person.asked().len(), 1);
        assert!(guard.attempt(call("write_file", json!({}))).await.result.is_err());
    }
}
