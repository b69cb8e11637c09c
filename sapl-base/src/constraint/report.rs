//! What became of each constraint, for the audit record.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use super::{ConstraintRole, HandlerKind};

/// The most characters of a constraint's `type` that a record keeps.
pub const MAX_TYPE_CHARS: usize = 128;

/// What became of every constraint of a decision. It holds no constraint itself, only their types.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct ConstraintReport {
    records: Vec<ConstraintRecord>,
}

/// What became of one constraint in one handler.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConstraintRecord {
    /// The constraint's `type`, when it is a text; cut after [`MAX_TYPE_CHARS`] characters.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub constraint_type: Option<String>,
    /// Obligation or advice.
    pub role: ConstraintRole,
    /// Its place among the obligations or the advice of the decision.
    pub index: usize,
    /// The kind of the handler; none when no provider was responsible.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<HandlerKind>,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: HandlerOutcome,
}

/// How a handler ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", content = "message", rename_all = "snake_case")]
pub enum HandlerOutcome {
    /// It did not run: its stage was not reached, or no provider was responsible for an advice.
    NotRun,
    /// It ran.
    Ran,
    /// It failed, or could not be made; with the cause.
    Failed(String),
}

impl ConstraintReport {
    /// One record for each constraint and handler, obligations first, each in the order of the decision.
    pub fn records(&self) -> &[ConstraintRecord] {
        &self.records
    }

    /// Whether there was no constraint.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    #[cfg(test)]
    pub(super) const fn capacity(&self) -> usize {
        self.records.capacity()
    }

    /// Adds a record and says where it stands.
    pub(super) fn add(&mut self, record: ConstraintRecord) -> usize {
        self.records.push(record);
        self.records.len() - 1
    }

    pub(super) fn get(&self, at: usize) -> Option<&ConstraintRecord> {
        self.records.get(at)
    }

    pub(super) fn set(&mut self, at: usize, outcome: HandlerOutcome) {
        if let Some(record) = self.records.get_mut(at) {
            record.outcome = outcome;
        }
    }
}

impl ConstraintReport {
    /// Sets the outcome of the obligations of this type that were to be carried out before the component.
    pub(super) fn set_stage(&mut self, constraint_type: &str, outcome: HandlerOutcome) {
        let of_stage = |record: &&mut ConstraintRecord| {
            record.role == ConstraintRole::Obligation
                && record.kind == Some(HandlerKind::MethodInvocation)
                && record.outcome == HandlerOutcome::NotRun
                && record.constraint_type.as_deref() == Some(constraint_type)
        };
        for record in self.records.iter_mut().filter(of_stage) {
            record.outcome = outcome.clone();
        }
    }
}

impl ConstraintRecord {
    pub(super) fn new(
        constraint: &Value,
        role: ConstraintRole,
        index: usize,
        kind: Option<HandlerKind>,
        outcome: HandlerOutcome,
    ) -> Self {
        let constraint_type = constraint.get("type").and_then(Value::as_str).map(short);
        Self {
            constraint_type,
            role,
            index,
            kind,
            outcome,
        }
    }
}

/// Role, place and type, as in "obligation 0 (`logAccess`)": what a log may say about a constraint.
impl fmt::Display for ConstraintRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role, self.index)?;
        match &self.constraint_type {
            Some(name) => write!(f, " (`{}`)", name.escape_debug()),
            None => f.write_str(" (without a type)"),
        }
    }
}

fn short(name: &str) -> String {
    name.chars().take(MAX_TYPE_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stage_ends_its_own_obligations_that_have_not_run() {
        use ConstraintRole::{Advice, Obligation};
        use HandlerKind::{Mapping, MethodInvocation};
        let done = HandlerOutcome::Ran;
        let mut report = ConstraintReport::default();
        for (name, role, kind, outcome, ended) in [
            ("own", Obligation, MethodInvocation, HandlerOutcome::NotRun, true),
            ("own", Advice, MethodInvocation, HandlerOutcome::NotRun, false),
            ("own", Obligation, Mapping, HandlerOutcome::NotRun, false),
            (
                "own",
                Obligation,
                MethodInvocation,
                HandlerOutcome::Failed("x".to_owned()),
                false,
            ),
            (
                "other",
                Obligation,
                MethodInvocation,
                HandlerOutcome::NotRun,
                false,
            ),
            ("own", Obligation, MethodInvocation, HandlerOutcome::NotRun, true),
        ] {
            let constraint = json!({"type": name});
            // The place tells the test what is to become of it.
            let record = ConstraintRecord::new(&constraint, role, usize::from(ended), Some(kind), outcome);
            report.add(record);
        }
        report.set_stage("own", done.clone());
        for record in &report.records {
            assert_eq!(record.outcome == done, record.index == 1, "{record:?}");
        }
    }

    #[test]
    fn a_type_is_cut_after_its_most_characters_and_its_control_characters_are_escaped() {
        let record = |name: String| {
            let constraint = json!({"type": name});
            ConstraintRecord::new(
                &constraint,
                ConstraintRole::Advice,
                7,
                None,
                HandlerOutcome::NotRun,
            )
        };
        let longest = "\u{e9}".repeat(MAX_TYPE_CHARS);
        assert_eq!(
            record(longest.clone()).constraint_type.as_deref(),
            Some(longest.as_str())
        );
        assert_eq!(record(longest.clone() + "x").constraint_type, Some(longest));
        assert_eq!(record("a\nb".to_owned()).to_string(), r"advice 7 (`a\nb`)");
    }
}
