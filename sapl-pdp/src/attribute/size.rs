//! How large values of attributes may be, and when two are the same.

use crate::value::{ErrorKind, MAX_DEPTH, Value};

/// The largest value that an attribute may have, in bytes of text and numbers of elements and members together. A larger one is
/// an error.
pub const MAX_VALUE_SIZE: usize = 1 << 20;

/// How deep the value of an attribute may be nested; a deeper one is an error.
pub const MAX_VALUE_DEPTH: u32 = MAX_DEPTH / 2;

const TOO_LARGE: ErrorKind = ErrorKind::Attribute("the value of the attribute is too large");

/// The value, or an error instead of one that is too large.
pub(super) fn bounded(value: Value<'static>) -> Value<'static> {
    let mut left = MAX_VALUE_SIZE;
    match measure(&value, &mut left, 0) {
        Some(()) => value,
        None => Value::error(TOO_LARGE),
    }
}

fn measure(value: &Value<'_>, left: &mut usize, depth: u32) -> Option<()> {
    let mut take = |size: usize| {
        *left = left.checked_sub(size)?;
        Some(())
    };
    match value {
        Value::Text(text) => take(text.len()),
        Value::Array(array) => {
            take(array.len())?;
            let depth = deeper(depth)?;
            array
                .iter()
                .try_for_each(|element| measure(&element, left, depth))
        }
        Value::Object(object) => {
            take(object.len())?;
            let depth = deeper(depth)?;
            object.iter().try_for_each(|(key, value)| {
                *left = left.checked_sub(key.len())?;
                measure(&value, left, depth)
            })
        }
        _ => Some(()),
    }
}

fn deeper(depth: u32) -> Option<u32> {
    (depth < MAX_VALUE_DEPTH).then_some(depth + 1)
}

/// Whether no policy can tell the two from each other: equal, with the same text form.
pub(super) fn identical(left: &Value<'_>, right: &Value<'_>) -> bool {
    same(left, right, 0)
}

fn same(left: &Value<'_>, right: &Value<'_>, depth: u32) -> bool {
    if depth > MAX_DEPTH {
        return false;
    }
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right && left.to_decimal().scale == right.to_decimal().scale
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|(left, right)| same(&left, &right, depth + 1))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right.iter())
                    .all(|((key, left), (name, right))| key == name && same(&left, &right, depth + 1))
        }
        (left, right) => left == right,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::{Array, Number};

    fn is_refused(value: Value<'static>) -> bool {
        matches!(bounded(value), Value::Error(error) if error.kind() == TOO_LARGE)
    }

    #[test]
    fn a_value_is_as_large_as_its_limit() {
        let text = |length| Value::from("x".repeat(length));
        assert!(!is_refused(text(MAX_VALUE_SIZE)));
        assert!(is_refused(text(MAX_VALUE_SIZE + 1)));
        let array = |length| Value::Array(vec![Value::Null; length].into());
        assert!(!is_refused(array(MAX_VALUE_SIZE)));
        assert!(is_refused(array(MAX_VALUE_SIZE + 1)));
    }

    #[test]
    fn a_value_is_as_deep_as_its_limit() {
        let nested = |levels| {
            let mut value = Value::Null;
            for _ in 0..levels {
                value = Value::Array(Array::from_iter([value]));
            }
            value
        };
        assert!(!is_refused(nested(MAX_VALUE_DEPTH)));
        assert!(is_refused(nested(MAX_VALUE_DEPTH + 1)));
    }

    #[test]
    fn values_are_the_same_when_nothing_tells_them_apart() {
        let same = |left: serde_json::Value, right: serde_json::Value| {
            identical(&Value::from_json(&left), &Value::from_json(&right))
        };
        assert!(same(json!({"a": [1, "x", null]}), json!({"a": [1, "x", null]})));
        assert!(!same(json!([1]), json!([1, 2])));
        assert!(!same(json!({"a": 1}), json!({"b": 1})));
        let number = |text| Value::from(Number::parse(text).unwrap());
        assert_eq!(number("2.0"), number("2.00"));
        assert!(!identical(&number("2.0"), &number("2.00")));
    }
}
