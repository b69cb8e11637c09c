//! `first`: the first member that does not abstain decides.

use sapl_base::Decision;

use super::{Effects, Vote, Voter, default};
use crate::eval::{Evaluator, Truth};
use crate::syntax::{CombiningAlgorithm, ErrorHandling};

pub(super) fn combine<'a, V: Voter>(
    members: &'a [V],
    algorithm: CombiningAlgorithm,
    evaluator: &Evaluator<'a>,
) -> Vote<'a> {
    let mut rest = members.iter();
    while let Some(member) = rest.next() {
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
        let effects = rest
            .map(Voter::effects)
            .fold(vote.effects.and(Effects::from(algorithm.default)), Effects::and);
        return Vote::indeterminate(effects);
    }
    default(algorithm.default)
}
