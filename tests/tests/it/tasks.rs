//! Tools that go on as tasks: whose a task is, and what is enforced when its result is fetched.

mod kept;
mod owner;
mod post;
mod result;

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use rmcp::{
    ErrorData,
    model::{CreateTaskResult, DetailedTask, GetTaskResult, MetaObject, Task, TaskPayload, TaskStatus},
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, MAX_TASK_BYTES_PER_PRINCIPAL, Rule};
use sapl_mcp_tests::{
    Ask, Behaviour, Component, Log, Mode, Pdp, Reply, Revision, Server, World, object, tool,
};
use serde_json::{Value, json};

const TIME: &str = "2026-01-01T00:00:00Z";

/// What the server says of its tasks at the moment. Clones are the same.
#[derive(Clone)]
struct State(Arc<Mutex<Result<TaskPayload, ErrorData>>>);

impl State {
    fn working() -> Self {
        Self(Arc::new(Mutex::new(Ok(TaskPayload::Working))))
    }

    fn set(&self, payload: Result<TaskPayload, ErrorData>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = payload;
    }

    fn complete(&self, result: Value) {
        self.set(Ok(TaskPayload::Completed {
            result: object(result),
        }));
    }

    fn get(&self, id: &str) -> Result<GetTaskResult, ErrorData> {
        let payload = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let mut got = GetTaskResult::new(DetailedTask::new(task(id), payload));
        got.meta = Some(meta());
        Ok(got)
    }
}

fn meta() -> MetaObject {
    MetaObject(object(json!({"trace": "of the server"})))
}

fn task(id: &str) -> Task {
    Task::new(id, TaskStatus::Working, TIME, TIME).with_status_message("at row 7 of the secrets")
}

/// A tool that goes on as the task `id`.
fn becomes(id: &str) -> Behaviour {
    Behaviour::result(CreateTaskResult::new(task(id)).with_meta(meta()))
}

/// A tool that goes on as `task-0`, at the next call as `task-1`, and so on.
fn becomes_another() -> Behaviour {
    let started = AtomicUsize::new(0);
    Behaviour::does(move |_, _| {
        let id = format!("task-{}", started.fetch_add(1, Ordering::SeqCst));
        let created = CreateTaskResult::new(task(&id));
        std::future::ready(Ok(Component::Tool(created.into())))
    })
}

/// A world whose tool `t` [becomes another task](becomes_another) at each call.
async fn world_of_many(rule: Rule, decision: AuthorizationDecision, state: &State) -> World {
    let log = Log::new();
    let state = state.clone();
    let server = Server::new(&log)
        .tool(tool("t").enforce(rule.shared()), becomes_another())
        .tasks(move |id| state.get(id));
    World::new(&log, server, Pdp::decides(&log, decision)).await
}

/// Calls the tool `t` with a megabyte of arguments.
async fn call_at_length(world: &World) -> Reply {
    let arguments = json!({"a": "x".repeat(1_000_000)});
    ask(
        world,
        "mara",
        "tools/call",
        json!({"name": "t", "arguments": arguments}),
    )
    .await
}

/// Makes as many such calls as there is room for.
async fn fill(world: &World) {
    for _ in 0..MAX_TASK_BYTES_PER_PRINCIPAL / 1_000_000 {
        let reply = call_at_length(world).await;
        assert_eq!(reply.result()["resultType"], "task", "{reply:?}");
    }
}

/// A server whose tool `t` goes on as `task-1`; beside it there is the tool `open` without a rule, which goes on as `task-2`.
fn server(log: &Log, rule: Rule, state: &State) -> Server {
    let state = state.clone();
    Server::new(log)
        .tool(tool("t").enforce(rule.shared()), becomes("task-1"))
        .tool(tool("open"), becomes("task-2"))
        .tasks(move |id| state.get(id))
}

async fn world(rule: Rule, decision: AuthorizationDecision, state: &State) -> World {
    let log = Log::new();
    let pdp = Pdp::decides(&log, decision);
    World::new(&log, server(&log, rule, state), pdp).await
}

async fn world_by(mode: Mode, rule: Rule, pdp: impl FnOnce(&Log) -> Pdp, state: &State) -> World {
    let log = Log::new();
    let pdp = pdp(&log);
    World::with(&log, server(&log, rule, state), pdp, mode, |builder| builder).await
}

async fn ask(world: &World, user: &str, method: &str, params: Value) -> Reply {
    world
        .wire
        .ask(&Ask::new(Revision::July2026, user, method, params))
        .await
}

/// The call of a tool, which goes on as a task.
async fn begin(world: &World, user: &str, tool: &str) -> Value {
    let reply = ask(world, user, "tools/call", json!({"name": tool, "arguments": {}})).await;
    let result = reply.result();
    assert_eq!(result["resultType"], "task", "{reply:?}");
    result
}

async fn get(world: &World, user: &str, id: &str) -> Reply {
    ask(world, user, "tasks/get", json!({"taskId": id})).await
}

fn text(text: &str) -> Value {
    json!({"resultType": "complete", "content": [{"type": "text", "text": text}], "isError": false})
}

fn denied() -> Value {
    json!({"code": -32003, "message": "Access denied"})
}
