//! `..`, which looks through a whole value.

use super::{Evaluator, error};
use crate::compile::program::{Step, StepKind};
use crate::eval::path::place;
use crate::value::{Array, ErrorKind, MAX_DEPTH, Object, Value};

impl<'a> Evaluator<'a> {
    pub(super) fn descend(&self, base: &Value<'a>, step: &Step) -> Value<'a> {
        let mut found = Vec::new();
        let collected = self
            .collect(base, &step.kind, &mut found, 0)
            .and_then(|()| self.produce(found.len()));
        match collected {
            Ok(()) => self.made(Array::from(found), step.id),
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
        self.step()?;
        match value {
            Value::Object(object) => self.collect_members(object, wanted, found, depth + 1),
            Value::Array(array) => self.collect_elements(array, wanted, found, depth + 1),
            _ => Ok(()),
        }
    }

    #[inline(never)]
    fn collect_members(
        &self,
        object: &Object<'a>,
        wanted: &StepKind,
        found: &mut Vec<Value<'a>>,
        depth: u32,
    ) -> Result<(), ErrorKind> {
        if depth > MAX_DEPTH {
            return Err(ErrorKind::NestingLimit);
        }
        if let StepKind::RecursiveKey(key) = wanted {
            found.extend(object.get(key));
        }
        for value in object.values() {
            if matches!(wanted, StepKind::RecursiveWildcard) {
                found.push(value.clone());
            }
            self.collect(&value, wanted, found, depth)?;
        }
        Ok(())
    }

    #[inline(never)]
    fn collect_elements(
        &self,
        array: &Array<'a>,
        wanted: &StepKind,
        found: &mut Vec<Value<'a>>,
        depth: u32,
    ) -> Result<(), ErrorKind> {
        if depth > MAX_DEPTH {
            return Err(ErrorKind::NestingLimit);
        }
        if let StepKind::RecursiveIndex(position) = wanted {
            found.extend(place(*position, array.len()).and_then(|place| array.get(place)));
        }
        for value in array.elements() {
            if matches!(wanted, StepKind::RecursiveWildcard) {
                found.push(value.clone());
            }
            self.collect(&value, wanted, found, depth)?;
        }
        Ok(())
    }
}
