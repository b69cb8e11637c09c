//! Links to resources in results: a caller does not learn from a link of what a list would not show.
//!
//! A `resource_link` or an embedded resource whose URI has a stealth or gated rule is decided as in a list, all those
//! of a result in one multi-decision, and taken out when it would be hidden. So are the files of a skill, and contents
//! of a resource that have another URI than was asked for. What a text or structured content says is not looked into.

use rmcp::{
    RoleServer, ServerHandler,
    model::{
        CallToolResponse, CallToolResult, ContentBlock, GetPromptResponse, GetSkillResult, GetTaskResult,
        ListSkillsResult, ReadResourceResponse, Resource, ResourceContents, Skill, SkillResources,
        TaskPayload,
    },
    service::RequestContext,
};

use serde_json::Value;

use super::{
    Inner,
    listing::{Found, Question, Shown},
};
use crate::{
    layer::Shared,
    rule::{Marked, Ruling, rules_of, uri},
    surface::{Caller, resources::Lists},
};

/// For whom a result is, and under which layer.
#[derive(Clone, Copy)]
pub(crate) struct Viewer<'a> {
    pub(crate) shared: &'a Shared,
    pub(crate) caller: &'a Caller,
}

/// A result that can link to resources.
pub(super) trait Linking {
    /// Adds what it links to, in order; `own` is the URI that was asked for, where one was.
    fn links(&self, own: Option<&str>, links: &mut Vec<Resource>);

    /// Asks once for each link, in the same order, whether it stays.
    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool);
}

impl Viewer<'_> {
    /// Whether something may be kept from the viewer.
    pub(super) fn is_limited(self) -> bool {
        !self.caller.is_trusted() && self.shared.enforce_listing
    }
}

/// Takes out what the viewer may not know of.
pub(super) async fn clean<S: ServerHandler, R: Linking>(
    inner: &Inner<S>,
    viewer: Viewer<'_>,
    context: &RequestContext<RoleServer>,
    own: Option<&str>,
    result: &mut R,
) {
    let mut links = Vec::new();
    result.links(own, &mut links);
    if links.is_empty() {
        return;
    }
    if let Some(stays) = decided(inner, viewer, context, &links).await {
        let mut stays = stays.into_iter();
        result.keep_links(own, &mut || stays.next().unwrap_or(false));
    }
}

/// Which of the links stay; `None` when nothing is hidden from anybody.
async fn decided<S: ServerHandler>(
    inner: &Inner<S>,
    Viewer { shared, caller }: Viewer<'_>,
    context: &RequestContext<RoleServer>,
    links: &[Resource],
) -> Option<Vec<bool>> {
    let uris = links.iter().map(|link| link.uri.as_str());
    let found: Vec<Found> = match Lists::about(inner, shared, context, uris).await {
        Ok(mut lists) => {
            for link in links {
                // A link can carry the rule of a resource that nobody lists.
                if !matches!(rules_of(link.meta.as_ref()), Marked::None) {
                    lists.add(link.clone());
                }
            }
            if !lists.hide_anything() {
                return None;
            }
            links.iter().map(|link| lists.found(&link.uri, shared)).collect()
        }
        Err(reason) => links.iter().map(|_| Ruling::Absent(reason).into()).collect(),
    };
    let mut question = Question::default();
    let shown: Vec<Shown> = links
        .iter()
        .zip(&found)
        .map(|(link, found)| match found.ruling.hides() {
            true => question.about(found, || link.clone().into(), shared, caller),
            false => Shown::Yes,
        })
        .collect();
    let answer = question.ask(shared, context).await;
    let mut stays = Vec::with_capacity(links.len());
    for (shown, found) in shown.iter().zip(&found) {
        stays.push(shown.holds(&found.ruling, shared, &answer).await);
    }
    Some(stays)
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
        if let Self::Complete(result) = self {
            result.links(own, found);
        }
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        if let Self::Complete(result) = self {
            result.keep_links(own, stays);
        }
    }
}

impl Linking for GetPromptResponse {
    fn links(&self, _: Option<&str>, found: &mut Vec<Resource>) {
        if let Self::Complete(result) = self {
            found.extend(
                result
                    .messages
                    .iter()
                    .filter_map(|message| linked(&message.content)),
            );
        }
    }

    fn keep_links(&mut self, _: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        if let Self::Complete(result) = self {
            result
                .messages
                .retain(|message| !links(&message.content) || stays());
        }
    }
}

/// The result of a tool that went on as a task is still in the form in which a client gets it.
impl Linking for GetTaskResult {
    fn links(&self, _: Option<&str>, found: &mut Vec<Resource>) {
        if let TaskPayload::Completed { result } = &self.task.payload {
            let blocks = result
                .get(CONTENT)
                .and_then(Value::as_array)
                .into_iter()
                .flatten();
            found.extend(blocks.filter_map(linked_as_json));
        }
    }

    fn keep_links(&mut self, _: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        if let TaskPayload::Completed { result } = &mut self.task.payload
            && let Some(blocks) = result.get_mut(CONTENT).and_then(Value::as_array_mut)
        {
            blocks.retain(|block| linked_as_json(block).is_none() || stays());
        }
    }
}

/// The key of the content blocks in a tool's result.
const CONTENT: &str = "content";

/// The resource that a content block links to or embeds, by whatever has the form of either.
fn linked_as_json(block: &Value) -> Option<Resource> {
    if let Some(uri) = block.pointer("/resource/uri").and_then(Value::as_str) {
        return Some(named(uri));
    }
    let uri = block.get("uri").and_then(Value::as_str)?;
    Some(serde_json::from_value(block.clone()).unwrap_or_else(|_| named(uri)))
}

/// The content of another resource than the one that was asked for.
fn other<'a>(contents: &'a ResourceContents, own: Option<&str>) -> Option<&'a str> {
    let uri = uri_of(contents)?;
    own.is_some_and(|own| uri != own && uri::normalized(uri) != uri::normalized(own))
        .then_some(uri)
}

impl Linking for ReadResourceResponse {
    fn links(&self, own: Option<&str>, found: &mut Vec<Resource>) {
        if let Self::Complete(result) = self {
            let others = result.contents.iter().filter_map(|contents| other(contents, own));
            found.extend(others.map(named));
        }
    }

    fn keep_links(&mut self, own: Option<&str>, stays: &mut dyn FnMut() -> bool) {
        if let Self::Complete(result) = self {
            result
                .contents
                .retain(|contents| other(contents, own).is_none() || stays());
        }
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
}
