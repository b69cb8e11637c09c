//! What lists show.
//!
//! A list asks about everything that it may have to hide in one question. What is shown is what could be used: PERMIT,
//! and some handler claims each obligation. Nothing else runs but the handlers that want to run in lists.

use serde_json::{Value, json};

use super::{
    constraints::{claims, run_in_list},
    decision::{Answer, Decision, Verdict},
    operation::Ending,
    reply::Reply,
    subscription::subscription,
    value::SCHEMA_OF_A_WRAPPER,
    world::{Component, Kind, Listing, Point, Rule, World},
};

/// What is done with a component of the page.
pub(super) enum Shown<'w> {
    Yes,
    No,
    /// If all of these are decided so that it may be used.
    If(Vec<&'w Rule>),
}

/// A page of a list. Its order and cursors are those of the server: "a page whose components are all hidden is an empty
/// page".
pub(crate) fn list(world: &World, kind: Kind, from: Option<usize>) -> Ending {
    let from = from.unwrap_or(0);
    let all: Vec<&Component> = world.of_kind(kind).collect();
    let page: Vec<&Component> = all.iter().copied().skip(from).take(world.page).collect();
    let public = Some(is_public(world));
    let next = from.saturating_add(world.page);

    let mut questions = Vec::new();
    let shown: Vec<(&Component, Shown<'_>)> = page
        .into_iter()
        .map(|component| {
            let by_uri = component.kind == Kind::Resource;
            (
                component,
                question_about(world, component, by_uri, &mut questions),
            )
        })
        .collect();
    let mut effects = Vec::new();
    if !questions.is_empty() {
        effects.push(format!("decide {}", Value::Array(questions)));
    }
    // The page is one question: if nobody answers it, nothing is permitted.
    let answered = shown.iter().all(|(_, shown)| match shown {
        Shown::If(rules) => rules.iter().all(|rule| answers_in_a_list(world, rule)),
        Shown::Yes | Shown::No => true,
    });
    let mut definitions = Vec::new();
    for (component, shown) in shown {
        let is_shown = match shown {
            Shown::Yes => true,
            Shown::No => false,
            Shown::If(rules) => answered && permits_use(&rules, &mut effects),
        };
        if is_shown {
            definitions.push(definition(component));
        }
    }
    let items = match kind {
        Kind::Tool => "tools",
        Kind::Prompt => "prompts",
        Kind::Resource => "resources",
        Kind::Template => "resourceTemplates",
    };
    let mut result = json!({items: definitions});
    if next < all.len() {
        result["nextCursor"] = next.to_string().into();
    }
    Ending {
        reply: Reply::Result(result),
        effects,
        records: Vec::new(),
        public,
    }
}

/// Whether anybody may keep a page: of a server without rules, yes; else no, "whether or not something was removed".
fn is_public(world: &World) -> bool {
    world
        .components
        .iter()
        .all(|component| component.rules.are_none())
}

impl<'w> Shown<'w> {
    /// The rules that are in question.
    pub(super) fn rules(&self) -> &[&'w Rule] {
        match self {
            Self::If(rules) => rules,
            Self::Yes | Self::No => &[],
        }
    }
}

/// Whether the component is shown, and what is asked to know it: by its URI, or of a template as such.
pub(super) fn question_about<'w>(
    world: &'w World,
    component: &'w Component,
    by_uri: bool,
    questions: &mut Vec<Value>,
) -> Shown<'w> {
    let rules = &component.rules;
    if !world.enforces_listing || rules.are_none() {
        return Shown::Yes;
    }
    if rules.broken || rules.each().any(|rule| rule.listing == Some(Listing::Hidden)) {
        return Shown::No;
    }
    // What hides from nobody is no secret.
    if !rules.each().any(Rule::hides) {
        return Shown::Yes;
    }
    let (mut asked, mut about_it) = (Vec::new(), Vec::new());
    for rule in rules.each().filter(|rule| rule.listing != Some(Listing::Shown)) {
        // [Scopes]: one that hides is not shown to those who lack them.
        if rule.lacks_scopes(world) || rule.faulty.is_some() {
            return Shown::No;
        }
        about_it.push(subscription(world, component, rule, None, by_uri));
        asked.push(rule);
    }
    questions.extend(about_it);
    if asked.is_empty() {
        Shown::Yes
    } else {
        Shown::If(asked)
    }
}

/// Whether the question of a page gets an answer although this rule is in it.
fn answers_in_a_list(world: &World, rule: &Rule) -> bool {
    let cancelled = world.cancelled == Some(rule.moment());
    match rule.answer {
        Answer::Now(_) | Answer::Later(_) | Answer::Missing => !cancelled,
        Answer::Never | Answer::Panic | Answer::PanicLater => false,
    }
}

pub(super) fn permits_use(rules: &[&Rule], effects: &mut Vec<String>) -> bool {
    let mut decisions: Vec<(&Decision, Point)> = Vec::new();
    for rule in rules {
        match &rule.answer {
            Answer::Now(decision) | Answer::Later(decision) => decisions.push((decision, rule.point)),
            _ => return false,
        }
    }
    let permitted = |(decision, point): &(&Decision, Point)| {
        decision.verdict == Verdict::Permit && claims(decision, *point)
    };
    decisions.iter().all(permitted)
        && decisions
            .iter()
            .all(|(decision, _)| run_in_list(decision, effects).is_ok())
}

/// A definition as a client sees it: without a trace of its rule.
pub(crate) fn definition(component: &Component) -> Value {
    let name = &component.name;
    match component.kind {
        Kind::Tool => {
            let mut tool = json!({
                "name": name,
                "description": format!("the tool {name}"),
                "inputSchema": {"type": "object"},
            });
            if component.wraps {
                tool["outputSchema"] = serde_json::from_str(SCHEMA_OF_A_WRAPPER).expect("a schema");
            }
            tool
        }
        Kind::Prompt => json!({"name": name, "description": format!("the prompt {name}")}),
        Kind::Resource => json!({"uri": name, "name": resource_name(name)}),
        Kind::Template => json!({"uriTemplate": name, "name": name}),
    }
}

/// The name of a resource: the last part of its URI.
pub(crate) fn resource_name(uri: &str) -> &str {
    uri.rsplit('/').next().unwrap_or(uri)
}

/// What the transport is told of a tool, which asks without an identity: nothing of those that are hidden from some
/// caller.
pub(crate) fn looked_up(component: &Component) -> Option<Value> {
    let hidden = component.rules.broken || component.rules.each().any(Rule::hides);
    (!hidden).then(|| definition(component))
}
