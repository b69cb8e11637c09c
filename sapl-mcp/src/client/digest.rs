//! Short stand-ins for definitions and arguments.

use std::fmt;

use rmcp::model::{JsonObject, Tool};
use serde::{Serialize, Serializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// The SHA-256 of something, written as hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Digest([u8; 32]);

impl Digest {
    /// Of several values. Each is written as JSON with its length in front, and members of objects are sorted, so what is
    /// different has different digests.
    pub(super) fn of(parts: &[&dyn Written]) -> Self {
        let mut hash = Sha256::new();
        for part in parts {
            let json = part.json();
            // No part has more than 2^64 bytes.
            hash.update(u64::try_from(json.len()).unwrap_or(u64::MAX).to_be_bytes());
            hash.update(&json);
        }
        Self(hash.finalize().into())
    }
}

/// What is written as JSON and can't fail in that.
pub(super) trait Written {
    fn json(&self) -> Vec<u8>;
}

macro_rules! written {
    ($($type:ty),*) => {$(
        impl Written for $type {
            fn json(&self) -> Vec<u8> {
                serde_json::to_vec(self).unwrap_or_default()
            }
        }
    )*};
}

// Texts, and trees whose keys are texts: neither can fail.
written!(Value, JsonObject, Tool, String, &str, Option<String>);

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

impl Serialize for Digest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_digest_depends_on_every_part_and_on_where_parts_end() {
        let of = Digest::of;
        assert_eq!(of(&[&json!({"a": 1, "b": 2})]), of(&[&json!({"b": 2, "a": 1})]));
        assert_ne!(of(&[&json!({"a": 1})]), of(&[&json!({"a": 1.0})]));
        assert_ne!(of(&[&json!(1), &json!(23)]), of(&[&json!(12), &json!(3)]));
        assert_ne!(of(&[&"a"]), of(&[&"a", &Value::Null]));
        assert_ne!(of(&[&Some(String::new())]), of(&[&None::<String>]));
        assert_eq!(
            of(&[]).to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }
}
