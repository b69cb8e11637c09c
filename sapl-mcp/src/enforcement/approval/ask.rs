//! The ways to a person, but for the one by way of the client's next request.

use std::{sync::Arc, time::Duration};

use rmcp::{
    RoleServer,
    model::{ClientResult, ElicitRequest, ProtocolVersion, ServerRequest},
    service::{PeerRequestOptions, RequestHandle, ServiceError},
};
use tokio::time::{Instant, timeout};

use super::{Context, Operation, Refusal, wait::Waiting};
use crate::{
    approval::{
        ApprovalAnswer, ApprovalRequest, Approvers, AskedApprover, Filled, Wanted, form, read_form,
        shows_forms,
    },
    audit::ApprovalWay,
};

/// How long it may take to tell a client that its user need not answer any more.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(1);

/// How the person is asked.
pub(super) enum Way {
    Approver(AskedApprover),
    Elicitation,
    InputRequired,
}

impl Way {
    /// The way for these obligations: to the approver that they name, else by way of the client, else to the default approver.
    pub(super) fn of(approvers: &Approvers, wanted: &Wanted, context: &Context) -> Result<Self, Refusal> {
        if let Some(name) = &wanted.approver {
            let named = approvers.named(name).ok_or(Refusal::UnknownApprover)?;
            return Ok(Self::Approver(named.clone()));
        }
        if let Some(way) = by_client(context) {
            return Ok(way);
        }
        match approvers.default_one() {
            Some(default) => Ok(Self::Approver(default.clone())),
            None => Err(Refusal::NotPossible),
        }
    }

    /// The word for it in audit records.
    pub(super) const fn told(&self) -> ApprovalWay {
        match self {
            Self::Approver(_) => ApprovalWay::Approver,
            Self::Elicitation => ApprovalWay::Elicitation,
            Self::InputRequired => ApprovalWay::InputRequired,
        }
    }
}

/// The way by the client, where it says that it can show a form to its user.
///
/// Since 2026-07-28 each request says what its client can do. Before, only the start of a session does: without a session there
/// is no way for the client to answer.
fn by_client(context: &Context) -> Option<Way> {
    let by_rounds = context
        .protocol_version()
        .is_some_and(|version| version >= ProtocolVersion::V_2026_07_28);
    if by_rounds {
        return shows_forms(&context.client_capabilities()?).then_some(Way::InputRequired);
    }
    let client = context.peer.peer_info()?;
    shows_forms(&client.capabilities).then_some(Way::Elicitation)
}

/// Asks an approver of the server.
pub(super) async fn approver(
    operation: &Operation,
    context: &Context,
    approver: &AskedApprover,
    request: Arc<ApprovalRequest>,
) -> Result<ApprovalAnswer, Refusal> {
    let editable = request.editable;
    let answer = waiting(operation, context, &request, async |waiting| {
        waiting.on(approver.ask(Arc::clone(&request))).await
    })
    .await?;
    match answer.map_err(Refusal::Approver)? {
        ApprovalAnswer::Accepted {
            arguments: Some(_), ..
        } if !editable => Err(Refusal::NotEditable),
        accepted @ ApprovalAnswer::Accepted { .. } => Ok(accepted),
        ApprovalAnswer::Declined => Err(Refusal::Declined),
        ApprovalAnswer::Cancelled => Err(Refusal::Cancelled),
    }
}

/// Asks the person at the other end by an elicitation.
pub(super) async fn person(
    operation: &Operation,
    context: &Context,
    request: Arc<ApprovalRequest>,
    text: String,
) -> Result<ApprovalAnswer, Refusal> {
    let question = ServerRequest::ElicitRequest(ElicitRequest::new(form(&request, text)));
    let answer = waiting(operation, context, &request, async |waiting| {
        let options = PeerRequestOptions::no_options();
        let sent = waiting
            .on(context.peer.send_request_with_option(question, options))
            .await?;
        let mut handle = sent.map_err(|error| failed(&error))?;
        match waiting.on(&mut handle.rx).await {
            Ok(Ok(answer)) => answer.map_err(|error| failed(&error)),
            Ok(Err(_)) => Err(Refusal::Disconnected),
            Err(refusal) => {
                withdraw(handle).await;
                Err(refusal)
            }
        }
    })
    .await?;
    let ClientResult::ElicitResult(answer) = answer else {
        return Err(Refusal::Unreadable("it is no answer to a form"));
    };
    match read_form(answer, request.editable) {
        Filled::Accepted { edited } => Ok(ApprovalAnswer::Accepted {
            by: super::person(operation),
            arguments: edited,
        }),
        other => Err(other.into()),
    }
}

/// Tells the client that an answer comes too late.
async fn withdraw(handle: RequestHandle<RoleServer>) {
    let withdrawn = handle.cancel(Some(String::from("the approval is not waited for any more")));
    // A client that can't be told has gone.
    drop(timeout(CANCEL_TIMEOUT, withdrawn).await);
}

/// Waits in one of the places for calls that wait.
async fn waiting<T>(
    operation: &Operation,
    context: &Context,
    request: &ApprovalRequest,
    wait: impl AsyncFnOnce(&Waiting<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let asker = &operation.request;
    let _place = asker
        .shared
        .pending
        .enter(&asker.context.whose())
        .map_err(Refusal::Full)?;
    let waiting = Waiting {
        context,
        cancelled: &asker.cancelled,
        deadline: Instant::now() + request.expires_in,
    };
    let in_force = || {
        let expires = asker.context.token().and_then(|token| token.expires_at());
        expires.is_none_or(|expires| asker.shared.now() < expires)
    };
    let before = in_force();
    let answer = wait(&waiting).await?;
    if before && !in_force() {
        return Err(Refusal::TokenExpired);
    }
    Ok(answer)
}

fn failed(error: &ServiceError) -> Refusal {
    match error {
        ServiceError::McpError(_) => Refusal::ClientError,
        _ => Refusal::Disconnected,
    }
}

impl From<Filled> for Refusal {
    fn from(filled: Filled) -> Self {
        match filled {
            Filled::Accepted { .. } => Self::NotEditable,
            Filled::Declined => Self::Declined,
            Filled::Cancelled => Self::Cancelled,
            Filled::Unreadable(what) => Self::Unreadable(what),
        }
    }
}
