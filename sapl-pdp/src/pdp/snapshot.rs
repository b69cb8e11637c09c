//! All policies of a configuration, compiled, as they are at one time.

use std::sync::Arc;

use sapl_base::AuthorizationDecision;

use super::UNWRITABLE;
use crate::attribute::{Surroundings, Table};
use crate::combine::{Vote, combine};
use crate::compile::program::Program;
use crate::compile::{Class, Compiler, Member};
use crate::eval::{Evaluator, Input, Limits};
use crate::index::{INDEXED_FROM, Index, Requirements};
use crate::memo::{Memo, Shared};
use crate::source::{Configuration, ConfigurationError};
use crate::syntax::CombiningAlgorithm;
use crate::value::{NotJson, Value};

/// All policies of a configuration.
#[derive(Debug)]
pub(super) struct Snapshot {
    /// Its number among all that the decision point has had.
    pub(super) version: u64,
    program: Program,
    members: Box<[Member]>,
    index: Option<Index>,
    /// What several decisions may have in common.
    shared: Shared,
    algorithm: CombiningAlgorithm,
    /// Whether there are no policies because they were refused.
    is_refused: bool,
    /// Whether a decision may need attributes.
    pub(super) reads_attributes: bool,
    /// What attribute finders see.
    pub(super) surroundings: Arc<Surroundings>,
}

impl Snapshot {
    pub(super) fn new(
        configuration: &Configuration,
        limits: Limits,
        version: u64,
    ) -> Result<Self, ConfigurationError> {
        let mut compiler = Compiler::new(&configuration.variables, limits);
        let mut members = Vec::with_capacity(configuration.documents.len());
        for document in &configuration.documents {
            let member = compiler
                .document(&document.tree, &document.text)
                .map_err(|problem| problem.in_file(&document.file))?;
            members.push(member);
        }
        members.sort_by_key(Member::class);
        let program = compiler.finish();
        let mut snapshot = Self {
            version,
            shared: Shared::of(&program, &members),
            program,
            reads_attributes: members.iter().any(|member| member.class() == Class::Stream),
            surroundings: Arc::new(Surroundings {
                variables: configuration.variables.clone(),
                secrets: configuration.secrets.clone(),
            }),
            members: members.into(),
            index: None,
            algorithm: configuration.algorithm,
            is_refused: false,
        };
        snapshot.index_from(INDEXED_FROM);
        Ok(snapshot)
    }

    /// No policies, so that every decision is INDETERMINATE.
    pub(super) fn refused(version: u64) -> Self {
        Self {
            version,
            program: Program::default(),
            members: Box::default(),
            index: None,
            shared: Shared::of(&Program::default(), &[]),
            algorithm: CombiningAlgorithm::default(),
            is_refused: true,
            reads_attributes: false,
            surroundings: Arc::default(),
        }
    }

    /// Indexes the members, and the policies of each set, where there are so many of them.
    fn index_from(&mut self, indexed_from: usize) {
        let mut requirements = Requirements::new(&self.program);
        for member in &mut self.members {
            if let Member::Set(set) = member {
                set.index = Index::of_policies(&mut requirements, &set.policies, indexed_from);
            }
        }
        self.index = Index::of_members(&mut requirements, &self.members, indexed_from);
    }

    /// The decision, where no attributes are needed.
    pub(super) fn decide(&self, input: &Input<'_>, limits: &Limits) -> AuthorizationDecision {
        self.decided(&Evaluator::new(&self.program, input, limits))
    }

    /// The decisions on several subscriptions, in their order, where no attributes are needed. What depends only on parts
    /// in which a subscription is like the one before it is evaluated once.
    pub(super) fn decide_all(&self, inputs: &[Input<'_>], limits: &Limits) -> Vec<AuthorizationDecision> {
        let mut memo = Memo::new(&self.shared);
        let mut last: Option<&Input<'_>> = None;
        let decisions = inputs.iter().map(|input| {
            if let Some(last) = last.replace(input) {
                memo.turn(last, input);
            }
            self.decided(&Evaluator::new(&self.program, input, limits).with_memo(&memo))
        });
        decisions.collect()
    }

    /// The decision with what is known of attributes; it means nothing when the table is not complete afterwards.
    pub(super) fn decide_with(
        &self,
        input: &Input<'_>,
        limits: &Limits,
        attributes: &Table,
    ) -> AuthorizationDecision {
        self.decided(&Evaluator::new(&self.program, input, limits).with_attributes(attributes))
    }

    fn decided(&self, evaluator: &Evaluator<'_>) -> AuthorizationDecision {
        if self.is_refused {
            return AuthorizationDecision::indeterminate();
        }
        let vote = combine(&self.members, self.index.as_ref(), self.algorithm, evaluator);
        if vote.weight() > evaluator.largest_value() {
            return UNWRITABLE;
        }
        written(vote).unwrap_or(UNWRITABLE)
    }
}

pub(crate) fn written(vote: Vote<'_>) -> Result<AuthorizationDecision, NotJson> {
    let mut decision = AuthorizationDecision::new(vote.decision);
    if let Some(constraints) = vote.constraints {
        decision.obligations = list(&constraints.obligations)?;
        decision.advice = list(&constraints.advice)?;
        if !constraints.resource.is_undefined() {
            decision.resource = Some(constraints.resource.to_json()?);
        }
    }
    Ok(decision)
}

fn list(values: &[Value<'_>]) -> Result<Vec<serde_json::Value>, NotJson> {
    values.iter().map(Value::to_json).collect()
}

#[cfg(test)]
mod tests;
