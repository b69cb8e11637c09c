//! How votes are combined, step by step.

use sapl_base::Decision;
use serde::Serialize;

use super::ballot::Ballot;
use crate::combine::{Vote, combine};
use crate::eval::Evaluator;
use crate::syntax::{CombiningAlgorithm, DefaultDecision, ErrorHandling, VotingMode};

/// How many votes that are no abstentions have steps of their own: each looks at all before it.
const MAX_STEPS: usize = 100;

/// How votes were combined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Combination {
    /// The algorithm, as a set would write it.
    pub algorithm: String,
    /// Every vote that is no abstention, in the order in which they count; the first hundred.
    pub steps: Vec<CombinationStep>,
    /// What the votes are together, before the end.
    pub combined: Decision,
    /// What the end makes of it, in words, when it makes something else of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// The outcome.
    pub decision: Decision,
}

/// A vote and what all up to it are together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CombinationStep {
    /// Whose vote it is.
    pub member: String,
    /// The vote.
    pub vote: Decision,
    /// What the votes up to this one are together.
    pub so_far: Decision,
}

/// Combines the votes, of which those that are constant come first unless their order matters.
pub(super) fn combined<'a>(
    ballots: &'a [Ballot<'a>],
    algorithm: CombiningAlgorithm,
    evaluator: &Evaluator<'a>,
) -> (Combination, Vote<'a>) {
    // Without a default and with errors that stay, the end changes nothing.
    let plain = CombiningAlgorithm {
        default: DefaultDecision::Abstain,
        errors: ErrorHandling::Propagate,
        ..algorithm
    };
    let mut steps = Vec::new();
    for (index, ballot) in ballots.iter().enumerate() {
        let vote = ballot.decision();
        if vote == Decision::NotApplicable || steps.len() >= MAX_STEPS {
            continue;
        }
        let before = ballots.get(..=index).unwrap_or_default();
        steps.push(CombinationStep {
            member: ballot.name.clone(),
            vote,
            so_far: combine(before, None, plain, evaluator).decision,
        });
    }
    let combined = combine(ballots, None, plain, evaluator).decision;
    let vote = combine(ballots, None, algorithm, evaluator);
    let end = match combined {
        Decision::NotApplicable if algorithm.default == DefaultDecision::Abstain => None,
        Decision::NotApplicable => Some("nothing applies, so the default decides".to_owned()),
        Decision::Indeterminate if algorithm.errors == ErrorHandling::Abstain => {
            Some("errors abstain, and the default is for what does not apply".to_owned())
        }
        _ => None,
    };
    let combination = Combination {
        algorithm: written(algorithm),
        steps,
        combined,
        end,
        decision: vote.decision,
    };
    (combination, vote)
}

/// The algorithm as a set writes it.
fn written(algorithm: CombiningAlgorithm) -> String {
    let mode = match algorithm.mode {
        VotingMode::First => "first",
        VotingMode::PriorityDeny => "priority deny",
        VotingMode::PriorityPermit => "priority permit",
        VotingMode::PrioritySuspend => "priority suspend",
        VotingMode::Unanimous => "unanimous",
        VotingMode::UnanimousStrict => "unanimous strict",
        VotingMode::Unique => "unique",
    };
    let default = match algorithm.default {
        DefaultDecision::Deny => "deny",
        DefaultDecision::Permit => "permit",
        DefaultDecision::Suspend => "suspend",
        DefaultDecision::Abstain => "abstain",
    };
    let errors = match algorithm.errors {
        ErrorHandling::Abstain => "abstain",
        ErrorHandling::Propagate => "propagate",
    };
    format!("{mode} or {default}, errors {errors}")
}
