//! What each kind of result links to.

use rmcp::model::{
    CallToolResponse, CallToolResult, ContentBlock, GetPromptResponse, GetSkillResult, GetTaskResult,
    InputRequests, InputRequiredResult, ListSkillsResult, ReadResourceResponse, Resource, ResourceContents,
    Skill, SkillResources, TaskPayload,
};
use serde_json::Value;

use super::{
    super::{Returned, requests},
    CONTENT, Linking,
};
use crate::rule::uri;

impl Linking for CallToolResult {
    fn links(&self, _: Option<&str>, found: &mut Vec<Resource>) {
        found.extend(self.content.iter().filter_map(linked));
    }

    fn keep_links(&mut self, _: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        self.content.retain(|block| !links(block) || stays());
    }
}

impl Linking for CallToolResponse {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        match self {
            Self::Complete(result) => result.links(own, found),
            Self::InputRequired(asked) => asked.links(own, found),
            _ => {}
        }
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        match self {
            Self::Complete(result) => result.keep_links(own, stays),
            Self::InputRequired(asked) => asked.keep_links(own, stays),
            _ => {}
        }
    }
}

impl Linking for GetPromptResponse {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        match self {
            Self::Complete(result) => {
                let messages = result.messages.iter();
                found.extend(messages.filter_map(|message| linked(&message.content)));
            }
            Self::InputRequired(asked) => asked.links(own, found),
            _ => {}
        }
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        match self {
            Self::Complete(result) => result
                .messages
                .retain(|message| !links(&message.content) || stays()),
            Self::InputRequired(asked) => asked.keep_links(own, stays),
            _ => {}
        }
    }
}

impl Linking for InputRequiredResult {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        if let Some(requests) = &self.input_requests {
            requests.links(own, found);
        }
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        if let Some(requests) = &mut self.input_requests {
            requests.keep_links(own, stays);
        }
    }
}

/// Of all that a component can ask for, the messages for a model alone have room for content blocks: in the results of
/// tools.
impl Linking for InputRequests {
    fn links(&self, _: Option<&str>, found: &mut Vec<Resource>) {
        let blocks = self.values().flat_map(requests::blocks).flatten();
        found.extend(blocks.filter_map(linked));
    }

    fn keep_links(&mut self, _: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        for blocks in self.values_mut().flat_map(requests::blocks_mut) {
            blocks.retain(|block| !links(block) || stays());
        }
    }
}

/// The result of a tool that went on as a task is still in the form in which a client gets it.
impl Linking for GetTaskResult {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        match &self.task.payload {
            TaskPayload::Completed { result } => {
                let blocks = result.get(CONTENT).and_then(Value::as_array);
                found.extend(blocks.into_iter().flatten().flat_map(linked_as_json));
            }
            TaskPayload::InputRequired { input_requests } => input_requests.links(own, found),
            _ => {}
        }
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        match &mut self.task.payload {
            TaskPayload::Completed { result } => {
                if let Some(blocks) = result.get_mut(CONTENT).and_then(Value::as_array_mut) {
                    // Each is asked about, whatever the others are, since the answers come in order.
                    blocks
                        .retain(|block| linked_as_json(block).fold(true, |all_stay, _| stays() && all_stay));
                }
            }
            TaskPayload::InputRequired { input_requests } => input_requests.keep_links(own, stays),
            _ => {}
        }
    }
}

impl Linking for ReadResourceResponse {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        match self {
            Self::Complete(result) => {
                let others = result.contents.iter().filter_map(|contents| other(contents, own));
                found.extend(others.map(named));
            }
            Self::InputRequired(asked) => asked.links(own, found),
            _ => {}
        }
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        match self {
            Self::Complete(result) => result
                .contents
                .retain(|contents| other(contents, own).is_none() || stays()),
            Self::InputRequired(asked) => asked.keep_links(own, stays),
            _ => {}
        }
    }

    fn make_private(&mut self) {
        self.private();
    }
}

/// The files of a skill but the one that the skill is listed by.
impl Linking for Skill {
    fn links(&self, _: Option<&str>, found: &mut Vec<Resource>) {
        if let SkillResources::Files(files) = &self.resources {
            let others = files.iter().filter(|file| file.uri != self.uri);
            found.extend(others.map(|file| named(&file.uri)));
        }
    }

    fn keep_links(&mut self, _: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        if let SkillResources::Files(files) = &mut self.resources {
            files.retain(|file| file.uri == self.uri || stays());
        }
    }
}

impl Linking for ListSkillsResult {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        self.skills.iter().for_each(|skill| skill.links(own, found));
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        self.skills
            .iter_mut()
            .for_each(|skill| skill.keep_links(own, stays));
    }
}

impl Linking for GetSkillResult {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        self.skill.links(own, found);
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        self.skill.keep_links(own, stays);
    }

    fn make_private(&mut self) {
        self.private();
    }
}

/// The resource that a content block links to or embeds.
fn linked(block: &ContentBlock) -> Option<Resource> {
    match block {
        ContentBlock::ResourceLink(resource) => Some(resource.clone()),
        ContentBlock::Resource(embedded) => Some(named(uri_of(&embedded.resource)?)),
        _ => None,
    }
}

fn links(block: &ContentBlock) -> bool {
    match block {
        ContentBlock::ResourceLink(_) => true,
        ContentBlock::Resource(embedded) => uri_of(&embedded.resource).is_some(),
        _ => false,
    }
}

fn named(uri: &str) -> Resource {
    Resource::new(uri, uri)
}

fn uri_of(contents: &ResourceContents) -> Option<&str> {
    match contents {
        ResourceContents::TextResourceContents { uri, .. }
        | ResourceContents::BlobResourceContents { uri, .. } => Some(uri),
        _ => None,
    }
}

/// The resources that a content block links to and embeds, by whatever has the form of either: a client may read both.
fn linked_as_json(block: &Value) -> impl Iterator<Item = Resource> {
    let embedded = block.pointer("/resource/uri").and_then(Value::as_str);
    let link = block.get("uri").and_then(Value::as_str);
    let link = link.map(|uri| serde_json::from_value(block.clone()).unwrap_or_else(|_| named(uri)));
    embedded.map(named).into_iter().chain(link)
}

/// The content of another resource than the one that was asked for.
fn other<'a>(contents: &'a ResourceContents, own: Option<&str>) -> Option<&'a str> {
    let uri = uri_of(contents)?;
    own.is_some_and(|own| uri != own && uri::normalized(uri) != uri::normalized(own))
        .then_some(uri)
}
