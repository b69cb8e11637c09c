//! Sets of values, equal as the language has it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::value::{MAX_DEPTH, Number, Value};

/// Values that were seen. Hashes are keyed anew for each set, so that nobody can choose values that collide.
#[derive(Default)]
pub(super) struct Seen<'v> {
    keys: RandomState,
    values: HashMap<u64, Vec<Value<'v>>>,
}

impl<'v> Seen<'v> {
    pub(super) fn of(values: impl Iterator<Item = Value<'v>>) -> Self {
        let mut seen = Self::default();
        for value in values {
            seen.insert(value);
        }
        seen
    }

    /// Whether the value is new.
    pub(super) fn insert(&mut self, value: Value<'v>) -> bool {
        let bucket = self.values.entry(hash(&self.keys, &value)).or_default();
        let is_new = !bucket.contains(&value);
        if is_new {
            bucket.push(value);
        }
        is_new
    }

    pub(super) fn contains(&self, value: &Value<'_>) -> bool {
        let bucket = self.values.get(&hash(&self.keys, value));
        bucket.is_some_and(|bucket| bucket.iter().any(|seen| seen == value))
    }
}

fn hash(keys: &RandomState, value: &Value<'_>) -> u64 {
    let mut hasher = keys.build_hasher();
    write(keys, value, &mut hasher, MAX_DEPTH);
    hasher.finish()
}

/// Equal values write the same, and others do not, however many there are that differ only in their last digits or deep
/// inside: each pair that did would be compared.
fn write(keys: &RandomState, value: &Value<'_>, hasher: &mut impl Hasher, depth: u32) {
    hasher.write_u8(value.kind() as u8);
    match value {
        Value::Boolean(value) => hasher.write_u8(u8::from(*value)),
        Value::Number(number) => write_number(number, hasher),
        Value::Text(text) => hasher.write(text.as_bytes()),
        Value::Array(array) => {
            hasher.write_usize(array.len());
            if depth > 0 {
                array
                    .iter()
                    .for_each(|element| write(keys, &element, hasher, depth - 1));
            }
        }
        Value::Object(object) => {
            hasher.write_usize(object.len());
            if depth > 0 {
                // The order of members does not count, so their hashes are added.
                let members = object.iter().map(|(key, value)| {
                    let mut hasher = keys.build_hasher();
                    hasher.write(key.as_bytes());
                    write(keys, &value, &mut hasher, depth - 1);
                    hasher.finish()
                });
                hasher.write_u64(members.fold(0, u64::wrapping_add));
            }
        }
        Value::Undefined | Value::Null | Value::Error(_) => {}
    }
}

/// The digits without zeros at their end, and how many of them stand behind the point.
fn write_number(number: &Number, hasher: &mut impl Hasher) {
    let (digits, scale) = match number.short_digits() {
        Some(short) => short,
        None => {
            let decimal = number.to_decimal();
            let digits = decimal.digits.to_string();
            let significant = digits.trim_end_matches('0');
            let zeros = i32::try_from(digits.len() - significant.len()).unwrap_or(i32::MAX);
            let scale = decimal.scale.saturating_sub(zeros);
            match significant.parse() {
                Ok(short) => (short, scale),
                Err(_) if significant.is_empty() => (0, 0),
                Err(_) => {
                    hasher.write(significant.as_bytes());
                    (0, scale)
                }
            }
        }
    };
    hasher.write_i64(digits);
    hasher.write_i32(scale);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn equal_values_are_seen_once_however_they_are_written() {
        let (first, second) = (json!({"a": [1, 2], "b": null}), json!({"b": null, "a": [1, 2]}));
        let mut seen = Seen::default();
        assert!(seen.insert(Value::from_json(&first)));
        assert!(!seen.insert(Value::from_json(&second)));
        let number = |text: &str| Value::Number(Number::parse(text).unwrap());
        assert!(seen.insert(number("2.50")));
        assert!(!seen.insert(number("2.5")));
        assert!(seen.insert("2.5".into()));
        assert!(seen.contains(&number("25e-1")));
        assert!(!seen.contains(&Value::Null));
    }

    #[test]
    fn numbers_are_the_same_however_long_they_are_written() {
        let number = |text: &str| Value::Number(Number::parse(text).unwrap());
        let zeros = "0".repeat(40);
        for (left, right) in [
            ("1e40", format!("1{zeros}")),
            ("0", format!("0.{zeros}")),
            ("-2.5", format!("-2.5{zeros}")),
            (
                "12345678901234567890123e20",
                format!("12345678901234567890123{}", "0".repeat(20)),
            ),
        ] {
            let mut seen = Seen::default();
            assert!(seen.insert(number(left)));
            assert!(!seen.insert(number(&right)), "{left}");
        }
    }

    /// How many values have to be compared with each other at most.
    fn longest_bucket(values: impl Iterator<Item = Value<'static>>) -> usize {
        let seen = Seen::of(values);
        seen.values.values().map(Vec::len).max().unwrap_or(0)
    }

    #[test]
    fn nobody_can_choose_values_that_have_to_be_compared_with_each_other() {
        // These are one number each to whoever looks at doubles.
        let long = |last| Number::parse(&format!("1.0000000000000000000000000000{last:04}")).unwrap();
        assert_eq!(longest_bucket((1..1000).map(|last| Value::Number(long(last)))), 1);
        let near = (0..1000).map(|last| Value::from(9_000_000_000_000_000_000_i64 + last));
        assert_eq!(longest_bucket(near), 1);
        let nested =
            |leaf: i64| (0..100).fold(Value::from(leaf), |value, _| Value::Array(vec![value].into()));
        assert_eq!(longest_bucket((0..100).map(nested)), 1);
    }

    #[test]
    fn what_differs_only_deep_inside_is_told_apart() {
        let nested = |leaf: i64| (0..20).fold(Value::from(leaf), |value, _| Value::Array(vec![value].into()));
        let mut seen = Seen::default();
        assert!(seen.insert(nested(1)));
        assert!(seen.insert(nested(2)));
        assert!(!seen.insert(nested(1)));
    }
}
