//! Votes that are cast already, for the combining algorithms.

use crate::combine::{Effects, Vote, Voter};
use crate::compile::Class;
use crate::eval::{Evaluator, Truth};

/// A vote with what the algorithms ask a member.
#[derive(Clone, Debug)]
pub(super) struct Ballot<'a> {
    pub(super) name: String,
    pub(super) applies: Truth,
    /// The vote if it applies.
    pub(super) vote: Vote<'a>,
    pub(super) effects: Effects,
    pub(super) class: Class,
}

impl Ballot<'_> {
    /// What the algorithms make of it.
    pub(super) fn decision(&self) -> sapl_base::Decision {
        match self.applies {
            Truth::True => self.vote.decision,
            Truth::False => sapl_base::Decision::NotApplicable,
            Truth::Error(_) => sapl_base::Decision::Indeterminate,
        }
    }
}

impl Voter for Ballot<'_> {
    fn applies(&self, _: &Evaluator<'_>) -> Truth {
        self.applies
    }

    fn vote<'a>(&'a self, _: &Evaluator<'a>) -> Vote<'a> {
        self.vote.clone()
    }

    fn effects(&self) -> Effects {
        self.effects
    }

    fn is_constant(&self) -> bool {
        self.class == Class::Constant
    }
}
