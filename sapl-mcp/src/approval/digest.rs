//! Digests of JSON that don't depend on the order of keys.

use std::fmt;

use rmcp::model::JsonObject;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// SHA-256 of a JSON value in its canonical form: no white space, the keys of objects in the order of their bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Digest([u8; Self::BYTES]);

impl Digest {
    pub(crate) const BYTES: usize = 32;

    /// Of arguments. Those that are absent are those that are empty.
    pub(crate) fn of_arguments(arguments: Option<&JsonObject>) -> Self {
        let mut text = Vec::new();
        match arguments {
            Some(arguments) => object(arguments, &mut text),
            None => text.extend_from_slice(b"{}"),
        }
        Self::of_bytes(&text)
    }

    /// Of several values, whatever their order.
    pub(crate) fn of_set(values: &[&Value]) -> Self {
        let mut texts: Vec<Vec<u8>> = values.iter().map(|value| canonical(value)).collect();
        texts.sort_unstable();
        let mut hash = Sha256::new();
        for text in &texts {
            part(&mut hash, text);
        }
        Self(hash.finalize().into())
    }

    /// Of several texts, of which none can be taken for parts of two.
    pub(crate) fn of_parts<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut hash = Sha256::new();
        for text in parts {
            part(&mut hash, text);
        }
        Self(hash.finalize().into())
    }

    pub(crate) const fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }

    fn of_bytes(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }
}

impl From<[u8; Self::BYTES]> for Digest {
    fn from(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }
}

/// In hexadecimal, 64 digits.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn part(hash: &mut Sha256, text: &[u8]) {
    hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
    hash.update(text);
}

fn canonical(value: &Value) -> Vec<u8> {
    let mut text = Vec::new();
    write(value, &mut text);
    text
}

fn write(value: &Value, text: &mut Vec<u8>) {
    match value {
        Value::Object(members) => object(members, text),
        Value::Array(elements) => {
            text.push(b'[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    text.push(b',');
                }
                write(element, text);
            }
            text.push(b']');
        }
        scalar => text.extend_from_slice(scalar.to_string().as_bytes()),
    }
}

/// The order is not left to the map: another crate can make that the order of insertion.
fn object(members: &JsonObject, text: &mut Vec<u8>) {
    let mut sorted: Vec<_> = members.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    text.push(b'{');
    for (at, (name, value)) in sorted.into_iter().enumerate() {
        if at > 0 {
            text.push(b',');
        }
        text.extend_from_slice(Value::from(name.as_str()).to_string().as_bytes());
        text.push(b':');
        write(value, text);
    }
    text.push(b'}');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(value: Value) -> Digest {
        Digest::of_arguments(value.as_object())
    }

    #[test]
    fn the_order_of_keys_makes_no_difference_and_everything_else_does() {
        let one = of(serde_json::from_str(r#"{"a": 1, "b": {"c": [1, 2], "d": "x"}}"#).unwrap());
        let other = of(serde_json::from_str(r#"{"b":{"d":"x","c":[1,2]},"a":1}"#).unwrap());
        assert_eq!(one, other);
        for different in [
            json!({"a": 1, "b": {"c": [2, 1], "d": "x"}}),
            json!({"a": 1.0, "b": {"c": [1, 2], "d": "x"}}),
            json!({"a": "1", "b": {"c": [1, 2], "d": "x"}}),
            json!({"a": 1, "b": {"c": [1, 2], "d": "x", "e": null}}),
            json!({"a": 1}),
        ] {
            assert_ne!(one, of(different));
        }
        assert_eq!(Digest::of_arguments(None), of(json!({})));
    }

    #[test]
    fn a_digest_is_that_of_the_canonical_text() {
        let digest = of(json!({"b": [true, null], "a": "ä\""}));
        assert_eq!(
            digest,
            Digest::of_bytes(r#"{"a":"ä\"","b":[true,null]}"#.as_bytes())
        );
        assert_eq!(
            of(json!({})).to_string(),
            "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
        );
    }

    #[test]
    fn a_set_has_no_order_but_parts_have() {
        let (a, b) = (json!({"type": "a"}), json!({"type": "b"}));
        assert_eq!(Digest::of_set(&[&a, &b]), Digest::of_set(&[&b, &a]));
        assert_ne!(Digest::of_set(&[&a]), Digest::of_set(&[&a, &a]));
        assert_ne!(
            Digest::of_parts([&b"ab"[..], b"c"]),
            Digest::of_parts([&b"a"[..], b"bc"])
        );
    }
}
