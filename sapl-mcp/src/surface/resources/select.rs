//! What one spelling of a URI selects.

use rmcp::model::{JsonObject, Resource};

use super::lists::Candidate;
use crate::{
    layer::Shared,
    rule::{
        Marked, Rules, Ruling, rules_of,
        template::{Match, UriTemplate},
        uri,
    },
    subscription::Definition,
};

/// What one spelling of a URI selects.
pub(super) enum Selection {
    /// Nothing that is listed and nothing that a rule is about.
    Nothing,
    /// Something listed without a rule.
    Unruled(Definition, JsonObject),
    Rules(Rules, Definition, JsonObject),
    Absent(&'static str),
}

/// The best of the templates seen so far.
struct Best<'a> {
    literal: usize,
    candidate: &'a Candidate,
    variables: Vec<(String, String)>,
}

/// What both spellings of a URI select, as it was sent and in its normal form, if that is the same. `listed` are the
/// resources that have this normal form.
pub(super) fn select_both<'r>(
    sent: &str,
    normal: &str,
    shared: &Shared,
    listed: impl Iterator<Item = &'r Resource> + Clone,
    candidates: &[Candidate],
) -> Selection {
    let first = select(sent, shared, listed.clone(), candidates);
    // The second answer could not be another one.
    if sent == normal {
        return first;
    }
    agreed(first, select(normal, shared, listed, candidates))
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
    let is_marked = |resource: &&&Resource| !matches!(rules_of(resource.meta.as_ref()), Marked::None);
    // What is listed once more without its rule, as a skill can be among the resources, says nothing about it.
    let any_marked = listed.iter().any(|resource| is_marked(&resource));
    for resource in listed
        .iter()
        .filter(|resource| !any_marked || is_marked(resource))
    {
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
