//! [Directories, skills and links]: "A result does not link to what a list would not show."

use serde_json::Value;

use super::{
    constraints::Effects,
    decision::Answer,
    lists::{Shown, permits_use, question_about},
    parts::Part,
    world::{Component, Rule, World},
};

/// What is left of a result, and whether that depends on who asks.
pub(super) struct Left {
    pub(super) parts: Vec<Part>,
    pub(super) in_question: bool,
    /// Whether the request is cancelled by now.
    pub(super) cancelled: bool,
}

/// Takes out links and contents of what the caller may not know of: of resources that "have a stealth rule or a gate, and a
/// list would leave it out for this caller".
pub(super) fn left(
    world: &World,
    component: &Component,
    parts: &[Part],
    cancelled: bool,
    effects: &mut Effects,
) -> Left {
    let mut questions = Vec::new();
    let shown: Vec<Shown<'_>> = parts
        .iter()
        .map(|part| match hideable(world, component, part) {
            Some(linked) => question_about(world, linked, true, &mut questions),
            None => Shown::Yes,
        })
        .collect();
    let in_question = !shown.iter().all(|shown| matches!(shown, Shown::Yes));
    // "All of a result are one question."
    if !questions.is_empty() {
        effects.push(format!("decide {}", Value::Array(questions)));
    }
    let asked: Vec<&Rule> = shown.iter().flat_map(Shown::rules).copied().collect();
    let cancels = asked.iter().any(|rule| world.cancelled == Some(rule.moment()));
    let answered = !cancels && asked.iter().all(|rule| answers(rule, cancelled));
    let mut parts = parts.to_vec();
    let mut shown = shown.into_iter();
    parts.retain(|_| match shown.next() {
        Some(Shown::Yes) => true,
        Some(Shown::If(rules)) => answered && permits_use(&rules, effects),
        Some(Shown::No) | None => false,
    });
    Left {
        parts,
        in_question,
        cancelled: cancelled || cancels,
    }
}

/// What the part links to, if that can be hidden from anybody: "contents with another URI than was asked for in a
/// resource".
fn hideable<'w>(world: &'w World, component: &Component, part: &Part) -> Option<&'w Component> {
    let uri = part.uri()?;
    if component.kind.is_resource() && uri == component.used_by() {
        return None;
    }
    let mut resources = world.components.iter().filter(|other| other.kind.is_resource());
    resources
        .find(|other| other.used_by() == uri)
        .filter(|other| other.rules.broken || other.rules.each().any(Rule::hides))
}

/// Whether there is an answer although this rule is in the question. One that takes its time is not waited for where the
/// request is cancelled.
fn answers(rule: &Rule, cancelled: bool) -> bool {
    match rule.answer {
        Answer::Now(_) | Answer::Missing => true,
        Answer::Later(_) => !cancelled,
        Answer::Never | Answer::Panic | Answer::PanicLater => false,
    }
}
