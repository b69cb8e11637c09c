//! How much room values take that are kept between two requests.

use rmcp::model::{InputResponses, JsonObject};
use serde_json::Value;

/// How many bytes a value takes, roughly, as it lies in memory.
pub(crate) fn weight(value: &Value) -> usize {
    let inside = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(elements) => total(elements.iter().map(weight)),
        Value::Object(members) => weight_of_members(members),
    };
    size_of::<Value>().saturating_add(inside)
}

/// How many bytes the members of an object take, roughly.
pub(crate) fn weight_of_members(members: &JsonObject) -> usize {
    total(members.iter().map(|(name, member)| named(name, weight(member))))
}

/// How many bytes answers to requests for input take, roughly.
pub(crate) fn weight_of_answers(answers: &InputResponses) -> usize {
    total(answers.iter().map(|(name, answer)| named(name, weight(answer))))
}

/// How many bytes something takes under a name.
fn named(name: &str, weight: usize) -> usize {
    total([size_of::<String>(), name.len(), weight])
}

/// The sum, or the largest number there is.
pub(crate) fn total(weights: impl IntoIterator<Item = usize>) -> usize {
    weights.into_iter().fold(0, usize::saturating_add)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn texts_names_and_places_count_at_every_depth() {
        let (value, name) = (size_of::<Value>(), size_of::<String>());
        for (json, bytes) in [
            (json!(null), value),
            (json!(7), value),
            (json!("seven"), value + 5),
            (json!([1, "ab"]), 3 * value + 2),
            (json!({"key": ["ab"]}), 3 * value + name + 5),
        ] {
            assert_eq!(weight(&json), bytes, "{json}");
        }
        assert_eq!(weight_of_members(&JsonObject::new()), 0);
    }
}
