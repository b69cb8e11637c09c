//! What all stages have in common: who failed, and what may run after that.

use std::mem;

use super::{
    ConstraintRecord, ConstraintReport, ConstraintRole, HandlerError, HandlerKind, HandlerOutcome,
    ObligationFailed,
};

/// A handler and whose it is.
#[derive(Debug)]
pub(super) struct Entry<H> {
    pub(super) handler: H,
    pub(super) mark: Mark,
}

/// Whose handler it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    pub(super) role: ConstraintRole,
    /// Where the report keeps its record.
    pub(super) record: usize,
    pub(super) priority: i32,
}

impl<H> Entry<H> {
    pub(super) fn split(self) -> (H, Mark) {
        (self.handler, self.mark)
    }
}

impl Mark {
    pub(super) fn is_obligation(self) -> bool {
        self.role == ConstraintRole::Obligation
    }
}

/// A stage while it runs. It goes on after a failure and remembers the first one of an obligation.
pub(super) struct Stage<'a> {
    report: &'a mut ConstraintReport,
    failed: Option<ObligationFailed>,
}

impl<'a> Stage<'a> {
    pub(super) const fn new(report: &'a mut ConstraintReport) -> Self {
        Self { report, failed: None }
    }

    /// Writes down how a handler ended and gives back what it made, if it did not fail.
    pub(super) fn done<T>(&mut self, mark: Mark, outcome: Result<T, HandlerError>) -> Option<T> {
        match outcome {
            Ok(value) => {
                self.report.set(mark.record, HandlerOutcome::Ran);
                Some(value)
            }
            Err(error) => {
                let message = error.into_message();
                if let Some(record) = self.report.get(mark.record) {
                    log_failure(record, &message);
                    if mark.is_obligation() && self.failed.is_none() {
                        self.failed = Some(ObligationFailed::new(record, &message));
                    }
                }
                self.report.set(mark.record, HandlerOutcome::Failed(message));
                None
            }
        }
    }

    pub(super) fn finish(self) -> Result<(), ObligationFailed> {
        self.failed.map_or(Ok(()), Err)
    }
}

/// Says in the log which handler failed and why, and nothing else of the constraint.
pub(super) fn log_failure(record: &ConstraintRecord, message: &str) {
    tracing::warn!(
        role = record.role.as_str(),
        index = record.index,
        constraint_type = record.constraint_type.as_deref(),
        kind = record.kind.map(HandlerKind::as_str),
        // As a field: a subscriber can then escape what a handler repeats of a client's text.
        error = message,
        "constraint handler failed"
    );
}

/// How far a stage has come. One that was started and not ended (its future was dropped) never passes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Progress {
    #[default]
    Waiting,
    Started,
    Passed,
}

impl Progress {
    pub(super) fn start(&mut self) -> Result<(), ObligationFailed> {
        match mem::replace(self, Self::Started) {
            Self::Waiting => Ok(()),
            Self::Started | Self::Passed => {
                Err(ObligationFailed::out_of_order("the same stage was run twice"))
            }
        }
    }

    pub(super) fn end(&mut self, outcome: Result<(), ObligationFailed>) -> Result<(), ObligationFailed> {
        outcome.map(|()| *self = Self::Passed)
    }

    /// A stage that has not run is as good as passed when it has `nothing_to_do`.
    pub(super) fn must_have_passed(self, nothing_to_do: bool) -> Result<(), ObligationFailed> {
        match self {
            Self::Passed => Ok(()),
            Self::Waiting if nothing_to_do => Ok(()),
            Self::Waiting | Self::Started => Err(ObligationFailed::out_of_order(
                "a stage before this one did not run to its end and pass",
            )),
        }
    }
}
