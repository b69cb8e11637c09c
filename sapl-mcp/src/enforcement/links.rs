//! Links to resources in results: a caller does not learn from a link of what a list would not show.
//!
//! A `resource_link` or an embedded resource whose URI has a stealth or gated rule is decided as in a list, all those
//! of a result in one multi-decision, and taken out when it would be hidden. So are the files of a skill, contents
//! of a resource that have another URI than was asked for, and what the results of tools link to that a component puts
//! to the client's model when it asks for input. What a text or structured content says is not looked into.

mod linking;

use rmcp::{RoleServer, ServerHandler, model::Resource, service::RequestContext};

use super::{
    Inner,
    listing::{Found, Question, Shown},
};
use crate::{
    layer::Shared,
    rule::{Marked, Ruling, rules_of},
    surface::{Caller, resources::Lists},
};

/// The key of the content blocks in a tool's result.
pub(super) const CONTENT: &str = "content";

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

    /// Only this caller may keep the result, where it says who may.
    fn make_private(&mut self) {}
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
        // To somebody else it may be another result, also if nothing was taken out of this one.
        result.make_private();
        let mut stays = stays.into_iter();
        result.keep_links(own, &mut || stays.next().unwrap_or(false));
    }
}

/// Which of the links stay; `None` when none of them is hidden from anybody.
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
    if shown.iter().all(|shown| matches!(shown, Shown::Yes)) {
        return None;
    }
    let answer = question.ask(shared, context).await;
    let mut stays = Vec::with_capacity(links.len());
    for (shown, found) in shown.iter().zip(&found) {
        stays.push(shown.holds(&found.ruling, shared, &answer).await);
    }
    Some(stays)
}
