//! The way of one call through the guard.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use futures_util::FutureExt;
use rmcp::{
    ServiceError,
    model::{CallToolRequestParams, CallToolResponse, CancelTaskParams, JsonObject},
};
use sapl_base::constraint::{ConstraintBundle, MethodInvocation};
use serde_json::{Value, json};

use super::{
    Approval, ApprovalRequest, ApprovedBy, Approver, GuardDecision, GuardError, GuardOutcome, GuardRequest,
    Judgement, approver::Question, constrain::constrain, digest::Digest, grants::Wanted, guard::Inner,
    judge::judge, known::Standing, record::Recording,
};

const REDEFINED: &str = "the definition of the tool has changed";
const CHANGED_MEANWHILE: &str = "the definition of the tool has changed while the call was decided";
const UNLISTED: &str = "the tools of the server can't be listed";
const REFUSED: &str = "the person who was asked said no";

/// What became of a call: what was decided, and what came of it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Attempt {
    /// The name of the tool.
    pub tool: String,
    /// What was decided; none when it did not come to that.
    pub decision: Option<GuardDecision>,
    /// Why it was decided so, or why the call ended as it did.
    pub reason: String,
    /// What a person said, if one was asked or had been.
    pub approval: Option<ApprovedBy>,
    /// What the server answered, held to the decision.
    pub result: Result<CallToolResponse, GuardError>,
}

/// A call on its way.
struct Call {
    params: CallToolRequestParams,
    request: GuardRequest,
    standing: Standing,
    /// Whether the caller gave no arguments at all.
    bare: bool,
    round: Option<Digest>,
}

/// A call that was judged, as it would be made.
struct Judged {
    decision: GuardDecision,
    reason: String,
    /// What a person is told instead.
    told: Option<String>,
    arguments: JsonObject,
    digest: Digest,
    constraints: Vec<ConstraintBundle>,
}

impl Inner {
    pub(super) async fn attempt(&self, mut params: CallToolRequestParams) -> Attempt {
        let owner = &self.settings.owner;
        let tool = params.name.clone().into_owned();
        let bare = params.arguments.is_none();
        let arguments = Arc::new(params.arguments.take().unwrap_or_default());
        let digest = Digest::of(&[&*arguments]).to_string();
        let sink = &self.settings.sink;
        let mut recording = Recording::start(sink, &owner.user, &owner.server.name, &tool, digest);
        let result = self.run(params, arguments, bare, &mut recording).await;
        let (outcome, reason) = outcome(&result);
        recording.ended(outcome, reason.as_deref());
        let told = recording.so_far();
        Attempt {
            tool,
            decision: told.decision,
            reason: told.reason.clone().unwrap_or_default(),
            approval: told.approval,
            result,
        }
    }

    async fn run(
        &self,
        params: CallToolRequestParams,
        arguments: Arc<JsonObject>,
        bare: bool,
        recording: &mut Recording,
    ) -> Result<CallToolResponse, GuardError> {
        let owner = &self.settings.owner;
        let standing = self
            .standing(&params.name)
            .await
            .map_err(|reason| GuardError::Listing { reason })?;
        let answers = params.input_responses.is_some() || params.request_state.is_some();
        let round = answers.then(|| Digest::of(&[&params.request_state]));
        let mut call = Call {
            request: GuardRequest {
                user: Arc::clone(&owner.user),
                server: Arc::clone(&owner.server),
                tool: params.name.clone().into_owned(),
                definition: standing.definition.tool.clone(),
                hints: standing.definition.hints,
                arguments,
                environment: None,
                approval: None,
            },
            standing,
            params,
            bare,
            round,
        };
        let judged = self.judged(&mut call, None).await;
        recording.decided(judged.decision, &judged.reason);
        let judged = match judged.decision {
            GuardDecision::Allow => judged,
            GuardDecision::Deny => return Err(call.denied(judged.reason)),
            GuardDecision::ApprovalRequired => self.approved(&mut call, judged, recording).await?,
        };
        self.invoke(call, judged, recording).await
    }

    /// Policy and advice, and what handlers make of the arguments.
    async fn judged(&self, call: &mut Call, approved: Option<(Approval, Digest)>) -> Judged {
        call.request.approval = approved.map(|(approval, _)| approval);
        let mut judgement = match self.environment(&call.request, approved) {
            Ok(environment) => {
                call.request.environment = environment;
                self.asked(call).await
            }
            Err(reason) => Judgement::deny(reason),
        };
        let mut arguments = (*call.request.arguments).clone();
        if judgement.decision() != GuardDecision::Deny {
            match changed(&mut judgement, call.request.tool(), arguments).await {
                Ok(left) => arguments = left,
                Err(reason) => {
                    arguments = JsonObject::new();
                    judgement = judgement.strictest(Judgement::deny(reason));
                }
            }
        }
        Judged {
            decision: judgement.decision(),
            reason: judgement.reason().to_owned(),
            told: judgement.told().map(str::to_owned),
            digest: Digest::of(&[&arguments]),
            arguments,
            constraints: judgement.into_constraints(),
        }
    }

    async fn asked(&self, call: &Call) -> Judgement {
        let budget = self.settings.decision_timeout;
        let mut judgement = judge(&*self.settings.policy, &call.request, budget, "the policy").await;
        if let Some(advice) = &call.standing.definition.advice {
            let advised = judge(&**advice, &call.request, budget, "the advice of the server").await;
            judgement = judgement.strictest(advised);
        }
        match call.standing.redefined {
            true => judgement.asked_also(REDEFINED),
            false => judgement,
        }
    }

    /// What the host says of the circumstances, and what a person has said.
    fn environment(
        &self,
        request: &GuardRequest,
        approved: Option<(Approval, Digest)>,
    ) -> Result<Option<Value>, &'static str> {
        let mut environment = match &self.settings.environment {
            None => None,
            Some(environment) => match catch_unwind(AssertUnwindSafe(|| environment(request))) {
                Ok(Value::Object(environment)) => Some(environment),
                Ok(_) => return Err("the environment is no object"),
                Err(_) => return Err("the closure that gives the environment panicked"),
            },
        };
        if let Some((approval, digest)) = approved {
            environment.get_or_insert_default().insert(
                "approval".to_owned(),
                json!({"scope": approval, "digest": digest}),
            );
        } else if let Some(environment) = &mut environment {
            // Only the guard says that somebody agreed.
            environment.remove("approval");
        }
        Ok(environment.map(Value::Object))
    }

    /// The call, if a grant covers it or the person who is asked agrees.
    async fn approved(
        &self,
        call: &mut Call,
        judged: Judged,
        recording: &mut Recording,
    ) -> Result<Judged, GuardError> {
        if let Some(granted) = self.granted(call, &judged) {
            recording.approved(ApprovedBy::Grant(granted));
            return Ok(judged);
        }
        let question = ApprovalRequest {
            inner: Arc::new(Question {
                request: call.request.clone(),
                arguments: judged.arguments.clone(),
                reason: judged.reason.clone(),
                told: judged.told.clone(),
                redefined: call.standing.redefined,
                definition: call.standing.definition.digest,
                arguments_digest: judged.digest,
                since: call.standing.since,
                revision: self.state().known.revision(),
                round: call.round,
            }),
        };
        let Some(approver) = &self.settings.approver else {
            return Err(GuardError::ApprovalRequired(question));
        };
        let answer = {
            let _one_after_the_other = self.asking.lock().await;
            if let Some(granted) = self.granted(call, &judged) {
                // What was said to the question before this one.
                recording.approved(ApprovedBy::Grant(granted));
                return Ok(judged);
            }
            ask(&**approver, &question).await
        };
        recording.approved(ApprovedBy::Person(answer));
        if answer == Approval::Denied {
            return Err(call.denied(REFUSED));
        }
        self.decided_again(call, &question, answer, judged.digest).await
    }

    /// What holds after a person agreed: the policy may have changed meanwhile, and so may the tool.
    async fn decided_again(
        &self,
        call: &mut Call,
        question: &ApprovalRequest,
        answer: Approval,
        agreed: Digest,
    ) -> Result<Judged, GuardError> {
        self.unchanged(call).await?;
        if answer == Approval::Once {
            // Used up by this very call.
            self.state()
                .known
                .accept(call.request.tool(), call.standing.definition.digest);
        } else {
            self.agreed(question, answer);
        }
        let again = self.judged(call, Some((answer, agreed))).await;
        if again.decision == GuardDecision::Deny {
            return Err(call.denied(again.reason));
        }
        if again.digest != agreed {
            return Err(call.denied("the arguments are not those that the person agreed to any more"));
        }
        Ok(again)
    }

    /// Checks that the tool is still what was decided about.
    async fn unchanged(&self, call: &Call) -> Result<(), GuardError> {
        let now = self
            .standing_now(call.request.tool())
            .await
            .map_err(|reason| GuardError::Listing { reason })?;
        match now.is_some_and(|now| now.definition.digest != call.standing.definition.digest) {
            true => Err(call.denied(CHANGED_MEANWHILE)),
            false => Ok(()),
        }
    }

    /// The grant that covers a call. None covers a tool whose definition has changed.
    fn granted(&self, call: &Call, judged: &Judged) -> Option<Approval> {
        let mut state = self.state();
        let now = state.known.standing(call.request.tool());
        if now.is_some_and(|now| now.redefined) {
            return None;
        }
        state.grants.take(&call.wanted(judged.digest))
    }

    /// Keeps what a person has agreed to.
    pub(super) fn agreed(&self, request: &ApprovalRequest, approval: Approval) {
        let question = &*request.inner;
        // Each guard has a user of its own in memory, by which its questions are known.
        let own = Arc::ptr_eq(&question.request.user, &self.settings.owner.user);
        if !own || approval == Approval::Denied {
            return;
        }
        let wanted = Wanted {
            tool: question.request.tool(),
            definition: question.definition,
            since: question.since,
            arguments: question.arguments_digest,
            round: question.round,
        };
        let mut state = self.state();
        state.known.accept(wanted.tool, wanted.definition);
        state.grants.keep(&wanted, approval, question.revision);
    }

    /// Makes the call, and holds what comes back to the decision.
    async fn invoke(
        &self,
        mut call: Call,
        judged: Judged,
        recording: &Recording,
    ) -> Result<CallToolResponse, GuardError> {
        self.unchanged(&call).await?;
        let wanted = call.wanted(judged.digest);
        let single = matches!(
            recording.so_far().approval.map(ApprovedBy::scope),
            Some(Approval::Once)
        );
        let bare = call.bare && judged.arguments.is_empty();
        let mut params = call.params.clone();
        params.arguments = (!bare).then_some(judged.arguments);
        let answer = self.settings.connection.peer.call_tool_once(params).await;
        let task = match &answer {
            Ok(CallToolResponse::Task(created)) => Some(created.task.task_id.clone()),
            _ => None,
        };
        let held = constrain(
            judged.constraints,
            &self.settings.filter,
            &call.request,
            &self.schemas,
            answer,
        );
        match held {
            Ok(answer) => {
                if let (true, Ok(CallToolResponse::InputRequired(asked))) = (single, &answer) {
                    let state = Digest::of(&[&asked.request_state]);
                    self.state().grants.keep_round(&wanted, state);
                }
                answer.map_err(GuardError::Failed)
            }
            Err(reason) => {
                if let Some(task) = task {
                    self.cancel(task).await;
                }
                Err(GuardError::Withheld {
                    tool: std::mem::take(&mut call.request.tool),
                    reason,
                })
            }
        }
    }

    /// Nobody will fetch the result of this task. Whether the server heard of it changes nothing.
    async fn cancel(&self, task: String) {
        let cancelled = self
            .settings
            .connection
            .peer
            .cancel_task(CancelTaskParams::new(task));
        let _ = tokio::time::timeout(self.settings.decision_timeout, cancelled).await;
    }
}

impl Call {
    fn wanted(&self, arguments: Digest) -> Wanted<'_> {
        Wanted {
            tool: self.request.tool(),
            definition: self.standing.definition.digest,
            since: self.standing.since,
            arguments,
            round: self.round,
        }
    }

    fn denied(&self, reason: impl Into<String>) -> GuardError {
        GuardError::Denied {
            tool: self.request.tool.clone(),
            reason: reason.into(),
        }
    }
}

/// Runs the handlers that may change the arguments.
async fn changed(judgement: &mut Judgement, tool: &str, arguments: JsonObject) -> Result<JsonObject, String> {
    let mut invocation = MethodInvocation::new(tool.to_owned(), arguments);
    for bundle in judgement.constraints_mut() {
        if bundle.has_method_invocation() {
            bundle
                .method_invocation(&mut invocation)
                .await
                .map_err(|failed| failed.to_string())?;
        }
    }
    match invocation.is_read_only() || invocation.name() != tool {
        true => Err("a handler replaced the call instead of changing its arguments".to_owned()),
        false => Ok(invocation.into_arguments()),
    }
}

/// The person's answer. An approver that panics has refused.
async fn ask(approver: &dyn Approver, question: &ApprovalRequest) -> Approval {
    let Ok(asking) = catch_unwind(AssertUnwindSafe(|| approver.ask(question))) else {
        return Approval::Denied;
    };
    AssertUnwindSafe(asking)
        .catch_unwind()
        .await
        .unwrap_or(Approval::Denied)
}

/// How a call ended, and why, where its decision does not say so.
fn outcome(result: &Result<CallToolResponse, GuardError>) -> (GuardOutcome, Option<String>) {
    match result {
        Ok(CallToolResponse::Complete(result)) if result.is_error == Some(true) => {
            (GuardOutcome::Failed, None)
        }
        Ok(CallToolResponse::Complete(_)) => (GuardOutcome::Completed, None),
        Ok(CallToolResponse::InputRequired(_)) => (GuardOutcome::InputRequired, None),
        Ok(_) => (GuardOutcome::Task, None),
        Err(GuardError::Denied { reason, .. }) => (GuardOutcome::Denied, Some(reason.clone())),
        Err(GuardError::ApprovalRequired(_)) => (GuardOutcome::ApprovalRequired, None),
        Err(GuardError::Withheld { reason, .. }) => (GuardOutcome::Withheld, Some(reason.clone())),
        // What the server says of a failure is not for records.
        Err(GuardError::Failed(ServiceError::McpError(_)) | GuardError::Unfinished { .. }) => {
            (GuardOutcome::Failed, None)
        }
        Err(GuardError::Failed(ServiceError::TransportSend(_))) => {
            (GuardOutcome::Failed, Some("the transport failed".to_owned()))
        }
        Err(error @ GuardError::Failed(_)) => (GuardOutcome::Failed, Some(error.to_string())),
        Err(GuardError::Listing { .. }) => (GuardOutcome::Denied, Some(UNLISTED.to_owned())),
    }
}
