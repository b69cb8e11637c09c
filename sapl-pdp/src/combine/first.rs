//! `first`: the first member that does not abstain decides.

use sapl_base::Decision;

use super::{Effects, Vote, Voter, default};
use crate::eval::{Evaluator, Truth};
use crate::index::Candidates;
use crate::syntax::{CombiningAlgorithm, ErrorHandling};

pub(super) fn combine<'a, V: Voter>(
    members: &'a [V],
    candidates: &Candidates<'_>,
    algorithm: CombiningAlgorithm,
    evaluator: &Evaluator<'a>,
) -> Vote<'a> {
    for (place, member) in candidates.of(members) {
        let vote = match member.applies(evaluator) {
            Truth::False => continue,
            Truth::True => member.vote(evaluator),
            Truth::Error(_) => Vote::indeterminate(member.effects()),
        };
        match vote.decision {
            Decision::NotApplicable => continue,
            Decision::Indeterminate => {}
            _ => return vote,
        }
        if algorithm.errors == ErrorHandling::Abstain {
            return Vote::abstaining();
        }
        // Had it abstained, the members behind it or the default would have decided.
        let behind = members.get(place + 1..).unwrap_or_default();
        let effects = behind
            .iter()
            .map(Voter::effects)
            .fold(vote.effects.and(Effects::from(algorithm.default)), Effects::and);
        return Vote::indeterminate(effects);
    }
    default(algorithm.default)
}
