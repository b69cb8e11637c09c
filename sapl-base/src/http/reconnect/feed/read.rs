//! Reading the events about several subscriptions as strictly as a single decision.

use std::{
    borrow::Cow,
    collections::{HashMap, hash_map::Entry},
    fmt,
};

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, Visitor},
};

use super::Malformed;
use crate::AuthorizationDecision;

/// A decision with the id of its subscription.
#[derive(Debug)]
pub(super) struct Identified<'a> {
    pub(super) id: Cow<'a, str>,
    pub(super) decision: AuthorizationDecision,
}

/// Reads an event of `multi-decide`. Unknown fields are ignored; a field that is there twice, also once under the name
/// that older nodes give it, is an error.
pub(super) fn identified(data: &str) -> Result<Identified<'_>, Malformed> {
    read(data, IdentifiedVisitor)
}

/// Reads an event of `multi-decide-all`. An id that is there twice is an error.
pub(super) fn decisions(data: &str) -> Result<HashMap<Cow<'_, str>, AuthorizationDecision>, Malformed> {
    read(data, DecisionsVisitor)
}

fn read<'de, V: Visitor<'de>>(data: &'de str, visitor: V) -> Result<V::Value, Malformed> {
    let mut reader = serde_json::Deserializer::from_str(data);
    let value = reader.deserialize_map(visitor);
    value
        .and_then(|value| reader.end().map(|()| value))
        .map_err(|error| Malformed(error.to_string()))
}

/// Text that is borrowed where it has no escapes.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

struct IdentifiedVisitor;

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "camelCase")]
enum Field {
    #[serde(alias = "authorizationSubscriptionId")]
    SubscriptionId,
    #[serde(alias = "authorizationDecision")]
    Decision,
    #[serde(other)]
    Unknown,
}

impl<'de> Visitor<'de> for IdentifiedVisitor {
    type Value = Identified<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a `subscriptionId` and a `decision`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut id = None;
        let mut decision = None;
        while let Some(field) = map.next_key()? {
            match field {
                Field::SubscriptionId if id.is_some() => {
                    return Err(de::Error::duplicate_field("subscriptionId"));
                }
                Field::SubscriptionId => id = Some(map.next_value_seed(Text)?),
                Field::Decision if decision.is_some() => {
                    return Err(de::Error::duplicate_field("decision"));
                }
                Field::Decision => decision = Some(map.next_value()?),
                Field::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Identified {
            id: id.ok_or_else(|| de::Error::missing_field("subscriptionId"))?,
            decision: decision.ok_or_else(|| de::Error::missing_field("decision"))?,
        })
    }
}

struct DecisionsVisitor;

impl<'de> Visitor<'de> for DecisionsVisitor {
    type Value = HashMap<Cow<'de, str>, AuthorizationDecision>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of decisions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut decisions = HashMap::new();
        while let Some(id) = map.next_key_seed(Text)? {
            match decisions.entry(id) {
                Entry::Occupied(twice) => {
                    return Err(de::Error::custom(format!(
                        "the id `{}` is there twice",
                        twice.key().escape_debug()
                    )));
                }
                Entry::Vacant(new) => new.insert(map.next_value()?),
            };
        }
        Ok(decisions)
    }
}
