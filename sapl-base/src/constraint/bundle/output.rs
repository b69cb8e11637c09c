//! The stages on the component's value: replacement, filters, consumers, mappings.

use serde_json::Value;

use super::{ConstraintBundle, Handlers};
use crate::constraint::{ConstraintReport, ObligationFailed, stage::Stage};

/// The value after all output stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// The value that may be returned.
    pub value: Value,
    /// Whether it is not the component's value any more: it was replaced, elements were dropped, or a mapping made
    /// another one of it.
    pub changed: bool,
}

impl ConstraintBundle {
    /// Takes the component's value through replacement, filters, consumers and mappings.
    ///
    /// # Errors
    /// When an obligation's handler failed, after all of its stage ran: the value is not to be returned. Also when a
    /// stage before these has not passed, and when this or [`failure`](Self::failure) was run before.
    pub fn output(&mut self, value: Value) -> Result<Output, ObligationFailed> {
        self.start_after()?;
        let mut output = match self.replacement.take() {
            Some(value) => Output { value, changed: true },
            None => Output {
                value,
                changed: false,
            },
        };
        filter(&mut self.handlers, &mut self.report, &mut output)?;
        consume(&mut self.handlers, &mut self.report, &output.value)?;
        map(&mut self.handlers, &mut self.report, &mut output)?;
        self.after.end(Ok(()))?;
        Ok(output)
    }
}

/// Drops what some filter does not let through. A filter that fails lets everything through; where it is an
/// obligation, nothing is returned anyway.
fn filter(
    handlers: &mut Handlers,
    report: &mut ConstraintReport,
    output: &mut Output,
) -> Result<(), ObligationFailed> {
    let mut stage = Stage::new(report);
    let mut dropped = false;
    for entry in std::mem::take(&mut handlers.filter_predicate) {
        let (mut handler, mark) = entry.split();
        if let Value::Array(elements) = &mut output.value {
            let Some(verdicts) = stage.done(mark, handler.run(elements.iter())) else {
                continue;
            };
            if verdicts.contains(&false) {
                output.changed = true;
                let mut verdicts = verdicts.into_iter();
                elements.retain(|_| verdicts.next().unwrap_or(false));
            }
        } else {
            // A value that is dropped already is shown to nobody.
            let single = (!dropped).then_some(&output.value);
            let verdicts = stage.done(mark, handler.run(single.into_iter()));
            if verdicts.is_some_and(|verdicts| verdicts.contains(&false)) {
                dropped = true;
                output.changed |= !output.value.is_null();
                output.value = Value::Null;
            }
        }
    }
    stage.finish()
}

fn consume(
    handlers: &mut Handlers,
    report: &mut ConstraintReport,
    value: &Value,
) -> Result<(), ObligationFailed> {
    let mut stage = Stage::new(report);
    for entry in std::mem::take(&mut handlers.consumer) {
        let (handler, mark) = entry.split();
        stage.done(mark, handler.run(value));
    }
    stage.finish()
}

fn map(
    handlers: &mut Handlers,
    report: &mut ConstraintReport,
    output: &mut Output,
) -> Result<(), ObligationFailed> {
    let mut stage = Stage::new(report);
    for entry in std::mem::take(&mut handlers.mapping) {
        let (handler, mark) = entry.split();
        // The handler gets a copy, so that its failure leaves the value as it was.
        if let Some(mapped) = stage.done(mark, handler.run(output.value.clone())) {
            output.changed |= mapped != output.value;
            output.value = mapped;
        }
    }
    stage.finish()
}
