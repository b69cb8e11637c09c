//! Which rule holds for a URI.
//!
//! A rule is looked for by the URI as it was sent and by its normal form (RFC 3986, section 6.2.2). If the two
//! select different rules, or one selects none, the request is answered as not found: else a second spelling of a
//! URI would be a way around the rule of the first.

use std::{borrow::Cow, collections::HashMap};

use rmcp::{
    ServerHandler,
    model::{JsonObject, Resource},
};

use super::{
    super::Context,
    lists::{Lists, Templates},
    select::{Selection, select_both},
};
use crate::{
    enforcement::listing::Found,
    layer::Shared,
    rule::{Marked, Ruling, uri},
    service::SaplService,
    subscription::Definition,
};

const TOO_LONG: &str = "the URI is too long";
const OTHER_SLASH: &str = "the directory has a rule with or without a slash at its end";

/// The longest URI that is looked up, in bytes.
pub(crate) const MAX_URI_BYTES: usize = 8 * 1024;

/// What is known of a URI.
pub(crate) struct Located {
    /// The URI as it was sent.
    pub(crate) uri: String,
    pub(crate) ruling: Ruling,
    pub(crate) definition: Definition,
    /// The variables of the template, none for a resource of its own.
    pub(crate) variables: JsonObject,
}

/// Finds the rule for `uri`.
pub(crate) async fn locate<S: ServerHandler>(
    service: &SaplService<S>,
    uri: &str,
    context: &Context,
) -> Located {
    if uri.len() > MAX_URI_BYTES {
        return Located::absent(uri, TOO_LONG);
    }
    match Lists::about(&service.inner, &service.shared, context, std::iter::once(uri)).await {
        Ok(lists) => lists.locate(uri, &service.shared),
        Err(reason) => Located::absent(uri, reason),
    }
}

/// Finds the rule for the directory `uri`. One that nobody lists is there all the same if something that nobody hides
/// is in it.
pub(crate) async fn locate_directory<S: ServerHandler>(
    service: &SaplService<S>,
    uri: &str,
    context: &Context,
) -> Located {
    let shared = &*service.shared;
    if uri.len() > MAX_URI_BYTES {
        return Located::absent(uri, TOO_LONG);
    }
    let lists = match Lists::all(&service.inner, shared, context).await {
        Ok(lists) => lists,
        Err(reason) => return Located::absent(uri, reason),
    };
    let mut selection = lists.select(uri, shared);
    if matches!(selection, Selection::Nothing)
        && lists.closed_to_unlisted(shared)
        && lists.have_directory(uri, shared)
    {
        selection = Selection::Unruled(Resource::new(uri, uri).into(), JsonObject::new());
    }
    if matches!(selection, Selection::Nothing | Selection::Unruled(..)) && lists.rule_other_slash(uri, shared)
    {
        return Located::absent(uri, OTHER_SLASH);
    }
    lists.located(uri, selection, shared)
}

impl Lists {
    /// The rule for one of the URIs that these lists are about.
    pub(crate) fn locate(&self, uri: &str, shared: &Shared) -> Located {
        self.located(uri, self.select(uri, shared), shared)
    }

    fn located(&self, uri: &str, selection: Selection, shared: &Shared) -> Located {
        match selection {
            Selection::Rules(rules, definition, variables) => Located {
                uri: uri.to_owned(),
                ruling: Ruling::Rules(rules),
                definition,
                variables,
            },
            Selection::Unruled(definition, variables) => Located {
                uri: uri.to_owned(),
                ruling: Ruling::listed_unruled(shared),
                definition,
                variables,
            },
            Selection::Nothing => Located {
                uri: uri.to_owned(),
                ruling: Ruling::unlisted(shared, self.has_rules(shared)),
                definition: Resource::new(uri, uri).into(),
                variables: JsonObject::new(),
            },
            Selection::Absent(reason) => Located::absent(uri, reason),
        }
    }

    /// Whether a rule is about the same directory, with a slash at its end or without it.
    fn rule_other_slash(&self, uri: &str, shared: &Shared) -> bool {
        let other = match uri.strip_suffix('/') {
            Some(bare) => bare.to_owned(),
            None => format!("{uri}/"),
        };
        matches!(
            self.select(&other, shared),
            Selection::Rules(..) | Selection::Absent(_)
        )
    }

    /// Whether some rule is about resources.
    fn has_rules(&self, shared: &Shared) -> bool {
        shared.rules.has_resources() || self.any_rule
    }

    fn closed_to_unlisted(&self, shared: &Shared) -> bool {
        self.has_rules(shared) && !shared.forward_unlisted
    }

    /// The rule that reading one of these URIs would be under. What a reader would not find is absent.
    pub(crate) fn found(&self, uri: &str, shared: &Shared) -> Found {
        found(uri, self.select(uri, shared))
    }

    /// Whether the URI is of something that these lists have, and that is hidden from nobody.
    pub(crate) fn have_open(&self, uri: &str, shared: &Shared) -> bool {
        match self.select(uri, shared) {
            Selection::Nothing | Selection::Absent(_) => false,
            Selection::Unruled(..) => true,
            Selection::Rules(rules, ..) => !rules.hides(),
        }
    }

    /// The rule for something that is listed under this URI, or claimed by a template.
    pub(super) fn of_listed(&self, uri: &str, shared: &Shared) -> Ruling {
        found(uri, self.select_listed(uri, &uri::normalized(uri), shared)).ruling
    }

    fn select(&self, uri: &str, shared: &Shared) -> Selection {
        if uri.len() > MAX_URI_BYTES {
            return Selection::Absent(TOO_LONG);
        }
        let normal = uri::normalized(uri);
        match self.select_listed(uri, &normal, shared) {
            Selection::Nothing => self.of_a_skill(uri, &normal, shared),
            selection => selection,
        }
    }

    fn select_listed(&self, uri: &str, normal: &str, shared: &Shared) -> Selection {
        let listed = self.resources(normal).iter();
        select_both(uri, normal, shared, listed, self.candidates())
    }
}

/// The rules that reading the resources of a page would be under. What a reader would not find is absent.
pub(super) fn rulings(
    page: &[Resource],
    templates: &Templates,
    skills: &[Resource],
    shared: &Shared,
) -> Vec<Found> {
    let candidates = &templates.candidates;
    let mut by_uri: HashMap<Cow<'_, str>, Vec<&Resource>> = HashMap::new();
    for resource in page.iter().chain(skills) {
        by_uri
            .entry(uri::normalized(&resource.uri))
            .or_default()
            .push(resource);
    }
    let select = |resource: &Resource| {
        let sent = resource.uri.as_str();
        if sent.len() > MAX_URI_BYTES {
            return Selection::Absent(TOO_LONG);
        }
        let normal = uri::normalized(sent);
        let listed = by_uri.get(&normal).map_or(&[][..], Vec::as_slice);
        select_both(sent, &normal, shared, listed.iter().copied(), candidates)
    };
    page.iter()
        .map(|resource| found(&resource.uri, select(resource)))
        .collect()
}

fn found(uri: &str, selection: Selection) -> Found {
    match selection {
        Selection::Rules(rules, definition, _) => Found {
            ruling: Ruling::Rules(rules),
            by: Some((definition, uri.to_owned())),
        },
        Selection::Unruled(..) | Selection::Nothing => Ruling::of(None, Marked::None).into(),
        Selection::Absent(reason) => Ruling::Absent(reason).into(),
    }
}

impl Located {
    pub(crate) fn absent(uri: &str, reason: &'static str) -> Self {
        Self {
            uri: uri.to_owned(),
            ruling: Ruling::Absent(reason),
            definition: Resource::new(uri, uri).into(),
            variables: JsonObject::new(),
        }
    }
}
