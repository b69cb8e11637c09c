//! Requests of a task's owner about it.

use std::{
    mem,
    sync::{Arc, PoisonError},
};

use http::request::Parts;
use rmcp::{
    ErrorData,
    model::{CallToolResponse, DetailedTask, GetTaskResult, InputResponses, RequestId, TaskPayload},
};
use tokio_util::sync::CancellationToken;

use super::{
    super::{Denial, Operation, Permit, Reason, Released, Sealed, finalize::Settling, guarded, output, post},
    Given, HeldTo, KeptTask,
    said::{Said, asking},
    silence,
    suspended::Suspended,
};
use crate::{
    Identity,
    identity::ScopeChallenge,
    layer::Shared,
    value::weight::{total, weight_of_answers, weight_of_members},
};

/// The request that asks about a task.
pub(crate) struct Asker {
    pub(crate) token: Option<Arc<Identity>>,
    pub(crate) parts: Option<Arc<Parts>>,
    pub(crate) id: RequestId,
    pub(crate) cancelled: CancellationToken,
    /// Where it is said which scopes are missing.
    pub(crate) scopes: Option<Arc<ScopeChallenge>>,
}

/// How it stands with the result of a task whose call was permitted.
pub(super) enum Standing {
    /// The result has not been fetched yet.
    Waiting(Box<(Suspended, Permit)>),
    /// It was, and nothing is to be done to it.
    Open,
    /// It was, and this is what may be sent of it.
    Settled(TaskPayload),
    /// It was denied.
    Denied(Denial),
}

/// Enforces what a server says of the task `id` on the way to its owner.
pub(crate) async fn fetch(
    id: &str,
    kept: &KeptTask,
    shared: &Arc<Shared>,
    asker: &Asker,
    result: Sealed<Result<GetTaskResult, ErrorData>>,
) -> Result<Released<Result<GetTaskResult, ErrorData>>, Denial> {
    if let HeldTo::Nothing(looked) = &kept.held_to {
        return Ok(Released(result.unruled(*looked)));
    }
    let mut got = match result.0 {
        Ok(got) => got,
        Err(error) => return Ok(Released(Err(kept.bare(error)))),
    };
    let mut task = got.task.task;
    let payload = guarded(kept.hides(), kept.enforced(id, shared, asker, got.task.payload)).await?;
    if kept.is_closed() {
        silence(&mut task);
        got.meta = None;
    }
    got.task = DetailedTask::new(task, payload);
    Ok(Released(Ok(got)))
}

/// What a server answered to input for a task, or to its cancelling, on the way to its owner.
pub(crate) fn acknowledged(
    kept: &KeptTask,
    result: Sealed<Result<(), ErrorData>>,
) -> Released<Result<(), ErrorData>> {
    Released(result.0.map_err(|error| kept.bare(error)))
}

/// Why a denial has no operation that would leave its record.
const DENIED_BEFORE: &str = "the result of the task was denied before";
const SAYS_ANOTHER: &str = "the task says something else than the result that was let through";
const NO_INPUT: &str = "the component may not ask for input, so it is given none";

impl KeptTask {
    /// Notes what the component is given, for the decision about its result. It is given nothing where its request for
    /// that could not be sent.
    ///
    /// # Errors
    /// The denial, where it may not be given that, and the reason.
    pub(crate) fn take_input(
        &self,
        id: &str,
        shared: &Shared,
        answers: &InputResponses,
    ) -> Result<(), (Denial, &'static str)> {
        if !self.takes_input() {
            return Err((Denial::new(self.hides()), NO_INPUT));
        }
        let HeldTo::Decision(_, given) = &self.held_to else {
            return Ok(());
        };
        let mut given = given.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all = given.answers.clone();
        all.extend(answers.clone());
        let bytes = total([self.weight(), weight_of_answers(&all)]);
        let room = shared.tasks.resize(id, self, bytes);
        room.map_err(|none| (Denial::new(self.hides()), none.as_str()))?;
        given.answers = all;
        given.rounds = given.rounds.saturating_add(1);
        Ok(())
    }

    fn takes_input(&self) -> bool {
        let is_held_back = matches!(
            &self.held_to,
            HeldTo::Permit {
                closed: true,
                passes_input: false,
                ..
            }
        );
        !is_held_back
    }

    /// Whether a denial is answered as if the task did not exist.
    fn hides(&self) -> bool {
        match &self.held_to {
            HeldTo::Nothing(_) => false,
            HeldTo::Permit { hides, .. } => *hides,
            HeldTo::Decision(suspended, _) => suspended.hides(),
        }
    }

    /// The error of a server that was asked about the task: its code alone where the text may say too much.
    fn bare(&self, error: ErrorData) -> ErrorData {
        match self.is_closed() {
            true => ErrorData::new(error.code, output::FAILED, None),
            false => error,
        }
    }

    /// What of the state of the task may be sent.
    async fn enforced(
        &self,
        id: &str,
        shared: &Arc<Shared>,
        asker: &Asker,
        payload: TaskPayload,
    ) -> Result<TaskPayload, Denial> {
        let said = Said::of(payload);
        let (suspended, given) = match &self.held_to {
            HeldTo::Nothing(_) => return Err(Denial::new(false)),
            HeldTo::Permit { .. } => return self.permitted(id, shared, asker, said).await,
            HeldTo::Decision(suspended, given) => (suspended, given),
        };
        if let Said::Nothing(payload) = said {
            return Ok(payload);
        }
        let given = given.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut settling = Settling::new(suspended.resume(shared, asker, given));
        let told = match settling.operation() {
            Some(operation) => decided(operation, said).await,
            None => Err(Denial::new(self.hides())),
        };
        settling.settle().await;
        told
    }

    /// What may be sent under the permit of the call. Its output stages run on the first fetch of the result alone.
    async fn permitted(
        &self,
        id: &str,
        shared: &Arc<Shared>,
        asker: &Asker,
        said: Said,
    ) -> Result<TaskPayload, Denial> {
        let HeldTo::Permit { standing, hides, .. } = &self.held_to else {
            return Err(Denial::new(true));
        };
        let mut standing = standing.lock().await;
        if let Standing::Denied(denial) = &*standing {
            return Err(denial.clone().without_record(DENIED_BEFORE));
        }
        let said = match (said, &*standing) {
            (Said::Nothing(payload), _) => return Ok(payload),
            (Said::Asks(input_requests), _) if self.takes_input() => {
                return Ok(TaskPayload::InputRequired { input_requests });
            }
            (Said::Ended(ended), Standing::Open) => return Ok(ended.into_written()),
            (Said::Ended(_), Standing::Settled(payload)) => return Ok(payload.clone()),
            (said, _) => said,
        };
        // Whatever goes wrong from here on, the result is denied.
        let before = mem::replace(&mut *standing, Standing::Denied(Denial::new(*hides)));
        let Standing::Waiting(waiting) = before else {
            return Err(Denial::new(*hides).without_record(SAYS_ANOTHER));
        };
        let (suspended, permit) = *waiting;
        let is_open = !permit.bundle.has_output_stages() && !permit.bundle.has_error_stages();
        let mut settling = Settling::new(suspended.resume(shared, asker, Given::default()));
        let told = match settling.operation() {
            Some(operation) => match released(operation, permit, said) {
                Ok(payload) if is_open => Ok(payload),
                Ok(payload) => {
                    let room = shared.tasks.resize(id, self, settled(&payload));
                    room.map(|()| payload)
                        .map_err(|none| operation.deny(Reason::NoPlace(none)))
                }
                Err(denial) => Err(denial),
            },
            None => Err(Denial::new(*hides)),
        };
        if is_open || told.is_err() {
            // Nothing is kept any more but what is known of every task, for which there is room.
            let _ = shared.tasks.resize(id, self, settled(&TaskPayload::Working));
        }
        *standing = match &told {
            Ok(_) if is_open => Standing::Open,
            Ok(payload) => Standing::Settled(payload.clone()),
            Err(denial) => Standing::Denied(denial.clone()),
        };
        drop(standing);
        settling.settle().await;
        told
    }
}

/// How many bytes are kept of a task whose result is this one, roughly.
fn settled(payload: &TaskPayload) -> usize {
    let members = match payload {
        TaskPayload::Completed { result } => weight_of_members(result),
        TaskPayload::Failed { error } => weight_of_members(error),
        // No result has another form.
        _ => 0,
    };
    size_of::<KeptTask>().saturating_add(members)
}

/// The output stages of the permit that was kept.
fn released(operation: &mut Operation, permit: Permit, said: Said) -> Result<TaskPayload, Denial> {
    let Said::Ended(ended) = said else {
        operation.keep_report(permit.bundle);
        return Err(operation.deny(Reason::NotAValue));
    };
    let released = output::release(operation, permit, ended.sealed(), None)?;
    ended
        .telling(released.reply(), operation.closed)
        .ok_or_else(|| operation.deny(Reason::NotAValue))
}

/// The decision that the task has waited for.
async fn decided(operation: &mut Operation, said: Said) -> Result<TaskPayload, Denial> {
    let told = match said {
        Said::Nothing(payload) => Some(payload),
        Said::Ended(ended) => {
            let released = post::decide(operation, ended.sealed()).await?;
            ended.telling(released.reply(), operation.closed)
        }
        Said::Asks(requests) => match post::decide(operation, asking(requests)).await?.reply() {
            Ok(CallToolResponse::InputRequired(asked)) => asked
                .input_requests
                .map(|input_requests| TaskPayload::InputRequired { input_requests }),
            _ => None,
        },
        Said::Unreadable => None,
    };
    told.ok_or_else(|| operation.deny(Reason::NotAValue))
}
