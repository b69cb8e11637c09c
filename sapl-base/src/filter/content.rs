//! `filterJsonContent`: blacken, delete, replace.

use serde_json::Value;

use super::{
    action::Action,
    condition::{self, Condition},
    path::Budget,
};
use crate::constraint::{HandlerError, MappingHandler, MappingProvider};

/// Changes parts of the value, or of each element of a list: constraints of the type `filterJsonContent`.
///
/// | field | meaning |
/// |---|---|
/// | `actions` | applied in order: `{"type": "blacken" \| "delete" \| "replace", "path", …}` |
/// | `conditions` | optional; only elements that meet all of them are changed, see [`JsonContentFilterPredicate`] |
///
/// `replace` has a `replacement`, any value. `blacken` has `replacement` (`"█"`), which stands once for each masked
/// character, `discloseLeft` and `discloseRight` (0), the numbers of characters left readable, and `length`, how often
/// the replacement stands there whatever the number of masked characters. A text stays as it is when all of it is
/// disclosed.
///
/// A path that selects nothing changes nothing; one that selects several nodes changes each.
///
/// [`JsonContentFilterPredicate`]: super::JsonContentFilterPredicate
#[derive(Clone, Copy, Debug)]
pub struct FilterJsonContent;

impl MappingProvider for FilterJsonContent {
    fn is_responsible(&self, constraint: &Value) -> bool {
        constraint.get("type").and_then(Value::as_str) == Some("filterJsonContent")
    }

    fn handler(&self, constraint: &Value) -> Result<MappingHandler, HandlerError> {
        let filter = ContentFilter {
            actions: Action::read_all(constraint)?,
            conditions: Condition::read_all(constraint)?.unwrap_or_default(),
        };
        Ok(MappingHandler::new(move |value| filter.apply(value)))
    }
}

struct ContentFilter {
    actions: Vec<Action>,
    conditions: Vec<Condition>,
}

impl ContentFilter {
    fn apply(&self, mut value: Value) -> Result<Value, HandlerError> {
        let mut budget = Budget::new();
        match &mut value {
            Value::Array(elements) => {
                for element in elements {
                    self.change(element, &mut budget)?;
                }
            }
            single => self.change(single, &mut budget)?,
        }
        Ok(value)
    }

    fn change(&self, element: &mut Value, budget: &mut Budget) -> Result<(), HandlerError> {
        must_be_object(element)?;
        if condition::all_hold(&self.conditions, element, budget)? {
            for action in &self.actions {
                action.apply(element, budget)?;
            }
        }
        Ok(())
    }
}

/// Only objects and lists of objects have content that these filters know how to filter.
pub(super) fn must_be_object(element: &Value) -> Result<(), HandlerError> {
    if element.is_object() {
        Ok(())
    } else {
        Err(HandlerError::new(
            "the value is neither an object nor a list of objects",
        ))
    }
}
