//! What the server lists that can be about a URI.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    ops::ControlFlow,
};

use rmcp::{
    ServerHandler,
    model::{Resource, ResourceTemplate, Skill},
};

use super::{
    super::Context,
    known::{KnownSkill, claims_any},
};
use crate::{
    enforcement::Inner,
    layer::Shared,
    rule::{
        Marked, RuleBook, Ruling, rules_of,
        template::{Match, UriTemplate},
        uri,
    },
    subscription::resource_of,
};

const UNREADABLE_SKILLS: &str = "the list of skills can't be read";
const UNREADABLE_RESOURCES: &str = "the list of resources can't be read";
const UNREADABLE_TEMPLATES: &str = "the list of resource templates can't be read";

/// Definitions of the server, as far as they can be about some URIs.
pub(crate) struct Lists {
    /// By the normal forms of their URIs.
    resources: HashMap<String, Vec<Resource>>,
    templates: Templates,
    skills: Vec<KnownSkill>,
    /// Whether some resource, template or skill that is listed has a rule.
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
        let Skills {
            mut any_rule,
            mut any_hidden,
            known: skills,
            listed,
        } = Skills::read(inner, context, |skill| match wanted {
            Wanted::All => true,
            Wanted::Of(uris) => claims_any(skill, uris),
        })
        .await?;
        // What a skill says of a file depends on what is listed under the URI of the skill.
        let of_skills: HashSet<&str> = skills.iter().map(KnownSkill::normal).collect();
        any_hidden |= shared.rules.hides_resources();
        let visited = inner.visit_resources(context, |resource| {
            let marked = rules_of(resource.meta.as_ref());
            any_rule |= !matches!(marked, Marked::None);
            any_hidden |= marked.hides();
            let normal = uri::normalized(&resource.uri);
            let is_wanted = match wanted {
                Wanted::All => true,
                Wanted::Of(uris) => uris.contains(&normal) || of_skills.contains(&*normal),
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
        for skill in listed {
            let normal = uri::normalized(&skill.uri).into_owned();
            resources.entry(normal).or_default().push(skill);
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
            skills,
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

    pub(super) fn skills(&self) -> &[KnownSkill] {
        &self.skills
    }
}

/// The skills of a server.
struct Skills {
    /// What the kept ones say is there.
    known: Vec<KnownSkill>,
    /// The kept ones as the resources that they are.
    listed: Vec<Resource>,
    /// Whether some skill has a rule.
    any_rule: bool,
    /// Whether some skill may be hidden from a caller by its own rule.
    any_hidden: bool,
}

impl Skills {
    /// Reads the server's skills, and keeps some.
    ///
    /// # Errors
    /// That this is not possible.
    async fn read<S: ServerHandler>(
        inner: &Inner<S>,
        context: &Context,
        is_kept: impl Fn(&Skill) -> bool + Send + Sync,
    ) -> Result<Self, &'static str> {
        let mut skills = Self {
            known: Vec::new(),
            listed: Vec::new(),
            any_rule: false,
            any_hidden: false,
        };
        let visited = inner.visit_skills(context, |skill| {
            let marked = rules_of(skill.meta.as_ref());
            skills.any_rule |= !matches!(marked, Marked::None);
            skills.any_hidden |= marked.hides();
            if is_kept(&skill) {
                skills.known.push(KnownSkill::of(&skill));
                skills.listed.push(resource_of(skill));
            }
            ControlFlow::Continue(())
        });
        visited.await.map_err(|_| UNREADABLE_SKILLS)?;
        Ok(skills)
    }
}

/// The skills that have a rule of their own, as the resources that they are.
///
/// # Errors
/// That the list can't be read.
pub(super) async fn ruled_skills<S: ServerHandler>(
    inner: &Inner<S>,
    shared: &Shared,
    context: &Context,
) -> Result<Vec<Resource>, &'static str> {
    let is_ruled = |skill: &Skill| !matches!(rules_of(skill.meta.as_ref()), Marked::None);
    let ruled = Skills::read(inner, context, is_ruled).await?.listed;
    if !ruled.is_empty() {
        shared.note_rule();
    }
    Ok(ruled)
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
