//! What the server lists that can be about a URI.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use rmcp::{
    ServerHandler,
    model::{Resource, ResourceTemplate},
};

use super::super::Context;
use crate::{
    enforcement::Inner,
    layer::Shared,
    rule::{
        Marked, RuleBook, Ruling, rules_of,
        template::{Match, UriTemplate},
        uri,
    },
};

const UNREADABLE_RESOURCES: &str = "the list of resources can't be read";
const UNREADABLE_TEMPLATES: &str = "the list of resource templates can't be read";

/// Definitions of the server, as far as they can be about some URIs.
pub(crate) struct Lists {
    /// By the normal forms of their URIs.
    resources: HashMap<String, Vec<Resource>>,
    templates: Templates,
    /// Whether some resource or template that is listed has a rule.
    pub(super) any_rule: bool,
    /// Whether some of them may be hidden from a caller, by a rule of a definition or of the builder.
    any_hidden: bool,
}

/// Everything that can claim a URI besides the resource of that URI itself.
pub(crate) struct Templates {
    pub(super) candidates: Vec<Candidate>,
    /// Whether some template that is listed has a rule.
    any_rule: bool,
}

/// A template that is listed, or that the builder has a rule for.
pub(super) struct Candidate {
    pub(super) template: Option<UriTemplate>,
    pub(super) ruling: Ruling,
    pub(super) definition: ResourceTemplate,
}

/// Which resources are kept.
enum Wanted<'a> {
    All,
    /// Those with one of these URIs, in their normal forms.
    Of(HashSet<Cow<'a, str>>),
}

impl Lists {
    /// Reads what can be about `uris`.
    ///
    /// # Errors
    /// Which list can't be read, for the log: nobody can tell then which rule holds.
    pub(crate) async fn about<S: ServerHandler>(
        inner: &Inner<S>,
        shared: &Shared,
        context: &Context,
        uris: impl Iterator<Item = &str>,
    ) -> Result<Self, &'static str> {
        let wanted = Wanted::Of(uris.map(uri::normalized).collect());
        Self::read(inner, shared, context, &wanted).await
    }

    /// Reads everything.
    ///
    /// # Errors
    /// As [`about`](Self::about).
    pub(crate) async fn all<S: ServerHandler>(
        inner: &Inner<S>,
        shared: &Shared,
        context: &Context,
    ) -> Result<Self, &'static str> {
        Self::read(inner, shared, context, &Wanted::All).await
    }

    async fn read<S: ServerHandler>(
        inner: &Inner<S>,
        shared: &Shared,
        context: &Context,
        wanted: &Wanted<'_>,
    ) -> Result<Self, &'static str> {
        let mut resources = HashMap::<String, Vec<Resource>>::new();
        let (mut any_rule, mut any_hidden) = (false, shared.rules.hides_resources());
        let visited = inner.visit_resources(context, |resource| {
            let marked = rules_of(resource.meta.as_ref());
            any_rule |= !matches!(marked, Marked::None);
            any_hidden |= marked.hides();
            let normal = uri::normalized(&resource.uri);
            let is_wanted = match wanted {
                Wanted::All => true,
                Wanted::Of(uris) => uris.contains(&normal),
            };
            if is_wanted {
                resources.entry(normal.into_owned()).or_default().push(resource);
            }
            ControlFlow::Continue(())
        });
        visited.await.map_err(|_| UNREADABLE_RESOURCES)?;
        if any_rule {
            shared.note_rule();
        }
        let templates = Templates::read(inner, shared, context).await?;
        any_hidden |= templates
            .candidates
            .iter()
            .any(|candidate| candidate.ruling.hides());
        Ok(Self {
            any_rule: any_rule || templates.any_rule,
            any_hidden,
            resources,
            templates,
        })
    }

    /// Adds what is known of a resource from elsewhere.
    pub(crate) fn add(&mut self, resource: Resource) {
        let marked = rules_of(resource.meta.as_ref());
        self.any_rule |= !matches!(marked, Marked::None);
        self.any_hidden |= marked.hides();
        let normal = uri::normalized(&resource.uri).into_owned();
        self.resources.entry(normal).or_default().push(resource);
    }

    /// Whether some resource or template may be hidden from a caller.
    pub(crate) fn hide_anything(&self) -> bool {
        self.any_hidden
    }

    /// The resources with this normal form of their URI.
    pub(super) fn resources(&self, normal: &str) -> &[Resource] {
        self.resources.get(normal).map_or(&[], Vec::as_slice)
    }

    /// All resources.
    pub(super) fn each_resource(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values().flatten()
    }

    pub(super) fn candidates(&self) -> &[Candidate] {
        &self.templates.candidates
    }
}

impl Templates {
    /// Reads the server's templates.
    ///
    /// # Errors
    /// That this is not possible.
    pub(super) async fn read<S: ServerHandler>(
        inner: &Inner<S>,
        shared: &Shared,
        context: &Context,
    ) -> Result<Self, &'static str> {
        let book = &shared.rules;
        let (mut candidates, mut any_rule) = (Vec::new(), false);
        let visited = inner.visit_templates(context, |template| {
            any_rule |= !matches!(rules_of(template.meta.as_ref()), Marked::None);
            candidates.push(Candidate::listed(template, book));
            ControlFlow::Continue(())
        });
        visited.await.map_err(|_| UNREADABLE_TEMPLATES)?;
        if any_rule {
            shared.note_rule();
        }
        candidates.extend(Candidate::unlisted(book, &candidates));
        Ok(Self { candidates, any_rule })
    }
}

impl Candidate {
    fn listed(definition: ResourceTemplate, book: &RuleBook) -> Self {
        let ruling = Ruling::of(
            book.template(&definition.uri_template),
            rules_of(definition.meta.as_ref()),
        );
        Self {
            template: UriTemplate::parse(&definition.uri_template).ok(),
            ruling,
            definition,
        }
    }

    /// The builder's templates that the server does not list.
    fn unlisted(book: &RuleBook, listed: &[Self]) -> Vec<Self> {
        book.templates()
            .filter(|(template, _)| {
                !listed
                    .iter()
                    .any(|known| known.definition.uri_template == template.as_str())
            })
            .map(|(template, rules)| Self {
                template: Some(template.clone()),
                ruling: Ruling::Rules(rules.clone()),
                definition: ResourceTemplate::new(template.as_str(), template.as_str()),
            })
            .collect()
    }

    /// `None` when the template can't be matched.
    pub(super) fn matches(&self, form: &str) -> Option<Match> {
        self.template.as_ref().map(|template| template.matches(form))
    }
}
