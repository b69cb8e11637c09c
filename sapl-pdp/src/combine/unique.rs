//! `unique`: one member may apply.

use sapl_base::Decision;

use super::{Effects, Vote, Voter};
use crate::eval::{Evaluator, Truth};

/// Constant votes are counted first, then members that can't tell whether they apply, then those that apply. The
/// first INDETERMINATE ends the count; which effects it has depends on what was left to count.
pub(super) fn combine<'a, V: Voter>(members: &'a [V], evaluator: &Evaluator<'a>) -> Vote<'a> {
    let (constant, other): (Vec<&V>, Vec<&V>) = members.iter().partition(|member| member.is_constant());
    let mut result = Vote::abstaining();
    let mut constant_effects = Effects::NONE;
    for member in constant {
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
    if other.is_empty() {
        if result.decision == Decision::Indeterminate {
            return Vote::indeterminate(result.effects.and(constant_effects));
        }
        return result;
    }
    let mut applicable = Vec::new();
    for member in other {
        match member.applies(evaluator) {
            Truth::False => {}
            Truth::True => applicable.push(member),
            Truth::Error(_) => result = counted(result, Vote::indeterminate(member.effects())),
        }
    }
    let mut rest = applicable.into_iter();
    while let Some(member) = rest.next() {
        result = counted(result, member.vote(evaluator));
        if result.decision == Decision::Indeterminate {
            let effects = rest.map(Voter::effects).fold(result.effects, Effects::and);
            return Vote::indeterminate(effects);
        }
    }
    result
}

fn counted<'a>(result: Vote<'a>, vote: Vote<'a>) -> Vote<'a> {
    match (result.decision, vote.decision) {
        (Decision::Indeterminate, _) | (_, Decision::NotApplicable) => result,
        (Decision::NotApplicable, _) | (_, Decision::Indeterminate) => vote,
        _ => Vote::indeterminate(result.effects.and(vote.effects)),
    }
}
