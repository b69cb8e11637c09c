//! Audit records as events.

use std::fmt;

use sapl_base::{
    Decision,
    constraint::{ConstraintRecord, HandlerOutcome},
};

use super::{AuditRecord, AuditSink, micros};

/// Makes each record an event of level INFO with the target `sapl_mcp::audit`, its fields named as in
/// [`AuditRecord`]. The default.
///
/// While nobody listens to that target it costs next to nothing.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TracingAudit;

impl AuditSink for TracingAudit {
    fn record(&self, record: &AuditRecord<'_>) {
        // Outside of the macro this would be made for every record, also when nobody listens.
        if !tracing::enabled!(target: "sapl_mcp::audit", tracing::Level::INFO) {
            return;
        }
        let [(_, subject), (_, issuer), (_, client_id)] = record.subject.written();
        // Texts go in as texts, not by `Display`: a subscriber can then escape what a client has chosen.
        let request_id = record.request_id.to_string();
        let constraints = Constraints(record.constraints).to_string();
        let approval = record.approval.map(ToString::to_string);
        tracing::info!(
            target: "sapl_mcp::audit",
            request_id = request_id.as_str(),
            operation = record.operation.as_str(),
            kind = record.kind.as_str(),
            name = record.name,
            uri = record.uri,
            subject,
            issuer,
            client_id,
            decision = record.decision.map(Decision::as_str),
            effective = record.effective.as_str(),
            outcome = record.outcome.as_str(),
            reason = record.reason,
            constraints = (!constraints.is_empty()).then_some(constraints.as_str()),
            duration_us = micros(record.duration),
            stealth = record.stealth,
            gate = record.gate,
            approval = approval.as_deref(),
        );
    }
}

/// As in "obligation 0 (`logAccess`): ran, advice 0 (`mail`): not run".
struct Constraints<'a>(&'a [ConstraintRecord]);

impl fmt::Display for Constraints<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for record in self.0 {
            write!(f, "{between}{record}: ")?;
            match &record.outcome {
                HandlerOutcome::NotRun => f.write_str("not run")?,
                HandlerOutcome::Ran => f.write_str("ran")?,
                HandlerOutcome::Failed(cause) => write!(f, "failed: {cause}")?,
            }
            between = ", ";
        }
        Ok(())
    }
}
