//! Votes, and how those of several members become one.

use sapl_base::Decision;

use crate::compile::{Member, Policy, Set};
use crate::eval::{Evaluator, Scope, Truth};
use crate::index::{Candidates, Index};
use crate::syntax::tree::Effect;
use crate::syntax::{CombiningAlgorithm, DefaultDecision, ErrorHandling, VotingMode};
use crate::value::{NodeId, Value};

mod first;
mod priority;
#[cfg(test)]
mod tests;
mod unanimous;
mod unique;

/// The vote of a policy or set.
///
/// Constraints are values that still borrow from subscription and program: JSON is made only of those of the vote that
/// wins.
#[derive(Clone, Debug)]
pub(crate) struct Vote<'a> {
    pub(crate) decision: Decision,
    /// The decisions that it is, or could have been when it is INDETERMINATE.
    pub(crate) effects: Effects,
    /// What comes with it; most votes have nothing, and those that lose should cost nothing.
    pub(crate) constraints: Option<Box<Constraints<'a>>>,
}

/// Obligations, advice and a replacement of the resource.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Constraints<'a> {
    pub(crate) obligations: Vec<Value<'a>>,
    pub(crate) advice: Vec<Value<'a>>,
    /// Undefined for none.
    pub(crate) resource: Value<'a>,
}

impl Constraints<'_> {
    fn is_empty(&self) -> bool {
        self.obligations.is_empty() && self.advice.is_empty() && self.resource.is_undefined()
    }

    /// Both together; `None` when they replace the resource differently.
    fn merged(mut self, other: Self) -> Option<Self> {
        if self.resource.is_undefined() {
            self.resource = other.resource;
        } else if !other.resource.is_undefined() && self.resource != other.resource {
            return None;
        }
        self.obligations.extend(other.obligations);
        self.advice.extend(other.advice);
        Some(self)
    }
}

/// A set of effects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Effects(u8);

impl Effects {
    pub(crate) const NONE: Self = Self(0);

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn contain(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl From<Effect> for Effects {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Deny => Self(1),
            Effect::Permit => Self(2),
            Effect::Suspend => Self(4),
        }
    }
}

impl From<DefaultDecision> for Effects {
    fn from(default: DefaultDecision) -> Self {
        match default {
            DefaultDecision::Deny => Effect::Deny.into(),
            DefaultDecision::Permit => Effect::Permit.into(),
            DefaultDecision::Suspend => Effect::Suspend.into(),
            DefaultDecision::Abstain => Self::NONE,
        }
    }
}

impl<'a> Vote<'a> {
    const fn plain(decision: Decision, effects: Effects) -> Self {
        Self {
            decision,
            effects,
            constraints: None,
        }
    }

    fn abstaining() -> Self {
        Self::plain(Decision::NotApplicable, Effects::NONE)
    }

    /// How large its constraints are.
    pub(crate) fn weight(&self) -> u64 {
        let Some(constraints) = &self.constraints else {
            return 0;
        };
        let of_all = constraints.obligations.iter().chain(&constraints.advice);
        of_all.fold(constraints.resource.weight(), |weight, value| {
            weight.saturating_add(value.weight())
        })
    }

    fn indeterminate(effects: Effects) -> Self {
        Self::plain(Decision::Indeterminate, effects)
    }

    /// Adds the constraints of a vote with the same decision. `None` when both replace the resource differently.
    fn merged(self, other: Self) -> Option<Self> {
        let constraints = match (self.constraints, other.constraints) {
            (Some(own), Some(others)) => Some(Box::new(own.merged(*others)?)),
            (own, others) => own.or(others),
        };
        Some(Self {
            decision: self.decision,
            effects: self.effects.and(other.effects),
            constraints,
        })
    }

    /// What the end of a combination makes of the vote: defaults for NOT_APPLICABLE, and maybe silence on errors.
    fn finished(self, algorithm: CombiningAlgorithm) -> Self {
        match (self.decision, algorithm.errors) {
            (Decision::NotApplicable, _) => default(algorithm.default),
            (Decision::Indeterminate, ErrorHandling::Abstain) => Self::abstaining(),
            _ => self,
        }
    }
}

fn default<'a>(default: DefaultDecision) -> Vote<'a> {
    let decision = match default {
        DefaultDecision::Deny => Decision::Deny,
        DefaultDecision::Permit => Decision::Permit,
        DefaultDecision::Suspend => Decision::Suspend,
        DefaultDecision::Abstain => Decision::NotApplicable,
    };
    Vote::plain(decision, default.into())
}

/// Somebody who votes: first whether it applies, then, if so, how.
///
/// The two are apart because algorithms count the votes of members that apply before those that can't tell.
pub(crate) trait Voter {
    /// Whether it applies, as far as that can be told without attributes.
    fn applies(&self, evaluator: &Evaluator<'_>) -> Truth;

    /// The vote of a member that applies; NOT_APPLICABLE when attributes say otherwise.
    fn vote<'a>(&'a self, evaluator: &Evaluator<'a>) -> Vote<'a>;

    /// What it could have voted when it can't tell whether it applies.
    fn effects(&self) -> Effects;

    /// Whether its vote is known beforehand.
    fn is_constant(&self) -> bool;
}

impl Voter for Policy {
    fn applies(&self, evaluator: &Evaluator<'_>) -> Truth {
        match (evaluator.applies(self.condition), self.rest) {
            // A false part of the body wins over an error in another.
            (Truth::Error(_), Some(rest)) if evaluator.truth(rest, &Scope::default()) == Truth::False => {
                Truth::False
            }
            (truth, _) => truth,
        }
    }

    fn vote<'a>(&'a self, evaluator: &Evaluator<'a>) -> Vote<'a> {
        let applies = self
            .rest
            .map_or(Truth::True, |rest| evaluator.truth(rest, &Scope::default()));
        let vote = match applies {
            Truth::True => self.constrained(evaluator),
            Truth::False => return Vote::abstaining(),
            Truth::Error(_) => None,
        };
        vote.unwrap_or_else(|| Vote::indeterminate(self.effects()))
    }

    fn effects(&self) -> Effects {
        self.effect.into()
    }

    fn is_constant(&self) -> bool {
        self.class == crate::compile::Class::Constant
    }
}

impl Policy {
    /// The vote with its constraints; `None` when one of them is an error.
    fn constrained<'a>(&'a self, evaluator: &Evaluator<'a>) -> Option<Vote<'a>> {
        let decision = match self.effect {
            Effect::Permit => Decision::Permit,
            Effect::Deny => Decision::Deny,
            Effect::Suspend => Decision::Suspend,
        };
        let mut vote = Vote::plain(decision, self.effects());
        if self.obligations.is_empty() && self.advice.is_empty() && self.transform.is_none() {
            return Some(vote);
        }
        let mut with = Constraints {
            obligations: constraints(&self.obligations, evaluator)?,
            advice: constraints(&self.advice, evaluator)?,
            resource: Value::Undefined,
        };
        if let Some(transform) = self.transform {
            with.resource = evaluator.value(transform, &Scope::default());
            if matches!(with.resource, Value::Error(_)) {
                return None;
            }
        }
        if !with.is_empty() {
            vote.constraints = Some(Box::new(with));
        }
        Some(vote)
    }
}

fn constraints<'a>(expressions: &[NodeId], evaluator: &Evaluator<'a>) -> Option<Vec<Value<'a>>> {
    let mut values = Vec::with_capacity(expressions.len());
    for expression in expressions {
        match evaluator.value(*expression, &Scope::default()) {
            Value::Undefined => {}
            Value::Error(_) => return None,
            value => values.push(value),
        }
    }
    Some(values)
}

impl Voter for Set {
    fn applies(&self, evaluator: &Evaluator<'_>) -> Truth {
        evaluator.applies(self.target)
    }

    fn vote<'a>(&'a self, evaluator: &Evaluator<'a>) -> Vote<'a> {
        combine(&self.policies, self.index.as_ref(), self.algorithm, evaluator)
    }

    fn effects(&self) -> Effects {
        self.effects
    }

    fn is_constant(&self) -> bool {
        self.class == crate::compile::Class::Constant
    }
}

impl Voter for Member {
    fn applies(&self, evaluator: &Evaluator<'_>) -> Truth {
        match self {
            Self::Policy(policy) => policy.applies(evaluator),
            Self::Set(set) => set.applies(evaluator),
        }
    }

    fn vote<'a>(&'a self, evaluator: &Evaluator<'a>) -> Vote<'a> {
        match self {
            Self::Policy(policy) => policy.vote(evaluator),
            Self::Set(set) => set.vote(evaluator),
        }
    }

    fn effects(&self) -> Effects {
        match self {
            Self::Policy(policy) => policy.effects(),
            Self::Set(set) => set.effects(),
        }
    }

    fn is_constant(&self) -> bool {
        match self {
            Self::Policy(policy) => policy.is_constant(),
            Self::Set(set) => set.is_constant(),
        }
    }
}

/// The vote of all members together. An index says which of them need not be asked.
pub(crate) fn combine<'a, V: Voter>(
    members: &'a [V],
    index: Option<&Index>,
    algorithm: CombiningAlgorithm,
    evaluator: &Evaluator<'a>,
) -> Vote<'a> {
    let candidates = match index {
        Some(index) => index.candidates(evaluator),
        None => Candidates::all(members.len()),
    };
    let priority = |decision| priority::combine(members, &candidates, decision, evaluator);
    let vote = match algorithm.mode {
        VotingMode::First => return first::combine(members, &candidates, algorithm, evaluator),
        VotingMode::PriorityDeny => priority(Decision::Deny),
        VotingMode::PriorityPermit => priority(Decision::Permit),
        VotingMode::PrioritySuspend => priority(Decision::Suspend),
        VotingMode::Unanimous => unanimous::combine(members, &candidates, false, evaluator),
        VotingMode::UnanimousStrict => unanimous::combine(members, &candidates, true, evaluator),
        VotingMode::Unique => unique::combine(members, &candidates, evaluator),
    };
    vote.finished(algorithm)
}
