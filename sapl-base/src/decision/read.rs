//! Reading a decision strictly: what is not clearly a decision is none.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, Visitor},
};
use serde_json::Value;

use super::{AuthorizationDecision, Decision};

/// The most bytes that a decision may have: 1 MiB.
pub const MAX_DECISION_BYTES: usize = 1024 * 1024;

/// A text that is no authorization decision. An enforcement point treats it as INDETERMINATE.
#[derive(Debug)]
pub struct MalformedDecision {
    reason: String,
}

impl AuthorizationDecision {
    /// Reads a decision.
    ///
    /// Unknown fields are ignored; everything else is strict, since a decision that is misread is a wrong one.
    ///
    /// # Errors
    /// When the text is longer than [`MAX_DECISION_BYTES`], is no JSON object, has no `decision` or an unknown one,
    /// has `obligations` or `advice` that are no arrays, or has one of these four fields twice.
    pub fn from_json(json: &[u8]) -> Result<Self, MalformedDecision> {
        if json.len() > MAX_DECISION_BYTES {
            return Err(MalformedDecision {
                reason: format!("it is longer than {MAX_DECISION_BYTES} bytes"),
            });
        }
        serde_json::from_slice(json).map_err(|error| MalformedDecision {
            reason: error.to_string(),
        })
    }
}

impl<'de> Deserialize<'de> for AuthorizationDecision {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(DecisionVisitor)
    }
}

/// From its name as a text, and from nothing else: serde's own reading of an enum would take `{"PERMIT": null}` too.
impl<'de> Deserialize<'de> for Decision {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = Cow::<'de, str>::deserialize(deserializer)?;
        Ok(match &*name {
            "PERMIT" => Self::Permit,
            "DENY" => Self::Deny,
            "SUSPEND" => Self::Suspend,
            "INDETERMINATE" => Self::Indeterminate,
            "NOT_APPLICABLE" => Self::NotApplicable,
            unknown => {
                return Err(de::Error::custom(format!(
                    "unknown decision `{}`",
                    unknown.escape_debug()
                )));
            }
        })
    }
}

impl fmt::Display for MalformedDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not an authorization decision: {}", self.reason)
    }
}

impl std::error::Error for MalformedDecision {}

struct DecisionVisitor;

#[derive(Deserialize)]
#[serde(field_identifier, rename_all = "lowercase")]
enum Field {
    Decision,
    Obligations,
    Advice,
    Resource,
    #[serde(other)]
    Unknown,
}

impl<'de> Visitor<'de> for DecisionVisitor {
    type Value = AuthorizationDecision;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a `decision`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut decision: Option<Decision> = None;
        let mut obligations: Option<Vec<Value>> = None;
        let mut advice: Option<Vec<Value>> = None;
        let mut resource: Option<Value> = None;
        while let Some(field) = map.next_key()? {
            match field {
                Field::Decision => once("decision", &mut decision, &mut map)?,
                Field::Obligations => once("obligations", &mut obligations, &mut map)?,
                Field::Advice => once("advice", &mut advice, &mut map)?,
                Field::Resource => once("resource", &mut resource, &mut map)?,
                Field::Unknown => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(AuthorizationDecision {
            decision: decision.ok_or_else(|| de::Error::missing_field("decision"))?,
            obligations: obligations.unwrap_or_default(),
            advice: advice.unwrap_or_default(),
            resource,
        })
    }
}

fn once<'de, T: Deserialize<'de>, A: MapAccess<'de>>(
    name: &'static str,
    slot: &mut Option<T>,
    map: &mut A,
) -> Result<(), A::Error> {
    if slot.is_some() {
        return Err(de::Error::duplicate_field(name));
    }
    *slot = Some(map.next_value()?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(text: &str) -> Option<AuthorizationDecision> {
        AuthorizationDecision::from_json(text.as_bytes()).ok()
    }

    #[test]
    fn absent_and_null_replacement_differ() {
        assert_eq!(read(r#"{"decision":"PERMIT"}"#).unwrap().resource, None);
        assert_eq!(
            read(r#"{"decision":"PERMIT","resource":null}"#).unwrap().resource,
            Some(Value::Null)
        );
    }

    #[test]
    fn unknown_fields_are_ignored() {
        let decision = read(r#"{"x":{"decision":"DENY"},"decision":"PERMIT","advice":[1]}"#).unwrap();
        assert_eq!(decision, AuthorizationDecision::permit().with_advice(json!(1)));
    }

    #[test]
    fn whatever_is_not_clearly_a_decision_is_refused() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            r#""PERMIT""#,
            r#"{"decision":"permit"}"#,
            r#"{"decision":"PERMIT "}"#,
            r#"{"decision":null}"#,
            r#"{"decision":["PERMIT"]}"#,
            r#"{"decision":{"PERMIT":null}}"#,
            r#"{"decision":"PERMIT"} x"#,
            r#"{"decision":"PERMIT","obligations":null}"#,
            r#"{"decision":"PERMIT","obligations":{}}"#,
            r#"{"decision":"PERMIT","obligations":"log"}"#,
            r#"{"decision":"PERMIT","advice":null}"#,
            r#"{"decision":"DENY","decision":"PERMIT"}"#,
            r#"{"decision":"PERMIT","obligations":[1],"obligations":[]}"#,
            r#"{"decision":"PERMIT","advice":[],"advice":[]}"#,
            r#"{"decision":"PERMIT","resource":null,"resource":null}"#,
            r#"{"decision":"PERMIT","resource":1e999}"#,
            r#"{"decision":0}"#,
        ] {
            assert!(read(text).is_none(), "{text}");
        }
    }

    #[test]
    fn a_decision_may_have_one_mebibyte_and_not_a_byte_more() {
        let with = |length: usize| {
            let frame = r#"{"decision":"PERMIT","x":""}"#.len();
            format!(r#"{{"decision":"PERMIT","x":"{}"}}"#, "a".repeat(length - frame))
        };
        assert!(read(&with(MAX_DECISION_BYTES)).is_some());
        assert!(read(&with(MAX_DECISION_BYTES + 1)).is_none());
    }
}
