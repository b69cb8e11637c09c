//! One evaluation of everything, written down.

use sapl_base::{AuthorizationDecision, Decision};

use super::ballot::Ballot;
use super::combination::combined;
use super::explainer::{Compiled, Explainer};
use super::value::{ExplainedError, ExplainedValue};
use super::{
    Combination, ExplainedDocument, ExplainedExpression, ExplainedPolicy, ExplainedSet, ExplainedVariable,
};
use crate::attribute::Table;
use crate::combine::{Constraints, Effects, Vote};
use crate::compile::{Class, Condition, DocumentParts, Part, PolicyParts, SetParts, Variable};
use crate::eval::{Evaluator, Input, Scope, Truth};
use crate::pdp::written;
use crate::syntax::tree::Effect;
use crate::syntax::{CombiningAlgorithm, VotingMode};
use crate::value::{ErrorKind, EvaluationError, Value};

/// One evaluation of everything.
pub(super) struct Evaluation<'a> {
    pub(super) explainer: &'a Explainer,
    evaluator: Evaluator<'a>,
}

/// An explanation may use up so many times what a decision may: it evaluates what is within an expression once more by itself.
const AS_MANY_DECISIONS: u32 = 8;

impl<'a> Evaluation<'a> {
    pub(super) fn new(explainer: &'a Explainer, input: &'a Input<'a>, attributes: &'a Table) -> Self {
        let limits = explainer.limits.times(AS_MANY_DECISIONS);
        Self {
            explainer,
            evaluator: Evaluator::new(&explainer.program, input, &limits).with_attributes(attributes),
        }
    }

    pub(super) fn decided(
        &self,
        ballots: &[Ballot<'_>],
        algorithm: CombiningAlgorithm,
    ) -> (Combination, AuthorizationDecision) {
        let (mut combination, vote) = combined(ballots, algorithm, &self.evaluator);
        let is_too_large = vote.weight() > self.explainer.limits.size;
        let decision = match written(vote) {
            Ok(decision) if !is_too_large => decision,
            _ => {
                combination.end =
                    Some("the constraints are too large, or can't be written as JSON".to_owned());
                AuthorizationDecision::new(Decision::Indeterminate)
            }
        };
        (combination, decision)
    }

    pub(super) fn document(&self, document: &'a Compiled) -> (ExplainedDocument, Ballot<'a>) {
        match &document.parts {
            DocumentParts::Policy(policy) => {
                let (explained, ballot) = self.policy(document, policy);
                (ExplainedDocument::Policy(explained), ballot)
            }
            DocumentParts::Set(set) => {
                let (explained, ballot) = self.set(document, set);
                (ExplainedDocument::Set(explained), ballot)
            }
        }
    }

    fn set(&self, document: &'a Compiled, set: &'a SetParts) -> (ExplainedSet, Ballot<'a>) {
        let conditions = self.conditions(document, &set.conditions);
        let applies = conjunction(conditions.iter().map(|condition| condition.truth));
        let mut policies = Vec::with_capacity(set.policies.len());
        let mut ballots = Vec::new();
        let mut unasked = match applies {
            Truth::True => None,
            Truth::False => Some("not asked: its set does not apply".to_owned()),
            Truth::Error(_) => Some("not asked: a condition of its set is an error".to_owned()),
        };
        for policy in &set.policies {
            if let Some(reason) = &unasked {
                policies.push(self.unasked(document, policy, reason));
                continue;
            }
            let (explained, ballot) = self.policy(document, policy);
            policies.push(explained);
            if set.algorithm.mode == VotingMode::First && ballot.decision() != Decision::NotApplicable {
                unasked = Some(format!("not asked: `{}` before it decided", ballot.name));
            }
            ballots.push(ballot);
        }
        let (combination, vote) = if applies == Truth::True {
            if set.algorithm.mode == VotingMode::First {
                // Nothing but what could have been depends on those that were not asked.
                ballots.extend(set.policies.iter().skip(ballots.len()).map(abstention));
            } else {
                ballots.sort_by_key(|ballot| ballot.class);
            }
            let (combination, vote) = combined(&ballots, set.algorithm, &self.evaluator);
            (Some(combination), owned(vote))
        } else {
            (None, abstaining())
        };
        let ballot = Ballot {
            name: set.name.value.to_string(),
            applies,
            vote,
            effects: set.effects,
            class: set.class,
        };
        let reason = match (applies, &combination) {
            (Truth::True, Some(combination)) => match &combination.end {
                Some(end) => end.clone(),
                None => "its policies say so".to_owned(),
            },
            (Truth::False, _) => "a condition of the set is false".to_owned(),
            _ => "a condition of the set is an error".to_owned(),
        };
        let explained = ExplainedSet {
            name: set.name.value.to_string(),
            file: document.source.file.clone(),
            place: document.lines.place(set.name.span, &document.source.text),
            vote: ballot.decision(),
            reason,
            variables: self.variables(document, &set.variables),
            conditions: conditions
                .into_iter()
                .map(|condition| condition.explained)
                .collect(),
            policies,
            combination,
        };
        (explained, ballot)
    }

    fn policy(&self, document: &'a Compiled, policy: &'a PolicyParts) -> (ExplainedPolicy, Ballot<'a>) {
        let conditions = self.conditions(document, &policy.conditions);
        let truths = |stream: bool| {
            let of_kind = conditions
                .iter()
                .filter(move |condition| condition.is_stream == stream);
            conjunction(of_kind.map(|condition| condition.truth))
        };
        let rest = policy.whole.rest.map(|_| truths(true));
        // A false part of the body wins over an error in another.
        let applies = match (truths(false), rest) {
            (Truth::Error(_), Some(Truth::False)) => Truth::False,
            (truth, _) => truth,
        };
        let holds = match applies {
            Truth::True => rest.unwrap_or(Truth::True),
            other => other,
        };
        let asks_attributes = policy.conditions.iter().any(|condition| condition.is_stream);
        let mut explained = self.described(document, policy, holds == Truth::True);
        explained.variables = self.variables(document, &policy.variables);
        explained.conditions = conditions
            .into_iter()
            .map(|condition| condition.explained)
            .collect();
        let effects = Effects::from(policy.whole.effect);
        let (vote, reason) = match holds {
            Truth::False => (abstaining(), "a condition is false"),
            Truth::Error(_) if rest.is_none() && asks_attributes => (
                indeterminate(effects),
                "a condition is always an error, so attributes are not asked",
            ),
            Truth::Error(_) => (indeterminate(effects), "a condition is an error"),
            Truth::True => match self.constraints(policy) {
                Some(constraints) => {
                    let reason = if explained.conditions.is_empty() {
                        "it has no conditions"
                    } else {
                        "all conditions hold"
                    };
                    (voted(policy.whole.effect, constraints), reason)
                }
                None => (
                    indeterminate(effects),
                    "an obligation, advice or transform is an error",
                ),
            },
        };
        explained.vote = Some(vote.decision);
        explained.reason = reason.to_owned();
        let ballot = Ballot {
            name: explained.name.clone(),
            applies,
            vote,
            effects,
            class: policy.whole.class,
        };
        (explained, ballot)
    }

    /// A policy that nobody asks.
    fn unasked(&self, document: &'a Compiled, policy: &'a PolicyParts, reason: &str) -> ExplainedPolicy {
        let mut explained = self.described(document, policy, false);
        explained.conditions = policy
            .conditions
            .iter()
            .map(|condition| unevaluated(document, &condition.part))
            .collect();
        reason.clone_into(&mut explained.reason);
        explained
    }

    /// A policy without its variables and conditions; its constraints have values if they are needed.
    fn described(&self, document: &'a Compiled, policy: &'a PolicyParts, is_needed: bool) -> ExplainedPolicy {
        let one = |part: &'a Part| match is_needed {
            true => self.expression(document, part).0,
            false => unevaluated(document, part),
        };
        ExplainedPolicy {
            name: policy.name.value.to_string(),
            file: document.source.file.clone(),
            place: document.lines.place(policy.name.span, &document.source.text),
            effect: decision_of(policy.whole.effect),
            vote: None,
            reason: String::new(),
            variables: Vec::new(),
            conditions: Vec::new(),
            obligations: policy.obligations.iter().map(one).collect(),
            advice: policy.advice.iter().map(one).collect(),
            transform: policy.transform.as_ref().map(one),
        }
    }

    fn variables(&self, document: &'a Compiled, variables: &'a [Variable]) -> Vec<ExplainedVariable> {
        let explained = variables.iter().map(|variable| ExplainedVariable {
            name: variable.name.to_string(),
            expression: self.expression(document, &variable.part).0,
        });
        explained.collect()
    }

    fn conditions(&self, document: &'a Compiled, conditions: &'a [Condition]) -> Vec<Evaluated> {
        let evaluated = conditions.iter().map(|condition| {
            let (explained, value) = self.expression(document, &condition.part);
            Evaluated {
                explained,
                truth: truth(&value),
                is_stream: condition.is_stream,
            }
        });
        evaluated.collect()
    }

    fn expression(&self, document: &'a Compiled, part: &'a Part) -> (ExplainedExpression, Value<'a>) {
        let value = self.evaluator.value(part.id, &Scope::default());
        let mut explained = unevaluated(document, part);
        explained.value = Some(self.explained(&value));
        explained.parts = part
            .parts
            .iter()
            .map(|part| self.expression(document, part).0)
            .collect();
        (explained, value)
    }

    fn explained(&self, value: &Value<'_>) -> ExplainedValue {
        match value {
            Value::Undefined => ExplainedValue::Undefined,
            Value::Error(error) => ExplainedValue::Error(self.error(*error)),
            value => ExplainedValue::Value(value.to_json().unwrap_or_else(|_| value.to_string().into())),
        }
    }

    fn error(&self, error: EvaluationError) -> ExplainedError {
        let place = self
            .explainer
            .program
            .place(error.node())
            .and_then(|(document, span)| {
                let document = self.explainer.documents.get(document)?;
                Some(document.lines.place(span, &document.source.text))
            });
        ExplainedError {
            message: error.to_string(),
            line: place.map_or(0, |place| place.line),
            column: place.map_or(0, |place| place.column),
        }
    }

    /// What comes with the vote of a policy that applies; `None` when something of it is an error.
    fn constraints(&self, policy: &'a PolicyParts) -> Option<Constraints<'a>> {
        let value = |part: &'a Part| self.evaluator.value(part.id, &Scope::default());
        let list = |parts: &'a [Part]| {
            let mut values = Vec::new();
            for part in parts {
                match value(part) {
                    Value::Undefined => {}
                    Value::Error(_) => return None,
                    value => values.push(value),
                }
            }
            Some(values)
        };
        let resource = policy.transform.as_ref().map_or(Value::Undefined, value);
        if matches!(resource, Value::Error(_)) {
            return None;
        }
        Some(Constraints {
            obligations: list(&policy.obligations)?,
            advice: list(&policy.advice)?,
            resource,
        })
    }
}

/// A condition with its value.
struct Evaluated {
    explained: ExplainedExpression,
    truth: Truth,
    is_stream: bool,
}

fn unevaluated(document: &Compiled, part: &Part) -> ExplainedExpression {
    ExplainedExpression {
        text: part.span.text(&document.source.text).to_owned(),
        place: document.lines.place(part.span, &document.source.text),
        value: None,
        parts: Vec::new(),
    }
}

/// A value as a condition.
fn truth(value: &Value<'_>) -> Truth {
    match value {
        Value::Boolean(value) => (*value).into(),
        Value::Error(error) => Truth::Error(*error),
        other => Truth::Error(
            ErrorKind::Mismatch {
                expected: "a boolean",
                found: other.kind(),
            }
            .into(),
        ),
    }
}

/// All together: one that is false wins, else one that is an error.
fn conjunction(truths: impl Iterator<Item = Truth>) -> Truth {
    truths.fold(Truth::True, |all, one| match (all, one) {
        (Truth::False, _) | (_, Truth::False) => Truth::False,
        (error @ Truth::Error(_), _) | (_, error @ Truth::Error(_)) => error,
        (Truth::True, Truth::True) => Truth::True,
    })
}

const fn decision_of(effect: Effect) -> Decision {
    match effect {
        Effect::Permit => Decision::Permit,
        Effect::Deny => Decision::Deny,
        Effect::Suspend => Decision::Suspend,
    }
}

fn abstaining<'a>() -> Vote<'a> {
    Vote {
        decision: Decision::NotApplicable,
        effects: Effects::NONE,
        constraints: None,
    }
}

fn indeterminate<'a>(effects: Effects) -> Vote<'a> {
    Vote {
        decision: Decision::Indeterminate,
        effects,
        constraints: None,
    }
}

/// The vote without what it borrows.
fn owned<'a>(vote: Vote<'_>) -> Vote<'a> {
    let all = |values: Vec<Value<'_>>| values.into_iter().map(Value::into_owned).collect();
    Vote {
        decision: vote.decision,
        effects: vote.effects,
        constraints: vote.constraints.map(|constraints| {
            Box::new(Constraints {
                obligations: all(constraints.obligations),
                advice: all(constraints.advice),
                resource: constraints.resource.into_owned(),
            })
        }),
    }
}

fn voted(effect: Effect, constraints: Constraints<'_>) -> Vote<'_> {
    Vote {
        decision: decision_of(effect),
        effects: effect.into(),
        constraints: (constraints != Constraints::default()).then(|| Box::new(constraints)),
    }
}

/// The ballot of a policy that was not asked.
fn abstention(policy: &PolicyParts) -> Ballot<'_> {
    Ballot {
        name: policy.name.value.to_string(),
        applies: Truth::False,
        vote: abstaining(),
        effects: policy.whole.effect.into(),
        class: Class::Subscription,
    }
}
