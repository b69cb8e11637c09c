//! What a component asks a client for, as far as it can hold definitions and content of other components.

#![expect(
    deprecated,
    reason = "requests to the client's model have to be looked into as long as clients can get them"
)]

use rmcp::model::{
    ContentBlock, CreateMessageRequest, InputRequest, SamplingContent, SamplingMessageContentBlock, Tool,
    ToolResultContent,
};

/// The content blocks of each result of a tool that is put to the client's model.
pub(super) fn blocks(request: &InputRequest) -> impl Iterator<Item = &Vec<ContentBlock>> {
    let messages = sampling(request).map_or(&[][..], |request| &request.params.messages);
    let results = messages.iter().flat_map(|message| match &message.content {
        SamplingContent::Single(block) => std::slice::from_ref(block),
        SamplingContent::Multiple(blocks) => blocks,
    });
    results.filter_map(|block| match block {
        SamplingMessageContentBlock::ToolResult(result) => Some(&result.content),
        _ => None,
    })
}

/// The same, to be changed.
pub(super) fn blocks_mut(request: &mut InputRequest) -> impl Iterator<Item = &mut Vec<ContentBlock>> {
    results_mut(request).map(|result| &mut result.content)
}

/// The tools that are put to the client's model.
pub(super) fn tools_mut(request: &mut InputRequest) -> impl Iterator<Item = &mut Tool> {
    let tools = sampling_mut(request).and_then(|request| request.params.tools.as_mut());
    tools.into_iter().flatten()
}

fn results_mut(request: &mut InputRequest) -> impl Iterator<Item = &mut ToolResultContent> {
    let messages = sampling_mut(request).map_or(&mut [][..], |request| &mut request.params.messages);
    let blocks = messages
        .iter_mut()
        .flat_map(|message| match &mut message.content {
            SamplingContent::Single(block) => std::slice::from_mut(block),
            SamplingContent::Multiple(blocks) => blocks,
        });
    blocks.filter_map(|block| match block {
        SamplingMessageContentBlock::ToolResult(result) => Some(result),
        _ => None,
    })
}

fn sampling(request: &InputRequest) -> Option<&CreateMessageRequest> {
    match request {
        InputRequest::CreateMessage(request) => Some(request),
        _ => None,
    }
}

fn sampling_mut(request: &mut InputRequest) -> Option<&mut CreateMessageRequest> {
    match request {
        InputRequest::CreateMessage(request) => Some(request),
        _ => None,
    }
}
