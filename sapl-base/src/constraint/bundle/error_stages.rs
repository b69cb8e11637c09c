//! The stages on the error of a component that failed: error handlers, error mappings.

use serde_json::Value;

use super::ConstraintBundle;
use crate::constraint::{ObligationFailed, stage::Stage};

/// What a component failed with.
#[derive(Clone, Debug, PartialEq)]
pub struct ComponentError {
    /// A number that the protocol gives the error, where it has one.
    pub code: Option<i64>,
    /// The text.
    pub message: String,
    /// What else came with it.
    pub data: Option<Value>,
}

/// A component's error after the error stages.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureOutput {
    /// The error that may be sent, once anything that an output obligation might have removed is out of it.
    pub error: ComponentError,
    /// Whether it is not the component's error any more.
    pub changed: bool,
    /// Whether an obligation's mapping made it, and no advice changed it after that. Only then may its texts and
    /// data be sent although the decision has an output obligation. A mapping that gave back what it got made nothing.
    pub made_by_obligation: bool,
}

impl ComponentError {
    /// An error with this text.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            code: None,
            message: message.into(),
            data: None,
        }
    }

    /// Sets the code.
    #[must_use]
    pub fn with_code(self, code: i64) -> Self {
        Self {
            code: Some(code),
            ..self
        }
    }

    /// Sets the data.
    #[must_use]
    pub fn with_data(self, data: Value) -> Self {
        Self {
            data: Some(data),
            ..self
        }
    }
}

impl ConstraintBundle {
    /// Takes the error of a component that failed through error handlers and error mappings.
    ///
    /// # Errors
    /// When an obligation's handler failed, after all of its stage ran: the error is not to be sent. Also when a
    /// stage before these has not passed, and when this or [`output`](Self::output) was run before.
    pub fn failure(&mut self, error: ComponentError) -> Result<FailureOutput, ObligationFailed> {
        self.start_after()?;
        let mut stage = Stage::new(&mut self.report);
        for entry in std::mem::take(&mut self.handlers.error_handler) {
            let (handler, mark) = entry.split();
            stage.done(mark, handler.run(&error));
        }
        stage.finish()?;

        let mut output = FailureOutput {
            error,
            changed: false,
            made_by_obligation: false,
        };
        let mut stage = Stage::new(&mut self.report);
        for entry in std::mem::take(&mut self.handlers.error_mapping) {
            let (handler, mark) = entry.split();
            if let Some(mapped) = stage.done(mark, handler.run(output.error.clone())) {
                let changed = mapped != output.error;
                output.changed |= changed;
                if changed {
                    output.made_by_obligation = mark.is_obligation();
                }
                output.error = mapped;
            }
        }
        stage.finish()?;
        self.after.end(Ok(()))?;
        Ok(output)
    }
}
