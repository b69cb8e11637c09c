//! Which rule holds for a URI.
//!
//! A rule is looked for by the URI as it was sent and by its normal form (RFC 3986, section 6.2.2). If the two
//! select different rules, or one selects none, the request is answered as not found: else a second spelling of a
//! URI would be a way around the rule of the first.

use std::{borrow::Cow, collections::HashMap, ops::ControlFlow};

use rmcp::{
    ServerHandler,
    model::{JsonObject, Resource, ResourceTemplate},
};

use super::super::Context;
use crate::{
    enforcement::listing::Found,
    layer::Shared,
    rule::{
        Marked, RuleBook, Rules, Ruling, rules_of,
        template::{Match, UriTemplate},
        uri,
    },
    service::SaplService,
    subscription::Definition,
};

const TOO_LONG: &str = "the URI is too long";
const UNREADABLE_TEMPLATES: &str = "the list of resource templates can't be read";

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
    Unruled(Definition, JsonObject),
    Rules(Rules, Definition, JsonObject),
    Absent(&'static str),
}

/// A template that is listed, or that the builder has a rule for.
struct Candidate {
    template: Option<UriTemplate>,
    ruling: Ruling,
    definition: ResourceTemplate,
}

/// Everything that can claim a URI besides the resource of that URI itself.
pub(super) struct Templates {
    candidates: Vec<Candidate>,
    /// Whether some template that is listed has a rule.
    any_rule: bool,
}

/// The best of the templates seen so far.
struct Best<'a> {
    literal: usize,
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
        return Located::absent(uri, TOO_LONG);
    }
    let forms = [Cow::Borrowed(uri), uri::normalized(uri)];
    let (mut resources, mut any_rule) = (Vec::new(), shared.rules.has_resources());
    let visited = service.inner.visit_resources(context, |resource| {
        any_rule |= !matches!(rules_of(resource.meta.as_ref()), Marked::None);
        if forms.iter().any(|form| is(&resource.uri, form)) {
            resources.push(resource);
        }
        ControlFlow::Continue(())
    });
    if visited.await.is_err() {
        return Located::absent(uri, "the list of resources can't be read");
    }
    let Some(templates) = Templates::read(service, context).await else {
        return Located::absent(uri, UNREADABLE_TEMPLATES);
    };
    let [sent, normal] = forms.map(|form| select(&form, shared, &resources, &templates.candidates));
    match agreed(sent, normal) {
        Selection::Rules(rules, definition, variables) => Located {
            ruling: Ruling::Rules(rules),
            definition,
            variables,
        },
        Selection::Unruled(definition, variables) => Located {
            ruling: Ruling::listed_unruled(shared),
            definition,
            variables,
        },
        Selection::Nothing => Located {
            ruling: Ruling::unlisted(shared, any_rule || templates.any_rule),
            definition: Resource::new(uri, uri).into(),
            variables: JsonObject::new(),
        },
        Selection::Absent(reason) => Located::absent(uri, reason),
    }
}

/// The rules that reading the resources of a page would be under. What a reader would not find is absent. `others`
/// are definitions of resources that the server lists elsewhere.
pub(super) fn rulings(
    page: &[Resource],
    others: &[Resource],
    templates: Option<&Templates>,
    shared: &Shared,
) -> Vec<Found> {
    let absent = |reason| Found::from(Ruling::Absent(reason));
    let Some(Templates { candidates, .. }) = templates else {
        return page.iter().map(|_| absent(UNREADABLE_TEMPLATES)).collect();
    };
    let mut by_uri: HashMap<Cow<'_, str>, Vec<&Resource>> = HashMap::new();
    for resource in page.iter().chain(others) {
        by_uri
            .entry(uri::normalized(&resource.uri))
            .or_default()
            .push(resource);
    }
    let found = |resource: &Resource| {
        let sent = resource.uri.as_str();
        if sent.len() > MAX_URI_BYTES {
            return absent(TOO_LONG);
        }
        let normal = uri::normalized(sent);
        let listed = by_uri.get(&normal).map_or(&[][..], Vec::as_slice);
        let [sent, normal] =
            [sent, &*normal].map(|form| select(form, shared, listed.iter().copied(), candidates));
        match agreed(sent, normal) {
            Selection::Rules(rules, definition, _) => Found {
                ruling: Ruling::Rules(rules),
                instance: matches!(definition, Definition::ResourceTemplate(_))
                    .then(|| (definition, resource.uri.clone())),
            },
            Selection::Unruled(..) | Selection::Nothing => Ruling::of(None, Marked::None).into(),
            Selection::Absent(reason) => absent(reason),
        }
    };
    page.iter().map(found).collect()
}

/// What both spellings of a URI select, if that is the same.
fn agreed(sent: Selection, normal: Selection) -> Selection {
    match (sent, normal) {
        (Selection::Rules(rules, definition, variables), Selection::Rules(other, ..))
            if rules.are(&other) =>
        {
            Selection::Rules(rules, definition, variables)
        }
        (
            sent @ (Selection::Unruled(..) | Selection::Nothing),
            Selection::Unruled(..) | Selection::Nothing,
        ) => sent,
        (Selection::Absent(reason), _) | (_, Selection::Absent(reason)) => Selection::Absent(reason),
        _ => Selection::Absent("the URI and its normal form have different rules"),
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
        Marked::Rules(_) | Marked::Invalid => {
            shared.note_rule();
            ControlFlow::Break(())
        }
    };
    let resources = service
        .inner
        .visit_resources(context, |resource| note(rules_of(resource.meta.as_ref())))
        .await;
    let templates = service
        .inner
        .visit_templates(context, |template| note(rules_of(template.meta.as_ref())))
        .await;
    resources.is_ok() && templates.is_ok()
}

/// What `form` selects: the rule of exactly this resource, else the one of the best matching template that has one.
fn select<'r>(
    form: &str,
    shared: &Shared,
    resources: impl IntoIterator<Item = &'r Resource>,
    candidates: &[Candidate],
) -> Selection {
    let book = &shared.rules;
    let listed: Vec<&Resource> = resources
        .into_iter()
        .filter(|resource| is(&resource.uri, form))
        .collect();
    let mut exact = None;
    for resource in &listed {
        match Ruling::of(book.resource(form), rules_of(resource.meta.as_ref())) {
            Ruling::Absent(reason) => return Selection::Absent(reason),
            Ruling::Rules(rules) => match &exact {
                Some((known, _)) if !rules.are(known) => {
                    return Selection::Absent("two listed resources of this URI have different rules");
                }
                _ => exact = Some((rules, (*resource).clone())),
            },
            Ruling::Unruled(_) | Ruling::Denied => {}
        }
    }
    if let Some((rules, resource)) = exact {
        return Selection::Rules(rules, resource.into(), JsonObject::new());
    }
    if let (true, Some(rules)) = (listed.is_empty(), book.resource(form)) {
        return Selection::Rules(rules.clone(), Resource::new(form, form).into(), JsonObject::new());
    }
    // A resource in its own right is no instance of a template, so that one without a rule says nothing about it.
    let decides_unruled = listed.is_empty() && shared.unannotated.is_some();
    match (best(form, candidates, decides_unruled), listed.first()) {
        (Selection::Nothing | Selection::Unruled(..), Some(resource)) => {
            Selection::Unruled((*resource).clone().into(), JsonObject::new())
        }
        (selection, _) => selection,
    }
}

/// The ruled template with the most literal characters of those that match, else the unruled one, whose variables have
/// to be good as well where it is decided about.
fn best(form: &str, candidates: &[Candidate], decides_unruled: bool) -> Selection {
    let (mut ruled, mut unruled): (Option<Best<'_>>, Option<Best<'_>>) = (None, None);
    let mut tie = false;
    for candidate in candidates {
        let rules = match &candidate.ruling {
            Ruling::Rules(rules) => Some(rules),
            Ruling::Absent(reason) => match candidate.matches(form) {
                Some(Match::No) => continue,
                _ => return Selection::Absent(reason),
            },
            Ruling::Unruled(_) | Ruling::Denied => None,
        };
        let variables = match (candidate.matches(form), rules) {
            (None, Some(_)) => {
                return Selection::Absent("a template with a rule has a syntax that can't be matched");
            }
            (Some(Match::Refused), rules) if rules.is_some() || decides_unruled => {
                return Selection::Absent("a variable of the URI is badly encoded");
            }
            (Some(Match::Yes(variables)), _) => variables,
            (None | Some(Match::No | Match::Refused), _) => continue,
        };
        let literal = candidate.template.as_ref().map_or(0, UriTemplate::literal_len);
        let best = if rules.is_some() { &mut ruled } else { &mut unruled };
        match best {
            Some(best) if best.literal > literal => {}
            Some(best) if best.literal == literal => {
                tie |= match (&best.candidate.ruling, rules) {
                    (Ruling::Rules(known), Some(rules)) => !rules.are(known),
                    _ => false,
                };
            }
            _ => {
                tie &= rules.is_none();
                *best = Some(Best {
                    literal,
                    candidate,
                    variables,
                });
            }
        }
    }
    if tie {
        return Selection::Absent("two templates with different rules match equally well");
    }
    let Some(Best {
        candidate, variables, ..
    }) = ruled.or(unruled)
    else {
        return Selection::Nothing;
    };
    let definition = candidate.definition.clone().into();
    let variables = variables
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    match &candidate.ruling {
        Ruling::Rules(rules) => Selection::Rules(rules.clone(), definition, variables),
        _ => Selection::Unruled(definition, variables),
    }
}

/// Whether a listed URI is the one in this form.
fn is(listed: &str, form: &str) -> bool {
    listed == form || uri::normalized(listed) == form
}

impl Templates {
    /// Reads the server's templates; `None` when that is not possible.
    pub(super) async fn read<S: ServerHandler>(service: &SaplService<S>, context: &Context) -> Option<Self> {
        let book = &service.shared.rules;
        let (mut candidates, mut any_rule) = (Vec::new(), false);
        let visited = service.inner.visit_templates(context, |template| {
            any_rule |= !matches!(rules_of(template.meta.as_ref()), Marked::None);
            candidates.push(Candidate::listed(template, book));
            ControlFlow::Continue(())
        });
        visited.await.ok()?;
        candidates.extend(Candidate::unlisted(book, &candidates));
        Some(Self { candidates, any_rule })
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
