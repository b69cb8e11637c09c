//! Whether a value fits a schema, within a budget.

use std::{cmp::Ordering, collections::HashSet};

use regex::Regex;
use serde_json::{Map, Number, Value};

use super::{
    check::{Bound, Check, Limit, Measured, Node, NodeId, Types},
    compile::{Compiled, MAX_DEPTH},
};
use crate::value::Unfit;

/// How many checks one value may take: references and alternatives can multiply beyond any use.
pub(super) const MAX_STEPS: u64 = 2_000_000;

impl Compiled {
    /// Checks a value.
    ///
    /// # Errors
    ///
    /// [`Unfit::Schema`] with the first keyword that does not hold, [`Unfit::TooCostly`] beyond [`MAX_STEPS`] or
    /// [`MAX_DEPTH`].
    pub(super) fn validate(&self, value: &Value) -> Result<(), Unfit> {
        let mut run = Run {
            schema: self,
            steps: 0,
            depth: 0,
        };
        run.apply(self.root, value).map_err(|stop| match stop {
            Stop::Mismatch(node, keyword) => Unfit::Schema {
                location: self
                    .nodes
                    .get(node)
                    .map_or("".into(), |node| node.location.clone()),
                keyword,
            },
            Stop::Exhausted => Unfit::TooCostly,
        })
    }
}

/// Why a check ended early.
enum Stop {
    /// The value does not fit. An alternative may still.
    Mismatch(NodeId, &'static str),
    /// The budget is used up. No alternative, and no `not`, may make a success of that.
    Exhausted,
}

type Checked = Result<(), Stop>;

struct Run<'s> {
    schema: &'s Compiled,
    steps: u64,
    /// How many schemas are being applied, one within the other.
    depth: usize,
}

impl<'s> Run<'s> {
    fn apply(&mut self, id: NodeId, value: &Value) -> Checked {
        if self.depth > MAX_DEPTH {
            return Err(Stop::Exhausted);
        }
        self.depth += 1;
        let checked = self.each(id, value);
        self.depth -= 1;
        checked
    }

    fn each(&mut self, id: NodeId, value: &Value) -> Checked {
        let schema = self.schema;
        let checks: &'s [Check] = schema.nodes.get(id).map_or(&[], |Node { checks, .. }| checks);
        self.spend(1)?;
        for check in checks {
            self.spend(1)?;
            self.check(id, check, value)?;
        }
        Ok(())
    }

    fn fits(&mut self, id: NodeId, value: &Value) -> Result<bool, Stop> {
        match self.apply(id, value) {
            Ok(()) => Ok(true),
            Err(Stop::Mismatch(..)) => Ok(false),
            Err(Stop::Exhausted) => Err(Stop::Exhausted),
        }
    }

    fn spend(&mut self, steps: usize) -> Checked {
        self.steps = self
            .steps
            .saturating_add(u64::try_from(steps).unwrap_or(u64::MAX));
        if self.steps > MAX_STEPS {
            Err(Stop::Exhausted)
        } else {
            Ok(())
        }
    }

    fn check(&mut self, id: NodeId, check: &'s Check, value: &Value) -> Checked {
        let holds = |holds: bool, keyword| {
            if holds {
                Ok(())
            } else {
                Err(Stop::Mismatch(id, keyword))
            }
        };
        match (check, value) {
            (Check::Never, _) => holds(false, "false"),
            (Check::Type(types), _) => holds(types.admit(value), "type"),
            (Check::Enum(keyword, members), _) => {
                self.spend(members.len())?;
                holds(members.iter().any(|member| equal(member, value)), keyword)
            }
            (Check::Bound(keyword, bound, limit), Value::Number(number)) => {
                holds(bound.admits(number, limit), keyword)
            }
            (Check::MultipleOf(factor), Value::Number(number)) => {
                holds(is_multiple(number, factor), "multipleOf")
            }
            (Check::Length(keyword, limit, measured), _) => holds(
                measured.of(value).is_none_or(|length| limit.admits(length)),
                keyword,
            ),
            (Check::Pattern(pattern), Value::String(text)) => {
                self.spend(text.len() / 64)?;
                holds(pattern.is_match(text), "pattern")
            }
            (Check::Items { prefix, rest }, Value::Array(items)) => self.items(prefix, *rest, items),
            (Check::Contains { schema, min, max }, Value::Array(items)) => {
                let mut found = 0;
                for item in items {
                    found += u64::from(self.fits(*schema, item)?);
                }
                holds(found >= *min && found <= *max, "contains")
            }
            (Check::UniqueItems, Value::Array(items)) => {
                self.spend(items.len())?;
                let mut seen = HashSet::with_capacity(items.len());
                holds(
                    items.iter().all(|item| seen.insert(canonical(item))),
                    "uniqueItems",
                )
            }
            (
                Check::Properties {
                    named,
                    patterns,
                    rest,
                },
                Value::Object(object),
            ) => {
                for (name, value) in object {
                    self.spend(patterns.len())?;
                    let mut known = false;
                    if let Some(schema) = named.get(name) {
                        known = true;
                        self.apply(*schema, value)?;
                    }
                    known |= self.matching(patterns, name, value)?;
                    if let (false, Some(rest)) = (known, rest) {
                        self.apply(*rest, value)?;
                    }
                }
                Ok(())
            }
            (Check::PropertyNames(schema), Value::Object(object)) => object
                .keys()
                .try_for_each(|name| self.apply(*schema, &Value::String(name.clone()))),
            (Check::Required(keyword, names), Value::Object(object)) => {
                self.spend(names.len())?;
                holds(has_all(object, names), keyword)
            }
            (Check::DependentRequired(keyword, dependent), Value::Object(object)) => {
                self.spend(dependent.len())?;
                let holds_for = |(name, names): &(String, Vec<String>)| {
                    !object.contains_key(name) || has_all(object, names)
                };
                holds(dependent.iter().all(holds_for), keyword)
            }
            (Check::DependentSchemas(dependent), Value::Object(object)) => dependent
                .iter()
                .filter(|(name, _)| object.contains_key(name))
                .try_for_each(|(_, schema)| self.apply(*schema, value)),
            (Check::Same(schema), _) => self.apply(*schema, value),
            (Check::AllOf(schemas), _) => schemas.iter().try_for_each(|schema| self.apply(*schema, value)),
            (Check::AnyOf(schemas), _) => {
                for schema in schemas {
                    if self.fits(*schema, value)? {
                        return Ok(());
                    }
                }
                holds(false, "anyOf")
            }
            (Check::OneOf(schemas), _) => {
                let mut fitting = 0_usize;
                for schema in schemas {
                    fitting += usize::from(self.fits(*schema, value)?);
                }
                holds(fitting == 1, "oneOf")
            }
            (Check::Not(schema), _) => {
                let fits = self.fits(*schema, value)?;
                holds(!fits, "not")
            }
            (
                Check::If {
                    condition,
                    then,
                    otherwise,
                },
                _,
            ) => {
                let branch = if self.fits(*condition, value)? {
                    then
                } else {
                    otherwise
                };
                branch.map_or(Ok(()), |branch| self.apply(branch, value))
            }
            // A keyword says nothing about values of another type than its own.
            _ => Ok(()),
        }
    }

    fn items(&mut self, prefix: &[NodeId], rest: Option<NodeId>, items: &[Value]) -> Checked {
        let mut prefix = prefix.iter();
        for item in items {
            if let Some(schema) = prefix.next().copied().or(rest) {
                self.apply(schema, item)?;
            }
        }
        Ok(())
    }

    /// Checks a property against the patterns that its name matches. Whether there is one.
    fn matching(&mut self, patterns: &[(Regex, NodeId)], name: &str, value: &Value) -> Result<bool, Stop> {
        let mut matched = false;
        for (pattern, schema) in patterns {
            if pattern.is_match(name) {
                matched = true;
                self.apply(*schema, value)?;
            }
        }
        Ok(matched)
    }
}

impl Types {
    fn admit(self, value: &Value) -> bool {
        match value {
            Value::Null => self.null,
            Value::Bool(_) => self.boolean,
            Value::Number(number) => self.number || self.integer && is_whole(number),
            Value::String(_) => self.string,
            Value::Array(_) => self.array,
            Value::Object(_) => self.object,
        }
    }
}

impl Bound {
    fn admits(self, number: &Number, limit: &Number) -> bool {
        let Some(order) = compare(number, limit) else {
            return false;
        };
        match self {
            Self::Minimum => order.is_ge(),
            Self::Maximum => order.is_le(),
            Self::ExclusiveMinimum => order.is_gt(),
            Self::ExclusiveMaximum => order.is_lt(),
        }
    }
}

impl Limit {
    fn admits(self, length: usize) -> bool {
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        match self {
            Self::AtLeast(limit) => length >= limit,
            Self::AtMost(limit) => length <= limit,
        }
    }
}

impl Measured {
    /// The length of a value, or nothing for a value of another type.
    fn of(self, value: &Value) -> Option<usize> {
        match (self, value) {
            (Self::String, Value::String(text)) => Some(text.chars().count()),
            (Self::Array, Value::Array(items)) => Some(items.len()),
            (Self::Object, Value::Object(object)) => Some(object.len()),
            _ => None,
        }
    }
}

fn has_all(object: &Map<String, Value>, names: &[String]) -> bool {
    names.iter().all(|name| object.contains_key(name))
}

fn compare(left: &Number, right: &Number) -> Option<Ordering> {
    match (whole(left), whole(right)) {
        (Some(left), Some(right)) => Some(left.cmp(&right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

fn whole(number: &Number) -> Option<i128> {
    number
        .as_i64()
        .map(i128::from)
        .or_else(|| number.as_u64().map(i128::from))
}

fn is_whole(number: &Number) -> bool {
    whole(number).is_some() || number.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// Whether a number is a multiple, as well as binary fractions can tell: 0.3 is one of 0.1.
fn is_multiple(number: &Number, factor: &Number) -> bool {
    const TOLERANCE: f64 = 1e-9;
    if let (Some(number), Some(factor)) = (whole(number), whole(factor)) {
        return number.checked_rem(factor) == Some(0);
    }
    let (Some(number), Some(factor)) = (number.as_f64(), factor.as_f64()) else {
        return false;
    };
    let quotient = number / factor;
    quotient.is_finite() && (quotient - quotient.round()).abs() <= TOLERANCE * quotient.abs().max(1.0)
}

/// Equality as JSON Schema has it: 1 and 1.0 are one number.
fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => compare(left, right) == Some(Ordering::Equal),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, left)| right.get(name).is_some_and(|right| equal(left, right)))
        }
        _ => left == right,
    }
}

/// The value with each whole number as an integer, so that equal values are the same value.
fn canonical(value: &Value) -> Value {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if whole(number).is_none() => match number.as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "whole and small enough")]
            Some(number) if number.fract() == 0.0 && number.abs() <= EXACT => Value::from(number as i64),
            _ => value.clone(),
        },
        Value::Array(items) => items.iter().map(canonical).collect(),
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| (name.clone(), canonical(value)))
            .collect(),
        _ => value.clone(),
    }
}
