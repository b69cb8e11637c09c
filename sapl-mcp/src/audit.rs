//! The audit trail: one record for each operation that was decided, whatever became of it.
//!
//! A record goes to an [`AuditSink`] when the operation is over. [`TracingAudit`] makes an event of it and is the
//! default, [`JsonLines`] writes it to a file or a pipe, [`RecordingAudit`] keeps it for tests, and any closure that
//! takes a record will do:
//!
//! ```
//! use sapl_mcp::{AuditOutcome, AuditRecord, AuditSink};
//! use std::sync::atomic::{AtomicU64, Ordering};
//!
//! static DENIALS: AtomicU64 = AtomicU64::new(0);
//!
//! fn count(record: &AuditRecord<'_>) {
//!     if record.outcome == AuditOutcome::Denied {
//!         DENIALS.fetch_add(1, Ordering::Relaxed);
//!     }
//! }
//!
//! fn takes(_: impl AuditSink) {}
//! takes(count);
//! ```

mod approval;
mod json_lines;
mod recording;
mod subject;
mod tracing_audit;

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

use rmcp::model::RequestId;
use sapl_base::{Decision, constraint::ConstraintRecord};
use serde::{Serialize, Serializer};

use crate::{ComponentKind, Operation, Outcome};

pub use approval::{ApprovalOutcome, ApprovalWay, AuditApproval};
pub use json_lines::JsonLines;
pub(crate) use json_lines::timestamp;
pub use recording::{OwnedAuditRecord, RecordingAudit};
pub use subject::{AuditSubject, MAX_SUBJECT_CHARS};
pub use tracing_audit::TracingAudit;

/// What is told about an operation: who wanted what, what was decided, and what came of it.
///
/// It borrows everything, so making one costs nothing. As JSON it is an object with the fields as they are named here;
/// `duration` is `duration_us`, in microseconds, and what is `None` is left out. No field holds a token, an argument, a
/// returned value or a secret of a subscription; of the claims only what [`AuditSubject`] says is written.
#[derive(Clone, Copy, Debug, Serialize)]
#[non_exhaustive]
pub struct AuditRecord<'a> {
    /// The id of the JSON-RPC request.
    pub request_id: &'a RequestId,
    /// What was to be done with the component.
    pub operation: Operation,
    /// The kind of the component.
    pub kind: ComponentKind,
    /// The name of the component.
    pub name: &'a str,
    /// The URI, of a resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<&'a str>,
    /// Who called.
    pub subject: AuditSubject<'a>,
    /// The decision as the decision point gave it; none when it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// The decision as it was enforced: a PERMIT with an obligation that failed is a DENY.
    pub effective: Decision,
    /// How the operation ended.
    pub outcome: AuditOutcome,
    /// Why it was denied, for operators. The client never sees this.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'a str>,
    /// What became of each obligation and advice.
    pub constraints: &'a [ConstraintRecord],
    /// How long the operation took, decision and component included.
    #[serde(rename = "duration_us", serialize_with = "as_micros")]
    pub duration: Duration,
    /// Whether the component does not exist for those who may not use it: a denial was answered as not found.
    pub stealth: bool,
    /// Whether this is about the component's gate. An operation that a gate lets through to an enforcement leaves two
    /// records: one of the gate, whose outcome is [`AuditOutcome::Passed`], and one of the enforcement.
    pub gate: bool,
    /// What became of a person's approval, where an obligation required one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<&'a AuditApproval>,
}

/// How an operation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AuditOutcome {
    /// The component's value was returned, as the obligations left it.
    Completed,
    /// The component failed.
    Failed,
    /// Access was denied.
    Denied,
    /// The request was cancelled, or the client went away.
    Cancelled,
    /// The component asks for more input.
    InputRequired,
    /// The component goes on as a task.
    Task,
    /// The gate let the operation through to the enforcement behind it, which leaves a record of its own.
    Passed,
    /// The component was put into a list, or left out of it when [`AuditRecord::effective`] is no PERMIT.
    Listed,
}

/// Where audit records go.
///
/// Called in the course of the operation, so it should not block for long. A sink that panics is logged, and changes
/// nothing for the client. Closures `Fn(&AuditRecord<'_>)` are sinks.
pub trait AuditSink: Send + Sync + 'static {
    /// Takes a record.
    fn record(&self, record: &AuditRecord<'_>);
}

impl<F: Fn(&AuditRecord<'_>) + Send + Sync + 'static> AuditSink for F {
    fn record(&self, record: &AuditRecord<'_>) {
        self(record);
    }
}

impl<S: AuditSink + ?Sized> AuditSink for Arc<S> {
    fn record(&self, record: &AuditRecord<'_>) {
        (**self).record(record);
    }
}

impl AuditOutcome {
    /// The name in lower case, `input_required` with an underscore.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::Cancelled => "cancelled",
            Self::InputRequired => "input_required",
            Self::Task => "task",
            Self::Passed => "passed",
            Self::Listed => "listed",
        }
    }
}

impl From<Outcome> for AuditOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Completed => Self::Completed,
            Outcome::Failed => Self::Failed,
            Outcome::Denied => Self::Denied,
            Outcome::Cancelled => Self::Cancelled,
            Outcome::InputRequired => Self::InputRequired,
            Outcome::Task => Self::Task,
        }
    }
}

impl fmt::Display for AuditOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for AuditOutcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Hands a record to a sink. Whatever the sink does, the operation goes on.
pub(crate) fn record(sink: &dyn AuditSink, record: &AuditRecord<'_>) {
    if catch_unwind(AssertUnwindSafe(|| sink.record(record))).is_err() {
        tracing::error!(
            name = record.name,
            "the audit sink panicked, and the record is lost"
        );
    }
}

/// A duration in whole microseconds.
pub(crate) fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

pub(crate) fn as_micros<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(micros(*duration))
}

#[cfg(test)]
mod tests;
