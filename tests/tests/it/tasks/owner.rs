//! A task belongs to the principal who called the tool.

use rmcp::{ErrorData, model::ErrorCode, task_manager::TaskManager};
use sapl_mcp::{AuditOutcome, AuthorizationDecision, Operation, pre_enforce};
use sapl_mcp_tests::{Mode, Pdp};
use serde_json::json;

use super::*;

/// All requests about a task.
fn requests(id: &str) -> [(&'static str, Value); 3] {
    [
        ("tasks/get", json!({"taskId": id})),
        (
            "tasks/update",
            json!({"taskId": id, "inputResponses": {"a": {"action": "accept"}}}),
        ),
        ("tasks/cancel", json!({"taskId": id})),
    ]
}

#[tokio::test]
async fn a_task_of_another_is_an_unknown_task_to_the_last_byte() {
    for mode in [Mode::Json, Mode::Sse] {
        for rule in [pre_enforce(), pre_enforce().stealth(), sapl_mcp::gate()] {
            let state = State::working();
            state.complete(text("secret"));
            let world = world_by(
                mode,
                rule,
                |log| Pdp::decides(log, AuthorizationDecision::permit()),
                &state,
            )
            .await;
            begin(&world, "mara", "t").await;
            begin(&world, "mara", "open").await;
            let before = world.server.received().len();
            for id in ["task-1", "task-2"] {
                for ((method, params), (_, unknown)) in requests(id).into_iter().zip(requests("task-9")) {
                    let foreign = ask(&world, "sam", method, params).await;
                    let unknown = ask(&world, "sam", method, unknown).await;
                    assert_eq!(foreign.naming(id, "task-9"), unknown, "{method}");
                    assert_eq!(
                        foreign.error(),
                        json!({"code": -32602, "message": format!("unknown task: {id}")})
                    );
                }
            }
            assert_eq!(
                world.server.received().len(),
                before,
                "nothing reaches the server"
            );
            // Its owner may ask.
            for id in ["task-1", "task-2"] {
                for (method, params) in requests(id) {
                    ask(&world, "mara", method, params).await.result();
                }
            }
        }
    }
}

#[tokio::test]
async fn an_unknown_task_is_answered_in_the_words_of_rmcp() {
    let state = State::working();
    let world = world(pre_enforce(), AuthorizationDecision::permit(), &state).await;
    let error = TaskManager::new().get_task("task-9").unwrap_err();
    assert_eq!(get(&world, "sam", "task-9").await.error(), json!(error));
}

#[tokio::test]
async fn who_asks_about_the_task_of_another_is_recorded() {
    let state = State::working();
    let world = world(pre_enforce(), AuthorizationDecision::permit(), &state).await;
    begin(&world, "mara", "t").await;
    world.audit.take();
    get(&world, "sam", "task-9").await.error();
    assert_eq!(world.audit.take(), [], "nobody's task is no matter for auditors");
    get(&world, "sam", "task-1").await.error();
    let records = world.audit.take();
    let record = &records[0];
    assert_eq!(
        (
            records.len(),
            record.operation,
            record.outcome,
            record.name.as_str(),
            record.subject.as_deref()
        ),
        (1, Operation::Task, AuditOutcome::Denied, "t", Some("sam"))
    );
    assert!(
        record
            .reason
            .as_ref()
            .is_some_and(|reason| reason.contains("another"))
    );
}

#[tokio::test]
async fn the_owner_is_the_principal_and_not_the_token() {
    use sapl_mcp::{Identity, SaplLayer, StaticTokens};
    let state = State::working();
    state.complete(text("mine"));
    let log = Log::new();
    let layer = SaplLayer::builder(Pdp::decides(&log, AuthorizationDecision::permit()))
        .build()
        .unwrap();
    let served = layer.layer(server(&log, pre_enforce(), &state).shared());
    let person = |sub: &str| json!({"iss": "https://issuer.test", "sub": sub});
    let tokens = StaticTokens::new()
        .with_identity(Identity::new("mara-token", person("mara")))
        .with_identity(Identity::new("renewed-token", person("mara")))
        .with_identity(Identity::new("sam-token", person("sam")));
    let wire = sapl_mcp_tests::Wire::serving_to(tokens, served, Mode::Json).await;
    let ask = |user: &str, method: &str, params: Value| {
        let ask = Ask::new(Revision::July2026, user, method, params);
        async move { wire.ask(&ask).await }
    };
    ask("mara", "tools/call", json!({"name": "t"})).await.result();
    let params = || json!({"taskId": "task-1"});
    assert!(ask("renewed", "tasks/get", params()).await.contains("mine"));
    assert!(!ask("sam", "tasks/get", params()).await.contains("mine"));
}

#[tokio::test]
async fn tasks_pass_as_long_as_no_tool_has_a_rule() {
    let state = State::working();
    state.complete(text("for everybody"));
    let log = Log::new();
    let says = state.clone();
    let server = Server::new(&log)
        .tool(tool("open"), becomes("task-2"))
        .tasks(move |id| says.get(id));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    begin(&world, "mara", "open").await;
    for (user, id) in [("mara", "task-2"), ("sam", "task-2"), ("sam", "task-9")] {
        assert!(get(&world, user, id).await.contains("for everybody"));
    }
}

#[tokio::test]
async fn a_task_that_the_server_has_forgotten_is_unknown() {
    let state = State::working();
    let world = world(pre_enforce(), AuthorizationDecision::permit(), &state).await;
    begin(&world, "mara", "t").await;
    state.set(Err(ErrorData::invalid_params("there is no task-1 here", None)));
    let gone = get(&world, "mara", "task-1").await;
    assert_eq!(
        gone.naming("task-1", "task-9"),
        get(&world, "mara", "task-9").await
    );
    // Its id is free again.
    state.set(Ok(TaskPayload::Working));
    get(&world, "mara", "task-1").await.error();
    begin(&world, "sam", "t").await;
    get(&world, "sam", "task-1").await.result();
}

#[tokio::test]
async fn a_task_with_the_id_of_another_one_is_denied_and_the_other_goes_on() {
    let state = State::working();
    state.complete(text("secret"));
    let log = Log::new();
    let says = state.clone();
    let server = Server::new(&log)
        .tool(
            sapl_mcp::EnforceExt::enforce(tool("t"), pre_enforce()),
            becomes("task-1"),
        )
        .tool(tool("open"), becomes("task-1"))
        .tasks(move |id| says.get(id));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    begin(&world, "mara", "t").await;
    for tool in ["t", "open"] {
        for user in ["sam", "mara"] {
            let before = world.server.received().len();
            let reply = ask(&world, user, "tools/call", json!({"name": tool, "arguments": {}})).await;
            assert_eq!(reply.result()["isError"], true, "{reply:?}");
            assert!(reply.contains("Access denied") && !reply.contains("task-1"));
            let methods: Vec<_> = world
                .server
                .received()
                .split_off(before)
                .into_iter()
                .map(|r| r.method)
                .collect();
            assert_eq!(methods, ["tools/call"]);
            let records = world.audit.take();
            let last = records.last().unwrap();
            assert!(
                last.reason
                    .as_ref()
                    .is_some_and(|reason| reason.contains("id another task has")),
                "{last:?}"
            );
        }
    }
    assert!(get(&world, "mara", "task-1").await.contains("secret"));
}

#[tokio::test]
async fn the_owner_hears_the_errors_of_a_server_but_not_past_an_obligation() {
    let broken = || ErrorData::new(ErrorCode(-32050), "row 7 is broken", Some(json!({"row": 7})));
    let masking = AuthorizationDecision::permit().with_obligation(sapl_mcp_tests::step("map", "m"));
    for (decision, expected) in [
        (AuthorizationDecision::permit(), json!(broken())),
        (
            masking,
            json!({"code": -32050, "message": "The operation failed"}),
        ),
    ] {
        let state = State::working();
        let world = world(pre_enforce(), decision, &state).await;
        begin(&world, "mara", "t").await;
        state.set(Err(broken()));
        assert_eq!(get(&world, "mara", "task-1").await.error(), expected);
        // It was no failure of the tool: the result can still come.
        state.complete(text("done"));
        assert!(get(&world, "mara", "task-1").await.contains("done"));
    }
}

#[tokio::test]
async fn rmcps_own_manager_and_client_work_through_the_layer() {
    use rmcp::{
        RoleServer, ServerHandler,
        model::*,
        service::RequestContext,
        task_manager::{TaskContext, TaskOptions},
    };
    #[derive(Clone)]
    struct Managed(TaskManager, Tool);
    impl ServerHandler for Managed {
        fn get_info(&self) -> ServerConfig {
            ServerConfig::new(
                ServerCapabilities::builder()
                    .enable_tools()
                    .enable_tasks()
                    .build(),
            )
        }
        fn get_tool(&self, name: &str) -> Option<Tool> {
            (name == self.1.name).then(|| self.1.clone())
        }
        async fn call_tool(
            &self,
            _: CallToolRequestParams,
            _: RequestContext<RoleServer>,
        ) -> Result<CallToolResponse, ErrorData> {
            let run = |_: TaskContext| {
                Box::pin(async { Ok(CallToolResult::success(vec![ContentBlock::text("done")])) }) as _
            };
            Ok(CreateTaskResult::new(self.0.spawn(TaskOptions::default(), run)).into())
        }
        async fn get_task(
            &self,
            request: GetTaskParams,
            _: RequestContext<RoleServer>,
        ) -> Result<GetTaskResult, ErrorData> {
            self.0.get_task(&request.task_id).map(GetTaskResult::new)
        }
        async fn cancel_task(
            &self,
            request: CancelTaskParams,
            _: RequestContext<RoleServer>,
        ) -> Result<(), ErrorData> {
            self.0.cancel_task(&request.task_id)
        }
    }
    let log = Log::new();
    let mapped = AuthorizationDecision::permit().with_obligation(sapl_mcp_tests::step("map", "m"));
    let layer = sapl_mcp::SaplLayer::builder(Pdp::decides(&log, mapped))
        .constraints(sapl_mcp_tests::steps(&log))
        .build()
        .unwrap();
    let managed = Managed(TaskManager::new(), tool("t").enforce(pre_enforce()));
    let wire = sapl_mcp_tests::Wire::serving(layer.layer(managed), Mode::Json).await;
    let ask = |user: &str, method: &str, params: Value| {
        let ask = Ask::new(Revision::July2026, user, method, params);
        async move { wire.ask(&ask).await }
    };
    let called = ask("mara", "tools/call", json!({"name": "t"})).await.result();
    let id = called["taskId"].as_str().unwrap().to_owned();
    let got = loop {
        let got = ask("mara", "tasks/get", json!({"taskId": id})).await.result();
        if got["status"] != "working" {
            break got;
        }
    };
    assert_eq!(got["result"]["content"][0]["text"], "done+m");
    let foreign = ask("sam", "tasks/get", json!({"taskId": id})).await;
    assert_eq!(foreign.error()["message"], format!("unknown task: {id}"));
}

#[tokio::test]
async fn a_request_that_the_server_refuses_does_not_lose_the_task() {
    use rmcp::{RoleServer, ServerHandler, model::*, service::RequestContext};
    type Context = RequestContext<RoleServer>;
    struct Strict(Tool);
    impl ServerHandler for Strict {
        fn get_info(&self) -> ServerConfig {
            let capabilities = ServerCapabilities::builder().enable_tools().enable_tasks();
            ServerConfig::new(capabilities.build())
        }
        fn get_tool(&self, _: &str) -> Option<Tool> {
            Some(self.0.clone())
        }
        async fn call_tool(
            &self,
            _: CallToolRequestParams,
            _: Context,
        ) -> Result<CallToolResponse, ErrorData> {
            Ok(CreateTaskResult::new(task("task-1")).into())
        }
        async fn get_task(&self, _: GetTaskParams, _: Context) -> Result<GetTaskResult, ErrorData> {
            let done = TaskPayload::Completed {
                result: object(text("done")),
            };
            Ok(GetTaskResult::new(DetailedTask::new(task("task-1"), done)))
        }
        async fn update_task(&self, _: UpdateTaskParams, _: Context) -> Result<(), ErrorData> {
            Err(ErrorData::invalid_params("not asked for", None))
        }
        async fn cancel_task(&self, _: CancelTaskParams, _: Context) -> Result<(), ErrorData> {
            Err(ErrorData::invalid_params("over already", None))
        }
    }
    let log = Log::new();
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    let layer = sapl_mcp::SaplLayer::builder(pdp).build().unwrap();
    let strict = Arc::new(Strict(tool("t").enforce(pre_enforce())));
    let wire = sapl_mcp_tests::Wire::serving(layer.layer(strict), Mode::Json).await;
    let ask = |method: &str, params: Value| {
        let ask = Ask::new(Revision::July2026, "mara", method, params);
        async move { wire.ask(&ask).await }
    };
    ask("tools/call", json!({"name": "t"})).await.result();
    for ((method, params), said) in requests("task-1")
        .into_iter()
        .skip(1)
        .zip(["not asked for", "over already"])
    {
        let error = ask(method, params).await.error();
        assert_eq!(error, json!({"code": -32602, "message": said}));
        assert!(
            ask("tasks/get", json!({"taskId": "task-1"}))
                .await
                .contains("done")
        );
    }
}
