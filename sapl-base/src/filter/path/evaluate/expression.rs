//! Whether a node passes a filter.

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;

use super::{Stop, Walk};
use crate::{
    constraint::HandlerError,
    filter::{
        compare,
        path::{
            BYTES_A_STEP, finish,
            tree::{Comparison, Logical, Matches, Operand, Operator, Pattern, Query},
        },
    },
};

impl<'v> Walk<'v, '_> {
    /// Whether the filter is true of `node`.
    pub(super) fn holds(&mut self, filter: &Logical, node: &'v Value) -> Result<bool, HandlerError> {
        self.budget.spend(1)?;
        match filter {
            Logical::Or(filters) => {
                for filter in filters {
                    if self.holds(filter, node)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Logical::And(filters) => {
                for filter in filters {
                    if !self.holds(filter, node)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Logical::Not(filter) => self.holds(filter, node).map(|holds| !holds),
            Logical::Exists(query) => self.first(query, node).map(|first| first.is_some()),
            Logical::Comparison(comparison) => self.compares(comparison, node),
            Logical::Matches(matches) => self.matches(matches, node),
        }
    }

    fn compares(&mut self, comparison: &Comparison, node: &'v Value) -> Result<bool, HandlerError> {
        let left = self.operand(&comparison.left, node)?;
        let right = self.operand(&comparison.right, node)?;
        let (left, right) = (left.as_deref(), right.as_deref());
        self.budget.spend_on(left)?;
        let equal = || match (left, right) {
            (Some(left), Some(right)) => compare::same(left, right),
            (None, None) => true,
            _ => false,
        };
        let order = || compare::order(left?, right?);
        Ok(match comparison.operator {
            Operator::Equal => equal(),
            Operator::NotEqual => !equal(),
            Operator::Less => order() == Some(Ordering::Less),
            Operator::Greater => order() == Some(Ordering::Greater),
            Operator::LessOrEqual => order() == Some(Ordering::Less) || equal(),
            Operator::GreaterOrEqual => order() == Some(Ordering::Greater) || equal(),
        })
    }

    fn matches(&mut self, matches: &Matches, node: &'v Value) -> Result<bool, HandlerError> {
        let text = self.operand(&matches.text, node)?;
        let Some(text) = text.as_deref().and_then(Value::as_str) else {
            return Ok(false);
        };
        self.budget.spend(1 + text.len() / BYTES_A_STEP)?;
        match &matches.pattern {
            Pattern::Compiled(pattern) => Ok(pattern.is_match(text)),
            Pattern::Computed(operand) => {
                let computed = self.operand(operand, node)?;
                let Some(computed) = computed.as_deref().and_then(Value::as_str) else {
                    return Ok(false);
                };
                self.budget.matches(computed, matches.whole, text)
            }
        }
    }

    /// The value of an operand; none is RFC 9535's Nothing.
    fn operand<'o>(
        &mut self,
        operand: &'o Operand,
        node: &'v Value,
    ) -> Result<Option<Cow<'o, Value>>, HandlerError>
    where
        'v: 'o,
    {
        match operand {
            Operand::Literal(value) => Ok(Some(Cow::Borrowed(value))),
            Operand::Query(query) => Ok(self.first(query, node)?.map(Cow::Borrowed)),
            Operand::Length(operand) => {
                let value = self.operand(operand, node)?;
                let length = match value.as_deref() {
                    Some(Value::String(text)) => {
                        self.budget.spend(1 + text.len() / BYTES_A_STEP)?;
                        Some(text.chars().count())
                    }
                    Some(Value::Array(array)) => Some(array.len()),
                    Some(Value::Object(object)) => Some(object.len()),
                    _ => None,
                };
                Ok(length.map(|length| Cow::Owned(Value::from(length))))
            }
            Operand::Count(query) => {
                let mut count = 0_u64;
                self.query(query, node, &mut |_| {
                    count += 1;
                    Ok(())
                })?;
                Ok(Some(Cow::Owned(Value::from(count))))
            }
            Operand::Value(query) => {
                let mut found = None;
                let mut several = false;
                self.query(query, node, &mut |value| {
                    several = found.replace(value).is_some();
                    if several { Err(Stop::Enough) } else { Ok(()) }
                })?;
                Ok(found.filter(|_| !several).map(Cow::Borrowed))
            }
        }
    }

    fn first(&mut self, query: &Query, node: &'v Value) -> Result<Option<&'v Value>, HandlerError> {
        let mut first = None;
        self.query(query, node, &mut |value| {
            first = Some(value);
            Err(Stop::Enough)
        })?;
        Ok(first)
    }

    fn query(
        &mut self,
        query: &Query,
        node: &'v Value,
        visit: &mut dyn FnMut(&'v Value) -> Result<(), Stop>,
    ) -> Result<(), HandlerError> {
        let start = if query.from_root { self.root } else { node };
        let mut walk = Walk::new(self.root, &mut *self.budget);
        finish(walk.segments(&query.segments, start, &mut |value, _| visit(value)))
    }
}
