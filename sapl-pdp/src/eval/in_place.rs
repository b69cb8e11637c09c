//! The comparisons that most policies are made of, on the caller's JSON tree as it is.
//!
//! They give what [`Evaluator::compare`] gives without making values of what they look at; whatever is not plain is left
//! to it.

use serde_json::Value as Json;

use super::Evaluator;
use crate::compile::program::Node;
use crate::syntax::tree::ComparisonOperator;
use crate::value::{NodeId, Value};

/// A part of the subscription.
enum Part<'a> {
    Json(&'a Json),
    Value(&'a Value<'a>),
    Missing,
}

impl<'a> Evaluator<'a> {
    /// `path == constant`, `path != constant` and `"text" in path`; `None` for all else.
    pub(super) fn compared_in_place(
        &self,
        operator: ComparisonOperator,
        left: NodeId,
        right: NodeId,
    ) -> Option<bool> {
        match operator {
            ComparisonOperator::Equal => self.equal_in_place(left, right),
            ComparisonOperator::NotEqual => self.equal_in_place(left, right).map(|equal| !equal),
            ComparisonOperator::In => self.contained_in_place(left, right),
            _ => None,
        }
    }

    fn equal_in_place(&self, left: NodeId, right: NodeId) -> Option<bool> {
        let constant = self.program.constant(right)?;
        let part = self.part(left)?;
        let equal = match (part, constant) {
            (Part::Json(Json::String(text)), Value::Text(constant)) => *text == **constant,
            (Part::Json(Json::Bool(value)), Value::Boolean(constant)) => value == constant,
            (Part::Json(Json::Number(value)), Value::Number(constant)) => {
                value.as_i64()? == constant.to_i64()?
            }
            (Part::Value(Value::Text(text)), Value::Text(constant)) => text == constant,
            (Part::Missing, constant) => constant.is_undefined(),
            _ => return None,
        };
        self.step().ok()?;
        Some(equal)
    }

    fn contained_in_place(&self, left: NodeId, right: NodeId) -> Option<bool> {
        let Some(Value::Text(needle)) = self.program.constant(left) else {
            return None;
        };
        let elements = match self.part(right)? {
            Part::Json(Json::Array(elements)) => elements,
            Part::Value(Value::Array(array)) => array.as_json()?,
            _ => return None,
        };
        self.steps(elements.len().saturating_add(2)).ok()?;
        Some(elements.iter().any(|element| match element {
            Json::String(text) => *text == **needle,
            _ => false,
        }))
    }

    /// What a node stands for that is a part of the subscription, as far as that is found without making a value.
    fn part(&self, id: NodeId) -> Option<Part<'a>> {
        let Node::Subscription { element, keys } = self.program.node(id) else {
            return None;
        };
        let root = self.input.element(*element);
        let Some((first, rest)) = keys.split_first() else {
            return Some(Part::Value(root));
        };
        let Value::Object(object) = root else {
            return None;
        };
        let Some(mut json) = object.as_json()?.get(&**first) else {
            return Some(Part::Missing);
        };
        for key in rest {
            match json {
                Json::Object(members) => match members.get(&**key) {
                    Some(value) => json = value,
                    None => return Some(Part::Missing),
                },
                _ => return None,
            }
        }
        Some(Part::Json(json))
    }
}
