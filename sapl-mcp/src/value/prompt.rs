//! The result of getting a prompt ⇄ a value.

use rmcp::model::{ContentBlock, GetPromptResult, PromptMessage, ResultType, TextContent};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    Unfit,
    read_back::{read_back, remove_meta},
    text_of,
};

/// What a result says, as JSON.
#[derive(Serialize, Deserialize)]
struct Told<M> {
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    messages: M,
}

/// What handlers and `return_value` see of a result.
pub(crate) fn value_of(result: &GetPromptResult) -> Value {
    if let Some(message) = text_of_one(result) {
        return Value::String(message.text.clone());
    }
    let told = Told {
        description: result.description.clone(),
        messages: &result.messages,
    };
    let mut value = serde_json::to_value(told).unwrap_or_default();
    let messages = value.get_mut("messages").and_then(Value::as_array_mut);
    let contents = messages
        .into_iter()
        .flatten()
        .filter_map(|message| message.get_mut("content"));
    contents.for_each(remove_meta);
    value
}

/// A result that holds `value` and nothing else of `result` but the role of its one text message.
///
/// The description of one text goes too: a server may have written it from the arguments, or from what it then put into
/// the message.
///
/// # Errors
///
/// [`Unfit`], a denial: a value that can't be read back.
pub(crate) fn rebuild(result: GetPromptResult, value: Value) -> Result<GetPromptResult, Unfit> {
    let told = match (text_of_one(&result), result.messages.first()) {
        (Some(_), Some(message)) => Told {
            description: None,
            messages: vec![PromptMessage::new_text(message.role.clone(), text_of(value))],
        },
        _ => read_back(&value, "the messages of a prompt")?,
    };
    let mut rebuilt = GetPromptResult::new(told.messages);
    rebuilt.description = told.description;
    rebuilt.result_type = result.result_type.map(|_| ResultType::COMPLETE);
    Ok(rebuilt)
}

/// The text of a result that is one text.
fn text_of_one(result: &GetPromptResult) -> Option<&TextContent> {
    match result.messages.as_slice() {
        [
            PromptMessage {
                content: ContentBlock::Text(text),
                ..
            },
        ] => Some(text),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
