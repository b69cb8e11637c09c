//! How large values are.
//!
//! Values share their parts, so that a few variables can make one that is larger than any memory as soon as somebody walks
//! it: `[a, a]` of `[b, b]` of `[c, c]` … So each array and object knows how large it is written out.

use serde_json::{Map, Value as Json};

/// What a value weighs besides its text.
pub(super) const OF_VALUE: u64 = 8;

/// What a text weighs besides being a value.
pub(super) fn of_text(text: &str) -> u64 {
    u64::try_from(text.len()).unwrap_or(u64::MAX)
}

pub(super) fn of_elements(elements: &[Json]) -> u64 {
    let mut walk = Walk::default();
    walk.elements(elements);
    walk.finish()
}

pub(super) fn of_members(members: &Map<String, Json>) -> u64 {
    let mut walk = Walk::default();
    walk.members(members);
    walk.finish()
}

/// A walk through a JSON tree, however deep it is.
#[derive(Default)]
struct Walk<'j> {
    weight: u64,
    rest: Vec<&'j Json>,
}

impl<'j> Walk<'j> {
    fn finish(mut self) -> u64 {
        while let Some(json) = self.rest.pop() {
            match json {
                Json::Array(elements) => self.elements(elements),
                Json::Object(members) => self.members(members),
                _ => {}
            }
        }
        self.weight
    }

    fn elements(&mut self, elements: &'j [Json]) {
        self.weight += OF_VALUE;
        for element in elements {
            self.value(element);
        }
    }

    fn members(&mut self, members: &'j Map<String, Json>) {
        self.weight += OF_VALUE;
        for (key, value) in members {
            self.weight += of_text(key);
            self.value(value);
        }
    }

    fn value(&mut self, value: &'j Json) {
        match value {
            Json::Array(_) | Json::Object(_) => self.rest.push(value),
            Json::String(text) => self.weight += OF_VALUE + of_text(text),
            _ => self.weight += OF_VALUE,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::{Array, Object, Text, Value};
    use super::*;

    #[test]
    fn a_value_weighs_its_texts_and_eight_for_each_value() {
        let tree = json!({"a": ["xyz", 1, {}], "bc": null});
        let weight = 8 + 1 + (8 + (8 + 3) + 8 + 8) + 2 + 8;
        let borrowed = Value::from_json(&tree);
        assert_eq!(borrowed.weight(), weight);
        let list = borrowed.as_object().and_then(|object| object.get("a"));
        let members = [("a", list.unwrap_or_default()), ("bc", Value::Null)];
        let members = members.map(|(key, value)| (Text::from(key), value));
        let made = Value::from(members.into_iter().collect::<Object<'_>>());
        assert_eq!(made.weight(), weight);
        assert_eq!(made.reborrow().weight(), weight);
        assert_eq!(made.into_owned().weight(), weight);
    }

    #[test]
    fn what_is_shared_weighs_as_often_as_it_stands_there() {
        let mut value = Value::Null;
        for level in 1..=100_u32 {
            value = Value::from(Array::from(vec![value.clone(), value]));
            let expected = 1_u64.checked_shl(level + 4).map(|nodes| nodes - OF_VALUE);
            if level < 40 {
                assert_eq!(Some(value.weight()), expected);
            }
        }
        assert_eq!(value.weight(), u64::MAX);
    }

    #[test]
    fn deep_trees_need_no_stack() {
        let mut tree = json!(1);
        for _ in 0..100_000 {
            tree = Json::Array(vec![tree]);
        }
        assert_eq!(Value::from_json(&tree).weight(), 8 * 100_001);
        // The tree itself would need it to be dropped.
        while let Json::Array(mut elements) = tree {
            tree = elements.pop().unwrap_or_default();
        }
    }
}
