//! Tools that go on as tasks: the call ends, and its result is enforced when it is fetched.
//!
//! The call is an operation that ends with the outcome `Task`. What is needed to enforce the result is kept until the task
//! is forgotten: after a pre-enforce decision the permit with its output stages, which are run once, on the first fetch of
//! the result; under post-enforce the circumstances of the call, so that each fetch of the result is decided by itself.
//! A fetch that enforces something is an operation of its own, with a record and a run of the finalize function.

mod fetch;
mod register;
mod said;
mod suspended;

use std::time::Instant;

use rmcp::{
    ErrorData,
    model::{CreateTaskResult, InputResponses, Task},
};
use tokio::sync::Mutex;

pub(crate) use fetch::{Asker, acknowledged, fetch};
pub(crate) use register::{Found, NoPlace, Place, TaskRegister};
pub use register::{
    MAX_TASK_AGE, MAX_TASK_BYTES, MAX_TASK_BYTES_PER_PRINCIPAL, MAX_TASKS, MAX_TASKS_PER_PRINCIPAL,
};

use super::{Denial, Enforced, Operation, Permit, Reason, Released, Returned, Sealed};
use crate::{rule::Unruled, subscription::Outcome};
use fetch::Standing;
use suspended::Suspended;

/// What is kept for a task.
pub(crate) struct KeptTask {
    /// The tool that goes on as this task.
    tool: String,
    held_to: HeldTo,
}

/// What its result has to pass.
enum HeldTo {
    /// Nothing: no rule is about the tool.
    Nothing(Unruled),
    /// The output stages of the decision about the call.
    Permit {
        /// Whether an obligation forbids that anything but the enforced value is sent.
        closed: bool,
        /// Whether requests for input may be sent all the same.
        passes_input: bool,
        /// Whether a denial is answered as if the task did not exist.
        hides: bool,
        /// How many bytes what is needed for the stages takes.
        waiting: usize,
        standing: Mutex<Standing>,
    },
    /// A decision of its own, with the result in sight, and what the component has been given before it.
    Decision(Box<Suspended>, std::sync::Mutex<Given>),
}

/// What a client has given a component since its call.
#[derive(Clone, Default)]
struct Given {
    answers: InputResponses,
    /// How often.
    rounds: u32,
}

impl KeptTask {
    /// A task of a tool without a rule.
    pub(crate) fn unruled(tool: String, looked: Unruled) -> Self {
        Self {
            tool,
            held_to: HeldTo::Nothing(looked),
        }
    }

    /// The tool that goes on as this task.
    pub(crate) fn tool(&self) -> &str {
        &self.tool
    }

    /// How many bytes are kept before the result has been enforced, roughly. What the author keeps in slots is his matter.
    fn weight(&self) -> usize {
        let suspended = match &self.held_to {
            HeldTo::Nothing(_) => 0,
            HeldTo::Permit { waiting, .. } => *waiting,
            HeldTo::Decision(suspended, _) => suspended.weight(),
        };
        size_of::<Self>().saturating_add(suspended)
    }

    /// Whether nothing that the component says may be sent as it stands.
    fn is_closed(&self) -> bool {
        match &self.held_to {
            HeldTo::Nothing(_) => false,
            HeldTo::Permit { closed, .. } => *closed,
            HeldTo::Decision(..) => true,
        }
    }
}

/// Keeps what the task needs, and ends the call.
///
/// Without a permit the decision is made when the result is fetched. Then the component has run for a caller who may have to
/// be told that it does not exist, so a secret component's task is refused.
pub(super) fn begin<C: Returned>(
    operation: &mut Operation,
    permit: Option<Permit>,
    result: Sealed<Result<C, ErrorData>>,
) -> Enforced<C> {
    let mut result = result.0;
    let Ok(Some(created)) = result.as_mut().map(Returned::task) else {
        return Err(operation.deny(Reason::NotAValue));
    };
    if permit.is_none() && operation.hides() {
        return Err(orphan(operation, created, Reason::TaskOfASecret));
    }
    let report = permit.as_ref().map(|permit| permit.bundle.report().clone());
    let kept = KeptTask::of(operation, permit);
    if kept.is_closed() {
        silence(&mut created.task);
        created.meta = None;
    }
    let place = Place {
        id: &created.task.task_id,
        ttl_ms: created.task.ttl_ms,
        now: Instant::now(),
    };
    let context = &operation.request.context;
    let entered = operation
        .request
        .shared
        .tasks
        .enter(place, &context.whose(), kept);
    operation.report = report.unwrap_or_default();
    match entered {
        Ok(()) => {
            operation.outcome = Outcome::Task;
            Ok(Released(result))
        }
        Err(none) => Err(orphan(operation, created, Reason::NoPlace(none))),
    }
}

fn orphan(operation: &mut Operation, created: &CreateTaskResult, reason: Reason) -> Denial {
    Denial {
        orphan: Some(created.task.task_id.clone()),
        ..operation.deny(reason)
    }
}

/// Takes out what a component says of its task: it could repeat what no decision has let out.
fn silence(task: &mut Task) {
    task.status_message = None;
}

impl KeptTask {
    fn of(operation: &Operation, permit: Option<Permit>) -> Self {
        let tool = operation.request.context.name().to_owned();
        let suspended = Suspended::of(operation);
        let held_to = match permit {
            Some(permit) => HeldTo::Permit {
                closed: permit.bundle.has_output_obligation(),
                passes_input: operation.rule().passes_input_required(),
                hides: operation.hides(),
                waiting: suspended.weight(),
                standing: Mutex::new(Standing::Waiting(Box::new((suspended, permit)))),
            },
            None => HeldTo::Decision(Box::new(suspended), std::sync::Mutex::default()),
        };
        Self { tool, held_to }
    }
}
