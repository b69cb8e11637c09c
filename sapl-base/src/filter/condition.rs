//! The conditions of both content filters.

use std::cmp::Ordering;

use regex::Regex;
use serde_json::Value;

use super::{
    compare,
    path::{Budget, Path},
    pattern,
    read::{self, Entry},
};
use crate::constraint::HandlerError;

/// One condition, ready to be asked.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    path: Path,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    Equal(Value),
    NotEqual(Value),
    /// What the order of node and value may be.
    Ordered(Value, [Ordering; 2]),
    Matches(Regex),
}

const FIELDS: &[&str] = &["type", "path", "value"];

impl Condition {
    /// The conditions of a constraint, if it has any.
    pub(super) fn read_all(constraint: &Value) -> Result<Option<Vec<Self>>, HandlerError> {
        let conditions = read::entries(constraint, "conditions", FIELDS)?;
        conditions
            .map(|conditions| conditions.iter().map(Self::read).collect())
            .transpose()
    }

    fn read(entry: &Entry<'_>) -> Result<Self, HandlerError> {
        let value = entry.required("value")?;
        let ordered = |allowed| match value {
            Value::Number(_) | Value::String(_) => Ok(Test::Ordered(value.clone(), allowed)),
            _ => Err(entry.error("has a `value` that has no order")),
        };
        let test = match entry.text("type")? {
            "==" => Test::Equal(value.clone()),
            "!=" => Test::NotEqual(value.clone()),
            "<" => ordered([Ordering::Less; 2])?,
            ">" => ordered([Ordering::Greater; 2])?,
            "<=" => ordered([Ordering::Less, Ordering::Equal])?,
            ">=" => ordered([Ordering::Greater, Ordering::Equal])?,
            "=~" => {
                Test::Matches(pattern::whole(entry.text("value")?).map_err(|error| entry.locate(&error))?)
            }
            _ => return Err(entry.error("has a `type` that is none of ==, !=, >=, <=, >, <, =~")),
        };
        let path = Path::parse(entry.text("path")?).map_err(|error| entry.locate(&error))?;
        Ok(Self { path, test })
    }

    /// Whether the path selects something in `element`, and the condition is true of all of it.
    pub(super) fn holds(&self, element: &Value, budget: &mut Budget) -> Result<bool, HandlerError> {
        self.path.all(element, budget, |node| match &self.test {
            Test::Equal(value) => compare::same(node, value),
            Test::NotEqual(value) => !compare::same(node, value),
            Test::Ordered(value, allowed) => {
                compare::order(node, value).is_some_and(|order| allowed.contains(&order))
            }
            Test::Matches(pattern) => node.as_str().is_some_and(|text| pattern.is_match(text)),
        })
    }
}

/// Whether all conditions hold.
pub(super) fn all_hold(
    conditions: &[Condition],
    element: &Value,
    budget: &mut Budget,
) -> Result<bool, HandlerError> {
    for condition in conditions {
        if !condition.holds(element, budget)? {
            return Ok(false);
        }
    }
    Ok(true)
}
