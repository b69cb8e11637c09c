//! The way back from JSON to the parts of a result, with nothing lost.

use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::Unfit;

/// The member that holds metadata, of results as of their parts.
const META: &str = "_meta";

/// What `value` stands for. `expected` says what that is, for operators.
///
/// Something that is written back differently was not understood: a member of another name, or of two kinds of content
/// at once. Handlers have seen it, so whoever receives the result would not get what they left. Null stands for an absent
/// member.
///
/// # Errors
///
/// [`Unfit::Unreadable`], a denial.
pub(super) fn read_back<T: DeserializeOwned + Serialize>(
    value: &Value,
    expected: &'static str,
) -> Result<T, Unfit> {
    let unreadable = Unfit::Unreadable(expected);
    let read = T::deserialize(value).map_err(|_| unreadable.clone())?;
    let written = serde_json::to_value(&read).map_err(|_| unreadable.clone())?;
    if same(value, &written) {
        Ok(read)
    } else {
        Err(unreadable)
    }
}

/// A part of a result as JSON, without its metadata.
pub(super) fn without_meta<T: Serialize>(part: &T) -> Value {
    let mut value = serde_json::to_value(part).unwrap_or_default();
    remove_meta(&mut value);
    value
}

/// Removes the metadata of a content block and of the resource that is embedded in it, or of a resource's content.
pub(super) fn remove_meta(part: &mut Value) {
    let Value::Object(part) = part else { return };
    part.remove(META);
    if let Some(Value::Object(embedded)) = part.get_mut("resource") {
        embedded.remove(META);
    }
}

/// Whether the one was written back as the other.
fn same(value: &Value, written: &Value) -> bool {
    match (value, written) {
        (Value::Object(value), Value::Object(written)) => same_members(value, written),
        (Value::Array(value), Value::Array(written)) => {
            value.len() == written.len() && value.iter().zip(written).all(|(one, other)| same(one, other))
        }
        // Priorities are numbers of 32 bits. Sizes are read exactly or not at all.
        (Value::Number(value), Value::Number(written)) => {
            value == written
                || matches!((single(value), single(written)), (Some(one), Some(other)) if one == other)
        }
        (value, written) => value == written,
    }
}

fn same_members(value: &Map<String, Value>, written: &Map<String, Value>) -> bool {
    let kept = |(name, member): (&String, &Value)| match written.get(name) {
        Some(written) => same(member, written),
        None => member.is_null(),
    };
    value.iter().all(kept) && written.keys().all(|name| value.contains_key(name))
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "this is how such a number is read"
)]
fn single(number: &serde_json::Number) -> Option<f32> {
    number.as_f64().map(|number| number as f32)
}

#[cfg(test)]
mod tests;
