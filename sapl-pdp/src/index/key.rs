//! Scalar values as keys of tables.

use crate::value::{Text, Value};

/// A scalar value, such that two are equal exactly when `==` of the language says so.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key<'a> {
    Undefined,
    Null,
    Boolean(bool),
    /// Digits without zeros at the end, and how many of them stand behind the point.
    Number(i64, i32),
    Text(Text<'a>),
}

impl<'a> Key<'a> {
    /// The key of a value: `Some(None)` for a value that equals no scalar, `None` for one that may equal a scalar but
    /// has no key.
    pub(crate) fn of(value: &Value<'a>) -> Option<Option<Self>> {
        Some(Some(match value {
            Value::Undefined => Self::Undefined,
            Value::Null => Self::Null,
            Value::Boolean(value) => Self::Boolean(*value),
            Value::Number(number) => {
                let (digits, scale) = number.short_digits()?;
                Self::Number(digits, scale)
            }
            Value::Text(text) => Self::Text(text.clone()),
            Value::Array(_) | Value::Object(_) | Value::Error(_) => return Some(None),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Array, Number};

    fn number(text: &str) -> Value<'static> {
        Value::Number(Number::parse(text).unwrap())
    }

    #[test]
    fn numbers_have_one_key_whatever_their_scale() {
        for (left, right) in [
            ("1", "1.0"),
            ("1E3", "1000"),
            ("0", "0.00"),
            ("-0", "0E5"),
            ("-12.50", "-12.5"),
        ] {
            assert_eq!(Key::of(&number(left)), Key::of(&number(right)), "{left} {right}");
        }
        assert_ne!(Key::of(&number("1")), Key::of(&number("10")));
        assert_ne!(Key::of(&number("1")), Key::of(&Value::from("1")));
        assert_eq!(Key::of(&Value::from(serde_json_float())), Key::of(&number("7")));
    }

    fn serde_json_float() -> Number {
        Number::from_f64(7.0).unwrap()
    }

    #[test]
    fn a_number_beyond_64_bits_may_equal_one_that_has_a_key() {
        assert_eq!(Key::of(&number("1000000000000000000000000000000")), None);
    }

    #[test]
    fn what_is_no_scalar_equals_none() {
        assert_eq!(Key::of(&Value::Array(Array::EMPTY)), Some(None));
    }
}
