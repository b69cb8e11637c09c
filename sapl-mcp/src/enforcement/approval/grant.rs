//! What a person agreed to, and how long that holds.

use std::{panic::AssertUnwindSafe, time::SystemTime};

use futures_util::FutureExt;
use http::request::Parts;
use rmcp::model::{JsonObject, ProtocolVersion};
use serde_json::{Value, json};

use super::{Context, Operation, Refusal};
use crate::{
    approval::{
        ApprovalAnswer, ApprovalStoreError, Digest, GrantId, GrantKey, GrantOwner, Remember, RememberedGrant,
        Wanted,
    },
    audit::timestamp,
    enforcement::ask::{NoAnswer, race},
    request_state::{Binding, Purpose},
};

/// The header with the id of the session.
const SESSION_ID: &str = "mcp-session-id";

/// An agreement, until it is used.
pub(super) struct Grant {
    pub(super) by: String,
    pub(super) at: SystemTime,
    /// Of the arguments that the person agreed to.
    pub(super) seen: Digest,
    /// The arguments that the person put in place of those that were shown.
    pub(super) edited: Option<JsonObject>,
    /// The approver who was asked, where the obligations name one.
    pub(super) approver: Option<String>,
    pub(super) obligations: Digest,
    pub(super) remember: Option<Remember>,
    /// Where another request could bring it again: what tells it from all others, and until when it is good.
    pub(super) once: Option<(GrantId, SystemTime)>,
}

impl Grant {
    /// What was granted by an answer to these obligations, with these arguments shown.
    pub(super) fn new(answer: ApprovalAnswer, wanted: &Wanted, seen: Digest, at: SystemTime) -> Self {
        Self {
            approver: wanted.approver.clone(),
            ..Self::of(answer, seen, wanted.digest, wanted.remember, at)
        }
    }

    /// The same by the client's user, to obligations with this digest.
    pub(super) fn of(
        answer: ApprovalAnswer,
        seen: Digest,
        obligations: Digest,
        remember: Option<Remember>,
        at: SystemTime,
    ) -> Self {
        let (by, edited) = match answer {
            ApprovalAnswer::Accepted { by, arguments } => (by, arguments),
            _ => (String::new(), None),
        };
        // A form comes back with the arguments also where nobody has changed them.
        let digest = edited
            .as_ref()
            .map_or(seen, |edited| Digest::of_arguments(Some(edited)));
        Self {
            by,
            at,
            seen: digest,
            edited: edited.filter(|_| digest != seen),
            approver: None,
            obligations,
            remember,
            once: None,
        }
    }

    /// What the decision point is told.
    pub(super) fn told(&self) -> Value {
        json!({"by": self.by, "at": timestamp(self.at), "digest": self.seen.to_string()})
    }

    /// Uses it up, right before the component runs, and remembers it where the obligations say so.
    pub(super) async fn spend(self, operation: &Operation, context: &Context) -> Result<(), Refusal> {
        let asker = &operation.request;
        let store = &*asker.shared.approvals;
        let owner = GrantOwner::of(&asker.context.whose());
        if let Some((id, until)) = &self.once {
            let first = stored(operation, async { store.use_once(id, &owner, *until).await }).await?;
            if !first {
                return Err(Refusal::UsedUp);
            }
        }
        let Some(remember) = self.remember else {
            return Ok(());
        };
        let Some(key) = key(operation, context, &remember, self.seen, self.obligations) else {
            return Ok(());
        };
        let kept = RememberedGrant {
            key,
            owner,
            by: self.by,
            at: self.at,
            until: self.at + remember.at_most,
        };
        stored(operation, async { store.remember(kept).await }).await
    }
}

/// An earlier agreement to the same, where the obligations let it be remembered.
pub(super) async fn recall(
    operation: &Operation,
    context: &Context,
    wanted: &Wanted,
    seen: Digest,
) -> Result<Option<Grant>, Refusal> {
    let Some(remember) = &wanted.remember else {
        return Ok(None);
    };
    let Some(key) = key(operation, context, remember, seen, wanted.digest) else {
        return Ok(None);
    };
    let store = &*operation.request.shared.approvals;
    let Some(kept) = stored(operation, async { store.recall(&key).await }).await? else {
        return Ok(None);
    };
    // A store of somebody else's making is not relied on for that.
    if kept.key != key || kept.until <= operation.request.shared.now() {
        return Ok(None);
    }
    Ok(Some(Grant {
        by: kept.by,
        at: kept.at,
        seen,
        edited: None,
        approver: wanted.approver.clone(),
        obligations: wanted.digest,
        // It does not last longer for being used.
        remember: None,
        once: None,
    }))
}

/// What a remembered agreement is good for: this call, with all that came with it. None where it would be bound to a session and
/// there is none.
fn key(
    operation: &Operation,
    context: &Context,
    remember: &Remember,
    seen: Digest,
    obligations: Digest,
) -> Option<GrantKey> {
    let session = match remember.in_session {
        true => session(context)?,
        false => "",
    };
    let binding = Binding::of(&operation.request.context, Purpose::Approval);
    let owner = GrantOwner::of(&binding.whose);
    let answers = Digest::of_arguments(Some(&operation.answers()));
    let state = Digest::of_parts(operation.resumed.iter().map(String::as_bytes));
    let digest = Digest::of_parts([
        &owner.as_bytes()[..],
        session.as_bytes(),
        binding.kind.as_bytes(),
        binding.component.as_bytes(),
        seen.bytes(),
        answers.bytes(),
        state.bytes(),
        obligations.bytes(),
    ]);
    Some(GrantKey::from_bytes(*digest.bytes()))
}

/// What the store says, within the time that decisions have. It is asked in the future, since asking may panic as well.
async fn stored<T>(
    operation: &Operation,
    answer: impl Future<Output = Result<T, ApprovalStoreError>>,
) -> Result<T, Refusal> {
    let asker = &operation.request;
    let answer = AssertUnwindSafe(answer).catch_unwind();
    match race(answer, asker.shared.decision_timeout, &asker.cancelled).await {
        Ok(answer) => answer.map_err(|error| Refusal::Store(error.to_string())),
        Err(NoAnswer::Panicked) => Err(Refusal::Store(String::from("it panicked"))),
        Err(NoAnswer::TimedOut) => Err(Refusal::Store(String::from("it did not answer in time"))),
        Err(NoAnswer::Cancelled) => Err(Refusal::RequestCancelled),
    }
}

/// The id of the HTTP session that a request is part of. Since 2026-07-28 there are none.
pub(super) fn session(context: &Context) -> Option<&str> {
    let version = context.protocol_version()?;
    if version >= ProtocolVersion::V_2026_07_28 {
        return None;
    }
    let parts = context.extensions.get::<Parts>()?;
    parts.headers.get(SESSION_ID)?.to_str().ok()
}
