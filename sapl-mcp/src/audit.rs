//! One record for each operation.
use sapl_base::{Decision, constraint::ConstraintRecord};
use crate::{Identity, subscription::*};
pub struct AuditRecord<'a> { pub request_id: &'a rmcp::model::RequestId, pub operation: Operation, pub kind: ComponentKind, pub name: &'a str, pub uri: Option<&'a str>, pub subject: Option<&'a Identity>, pub decision: Option<Decision>, pub effective: Decision, pub outcome: Outcome, pub reason: Option<&'a str>, pub constraints: &'a [ConstraintRecord], pub duration: std::time::Duration, pub stealth: bool }
pub trait AuditSink: Send + Sync + 'static { fn record(&self, record: &AuditRecord<'_>); }
#[derive(Default)] pub struct TracingAudit;
impl AuditSink for TracingAudit { fn record(&self, _: &AuditRecord<'_>) {} }
pub(crate) fn record(s: &dyn AuditSink, r: &AuditRecord<'_>) { s.record(r) }
