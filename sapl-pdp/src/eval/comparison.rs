//! The operators that compare: equality, order, `in`, `has`, `=~`.

use std::cmp::Ordering;

use super::{Evaluator, Scope, Truth};
use crate::compile::program::Node;
use crate::pattern::{Effort, Pattern};
use crate::syntax::tree::ComparisonOperator;
use crate::value::{Array, ErrorKind, EvaluationError, Kind, NodeId, Value};

/// What compiling a pattern counts for.
const STEPS_OF_A_PATTERN: usize = 1000;

impl<'a> Evaluator<'a> {
    pub(super) fn compare(
        &self,
        operator: ComparisonOperator,
        left: NodeId,
        right: NodeId,
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Truth {
        if let Some(holds) = self.compared_in_place(operator, left, right) {
            return holds.into();
        }
        let left = self.value(left, scope);
        if let Value::Error(error) = left {
            return Truth::Error(error);
        }
        let owned;
        let right = match self.program.node(right) {
            Node::Constant(value) => value,
            _ => {
                owned = self.value(right, scope);
                &owned
            }
        };
        if let Value::Error(error) = right {
            return Truth::Error(*error);
        }
        match self.compared(operator, &left, right) {
            Ok(holds) => holds.into(),
            Err(kind) => Truth::Error(EvaluationError::at(kind, id)),
        }
    }

    fn compared(
        &self,
        operator: ComparisonOperator,
        left: &Value<'_>,
        right: &Value<'_>,
    ) -> Result<bool, ErrorKind> {
        match operator {
            ComparisonOperator::Equal => self.equal(left, right),
            ComparisonOperator::NotEqual => self.equal(left, right).map(|equal| !equal),
            ComparisonOperator::Less => order(left, right).map(Ordering::is_lt),
            ComparisonOperator::LessOrEqual => order(left, right).map(Ordering::is_le),
            ComparisonOperator::Greater => order(left, right).map(Ordering::is_gt),
            ComparisonOperator::GreaterOrEqual => order(left, right).map(Ordering::is_ge),
            ComparisonOperator::In => self.contains(left, right),
            ComparisonOperator::AnyIn => self.contains_of(left, right, true),
            ComparisonOperator::AllIn => self.contains_of(left, right, false).map(|missing| !missing),
            ComparisonOperator::Has => has(left, right),
            ComparisonOperator::HasAny => self.has_of(left, right, true),
            ComparisonOperator::HasAll => self.has_of(left, right, false),
            ComparisonOperator::Matches => self.matches_text(left, right),
        }
    }

    fn contains(&self, needle: &Value<'_>, haystack: &Value<'_>) -> Result<bool, ErrorKind> {
        match (haystack, needle) {
            (Value::Array(array), Value::Text(needle)) => {
                if let Some(elements) = array.as_json() {
                    self.steps(elements.len())?;
                    return Ok(elements.iter().any(|element| element.as_str() == Some(needle)));
                }
                self.steps(array.len())?;
                Ok(array.iter().any(|element| element.as_text() == Some(needle)))
            }
            (Value::Array(array), _) => self.any_equal(needle, array.iter()),
            (Value::Object(object), _) => self.any_equal(needle, object.iter().map(|(_, value)| value)),
            (Value::Text(haystack), Value::Text(needle)) => {
                self.budget.weigh(haystack.len() as u64)?;
                Ok(haystack.contains(&**needle))
            }
            _ => Err(ErrorKind::Mismatch {
                expected: "an array, an object or two texts",
                found: haystack.kind(),
            }),
        }
    }

    fn any_equal<'v>(
        &self,
        needle: &Value<'_>,
        mut values: impl Iterator<Item = Value<'v>>,
    ) -> Result<bool, ErrorKind> {
        loop {
            let Some(value) = values.next() else {
                return Ok(false);
            };
            self.step()?;
            if self.equal(needle, &value)? {
                return Ok(true);
            }
        }
    }

    /// Whether an element is found whose membership is `wanted`.
    fn contains_of(
        &self,
        needles: &Value<'_>,
        haystack: &Value<'_>,
        wanted: bool,
    ) -> Result<bool, ErrorKind> {
        let Value::Array(needles) = needles else {
            return Err(ErrorKind::Mismatch {
                expected: "an array",
                found: needles.kind(),
            });
        };
        for needle in needles.iter() {
            if self.contains(&needle, haystack)? == wanted {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// `=~` with a pattern that was compiled before.
    pub(super) fn matches(&self, text: NodeId, pattern: &Pattern, id: NodeId, scope: &Scope<'a>) -> Truth {
        let matched = match self.value(text, scope) {
            Value::Text(text) => self.matched(pattern, &text),
            Value::Error(error) => return Truth::Error(error),
            _ => Ok(false),
        };
        match matched {
            Ok(matched) => matched.into(),
            Err(kind) => Truth::Error(EvaluationError::at(kind, id)),
        }
    }
    /// `has any` and, when not `any`, `has all`.
    fn has_of(&self, base: &Value<'_>, keys: &Value<'_>, any: bool) -> Result<bool, ErrorKind> {
        let keys = match (base, keys) {
            (Value::Undefined, _) | (_, Value::Undefined) => return Ok(false),
            (_, Value::Array(keys)) => keys,
            _ => {
                return Err(ErrorKind::Mismatch {
                    expected: "an array of texts",
                    found: keys.kind(),
                });
            }
        };
        self.steps(keys.len())?;
        only_texts(keys)?;
        let Value::Object(object) = base else {
            return Ok(false);
        };
        let mut present = keys
            .iter()
            .map(|key| key.as_text().is_some_and(|key| object.contains_key(key)));
        Ok(if any {
            present.any(|present| present)
        } else {
            present.all(|present| present)
        })
    }

    fn matches_text(&self, text: &Value<'_>, pattern: &Value<'_>) -> Result<bool, ErrorKind> {
        let Value::Text(pattern) = pattern else {
            return Err(ErrorKind::Mismatch {
                expected: "a text",
                found: pattern.kind(),
            });
        };
        match text {
            Value::Text(text) => {
                self.budget.check_pattern(pattern)?;
                let pattern = Pattern::of(pattern, || self.steps(STEPS_OF_A_PATTERN))?;
                self.matched(&pattern, text)
            }
            _ => Ok(false),
        }
    }

    fn matched(&self, pattern: &Pattern, text: &str) -> Result<bool, ErrorKind> {
        self.step()?;
        self.budget.weigh(text.len() as u64)?;
        let mut effort = Effort::new();
        let outcome = pattern.is_match_within(text, &mut effort);
        self.budget.weigh(effort.spent())?;
        outcome
    }
}

fn order(left: &Value<'_>, right: &Value<'_>) -> Result<Ordering, ErrorKind> {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => Ok(left.cmp(right)),
        (Value::Number(_), other) | (other, _) => Err(ErrorKind::Mismatch {
            expected: "a number",
            found: other.kind(),
        }),
    }
}

fn has(base: &Value<'_>, key: &Value<'_>) -> Result<bool, ErrorKind> {
    match (base, key) {
        (Value::Undefined, _) | (_, Value::Undefined) => Ok(false),
        (Value::Object(object), Value::Text(key)) => Ok(object.contains_key(key)),
        (_, Value::Text(_)) => Ok(false),
        _ => Err(ErrorKind::Mismatch {
            expected: "a text",
            found: key.kind(),
        }),
    }
}

fn only_texts(keys: &Array<'_>) -> Result<(), ErrorKind> {
    match keys.iter().find(|key| key.kind() != Kind::Text) {
        None => Ok(()),
        Some(key) => Err(ErrorKind::Mismatch {
            expected: "an array of texts",
            found: key.kind(),
        }),
    }
}
