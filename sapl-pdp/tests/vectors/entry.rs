//! The shapes of entries.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

/// An entry of any kind. What is read by policies stays text, so that numbers keep their digits and members their order.
#[derive(Deserialize)]
pub(crate) struct Entry {
    #[serde(default)]
    pub(crate) name: String,
    /// An expression, behind `imports`, with `variables`; its answer is `value`, `undefined` or `error`.
    pub(crate) expr: Option<String>,
    #[serde(default)]
    pub(crate) imports: String,
    pub(crate) variables: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "present")]
    pub(crate) value: Option<Json>,
    pub(crate) decimal: Option<String>,
    #[serde(default)]
    pub(crate) undefined: bool,
    #[serde(default)]
    pub(crate) error: bool,
    /// When an error is one of the text: `parse` or `compile`; for expressions and documents.
    pub(crate) stage: Option<String>,
    /// A document, and whether it is accepted.
    pub(crate) document: Option<String>,
    pub(crate) accepted: Option<bool>,
    /// Documents by file name, with the content of `pdp.json`.
    pub(crate) policies: Option<BTreeMap<String, String>>,
    pub(crate) pdp: Option<Box<RawValue>>,
    /// A whole folder: texts, bytes, and folders whose names end with `/`.
    pub(crate) files: Option<BTreeMap<String, Json>>,
    /// What is asked, once, or several times.
    pub(crate) subscription: Option<Box<RawValue>>,
    pub(crate) expect: Option<Json>,
    pub(crate) cases: Option<Vec<Case>>,
}

/// A question of an entry with several.
#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) subscription: Box<RawValue>,
    pub(crate) expect: Json,
}

/// What became of a case.
pub(crate) struct Outcome {
    pub(crate) name: String,
    /// What differs from the recorded answer, if anything does.
    pub(crate) difference: Option<String>,
    /// Whether the decision is PERMIT and should not be.
    pub(crate) permits_wrongly: bool,
    /// Whether the value is the recorded one but for how numbers are spelled within texts.
    pub(crate) differs_in_number_forms: bool,
}

/// `null` is a value that is there.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}
