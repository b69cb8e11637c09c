//! The handlers of one decision, and the stages in which they run.

mod error_stages;
mod output;

use serde_json::Value;

pub use error_stages::{ComponentError, FailureOutput};
pub use output::Output;

use super::{
    ConstraintReport, ConsumerHandler, ErrorHandler, ErrorMappingHandler, FilterPredicateHandler,
    HandlerOutcome, MappingHandler, MethodInvocation, MethodInvocationHandler, ObligationFailed,
    RunnableHandler,
    stage::{Entry, Progress, Stage},
};

/// The handlers of one permitted decision, ready to run, each stage once.
///
/// A stage is refused when one before it has not passed, so that a value never leaves past an obligation that did
/// not run: [`on_decision`](Self::on_decision), then [`method_invocation`](Self::method_invocation) (where there
/// are such handlers), then [`output`](Self::output) or [`failure`](Self::failure). Asking for a stage again gives
/// an error as well.
///
/// A decision without constraints makes an empty bundle, which costs no allocation.
#[derive(Debug, Default)]
pub struct ConstraintBundle {
    pub(super) handlers: Handlers,
    pub(super) replacement: Option<Value>,
    pub(super) has_output_obligation: bool,
    pub(super) report: ConstraintReport,
    on_decision: Progress,
    method_invocation: Progress,
    after: Progress,
}

/// The handlers by kind, each in the order in which they run.
#[derive(Debug, Default)]
pub(super) struct Handlers {
    pub(super) runnable: Vec<Entry<RunnableHandler>>,
    pub(super) method_invocation: Vec<Entry<MethodInvocationHandler>>,
    pub(super) filter_predicate: Vec<Entry<FilterPredicateHandler>>,
    pub(super) consumer: Vec<Entry<ConsumerHandler>>,
    pub(super) mapping: Vec<Entry<MappingHandler>>,
    pub(super) error_handler: Vec<Entry<ErrorHandler>>,
    pub(super) error_mapping: Vec<Entry<ErrorMappingHandler>>,
}

impl ConstraintBundle {
    /// Runs the on-decision handlers, one after the other.
    ///
    /// # Errors
    /// When an obligation's handler failed, after all of them ran; and when this stage was run before.
    pub async fn on_decision(&mut self) -> Result<(), ObligationFailed> {
        self.on_decision.start()?;
        let mut stage = Stage::new(&mut self.report);
        for entry in std::mem::take(&mut self.handlers.runnable) {
            let (handler, mark) = entry.split();
            let outcome = handler.run().await;
            stage.done(mark, outcome);
        }
        self.on_decision.end(stage.finish())
    }

    /// Runs the handlers that may change the arguments, one after the other.
    ///
    /// # Errors
    /// When an obligation's handler failed, after all of them ran; when a stage before it has not passed; and when
    /// this stage was run before.
    pub async fn method_invocation(&mut self, call: &mut MethodInvocation) -> Result<(), ObligationFailed> {
        self.on_decision
            .must_have_passed(self.handlers.runnable.is_empty())?;
        self.method_invocation.start()?;
        let mut stage = Stage::new(&mut self.report);
        for entry in std::mem::take(&mut self.handlers.method_invocation) {
            let (handler, mark) = entry.split();
            // What an advice did before it failed is undone; after an obligation's failure nothing uses the call.
            let before = (!mark.is_obligation()).then(|| call.clone());
            let outcome = handler.run(call).await;
            if let (None, Some(before)) = (stage.done(mark, outcome), before) {
                *call = before;
            }
        }
        self.method_invocation.end(stage.finish())
    }

    /// Says how the enforcement point's own stage ended for the obligations of this type: see
    /// [`ConstraintEnforcementService::with_stages`](super::ConstraintEnforcementService::with_stages).
    pub fn carried_out(&mut self, constraint_type: &str, outcome: HandlerOutcome) {
        self.report.set_stage(constraint_type, outcome);
    }

    /// Whether some obligation replaces, filters or maps the component's value. A resource replacement counts.
    pub const fn has_output_obligation(&self) -> bool {
        self.has_output_obligation
    }

    /// Whether anything looks at or changes the component's value.
    pub const fn has_output_stages(&self) -> bool {
        self.replacement.is_some()
            || !self.handlers.filter_predicate.is_empty()
            || !self.handlers.consumer.is_empty()
            || !self.handlers.mapping.is_empty()
    }

    /// Whether anything looks at or changes the error of a component that failed.
    pub const fn has_error_stages(&self) -> bool {
        !self.handlers.error_handler.is_empty() || !self.handlers.error_mapping.is_empty()
    }

    /// Whether anything may change the arguments.
    pub const fn has_method_invocation(&self) -> bool {
        !self.handlers.method_invocation.is_empty()
    }

    /// What became of each constraint so far.
    pub const fn report(&self) -> &ConstraintReport {
        &self.report
    }

    /// Gives the report away, when all is done.
    pub fn into_report(self) -> ConstraintReport {
        self.report
    }

    /// Checks that everything that comes before the component's value has run and passed.
    fn start_after(&mut self) -> Result<(), ObligationFailed> {
        self.on_decision
            .must_have_passed(self.handlers.runnable.is_empty())?;
        self.method_invocation
            .must_have_passed(self.handlers.method_invocation.is_empty())?;
        self.after.start()
    }
}
