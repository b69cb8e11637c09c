//! Tasks: they belong to who called the tool, and their results are enforced when they are fetched.

use std::{sync::Arc, time::Instant};

use http::request::Parts;
use rmcp::{
    ErrorData, ServerHandler,
    model::{
        CallToolResponse, CancelTaskParams, ErrorCode, GetTaskParams, GetTaskResult, TASKS_EXTENSION_ID,
        UpdateTaskParams,
    },
};

use super::{
    Caller, Context,
    refusal::{self, Refused},
    tools,
};
use crate::{
    enforcement::{Asker, Denial, Found, KeptTask, Place, acknowledged, fetch},
    identity::ScopeChallenge,
    reply::{Denied, access_denied, task_not_found},
    rule::Unruled,
    service::SaplService,
    subscription::{ComponentKind, Operation},
};

/// The key in `_meta` under which a request says what its client can do.
const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";

/// What a request about a task comes to.
enum Admitted {
    /// No tool has a rule, so that there is nothing to enforce.
    Unruled(Unruled),
    /// The task is the caller's.
    Own(Arc<KeptTask>),
}

/// Answers `tasks/get`.
pub(crate) async fn get<S: ServerHandler>(
    service: &SaplService<S>,
    request: GetTaskParams,
    context: Context,
) -> Result<GetTaskResult, ErrorData> {
    let id = request.task_id.clone();
    let caller = service.caller(&context);
    let viewer = service.viewer(&caller);
    let kept = match admit(service, &id, &context).await? {
        Admitted::Unruled(unruled) => {
            return service
                .inner
                .get_task(request, context, viewer)
                .await
                .unruled(unruled);
        }
        Admitted::Own(kept) => kept,
    };
    let asker = asker(&caller, &context);
    let result = service.inner.get_task(request, context, viewer).await;
    let fetched = match fetch(&id, &kept, &service.shared, &asker, result).await {
        Ok(released) => released.reply(),
        Err(denial) => {
            if let Some(reason) = denial.unrecorded() {
                let refused = refused(kept.tool());
                refusal::record(service, &caller, &asker.id, refused, reason, denial.hides());
            }
            Err(denied(&denial, &id))
        }
    };
    if let Ok(got) = &fetched {
        service.shared.tasks.renew(Place {
            id: &id,
            ttl_ms: got.task.task.ttl_ms,
            now: Instant::now(),
        });
    }
    known(service, &id, fetched)
}

/// Answers `tasks/update`.
pub(crate) async fn update<S: ServerHandler>(
    service: &SaplService<S>,
    request: UpdateTaskParams,
    context: Context,
) -> Result<(), ErrorData> {
    let id = request.task_id.clone();
    let kept = match admit(service, &id, &context).await? {
        Admitted::Unruled(unruled) => {
            return service.inner.update_task(request, context).await.unruled(unruled);
        }
        Admitted::Own(kept) => kept,
    };
    let taken = kept.take_input(&id, &service.shared, &request.input_responses);
    if let Err((denial, reason)) = taken {
        let caller = service.caller(&context);
        let refused = refused(kept.tool());
        refusal::record(service, &caller, &context.id, refused, reason, denial.hides());
        return Err(denied(&denial, &id));
    }
    let result = service.inner.update_task(request, context).await;
    acknowledged(&kept, result).reply()
}

/// Answers `tasks/cancel`.
pub(crate) async fn cancel<S: ServerHandler>(
    service: &SaplService<S>,
    request: CancelTaskParams,
    context: Context,
) -> Result<(), ErrorData> {
    let kept = match admit(service, &request.task_id, &context).await? {
        Admitted::Unruled(unruled) => {
            return service.inner.cancel_task(request, context).await.unruled(unruled);
        }
        Admitted::Own(kept) => kept,
    };
    let result = service.inner.cancel_task(request, context).await;
    acknowledged(&kept, result).reply()
}

/// Whether the caller may ask about this task.
///
/// Where no tool has a rule everything passes. Rules that came with definitions are looked for, since a client may ask
/// before anything was listed or called.
async fn admit<S: ServerHandler>(
    service: &SaplService<S>,
    id: &str,
    context: &Context,
) -> Result<Admitted, ErrorData> {
    let caller = service.caller(context);
    if let Some(unruled) = Unruled::for_trusted(&caller) {
        return Ok(Admitted::Unruled(unruled));
    }
    match service.shared.tasks.find(id, &caller.whose(), Instant::now()) {
        Found::Own(kept) => return Ok(Admitted::Own(kept)),
        Found::Foreign(kept) => {
            let reason = "the task is another caller's";
            refusal::record(service, &caller, &context.id, refused(kept.tool()), reason, true);
        }
        Found::Unknown => {
            if let Some(unruled) = nothing_ruled(service, context).await {
                return Ok(Admitted::Unruled(unruled));
            }
        }
    }
    Err(task_not_found(id))
}

async fn nothing_ruled<S: ServerHandler>(service: &SaplService<S>, context: &Context) -> Option<Unruled> {
    match tools::look_for_rules(service, context).await {
        true => Unruled::while_no_tool_is_ruled(&service.shared),
        false => None,
    }
}

/// Notes whose a task of a tool without a rule is.
///
/// `context` is there where the client can receive tasks; where it can't, rmcp answers in place of the task.
pub(super) async fn opened<S: ServerHandler>(
    service: &SaplService<S>,
    caller: &Caller,
    unruled: Unruled,
    tool: String,
    response: CallToolResponse,
    context: Option<Context>,
) -> Result<CallToolResponse, ErrorData> {
    let (CallToolResponse::Task(created), Some(context)) = (&response, context) else {
        return Ok(response);
    };
    if nothing_ruled(service, &context).await.is_some() {
        return Ok(response);
    }
    let id = &created.task.task_id;
    let place = Place {
        id,
        ttl_ms: created.task.ttl_ms,
        now: Instant::now(),
    };
    let kept = KeptTask::unruled(tool.clone(), unruled);
    let Err(none) = service.shared.tasks.enter(place, &caller.whose(), kept) else {
        return Ok(response);
    };
    let refused = Refused {
        operation: Operation::Call,
        ..refused(&tool)
    };
    refusal::record(service, caller, &context.id, refused, none.as_str(), false);
    abandon(service, id.clone(), context).await;
    CallToolResponse::denied()
}

/// Cancels a task that a denied call has left behind. One that is known stays: its owner waits for it, and it may be
/// another's.
pub(super) async fn abandon<S: ServerHandler>(service: &SaplService<S>, id: String, context: Context) {
    if service.shared.tasks.knows(&id) {
        return;
    }
    // Whether the server could do so is no matter: nobody can ask about the task.
    let _ = service
        .inner
        .cancel_task(CancelTaskParams::new(id), context)
        .await
        .pass();
}

/// The context once more, where the client can receive a task: what goes on after the call may have to be cancelled.
pub(super) fn for_tasks(context: &Context) -> Option<Context> {
    let declared = context
        .meta
        .get(CLIENT_CAPABILITIES)
        .and_then(|capabilities| capabilities.get("extensions")?.get(TASKS_EXTENSION_ID));
    let can = declared.is_some()
        || context
            .peer
            .peer_info()
            .is_some_and(|info| info.capabilities.supports_tasks());
    can.then(|| context.clone())
}

/// The context for cancelling the task of a call that is denied. Where the client can't receive a task none should come of
/// it, and what the HTTP request said is not copied at each call for a server that makes one all the same.
pub(super) fn to_abandon(context: &Context) -> Context {
    for_tasks(context).unwrap_or_else(|| {
        let mut bare = Context::new(context.id.clone(), context.peer.clone());
        bare.ct = context.ct.clone();
        bare
    })
}

fn asker(caller: &Caller, context: &Context) -> Asker {
    let parts = context.extensions.get::<Parts>();
    Asker {
        token: match caller {
            Caller::Http(identity) => identity.clone(),
            Caller::Fixed(_) | Caller::Trusted | Caller::Unknown => None,
        },
        parts: parts.cloned().map(Arc::new),
        id: context.id.clone(),
        cancelled: context.ct.clone(),
        scopes: parts.and_then(ScopeChallenge::of),
    }
}

/// The reply, and for a task that the server does not know any more the one for every unknown task.
fn known<S, T>(service: &SaplService<S>, id: &str, reply: Result<T, ErrorData>) -> Result<T, ErrorData> {
    reply.map_err(|error| {
        if error.code == ErrorCode::INVALID_PARAMS {
            service.shared.tasks.forget(id);
            return task_not_found(id);
        }
        error
    })
}

/// What a refused request about a task of this tool was about.
fn refused(tool: &str) -> Refused<'_> {
    Refused {
        operation: Operation::Task,
        kind: ComponentKind::Tool,
        name: tool,
        uri: None,
    }
}

fn denied(denial: &Denial, id: &str) -> ErrorData {
    match denial.hides() {
        true => task_not_found(id),
        false => access_denied(),
    }
}
