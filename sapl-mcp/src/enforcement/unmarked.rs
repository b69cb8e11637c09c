//! Results without markers.
//!
//! A component that links to another one, or embeds it, often takes the definition from where the lists come from,
//! marker and all. A marker that reaches a client tells the nonce of this process, which nobody may know.

use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, GetPromptResponse, GetSkillResult, GetTaskResult,
    InputRequests, InputRequiredResult, JsonObject, MetaObject, ReadResourceResponse, ResourceContents,
    TaskPayload,
};
use serde_json::Value;

use super::{links::CONTENT, requests};
use crate::rule::{strip, strip_json};

/// Takes the markers out of a tool's result.
pub(super) fn tool(response: CallToolResponse) -> CallToolResponse {
    match response {
        CallToolResponse::Complete(complete) => CallToolResponse::Complete(result(complete)),
        CallToolResponse::InputRequired(asked) => CallToolResponse::InputRequired(input(asked)),
        other => other,
    }
}

fn result(mut result: CallToolResult) -> CallToolResult {
    strip(&mut result.meta);
    result.content.iter_mut().for_each(block);
    result
}

/// Takes the markers out of a prompt's result.
pub(super) fn prompt(response: GetPromptResponse) -> GetPromptResponse {
    match response {
        GetPromptResponse::Complete(mut result) => {
            strip(&mut result.meta);
            let messages = result.messages.iter_mut();
            messages.for_each(|message| block(&mut message.content));
            GetPromptResponse::Complete(result)
        }
        GetPromptResponse::InputRequired(asked) => GetPromptResponse::InputRequired(input(asked)),
        other => other,
    }
}

/// Takes the markers out of a resource's result.
pub(super) fn resource(response: ReadResourceResponse) -> ReadResourceResponse {
    match response {
        ReadResourceResponse::Complete(mut result) => {
            strip(&mut result.meta);
            result.contents.iter_mut().filter_map(meta_of).for_each(strip);
            ReadResourceResponse::Complete(result)
        }
        ReadResourceResponse::InputRequired(asked) => ReadResourceResponse::InputRequired(input(asked)),
        other => other,
    }
}

/// Takes the markers out of a skill.
pub(super) fn skill(mut result: GetSkillResult) -> GetSkillResult {
    strip(&mut result.meta);
    strip(&mut result.skill.meta);
    result
}

/// Takes the markers out of what is said of a task. A result is still in the form in which a client gets it.
pub(super) fn task(mut got: GetTaskResult) -> GetTaskResult {
    strip(&mut got.meta);
    match &mut got.task.payload {
        TaskPayload::Completed { result } => {
            strip_json(result);
            let blocks = result.get_mut(CONTENT).and_then(Value::as_array_mut);
            let blocks = blocks.into_iter().flatten().filter_map(Value::as_object_mut);
            blocks.for_each(block_as_json);
        }
        TaskPayload::InputRequired { input_requests } => asked(input_requests),
        _ => {}
    }
    got
}

fn input(mut result: InputRequiredResult) -> InputRequiredResult {
    strip(&mut result.meta);
    result.input_requests.iter_mut().for_each(asked);
    result
}

fn asked(requests: &mut InputRequests) {
    for request in requests.values_mut() {
        requests::blocks_mut(request).flatten().for_each(block);
        requests::tools_mut(request).for_each(|tool| strip(&mut tool.meta));
    }
}

fn block_as_json(block: &mut JsonObject) {
    strip_json(block);
    if let Some(Value::Object(embedded)) = block.get_mut("resource") {
        strip_json(embedded);
    }
}

fn block(block: &mut ContentBlock) {
    match block {
        ContentBlock::ResourceLink(resource) => strip(&mut resource.meta),
        ContentBlock::Resource(embedded) => {
            strip(&mut embedded.meta);
            meta_of(&mut embedded.resource).into_iter().for_each(strip);
        }
        ContentBlock::Text(text) => strip(&mut text.meta),
        _ => {}
    }
}

fn meta_of(contents: &mut ResourceContents) -> Option<&mut Option<MetaObject>> {
    match contents {
        ResourceContents::TextResourceContents { meta, .. }
        | ResourceContents::BlobResourceContents { meta, .. } => Some(meta),
        _ => None,
    }
}
