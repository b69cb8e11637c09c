//! Requests that are refused without a decision: their record, and the answer in the words of their kind.

use std::time::Duration;

use rmcp::{ErrorData, model::RequestId};
use sapl_base::Decision;

use super::{Caller, Context};
use crate::{
    audit::{self, AuditOutcome, AuditRecord, AuditSubject},
    reply::Denied,
    rule::{Ruling, UNLISTED},
    service::SaplService,
    subscription::{ComponentKind, Operation},
};

/// What a refused request was about.
#[derive(Clone, Copy)]
pub(super) struct Refused<'a> {
    pub(super) operation: Operation,
    pub(super) kind: ComponentKind,
    pub(super) name: &'a str,
    pub(super) uri: Option<&'a str>,
}

/// The answer for `refused` under a ruling that lets nothing through here: denied where the component is no secret,
/// else what an unknown name is answered.
pub(super) fn refuse<C: Denied, S>(
    service: &SaplService<S>,
    caller: &Caller,
    context: &Context,
    refused: Refused<'_>,
    ruling: &Ruling,
) -> Result<C, ErrorData> {
    let (reason, hidden) = match ruling {
        Ruling::Denied => (
            "no rule is about the component, and the layer denies such components",
            false,
        ),
        Ruling::Absent(reason) => (*reason, true),
        // Nobody refuses what has no rule, or one that decides; if somebody did, it would have to look unknown.
        Ruling::Unruled(_) | Ruling::Rules(_) => (UNLISTED, true),
    };
    // Who asks for a name that nobody has is no matter for auditors.
    if reason == UNLISTED {
        tracing::debug!(request = context.id.to_string(), "answered as an unknown name");
    } else {
        record(service, caller, &context.id, refused, reason, hidden);
    }
    if hidden {
        // Whoever uses a hidden name makes its rule known, after which lists are private. So has an unknown one to do, or
        // the next list would tell them apart.
        service.shared.note_rule();
        C::not_found(refused.uri.unwrap_or(refused.name))
    } else {
        C::denied()
    }
}

/// Leaves the record of a refusal.
pub(super) fn record<S>(
    service: &SaplService<S>,
    caller: &Caller,
    request: &RequestId,
    refused: Refused<'_>,
    reason: &str,
    hidden: bool,
) {
    tracing::warn!(
        request = request.to_string(),
        component = refused.name,
        operation = refused.operation.as_str(),
        reason,
        "access denied"
    );
    let subject = match caller {
        Caller::Http(Some(identity)) => AuditSubject::Token(identity),
        Caller::Fixed(subject) => AuditSubject::Fixed(subject),
        Caller::Http(None) | Caller::Trusted | Caller::Unknown => AuditSubject::Anonymous,
    };
    audit::record(
        &*service.shared.audit,
        &AuditRecord {
            request_id: request,
            operation: refused.operation,
            kind: refused.kind,
            name: refused.name,
            uri: refused.uri,
            subject,
            decision: None,
            effective: Decision::Deny,
            outcome: AuditOutcome::Denied,
            reason: Some(reason),
            constraints: &[],
            duration: Duration::ZERO,
            stealth: hidden,
            gate: false,
            approval: None,
        },
    );
}
