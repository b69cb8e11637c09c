//! What is told of every call through the guard.

use std::{
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::Value;

use super::{Approval, GuardDecision};
use crate::{
    JsonLines, MAX_SUBJECT_CHARS, TracingAudit,
    audit::{as_micros, micros},
};

/// What is told of a call through the guard: who wanted what, what was decided, and what came of it.
///
/// As JSON it is an object with the fields as they are named here; `duration` is `duration_us`, in microseconds, and what
/// is `None` is left out. No field holds an argument, a result or what a server answers, unless the user's own policy quotes
/// it in its reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct GuardRecord {
    /// For whom: a text, or the member `id`, `sub` or `name` of the user's attributes, cut after [`MAX_SUBJECT_CHARS`]
    /// characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The name of the server.
    pub server: String,
    /// The name of the tool.
    pub tool: String,
    /// The SHA-256 of the arguments as they were decided on, in hexadecimal digits.
    pub arguments: String,
    /// What was decided, the server's advice included; none when the call did not get that far.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<GuardDecision>,
    /// Why it was decided so, or why the call ended as it did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What a person said, when one was asked or had been.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<ApprovedBy>,
    /// How the call ended.
    pub outcome: GuardOutcome,
    /// How long it took, the person's time to answer included.
    #[serde(rename = "duration_us", serialize_with = "as_micros")]
    pub duration: Duration,
}

/// Where an approval came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "from", content = "scope")]
pub enum ApprovedBy {
    /// A person was asked for this call, and said this.
    Person(Approval),
    /// A grant that a person gave before.
    Grant(Approval),
}

/// How a call through the guard ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum GuardOutcome {
    /// The tool gave a result, and the caller has it.
    Completed,
    /// The tool, or the way to it, failed.
    Failed,
    /// The call was not made.
    Denied,
    /// The call was not made, because nobody could be asked.
    ApprovalRequired,
    /// The call was made, and its result is withheld.
    Withheld,
    /// The server asks for more input.
    InputRequired,
    /// The server goes on as a task.
    Task,
    /// The caller went away before the end.
    Cancelled,
}

/// Where the records of a guard go.
///
/// Closures `Fn(&GuardRecord)` are sinks, and so are [`TracingAudit`], the default, and [`JsonLines`]. A sink that panics is
/// logged and changes nothing.
pub trait GuardSink: Send + Sync + 'static {
    /// Takes a record.
    fn record(&self, record: &GuardRecord);
}

impl<F: Fn(&GuardRecord) + Send + Sync + 'static> GuardSink for F {
    fn record(&self, record: &GuardRecord) {
        self(record);
    }
}

impl<S: GuardSink + ?Sized> GuardSink for Arc<S> {
    fn record(&self, record: &GuardRecord) {
        (**self).record(record);
    }
}

/// Makes each record an event of level INFO with the target `sapl_mcp::guard`.
impl GuardSink for TracingAudit {
    fn record(&self, record: &GuardRecord) {
        tracing::info!(
            target: "sapl_mcp::guard",
            user = record.user.as_deref(),
            server = record.server.as_str(),
            tool = record.tool.as_str(),
            arguments = record.arguments.as_str(),
            decision = record.decision.map(GuardDecision::as_str),
            reason = record.reason.as_deref(),
            approval = record.approval.map(|approved| approved.scope().as_str()),
            asked = record.approval.map(|approved| matches!(approved, ApprovedBy::Person(_))),
            outcome = record.outcome.as_str(),
            duration_us = micros(record.duration),
        );
    }
}

impl<W: std::io::Write + Send + 'static> GuardSink for JsonLines<W> {
    fn record(&self, record: &GuardRecord) {
        self.write(&record.tool, record);
    }
}

impl ApprovedBy {
    /// What the person said.
    pub const fn scope(self) -> Approval {
        match self {
            Self::Person(approval) | Self::Grant(approval) => approval,
        }
    }
}

impl GuardOutcome {
    /// The name in records, in lower case and with underscores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Denied => "denied",
            Self::ApprovalRequired => "approval_required",
            Self::Withheld => "withheld",
            Self::InputRequired => "input_required",
            Self::Task => "task",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for GuardOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The record of a call that is under way. It is handed over when this is dropped, so that a call whose future is dropped
/// leaves one too.
pub(super) struct Recording {
    record: GuardRecord,
    sink: Arc<dyn GuardSink>,
    started: Instant,
}

impl Recording {
    pub(super) fn start(
        sink: &Arc<dyn GuardSink>,
        user: &Value,
        server: &str,
        tool: &str,
        arguments: String,
    ) -> Self {
        Self {
            record: GuardRecord {
                user: short(user),
                server: server.to_owned(),
                tool: tool.to_owned(),
                arguments,
                decision: None,
                reason: None,
                approval: None,
                // Until something else is known: that is what a call is whose future is dropped.
                outcome: GuardOutcome::Cancelled,
                duration: Duration::ZERO,
            },
            sink: Arc::clone(sink),
            started: Instant::now(),
        }
    }

    pub(super) fn decided(&mut self, decision: GuardDecision, reason: &str) {
        self.record.decision = Some(decision);
        self.record.reason = Some(reason.to_owned());
    }

    pub(super) fn approved(&mut self, approved: ApprovedBy) {
        self.record.approval = Some(approved);
    }

    /// The record as it stands.
    pub(super) fn so_far(&self) -> &GuardRecord {
        &self.record
    }

    /// How the call ended, and why where that is not the reason of the decision.
    pub(super) fn ended(&mut self, outcome: GuardOutcome, reason: Option<&str>) {
        self.record.outcome = outcome;
        if let Some(reason) = reason {
            self.record.reason = Some(reason.to_owned());
        }
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        self.record.duration = self.started.elapsed();
        if catch_unwind(AssertUnwindSafe(|| self.sink.record(&self.record))).is_err() {
            tracing::error!(
                name = self.record.tool,
                "the audit sink panicked, and the record is lost"
            );
        }
    }
}

/// What a record says of the user.
fn short(user: &Value) -> Option<String> {
    let named = match user {
        Value::String(name) => Some(name.as_str()),
        user => ["id", "sub", "name"]
            .iter()
            .find_map(|member| user.get(member).and_then(Value::as_str)),
    };
    named.map(|name| name.chars().take(MAX_SUBJECT_CHARS).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_record_names_the_user_in_short() {
        for (user, named) in [
            (json!("ann"), Some("ann")),
            (json!({"name": "Ann", "sub": "u1"}), Some("u1")),
            (json!({"name": "Ann", "role": "x"}), Some("Ann")),
            (json!({"role": "x"}), None),
            (json!({"id": 7}), None),
            (Value::Null, None),
        ] {
            assert_eq!(short(&user).as_deref(), named, "{user}");
        }
        let longest = "\u{e9}".repeat(MAX_SUBJECT_CHARS);
        assert_eq!(short(&json!(longest)).as_ref(), Some(&longest));
        assert_eq!(short(&json!(longest.clone() + "x")), Some(longest));
    }

    #[test]
    fn a_record_is_written_with_the_names_of_its_fields() {
        let record = GuardRecord {
            user: Some("ann".to_owned()),
            server: "files".to_owned(),
            tool: "write_file".to_owned(),
            arguments: "00".to_owned(),
            decision: Some(GuardDecision::ApprovalRequired),
            reason: None,
            approval: Some(ApprovedBy::Person(Approval::Once)),
            outcome: GuardOutcome::Completed,
            duration: Duration::from_micros(5),
        };
        assert_eq!(
            serde_json::to_value(&record).unwrap(),
            json!({
                "user": "ann", "server": "files", "tool": "write_file", "arguments": "00",
                "decision": "approval_required", "approval": {"from": "person", "scope": "once"},
                "outcome": "completed", "duration_us": 5,
            })
        );
    }
}
