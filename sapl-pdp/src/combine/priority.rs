//! `priority deny`, `priority permit`, `priority suspend`: one decision goes before the others.

use sapl_base::Decision;

use super::{Effects, Vote, Voter};
use crate::eval::{Evaluator, Truth};
use crate::index::Candidates;
use crate::syntax::tree::Effect;

/// An INDETERMINATE that could be the priority wins over everything, then the priority, then the stronger of the
/// other two, then other errors.
pub(super) fn combine<'a, V: Voter>(
    members: &'a [V],
    candidates: &Candidates<'_>,
    priority: Decision,
    evaluator: &Evaluator<'a>,
) -> Vote<'a> {
    let mut tally = Tally::new(priority);
    // Members that can't tell whether they apply are counted behind those that apply, but constants first of all.
    let mut doubts: Vec<Doubt<'_, V>> = Vec::new();
    for (_, member) in candidates.of(members) {
        if member.is_constant() && tally.is_settled() {
            continue;
        }
        if tally.is_beyond(member.effects()) {
            if !member.is_constant() {
                doubts.push(Doubt::Unasked(member));
            }
            continue;
        }
        match member.applies(evaluator) {
            Truth::False => {}
            Truth::True => tally.count(member.vote(evaluator)),
            Truth::Error(_) if member.is_constant() => tally.count(Vote::indeterminate(member.effects())),
            Truth::Error(_) => doubts.push(Doubt::Error(member.effects())),
        }
    }
    for doubt in doubts {
        let effects = match doubt {
            Doubt::Error(effects) => effects,
            // The priority may have lost to an error before it: then whoever combines this vote with others has to know
            // all that it could have been.
            Doubt::Unasked(member) if !tally.is_beyond(member.effects()) => match member.applies(evaluator) {
                Truth::Error(_) => member.effects(),
                Truth::True | Truth::False => continue,
            },
            Doubt::Unasked(_) => continue,
        };
        tally.count(Vote::indeterminate(effects));
    }
    tally.result
}

/// A member of which nobody knows whether it applies.
enum Doubt<'a, V> {
    Error(Effects),
    /// The priority had won over it.
    Unasked(&'a V),
}

struct Tally<'a> {
    priority: Decision,
    /// The priority as an effect.
    critical: Effects,
    /// The stronger of the other two decisions.
    second: Decision,
    result: Vote<'a>,
    /// The decision that lost its certainty because two votes replace the resource differently.
    clashed: Option<Decision>,
}

impl<'a> Tally<'a> {
    fn new(priority: Decision) -> Self {
        let (critical, second) = match priority {
            Decision::Permit => (Effect::Permit, Decision::Suspend),
            Decision::Suspend => (Effect::Suspend, Decision::Deny),
            _ => (Effect::Deny, Decision::Suspend),
        };
        Self {
            priority,
            critical: critical.into(),
            second,
            result: Vote::abstaining(),
            clashed: None,
        }
    }

    /// Whether votes with these effects can't change anything: the priority has won over them, so that nobody needs to
    /// know, nor to ask for attributes.
    fn is_beyond(&self, effects: Effects) -> bool {
        self.result.decision == self.priority && !effects.contain(self.critical)
    }

    /// Whether no vote can change the decision any more.
    fn is_settled(&self) -> bool {
        self.result.decision == Decision::Indeterminate && self.result.effects.contain(self.critical)
    }

    fn count(&mut self, vote: Vote<'a>) {
        let result = std::mem::replace(&mut self.result, Vote::abstaining());
        self.result = self.counted(result, vote);
    }

    fn counted(&mut self, result: Vote<'a>, vote: Vote<'a>) -> Vote<'a> {
        let both = result.effects.and(vote.effects);
        match (result.decision, vote.decision) {
            (_, Decision::NotApplicable) => result,
            (Decision::NotApplicable, _) => vote,
            (Decision::Indeterminate, Decision::Indeterminate) => Vote::indeterminate(both),
            (Decision::Indeterminate, _) if result.effects.contain(self.critical) => {
                Vote::indeterminate(both)
            }
            (Decision::Indeterminate, decision) => match self.clashed {
                // The clash stays until a stronger decision makes it irrelevant.
                Some(clashed) if !self.is_stronger(decision, clashed) => result,
                _ => {
                    self.clashed = None;
                    vote
                }
            },
            (_, Decision::Indeterminate) if vote.effects.contain(self.critical) => Vote::indeterminate(both),
            (_, Decision::Indeterminate) => result,
            (decision, other) if decision == other => result.merged(vote).unwrap_or_else(|| {
                self.clashed = Some(decision);
                Vote::indeterminate(both)
            }),
            (decision, other) if self.is_stronger(other, decision) => vote,
            _ => result,
        }
    }

    fn is_stronger(&self, decision: Decision, other: Decision) -> bool {
        let strength = |decision| match decision {
            _ if decision == self.priority => 2,
            _ if decision == self.second => 1,
            _ => 0,
        };
        strength(decision) > strength(other)
    }
}
