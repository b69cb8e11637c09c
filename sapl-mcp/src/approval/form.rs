//! The question as a form of the protocol's elicitation, and the answer to it.

use std::{collections::BTreeMap, fmt::Write as _};

use rmcp::model::{
    BooleanSchema, ClientCapabilities, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationSchema, JsonObject, PrimitiveSchemaDefinition, StringSchema,
};
use serde_json::Value;

use super::{APPROVAL_TITLE, ApprovalRequest};

/// The longest arguments that can be edited or come back edited, in bytes of their JSON.
pub const MAX_EDITED_ARGUMENTS_BYTES: usize = 16 * 1024;

/// The member of the form that says yes.
const APPROVE: &str = "approve";

/// The member of the form with the arguments.
const ARGUMENTS: &str = "arguments";

/// What the person at the other end said.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Filled {
    Accepted {
        edited: Option<JsonObject>,
    },
    Declined,
    Cancelled,
    /// Something that is no answer to the form.
    Unreadable(&'static str),
}

/// Whether a client shows forms. One that says neither forms nor URLs means forms.
pub(crate) fn shows_forms(capabilities: &ClientCapabilities) -> bool {
    let elicitation = capabilities.elicitation.as_ref();
    elicitation.is_some_and(|can| can.form.is_some() || can.url.is_none())
}

/// The form with this text. The arguments can be edited in it where the request says so and they are short enough.
pub(crate) fn form(request: &ApprovalRequest, message: String) -> ElicitRequestParams {
    let yes = BooleanSchema::new()
        .title("Approve")
        .description("Let this run with the arguments shown")
        .with_default(false);
    let mut members = BTreeMap::from([(APPROVE.to_owned(), PrimitiveSchemaDefinition::Boolean(yes))]);
    if let Some(arguments) = editable(request) {
        let mut edit = StringSchema::new()
            .title("Arguments")
            .description("The arguments as a JSON object")
            .with_default(arguments);
        edit.max_length = u32::try_from(MAX_EDITED_ARGUMENTS_BYTES).ok();
        members.insert(ARGUMENTS.to_owned(), PrimitiveSchemaDefinition::String(edit));
    }
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        requested_schema: ElicitationSchema::new(members)
            .with_required(vec![APPROVE.to_owned()])
            .with_title(APPROVAL_TITLE),
    }
}

/// The arguments as they can be edited: what is not seen, or moves what is seen, is written as an escape of JSON.
fn editable(request: &ApprovalRequest) -> Option<String> {
    if !request.editable {
        return None;
    }
    let written = serde_json::to_string(&request.arguments).ok()?;
    let mut plain = String::with_capacity(written.len());
    for letter in written.chars() {
        if (letter.is_ascii() && !letter.is_ascii_control()) || letter.is_alphanumeric() {
            plain.push(letter);
        } else {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(plain, "\\u{unit:04x}").ok()?;
            }
        }
    }
    (plain.len() <= MAX_EDITED_ARGUMENTS_BYTES).then_some(plain)
}

/// What an answer says. Nothing but the action `accept` together with a true `approve` is a yes.
pub(crate) fn read(answer: ElicitResult, may_edit: bool) -> Filled {
    match answer.action {
        ElicitationAction::Accept => {}
        ElicitationAction::Decline => return Filled::Declined,
        ElicitationAction::Cancel => return Filled::Cancelled,
        _ => return Filled::Unreadable("its action is unknown"),
    }
    let Some(Value::Object(mut content)) = answer.content else {
        return Filled::Unreadable("it has no content");
    };
    match content.get(APPROVE) {
        Some(Value::Bool(true)) => {}
        Some(Value::Bool(false)) => return Filled::Declined,
        _ => return Filled::Unreadable("its content has no `approve` that is true or false"),
    }
    let edited = match content.remove(ARGUMENTS) {
        None => None,
        Some(_) if !may_edit => return Filled::Unreadable("the obligation does not let arguments be edited"),
        Some(Value::String(text)) => match arguments(&text) {
            Some(edited) => Some(edited),
            None => return Filled::Unreadable("the edited arguments are no JSON object, or too long"),
        },
        Some(_) => return Filled::Unreadable("the edited arguments are no text"),
    };
    Filled::Accepted { edited }
}

fn arguments(text: &str) -> Option<JsonObject> {
    if text.len() > MAX_EDITED_ARGUMENTS_BYTES {
        return None;
    }
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests;
