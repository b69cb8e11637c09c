//! Sets of values, equal as the language has it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};

use crate::value::Value;

/// How deep values are looked into to tell them apart quickly; below, only comparing does.
const HASHED_DEPTH: u32 = 8;

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
    write(keys, value, &mut hasher, HASHED_DEPTH);
    hasher.finish()
}

/// Equal values write the same.
fn write(keys: &RandomState, value: &Value<'_>, hasher: &mut impl Hasher, depth: u32) {
    hasher.write_u8(value.kind() as u8);
    match value {
        Value::Boolean(value) => hasher.write_u8(u8::from(*value)),
        Value::Number(number) => hasher.write_u64(number.to_f64().to_bits()),
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::value::Number;

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
    fn what_differs_only_deep_inside_is_told_apart() {
        let nested = |leaf: i64| (0..20).fold(Value::from(leaf), |value, _| Value::Array(vec![value].into()));
        let mut seen = Seen::default();
        assert!(seen.insert(nested(1)));
        assert!(seen.insert(nested(2)));
        assert!(!seen.insert(nested(1)));
    }
}
