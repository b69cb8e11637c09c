//! Audit records for tests.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use rmcp::model::RequestId;
use sapl_base::{Decision, constraint::ConstraintRecord};

use super::{AuditApproval, AuditOutcome, AuditRecord, AuditSink};
use crate::{ComponentKind, Operation};

/// Keeps every record, for tests. Clones share what they keep: give one to the layer and ask the other.
///
/// ```
/// let audit = sapl_mcp::RecordingAudit::default();
/// let for_the_layer = audit.clone();
/// assert!(audit.records().is_empty());
/// # drop(for_the_layer);
/// ```
#[derive(Clone, Debug, Default)]
pub struct RecordingAudit {
    records: Arc<Mutex<Vec<OwnedAuditRecord>>>,
}

/// An [`AuditRecord`] that owns what it tells. Of the subject it keeps the short id.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct OwnedAuditRecord {
    /// The id of the JSON-RPC request.
    pub request_id: RequestId,
    /// What was to be done with the component.
    pub operation: Operation,
    /// The kind of the component.
    pub kind: ComponentKind,
    /// The name of the component.
    pub name: String,
    /// The URI, of a resource.
    pub uri: Option<String>,
    /// The caller's short id.
    pub subject: Option<String>,
    /// The decision as the decision point gave it.
    pub decision: Option<Decision>,
    /// The decision as it was enforced.
    pub effective: Decision,
    /// How the operation ended.
    pub outcome: AuditOutcome,
    /// Why it was denied.
    pub reason: Option<String>,
    /// What became of each obligation and advice.
    pub constraints: Vec<ConstraintRecord>,
    /// How long the operation took.
    pub duration: Duration,
    /// Whether a denial was answered as not found.
    pub stealth: bool,
    /// Whether this is about the component's gate.
    pub gate: bool,
    /// What became of a person's approval.
    pub approval: Option<AuditApproval>,
}

impl RecordingAudit {
    /// The records so far, in the order in which the operations ended.
    pub fn records(&self) -> Vec<OwnedAuditRecord> {
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The records so far, which are then forgotten.
    pub fn take(&self) -> Vec<OwnedAuditRecord> {
        std::mem::take(&mut *self.records.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl AuditSink for RecordingAudit {
    fn record(&self, record: &AuditRecord<'_>) {
        self.records
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(OwnedAuditRecord::from(record));
    }
}

impl From<&AuditRecord<'_>> for OwnedAuditRecord {
    fn from(record: &AuditRecord<'_>) -> Self {
        Self {
            request_id: record.request_id.clone(),
            operation: record.operation,
            kind: record.kind,
            name: record.name.to_owned(),
            uri: record.uri.map(str::to_owned),
            subject: record.subject.id().map(str::to_owned),
            decision: record.decision,
            effective: record.effective,
            outcome: record.outcome,
            reason: record.reason.map(str::to_owned),
            constraints: record.constraints.to_vec(),
            duration: record.duration,
            stealth: record.stealth,
            gate: record.gate,
            approval: record.approval.cloned(),
        }
    }
}
