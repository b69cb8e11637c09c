//! Objects: part of a JSON tree, of a program, or computed.

use std::sync::Arc;

use super::{Text, Value, weight};

/// An object, borrowed from a JSON tree or from other values, or shared.
///
/// Members keep the order in which they were written; those of a JSON tree have the order that the tree gives them.
#[derive(Clone, Debug)]
pub struct Object<'a>(Repr<'a>);

#[derive(Clone, Debug)]
enum Repr<'a> {
    Json(&'a serde_json::Map<String, serde_json::Value>),
    Borrowed(&'a Members<'a>),
    Shared(Arc<Members<'a>>),
}

/// Up to so many members are searched one by one, more by halving.
const SEARCHED_ONE_BY_ONE: usize = 8;

#[derive(Debug, Default)]
struct Members<'a> {
    entries: Vec<(Text<'a>, Value<'a>)>,
    /// The entries by key, when there are many.
    by_key: Vec<u32>,
    weight: u64,
}

impl<'a> Members<'a> {
    fn position(&self, key: &str) -> Option<usize> {
        if self.by_key.is_empty() {
            return self.entries.iter().position(|(name, _)| **name == *key);
        }
        let found = self
            .by_key
            .binary_search_by(|&index| self.key(index).cmp(key))
            .ok()?;
        self.by_key.get(found).map(|&index| index as usize)
    }

    fn key(&self, index: u32) -> &str {
        self.entries.get(index as usize).map_or("", |(key, _)| key)
    }

    fn get(&self, key: &str) -> Option<&Value<'a>> {
        self.entries.get(self.position(key)?).map(|(_, value)| value)
    }
}

impl<'a> Object<'a> {
    /// An object of a JSON tree.
    #[must_use]
    pub const fn from_json(members: &'a serde_json::Map<String, serde_json::Value>) -> Self {
        Self(Repr::Json(members))
    }

    /// The object of the JSON tree that it is, if it is one.
    #[must_use]
    pub const fn as_json(&self) -> Option<&'a serde_json::Map<String, serde_json::Value>> {
        match self.0 {
            Repr::Json(members) => Some(members),
            _ => None,
        }
    }

    /// How many members it has.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Repr::Json(members) => members.len(),
            Repr::Borrowed(members) => members.entries.len(),
            Repr::Shared(members) => members.entries.len(),
        }
    }

    /// Whether it has no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of a key; cheap, borrowed where that is possible.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<Value<'a>> {
        match &self.0 {
            Repr::Json(members) => members.get(key).map(Value::from_json),
            Repr::Borrowed(members) => members.get(key).map(Value::reborrow),
            Repr::Shared(members) => members.get(key).cloned(),
        }
    }

    /// Whether it has the key.
    #[must_use]
    pub fn contains_key(&self, key: &str) -> bool {
        match &self.0 {
            Repr::Json(members) => members.contains_key(key),
            Repr::Borrowed(members) => members.position(key).is_some(),
            Repr::Shared(members) => members.position(key).is_some(),
        }
    }

    /// The members in order, each borrowed.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        let (json, members): (Option<_>, &[(Text<'a>, Value<'a>)]) = match &self.0 {
            Repr::Json(members) => (Some(members.iter()), &[]),
            Repr::Borrowed(members) => (None, &members.entries),
            Repr::Shared(members) => (None, &members.entries),
        };
        json.into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), Value::from_json(value)))
            .chain(members.iter().map(|(key, value)| (&**key, value.reborrow())))
    }

    /// The members in order, for building other values of them.
    pub fn members(&self) -> impl Iterator<Item = (Text<'a>, Value<'a>)> {
        let (json, borrowed, shared) = match &self.0 {
            Repr::Json(members) => (Some(members.iter()), None, None),
            Repr::Borrowed(members) => (None, Some(members.entries.iter()), None),
            Repr::Shared(members) => (None, None, Some(members.entries.iter())),
        };
        json.into_iter()
            .flatten()
            .map(|(key, value)| (Text::from(key.as_str()), Value::from_json(value)))
            .chain(
                borrowed
                    .into_iter()
                    .flatten()
                    .map(|(key, value)| (key.reborrow(), value.reborrow())),
            )
            .chain(
                shared
                    .into_iter()
                    .flatten()
                    .map(|(key, value)| (key.clone(), value.clone())),
            )
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = Text<'a>> {
        self.members().map(|(key, _)| key)
    }

    /// The values in order.
    pub fn values(&self) -> impl Iterator<Item = Value<'a>> {
        self.members().map(|(_, value)| value)
    }

    /// The same object, borrowed from this one.
    #[must_use]
    pub fn reborrow<'b>(&'b self) -> Object<'b> {
        Object(match &self.0 {
            Repr::Json(members) => Repr::Json(members),
            Repr::Borrowed(members) => Repr::Borrowed(members),
            Repr::Shared(members) => Repr::Borrowed(members),
        })
    }

    /// See [`Value::weight`]; known beforehand for what is no part of a JSON tree.
    pub(crate) fn weight(&self) -> u64 {
        match &self.0 {
            Repr::Json(members) => weight::of_members(members),
            Repr::Borrowed(members) => members.weight,
            Repr::Shared(members) => members.weight,
        }
    }

    /// The object with nothing borrowed.
    #[must_use]
    pub fn into_owned(self) -> Object<'static> {
        self.members()
            .map(|(key, value)| (key.into_owned(), value.into_owned()))
            .collect()
    }
}

impl Default for Object<'_> {
    fn default() -> Self {
        Self::from_iter([])
    }
}

/// A key that comes again replaces the value and keeps the place of the first.
impl<'a> FromIterator<(Text<'a>, Value<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (Text<'a>, Value<'a>)>>(members: I) -> Self {
        let mut entries: Vec<(Text<'a>, Value<'a>)> = members.into_iter().collect();
        let mut by_key = Vec::new();
        if entries.len() <= SEARCHED_ONE_BY_ONE {
            let mut index = 1;
            while index < entries.len() {
                let (before, after) = entries.split_at_mut(index);
                let Some((key, value)) = after.first_mut() else {
                    break;
                };
                if let Some((_, kept)) = before.iter_mut().find(|(earlier, _)| earlier == key) {
                    std::mem::swap(kept, value);
                    entries.remove(index);
                } else {
                    index += 1;
                }
            }
        } else {
            deduplicate(&mut entries);
            if entries.len() > SEARCHED_ONE_BY_ONE {
                by_key = (0..u32::try_from(entries.len()).unwrap_or(u32::MAX)).collect();
                let key = |index: &u32| entries.get(*index as usize).map_or("", |(key, _)| key);
                by_key.sort_by(|a, b| key(a).cmp(key(b)));
            }
        }
        let weight = entries.iter().fold(weight::OF_VALUE, |weight, (key, value)| {
            weight
                .saturating_add(weight::of_text(key))
                .saturating_add(value.weight())
        });
        Self(Repr::Shared(Arc::new(Members {
            entries,
            by_key,
            weight,
        })))
    }
}

/// Keeps the first place and the last value of each key.
fn deduplicate(entries: &mut Vec<(Text<'_>, Value<'_>)>) {
    let mut numbered: Vec<(usize, (Text<'_>, Value<'_>))> = entries.drain(..).enumerate().collect();
    numbered.sort_by(|(a, (left, _)), (b, (right, _))| (**left).cmp(&**right).then(a.cmp(b)));
    numbered.dedup_by(|(_, (key, value)), (_, (kept_key, kept))| {
        let again = key == kept_key;
        if again {
            std::mem::swap(kept, value);
        }
        again
    });
    numbered.sort_by_key(|(place, _)| *place);
    entries.extend(numbered.into_iter().map(|(_, entry)| entry));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(keys: &[(&'static str, i64)]) -> Object<'static> {
        keys.iter()
            .map(|&(key, value)| (Text::from(key), Value::from(value)))
            .collect()
    }

    fn shown(object: &Object<'_>) -> Vec<(String, Option<i64>)> {
        object
            .iter()
            .map(|(key, value)| {
                (
                    key.to_owned(),
                    value.as_number().and_then(super::super::Number::to_i64),
                )
            })
            .collect()
    }

    #[test]
    fn a_repeated_key_keeps_the_first_place_and_the_last_value() {
        let small = object(&[("b", 1), ("a", 2), ("b", 3), ("b", 4)]);
        assert_eq!(shown(&small), [("b".into(), Some(4)), ("a".into(), Some(2))]);
    }

    #[test]
    fn many_members_keep_their_order_and_are_found() {
        let keys = ["k9", "k1", "k5", "k3", "k7", "k2", "k8", "k4", "k6", "k1", "k0"];
        let numbered: Vec<_> = keys.iter().zip(0..).map(|(&key, value)| (key, value)).collect();
        let large = object(&numbered);
        assert_eq!(large.len(), 10);
        assert_eq!(shown(&large)[1], ("k1".into(), Some(9)));
        assert_eq!(
            large.get("k0").and_then(|value| value.as_number()?.to_i64()),
            Some(10)
        );
        assert!(large.get("k").is_none() && !large.contains_key("k55"));
    }
}
