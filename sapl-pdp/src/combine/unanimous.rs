//! `unanimous` and `unanimous strict`: members that apply must agree.

use sapl_base::Decision;

use super::{Effects, Vote, Voter};
use crate::eval::{Evaluator, Truth};

pub(super) fn combine<'a, V: Voter>(members: &'a [V], strict: bool, evaluator: &Evaluator<'a>) -> Vote<'a> {
    let mut agreed: Option<Vote<'a>> = None;
    let mut disagreed = false;
    let mut effects = Effects::NONE;
    for member in members {
        let vote = match member.applies(evaluator) {
            Truth::False => continue,
            Truth::True => member.vote(evaluator),
            Truth::Error(_) => Vote::indeterminate(member.effects()),
        };
        if vote.decision == Decision::NotApplicable {
            continue;
        }
        effects = effects.and(vote.effects);
        disagreed |= vote.decision == Decision::Indeterminate;
        if disagreed {
            continue;
        }
        agreed = match agreed {
            None => Some(vote),
            Some(first) => {
                let both = if strict {
                    (first.decision == vote.decision && first.constraints == vote.constraints).then_some(first)
                } else if first.decision == vote.decision {
                    first.merged(vote)
                } else {
                    None
                };
                disagreed = both.is_none();
                both
            }
        };
    }
    if disagreed {
        return Vote::indeterminate(effects);
    }
    agreed.unwrap_or_else(Vote::abstaining)
}
