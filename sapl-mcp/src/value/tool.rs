//! The result of a tool call ⇄ a value.

use rmcp::model::{CallToolResult, ContentBlock, JsonObject, ResultType};
use serde_json::{Map, Value};

use super::{
    Unfit,
    read_back::{read_back, without_meta},
    schema::{OutputSchema, Schemas},
    text_of,
};

/// The property in which SDKs wrap lists and scalars, because structured content has to be an object.
const WRAPPER: &str = "result";

/// What handlers and `return_value` see of a result.
pub(crate) fn value_of(result: &CallToolResult, output_schema: Option<&JsonObject>) -> Value {
    if let Some(content) = &result.structured_content {
        return wrapped(content, output_schema).unwrap_or(content).clone();
    }
    if let [ContentBlock::Text(block)] = result.content.as_slice() {
        return value_of_text(&block.text);
    }
    result.content.iter().map(without_meta).collect()
}

/// A result that holds `value` and nothing else of `result` but whether it is an error.
///
/// To be used after a change, and whenever the decision has an output obligation. The schema is checked unless the
/// result is an error, which clients don't validate.
///
/// # Errors
///
/// [`Unfit`], a denial: a value that can't be read back, or that does not fit the output schema.
pub(crate) fn rebuild(
    result: CallToolResult,
    value: Value,
    output_schema: Option<OutputSchema<'_>>,
    schemas: &Schemas,
) -> Result<CallToolResult, Unfit> {
    let CallToolResult {
        content,
        structured_content,
        is_error,
        result_type,
        ..
    } = result;
    let mut rebuilt = CallToolResult::default();
    rebuilt.is_error = is_error;
    rebuilt.result_type = result_type.map(|_| ResultType::COMPLETE);

    if let Some(original) = structured_content {
        let declared = output_schema.map(|schema| schema.as_object());
        let content = if wrapped(&original, declared).is_some() {
            Value::Object(Map::from_iter([(WRAPPER.to_owned(), value)]))
        } else {
            value
        };
        if let (Some(schema), false) = (output_schema, is_error == Some(true)) {
            if content.is_null() {
                return Err(Unfit::Null);
            }
            schemas.check(schema, &content)?;
        }
        rebuilt.content = vec![ContentBlock::text(content.to_string())];
        rebuilt.structured_content = Some(content);
        return Ok(rebuilt);
    }
    rebuilt.content = match content.as_slice() {
        [ContentBlock::Text(_)] => vec![ContentBlock::text(text_of(value))],
        _ => read_back(&value, "a list of content blocks")?,
    };
    Ok(rebuilt)
}

/// The value inside of `{"result": …}`, where the schema says that this is a wrapping.
///
/// Content with more than the wrapper is taken as a whole, so that nothing of it escapes the handlers.
fn wrapped<'a>(content: &'a Value, output_schema: Option<&JsonObject>) -> Option<&'a Value> {
    let schema = output_schema?;
    let properties = schema.get("properties")?.as_object()?;
    let wraps = schema.get("type").and_then(Value::as_str) == Some("object")
        && properties.len() == 1
        && properties.contains_key(WRAPPER);
    let content = content
        .as_object()
        .filter(|content| wraps && content.len() == 1)?;
    content.get(WRAPPER)
}

/// The JSON object or array that a text is, else the text.
///
/// Text beyond the limits of the JSON reader (nesting, size of numbers) is a text.
fn value_of_text(text: &str) -> Value {
    let may_be_json = text.trim_start().starts_with(['{', '[']);
    let json = may_be_json.then(|| serde_json::from_str(text).ok()).flatten();
    json.unwrap_or_else(|| Value::String(text.to_owned()))
}

#[cfg(test)]
mod tests;
