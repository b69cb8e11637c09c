//! `unique`: one member may apply.

use sapl_base::Decision;

use super::{Effects, Vote, Voter};
use crate::eval::{Evaluator, Truth};
use crate::index::Candidates;

/// Constant votes are counted first, then members that can't tell whether they apply, then those that apply. The
/// first INDETERMINATE ends the count; which effects it has depends on what was left to count.
pub(super) fn combine<'a, V: Voter>(
    members: &'a [V],
    candidates: &Candidates<'_>,
    evaluator: &Evaluator<'a>,
) -> Vote<'a> {
    let mut result = Vote::abstaining();
    let mut constant_effects = Effects::NONE;
    let mut applicable = Applicable::default();
    // Members whose votes are constant come first.
    for (_, member) in candidates.of(members) {
        if !member.is_constant() {
            match member.applies(evaluator) {
                Truth::False => {}
                Truth::True => applicable.push(member),
                Truth::Error(_) => result = counted(result, Vote::indeterminate(member.effects())),
            }
            continue;
        }
        let vote = match member.applies(evaluator) {
            Truth::False => continue,
            Truth::True => member.vote(evaluator),
            Truth::Error(_) => Vote::indeterminate(member.effects()),
        };
        if vote.decision != Decision::NotApplicable {
            constant_effects = constant_effects.and(vote.effects);
            result = counted(result, vote);
        }
    }
    if members.iter().all(Voter::is_constant) {
        if result.decision == Decision::Indeterminate {
            return Vote::indeterminate(result.effects.and(constant_effects));
        }
        return result;
    }
    let mut rest = applicable.first.into_iter().chain(applicable.others);
    while let Some(member) = rest.next() {
        result = counted(result, member.vote(evaluator));
        if result.decision == Decision::Indeterminate {
            let effects = rest.map(Voter::effects).fold(result.effects, Effects::and);
            return Vote::indeterminate(effects);
        }
    }
    result
}

/// Members that apply; mostly there is one.
struct Applicable<'a, V> {
    first: Option<&'a V>,
    others: Vec<&'a V>,
}

impl<'a, V> Applicable<'a, V> {
    fn push(&mut self, member: &'a V) {
        if self.first.is_none() {
            self.first = Some(member);
        } else {
            self.others.push(member);
        }
    }
}

impl<V> Default for Applicable<'_, V> {
    fn default() -> Self {
        Self {
            first: None,
            others: Vec::new(),
        }
    }
}

fn counted<'a>(result: Vote<'a>, vote: Vote<'a>) -> Vote<'a> {
    match (result.decision, vote.decision) {
        (Decision::Indeterminate, _) | (_, Decision::NotApplicable) => result,
        (Decision::NotApplicable, _) | (_, Decision::Indeterminate) => vote,
        _ => Vote::indeterminate(result.effects.and(vote.effects)),
    }
}
