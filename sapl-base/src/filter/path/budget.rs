//! How much a path may cost.

use regex::Regex;
use serde_json::Value;

use super::{BYTES_A_STEP, MAX_DEPTH, MAX_STEPS, PATTERN_COST};
use crate::{constraint::HandlerError, filter::pattern};

/// What is left to the paths of one constraint on one value.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: usize,
    depth: usize,
    /// The last pattern that stood in the value, compiled: it is often the same for each element.
    pattern: Option<(String, bool, Regex)>,
}

impl Budget {
    pub(crate) const fn new() -> Self {
        Self {
            steps: MAX_STEPS,
            depth: 0,
            pattern: None,
        }
    }

    #[cfg(test)]
    pub(super) const fn steps_left(&self) -> usize {
        self.steps
    }

    pub(super) fn spend(&mut self, steps: usize) -> Result<(), HandlerError> {
        match self.steps.checked_sub(steps) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => Err(HandlerError::new(format_args!(
                "its paths take more than {MAX_STEPS} steps"
            ))),
        }
    }

    /// Spends as much as a comparison with `value` can take.
    pub(super) fn spend_on(&mut self, value: Option<&Value>) -> Result<(), HandlerError> {
        match value {
            Some(Value::Array(array)) => {
                self.spend(array.len())?;
                array.iter().try_for_each(|value| self.spend_on(Some(value)))
            }
            Some(Value::Object(object)) => {
                self.spend(object.len())?;
                object.values().try_for_each(|value| self.spend_on(Some(value)))
            }
            Some(Value::String(text)) => self.spend(text.len() / BYTES_A_STEP),
            _ => Ok(()),
        }
    }

    /// Whether a pattern that stands in the value matches.
    pub(super) fn matches(&mut self, pattern: &str, whole: bool, text: &str) -> Result<bool, HandlerError> {
        let (_, _, regex) = match self.pattern.take() {
            Some(last) if last.0 == pattern && last.1 == whole => self.pattern.insert(last),
            _ => {
                self.spend(PATTERN_COST)?;
                let regex = pattern::i_regexp(pattern, whole)?;
                self.pattern.insert((pattern.to_owned(), whole, regex))
            }
        };
        Ok(regex.is_match(text))
    }

    pub(super) fn descend(&mut self) -> Result<(), HandlerError> {
        if self.depth == MAX_DEPTH {
            return Err(HandlerError::new(format_args!(
                "its paths go deeper than {MAX_DEPTH} levels"
            )));
        }
        self.depth += 1;
        Ok(())
    }

    pub(super) const fn ascend(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}
