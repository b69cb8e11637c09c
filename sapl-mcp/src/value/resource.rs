//! The result of reading a resource ⇄ a value.

use rmcp::model::{ReadResourceResult, ResourceContents, ResultType};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::{Unfit, text_of};

/// What handlers and `return_value` see of a result.
pub(crate) fn value_of(result: &ReadResourceResult) -> Value {
    if let [ResourceContents::TextResourceContents { text, mime_type, .. }] = result.contents.as_slice() {
        let json = is_json(mime_type.as_deref()).then(|| serde_json::from_str(text).ok());
        return json.flatten().unwrap_or_else(|| Value::String(text.clone()));
    }
    serde_json::to_value(result).unwrap_or_default()
}

/// A result that holds `value`, the URI, the MIME type and what was said about caching; nothing else of `result`.
///
/// Where the text was JSON, the new text is JSON too, also for a string.
///
/// # Errors
///
/// [`Unfit`], a denial: several contents, or one that is no text.
pub(crate) fn rebuild(result: ReadResourceResult, value: Value) -> Result<ReadResourceResult, Unfit> {
    let ReadResourceResult {
        contents,
        result_type,
        ttl_ms,
        cache_scope,
        ..
    } = result;
    let mut contents = contents.into_iter();
    let (uri, mime_type, text) = match (contents.next(), contents.next()) {
        (
            Some(ResourceContents::TextResourceContents {
                uri, mime_type, text, ..
            }),
            None,
        ) => {
            let was_json =
                || is_json(mime_type.as_deref()) && serde_json::from_str::<IgnoredAny>(&text).is_ok();
            let text = if value.is_string() && was_json() {
                value.to_string()
            } else {
                text_of(value)
            };
            (uri, mime_type, text)
        }
        (Some(_), None) => return Err(Unfit::Form("a resource whose content is not text")),
        (None, _) => return Err(Unfit::Form("a resource without content")),
        (Some(_), Some(_)) => return Err(Unfit::Form("a resource of several contents")),
    };
    let mut rebuilt = ReadResourceResult::new(vec![ResourceContents::TextResourceContents {
        uri,
        mime_type,
        text,
        meta: None,
    }]);
    rebuilt.result_type = result_type.map(|_| ResultType::COMPLETE);
    rebuilt.ttl_ms = ttl_ms;
    rebuilt.cache_scope = cache_scope;
    Ok(rebuilt)
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
