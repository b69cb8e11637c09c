//! `jsonContentFilterPredicate`: keep what meets conditions.

use serde_json::Value;

use super::{
    condition::{self, Condition},
    content::must_be_object,
    path::Budget,
};
use crate::constraint::{FilterPredicateHandler, FilterPredicateProvider, HandlerError};

/// Keeps the elements that meet all `conditions`: constraints of the type `jsonContentFilterPredicate`.
///
/// A condition is `{"path", "type": "==" | "!=" | ">=" | "<=" | ">" | "<" | "=~", "value"}`. It is true when the path
/// selects something and all of it satisfies the comparison. Numbers are compared by what they are worth, texts by
/// their characters; a comparison of unlike types is false, `!=` of them is true. `=~` matches a whole text, with the
/// syntax of the `regex` crate.
#[derive(Clone, Copy, Debug)]
pub struct JsonContentFilterPredicate;

impl FilterPredicateProvider for JsonContentFilterPredicate {
    fn is_responsible(&self, constraint: &Value) -> bool {
        constraint.get("type").and_then(Value::as_str) == Some("jsonContentFilterPredicate")
    }

    fn handler(&self, constraint: &Value) -> Result<FilterPredicateHandler, HandlerError> {
        let conditions =
            Condition::read_all(constraint)?.ok_or_else(|| HandlerError::new("it has no `conditions`"))?;
        let mut budget = Budget::new();
        Ok(FilterPredicateHandler::new(move |element| {
            must_be_object(element)?;
            condition::all_hold(&conditions, element, &mut budget)
        }))
    }
}
