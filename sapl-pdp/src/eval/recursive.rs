//! `..`, which looks through a whole value.

use super::{Evaluator, error};
use crate::compile::program::{Step, StepKind};
use crate::eval::path::place;
use crate::value::{Array, ErrorKind, MAX_DEPTH, Value};

impl<'a> Evaluator<'a> {
    pub(super) fn descend(&self, base: &Value<'a>, step: &Step) -> Value<'a> {
        let mut found = Vec::new();
        match self.collect(base, &step.kind, &mut found, 0) {
            Ok(()) => Array::from(found).into(),
            Err(kind) => error(kind, step.id),
        }
    }

    /// Appends what is found in a value, then in the values below it, in order.
    fn collect(
        &self,
        value: &Value<'a>,
        wanted: &StepKind,
        found: &mut Vec<Value<'a>>,
        depth: u32,
    ) -> Result<(), ErrorKind> {
        if depth > MAX_DEPTH {
            return Err(ErrorKind::NestingLimit);
        }
        self.step()?;
        let before = found.len();
        match value {
            Value::Object(object) => {
                if let StepKind::RecursiveKey(key) = wanted {
                    found.extend(object.get(key));
                }
                for value in object.values() {
                    self.below(value, wanted, found, depth)?;
                }
            }
            Value::Array(array) => {
                if let StepKind::RecursiveIndex(position) = wanted {
                    found.extend(place(*position, array.len()).and_then(|place| array.get(place)));
                }
                for value in array.elements() {
                    self.below(value, wanted, found, depth)?;
                }
            }
            _ => {}
        }
        if depth == 0 {
            self.produce(found.len() - before)?;
        }
        Ok(())
    }

    fn below(
        &self,
        value: Value<'a>,
        wanted: &StepKind,
        found: &mut Vec<Value<'a>>,
        depth: u32,
    ) -> Result<(), ErrorKind> {
        if matches!(wanted, StepKind::RecursiveWildcard) {
            found.push(value.clone());
        }
        self.collect(&value, wanted, found, depth + 1)
    }
}
