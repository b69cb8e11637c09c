//! Reads JSON with the members of objects in order and numbers exact.

use std::fmt;

use sapl_pdp::value::{Array, ErrorKind, Number, Object, Text, Value};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The value of a JSON text; numbers out of range are error values.
pub(crate) fn read(text: &str) -> serde_json::Result<Value<'static>> {
    let text = text.trim();
    match text.bytes().next() {
        Some(b'{') => {
            let Members(members) = serde_json::from_str(text)?;
            let members = members
                .into_iter()
                .map(|(key, value)| Ok((Text::from(key), read(value.get())?)));
            Ok(members.collect::<serde_json::Result<Object<'static>>>()?.into())
        }
        Some(b'[') => {
            let elements: Vec<Box<RawValue>> = serde_json::from_str(text)?;
            let elements = elements.iter().map(|element| read(element.get()));
            Ok(elements.collect::<serde_json::Result<Array<'static>>>()?.into())
        }
        Some(b'-' | b'0'..=b'9') => {
            Ok(Number::parse(text).map_or(Value::error(ErrorKind::NumberOutOfRange), Value::Number))
        }
        _ => Ok(Value::from_json(&serde_json::from_str(text)?).into_owned()),
    }
}

struct Members(Vec<(String, Box<RawValue>)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(Members(members))
    }
}
