//! Results without markers.
//!
//! A component that links to another one, or embeds it, often takes the definition from where the lists come from,
//! marker and all. A marker that reaches a client tells the nonce of this process, which nobody may know.

use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, GetPromptResponse, GetSkillResult, MetaObject,
    ReadResourceResponse, ResourceContents,
};

use crate::rule::strip;

/// Takes the markers out of a tool's result.
pub(super) fn tool(response: CallToolResponse) -> CallToolResponse {
    match response {
        CallToolResponse::Complete(complete) => CallToolResponse::Complete(result(complete)),
        other => other,
    }
}

/// Takes the markers out of what a tool ended with.
pub(super) fn result(mut result: CallToolResult) -> CallToolResult {
    strip(&mut result.meta);
    result.content.iter_mut().for_each(block);
    result
}

/// Takes the markers out of a prompt's result.
pub(super) fn prompt(mut response: GetPromptResponse) -> GetPromptResponse {
    if let GetPromptResponse::Complete(result) = &mut response {
        strip(&mut result.meta);
        result
            .messages
            .iter_mut()
            .for_each(|message| block(&mut message.content));
    }
    response
}

/// Takes the markers out of a resource's result.
pub(super) fn resource(mut response: ReadResourceResponse) -> ReadResourceResponse {
    if let ReadResourceResponse::Complete(result) = &mut response {
        strip(&mut result.meta);
        result.contents.iter_mut().filter_map(meta_of).for_each(strip);
    }
    response
}

/// Takes the markers out of a skill.
pub(super) fn skill(mut result: GetSkillResult) -> GetSkillResult {
    strip(&mut result.meta);
    strip(&mut result.skill.meta);
    result
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
