//! The result of getting a prompt ⇄ a value.

use rmcp::model::{ContentBlock, GetPromptResult, PromptMessage, ResultType};
use serde_json::Value;

use super::{Unfit, text_of};

/// What handlers and `return_value` see of a result.
pub(crate) fn value_of(result: &GetPromptResult) -> Value {
    if let [
        PromptMessage {
            content: ContentBlock::Text(block),
            ..
        },
    ] = result.messages.as_slice()
    {
        return Value::String(block.text.clone());
    }
    serde_json::to_value(result).unwrap_or_default()
}

/// A result that holds `value` and the role of the message; nothing else of `result`.
///
/// The description goes too: a server may have written it from the arguments, or from what it then put into the
/// message.
///
/// # Errors
///
/// [`Unfit`], a denial: several messages, or one that is no text.
pub(crate) fn rebuild(result: GetPromptResult, value: Value) -> Result<GetPromptResult, Unfit> {
    let role = match result.messages.as_slice() {
        [
            PromptMessage {
                role,
                content: ContentBlock::Text(_),
                ..
            },
        ] => role.clone(),
        [_] => return Err(Unfit::Form("a prompt whose message is not text")),
        [] => return Err(Unfit::Form("a prompt without messages")),
        _ => return Err(Unfit::Form("a prompt of several messages")),
    };
    let mut rebuilt = GetPromptResult::new(vec![PromptMessage::new_text(role, text_of(value))]);
    rebuilt.result_type = result.result_type.map(|_| ResultType::COMPLETE);
    Ok(rebuilt)
}

#[cfg(test)]
mod tests;
