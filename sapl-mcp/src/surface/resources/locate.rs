//! Which rule holds for a URI.
//!
//! A rule is looked for by the URI as it was sent and by its normal form (RFC 3986, section 6.2.2). If the two
//! select different rules, or one selects none, the request is answered as not found: else a second spelling of a
//! URI would be a way around the rule of the first.

use std::{borrow::Cow, ops::ControlFlow, sync::Arc};

use rmcp::{
    ServerHandler,
    model::{JsonObject, Resource, ResourceTemplate},
};

use super::super::Context;
use crate::{
    rule::{
        Marked, Rule, RuleBook, Ruling, rule_of,
        template::{Match, UriTemplate},
        uri,
    },
    service::SaplService,
    subscription::Definition,
};

/// The longest URI that is looked up, in bytes.
pub(crate) const MAX_URI_BYTES: usize = 8 * 1024;

/// What is known of a URI.
pub(crate) struct Located {
    pub(crate) ruling: Ruling,
    pub(crate) definition: Definition,
    /// The variables of the template, none for a resource of its own.
    pub(crate) variables: JsonObject,
}

/// What one spelling of a URI selects.
enum Selection {
    /// Nothing that is listed and nothing that a rule is about.
    Nothing,
    /// Something listed without a rule.
    Unruled(Definition),
    Rule(Arc<Rule>, Definition, JsonObject),
    Absent(&'static str),
}

/// A template that is listed, or that the builder has a rule for.
struct Candidate {
    template: Option<UriTemplate>,
    ruling: Ruling,
    definition: ResourceTemplate,
}

/// The best of the templates seen so far.
struct Best<'a> {
    literal: usize,
    rule: &'a Arc<Rule>,
    candidate: &'a Candidate,
    variables: Vec<(String, String)>,
}

/// Finds the rule for `uri`.
pub(crate) async fn locate<S: ServerHandler>(
    service: &SaplService<S>,
    uri: &str,
    context: &Context,
) -> Located {
    let shared = &*service.shared;
    if uri.len() > MAX_URI_BYTES {
        return Located::absent(uri, "the URI is too long");
    }
    let forms = [Cow::Borrowed(uri), uri::normalized(uri)];
    let (mut resources, mut any_rule) = (Vec::new(), shared.rules.has_resources());
    let visited = service.inner.visit_resources(context, |resource| {
        any_rule |= !matches!(rule_of(resource.meta.as_ref()), Marked::None);
        if forms.iter().any(|form| is(&resource.uri, form)) {
            resources.push(resource);
        }
        ControlFlow::Continue(())
    });
    if visited.await.is_err() {
        return Located::absent(uri, "the list of resources can't be read");
    }
    let mut candidates = Vec::new();
    let visited = service.inner.visit_templates(context, |template| {
        any_rule |= !matches!(rule_of(template.meta.as_ref()), Marked::None);
        candidates.push(Candidate::listed(template, &shared.rules));
        ControlFlow::Continue(())
    });
    if visited.await.is_err() {
        return Located::absent(uri, "the list of resource templates can't be read");
    }
    candidates.extend(Candidate::unlisted(&shared.rules, &candidates));

    let [sent, normal] = forms.map(|form| select(&form, &shared.rules, &resources, &candidates));
    let unlisted = || Located {
        ruling: Ruling::unlisted(shared, any_rule),
        definition: Resource::new(uri, uri).into(),
        variables: JsonObject::new(),
    };
    match (sent, normal) {
        (Selection::Rule(rule, definition, variables), Selection::Rule(other, ..))
            if Arc::ptr_eq(&rule, &other) =>
        {
            Located {
                ruling: Ruling::Rule(rule),
                definition,
                variables,
            }
        }
        (Selection::Unruled(definition), Selection::Unruled(_) | Selection::Nothing) => Located {
            ruling: Ruling::listed_unruled(shared),
            definition,
            variables: JsonObject::new(),
        },
        (Selection::Nothing, Selection::Unruled(_) | Selection::Nothing) => unlisted(),
        (Selection::Absent(reason), _) | (_, Selection::Absent(reason)) => Located::absent(uri, reason),
        _ => Located::absent(uri, "the URI and its normal form have different rules"),
    }
}

/// Notes it when some listed resource or template has a rule, unless any rule is known. False when a list can't be
/// read.
pub(crate) async fn look_for_rules<S: ServerHandler>(service: &SaplService<S>, context: &Context) -> bool {
    let shared = &*service.shared;
    if shared.has_rules() {
        return true;
    }
    let note = |marked| match marked {
        Marked::None => ControlFlow::Continue(()),
        Marked::Rule(_) | Marked::Invalid => {
            shared.note_rule();
            ControlFlow::Break(())
        }
    };
    let resources = service
        .inner
        .visit_resources(context, |resource| note(rule_of(resource.meta.as_ref())))
        .await;
    let templates = service
        .inner
        .visit_templates(context, |template| note(rule_of(template.meta.as_ref())))
        .await;
    resources.is_ok() && templates.is_ok()
}

/// What `form` selects: the rule of exactly this resource, else the one of the best matching template that has one.
fn select(form: &str, book: &RuleBook, resources: &[Resource], candidates: &[Candidate]) -> Selection {
    let listed: Vec<&Resource> = resources
        .iter()
        .filter(|resource| is(&resource.uri, form))
        .collect();
    let mut exact = None;
    for resource in &listed {
        match Ruling::of(book.resource(form), rule_of(resource.meta.as_ref())) {
            Ruling::Absent(reason) => return Selection::Absent(reason),
            Ruling::Rule(rule) => match &exact {
                Some((known, _)) if !Arc::ptr_eq(known, &rule) => {
                    return Selection::Absent("two listed resources of this URI have different rules");
                }
                _ => exact = Some((rule, (*resource).clone())),
            },
            Ruling::Unruled(_) | Ruling::Denied => {}
        }
    }
    if let Some((rule, resource)) = exact {
        return Selection::Rule(rule, resource.into(), JsonObject::new());
    }
    if let (true, Some(rule)) = (listed.is_empty(), book.resource(form)) {
        return Selection::Rule(
            Arc::clone(rule),
            Resource::new(form, form).into(),
            JsonObject::new(),
        );
    }
    match best(form, candidates) {
        Selection::Nothing => match listed.first() {
            Some(resource) => Selection::Unruled((*resource).clone().into()),
            None => Selection::Nothing,
        },
        selection => selection,
    }
}

/// The ruled template with the most literal characters of those that match, else an unruled one.
fn best(form: &str, candidates: &[Candidate]) -> Selection {
    let mut best: Option<Best<'_>> = None;
    let mut tie = false;
    let mut unruled = None;
    for candidate in candidates {
        let rule = match &candidate.ruling {
            Ruling::Rule(rule) => Some(rule),
            Ruling::Absent(reason) => match candidate.matches(form) {
                Some(Match::No) => continue,
                _ => return Selection::Absent(reason),
            },
            Ruling::Unruled(_) | Ruling::Denied => None,
        };
        let variables = match (candidate.matches(form), rule) {
            (None, Some(_)) => {
                return Selection::Absent("a template with a rule has a syntax that can't be matched");
            }
            (Some(Match::Refused), Some(_)) => {
                return Selection::Absent("a variable of the URI is badly encoded");
            }
            (Some(Match::Yes(variables)), _) => variables,
            (None | Some(Match::No | Match::Refused), _) => continue,
        };
        let (Some(rule), Some(template)) = (rule, &candidate.template) else {
            unruled = Some(candidate);
            continue;
        };
        let literal = template.literal_len();
        match &best {
            Some(best) if best.literal > literal => {}
            Some(best) if best.literal == literal => tie |= !Arc::ptr_eq(best.rule, rule),
            _ => {
                tie = false;
                best = Some(Best {
                    literal,
                    rule,
                    candidate,
                    variables,
                });
            }
        }
    }
    match best {
        Some(_) if tie => Selection::Absent("two templates with different rules match equally well"),
        Some(Best {
            rule,
            candidate,
            variables,
            ..
        }) => {
            let variables = variables
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect();
            Selection::Rule(Arc::clone(rule), candidate.definition.clone().into(), variables)
        }
        None => unruled.map_or(Selection::Nothing, |candidate| {
            Selection::Unruled(candidate.definition.clone().into())
        }),
    }
}

/// Whether a listed URI is the one in this form.
fn is(listed: &str, form: &str) -> bool {
    listed == form || uri::normalized(listed) == form
}

impl Candidate {
    fn listed(definition: ResourceTemplate, book: &RuleBook) -> Self {
        let ruling = Ruling::of(
            book.template(&definition.uri_template),
            rule_of(definition.meta.as_ref()),
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
            .map(|(template, rule)| Self {
                template: Some(template.clone()),
                ruling: Ruling::Rule(Arc::clone(rule)),
                definition: ResourceTemplate::new(template.as_str(), template.as_str()),
            })
            .collect()
    }

    /// `None` when the template can't be matched.
    fn matches(&self, form: &str) -> Option<Match> {
        self.template.as_ref().map(|template| template.matches(form))
    }
}

impl Located {
    fn absent(uri: &str, reason: &'static str) -> Self {
        Self {
            ruling: Ruling::Absent(reason),
            definition: Resource::new(uri, uri).into(),
            variables: JsonObject::new(),
        }
    }
}
