//! The result of reading a resource ⇄ a value.

use rmcp::model::{ReadResourceResult, ResourceContents, ResultType};
use serde::{Deserialize, Serialize, de::IgnoredAny};
use serde_json::{Value, json};

use super::{
    Unfit,
    read_back::{read_back, without_meta},
    text_of,
};

/// What a result says, as JSON.
#[derive(Serialize, Deserialize)]
struct Told {
    contents: Vec<ResourceContents>,
}

/// What handlers and `return_value` see of a result.
pub(crate) fn value_of(result: &ReadResourceResult) -> Value {
    if let [ResourceContents::TextResourceContents { text, mime_type, .. }] = result.contents.as_slice() {
        let json = is_json(mime_type.as_deref()).then(|| serde_json::from_str(text).ok());
        return json.flatten().unwrap_or_else(|| Value::String(text.clone()));
    }
    json!({"contents": result.contents.iter().map(without_meta).collect::<Vec<_>>()})
}

/// A result that holds `value`, what was said about caching, and nothing else of `result` but the URI and the MIME type
/// of its one text.
///
/// Where the text was JSON, the new text is JSON too, also for a string.
///
/// # Errors
///
/// [`Unfit`], a denial: a value that can't be read back.
pub(crate) fn rebuild(result: ReadResourceResult, value: Value) -> Result<ReadResourceResult, Unfit> {
    let contents = match result.contents.as_slice() {
        [
            ResourceContents::TextResourceContents {
                uri, mime_type, text, ..
            },
        ] => {
            vec![ResourceContents::TextResourceContents {
                uri: uri.clone(),
                mime_type: mime_type.clone(),
                text: new_text(value, mime_type.as_deref(), text),
                meta: None,
            }]
        }
        _ => read_back::<Told>(&value, "the contents of a resource")?.contents,
    };
    let mut rebuilt = ReadResourceResult::new(contents);
    rebuilt.result_type = result.result_type.map(|_| ResultType::COMPLETE);
    rebuilt.ttl_ms = result.ttl_ms;
    rebuilt.cache_scope = result.cache_scope;
    Ok(rebuilt)
}

/// The text of `value` in place of `before`.
fn new_text(value: Value, mime_type: Option<&str>, before: &str) -> String {
    let was_json = || is_json(mime_type) && serde_json::from_str::<IgnoredAny>(before).is_ok();
    if value.is_string() && was_json() {
        value.to_string()
    } else {
        text_of(value)
    }
}

/// Whether a MIME type says JSON: `application/json`, `text/json`, or a type with the suffix `+json` (RFC 6839).
fn is_json(mime_type: Option<&str>) -> bool {
    let essence = mime_type
        .and_then(|mime| mime.split(';').next())
        .unwrap_or_default()
        .trim();
    let Some((kind, subtype)) = essence.split_once('/') else {
        return false;
    };
    let suffix = subtype.rsplit_once('+').map_or("", |(_, suffix)| suffix);
    suffix.eq_ignore_ascii_case("json")
        || subtype.eq_ignore_ascii_case("json")
            && ["application", "text"]
                .iter()
                .any(|json| kind.eq_ignore_ascii_case(json))
}

#[cfg(test)]
mod tests;
