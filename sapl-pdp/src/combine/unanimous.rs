//! `unanimous` and `unanimous strict`: members that apply must agree.

use sapl_base::Decision;

use super::{Effects, Vote, Voter};
use crate::eval::{Evaluator, Truth};
use crate::index::Candidates;

pub(super) fn combine<'a, V: Voter>(
    members: &'a [V],
    candidates: &Candidates<'_>,
    strict: bool,
    evaluator: &Evaluator<'a>,
) -> Vote<'a> {
    let mut agreed: Option<Vote<'a>> = None;
    let mut disagreed = false;
    let mut effects = Effects::NONE;
    for (_, member) in candidates.of(members) {
        let applies = member.applies(evaluator);
        if applies == Truth::False {
            continue;
        }
        effects = effects.and(member.effects());
        disagreed |= applies != Truth::True;
        if disagreed {
            continue;
        }
        let vote = member.vote(evaluator);
        match vote.decision {
            Decision::NotApplicable => continue,
            Decision::Indeterminate => {
                disagreed = true;
                continue;
            }
            _ => {}
        }
        agreed = match agreed {
            None => Some(vote),
            Some(first) => {
                let both = if strict {
                    (first.decision == vote.decision && first.constraints == vote.constraints)
                        .then_some(first)
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
