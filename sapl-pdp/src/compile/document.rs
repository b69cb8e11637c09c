//! Policies and sets.

use super::expression::ids;
use super::{Compiled, Compiler, Result, Stratum};
use crate::combine::Effects;
use crate::index::Index;
use crate::syntax::tree::{
    self, Document, Effect, Expression, PolicyElement, SchemaStatement, Statement, VariableDefinition,
};
use crate::syntax::{CombiningAlgorithm, Span, VotingMode};
use crate::value::{NodeId, Value};

mod parts;

pub(crate) use parts::{Condition, DocumentParts, Part, PolicyParts, SetParts, Variable};

/// A document of a configuration.
#[derive(Debug)]
pub(crate) enum Member {
    Policy(Policy),
    Set(Set),
}

impl Member {
    /// Whether its vote needs attributes.
    pub(crate) fn class(&self) -> Class {
        match self {
            Self::Policy(policy) => policy.class,
            Self::Set(set) => set.class,
        }
    }
}

/// A compiled policy.
#[derive(Debug)]
pub(crate) struct Policy {
    pub(crate) effect: Effect,
    /// The part of the body that needs no attributes.
    pub(crate) condition: NodeId,
    /// The part that needs them.
    pub(crate) rest: Option<NodeId>,
    pub(crate) obligations: Box<[NodeId]>,
    pub(crate) advice: Box<[NodeId]>,
    pub(crate) transform: Option<NodeId>,
    pub(crate) class: Class,
}

/// A compiled set.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) algorithm: CombiningAlgorithm,
    pub(crate) target: NodeId,
    /// Its policies; those whose vote is constant come first unless their order matters.
    pub(crate) policies: Box<[Policy]>,
    /// Which of the policies a subscription can concern, once all documents are compiled.
    pub(crate) index: Option<Index>,
    /// All effects that the set can have.
    pub(crate) effects: Effects,
    pub(crate) class: Class,
}

/// What a vote depends on, in the order in which votes are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    Constant,
    Subscription,
    Stream,
}

impl From<Stratum> for Class {
    fn from(stratum: Stratum) -> Self {
        if stratum.has(Stratum::STREAM) {
            Self::Stream
        } else if stratum == Stratum::CONSTANT {
            Self::Constant
        } else {
            Self::Subscription
        }
    }
}

impl Compiler<'_> {
    pub(super) fn member(&mut self, document: &Document) -> Result<Member> {
        Ok(match &document.element {
            PolicyElement::Policy(policy) => {
                let schemas = self.schemas(&document.schemas)?;
                Member::Policy(self.policy(policy, schemas, false)?)
            }
            PolicyElement::Set(set) => Member::Set(self.set(set, &document.schemas)?),
        })
    }

    fn set(&mut self, set: &tree::PolicySet, schemas: &[SchemaStatement]) -> Result<Set> {
        for variable in &set.variables {
            self.define(variable)?;
        }
        // Unlike those of a policy, the schemas of a set see its variables.
        let mut conditions = self.schemas(schemas)?;
        let outer = self.scope.clone();
        let algorithm = set.algorithm.combining();
        let first = algorithm.mode == VotingMode::First;
        let mut policies = Vec::with_capacity(set.policies.len());
        for policy in &set.policies {
            policies.push(self.policy(policy, Vec::new(), first)?);
            self.scope.clone_from(&outer);
        }
        if let Some(target) = &set.target {
            conditions.push(self.target(target)?);
        }
        let target = self.conjunction(&conditions, set.span);
        let effects = policies
            .iter()
            .map(|policy| Effects::from(policy.effect))
            .fold(Effects::from(algorithm.default), Effects::and);
        let class = policies
            .iter()
            .map(|policy| policy.class)
            .fold(Class::from(target.stratum), Ord::max);
        if !first {
            policies.sort_by_key(|policy| policy.class);
        }
        Ok(Set {
            algorithm,
            target: target.id,
            policies: policies.into(),
            index: None,
            effects,
            class,
        })
    }

    fn target(&mut self, target: &Expression) -> Result {
        let operand = self.expression(target)?;
        let compiled = self.conjunction(&[operand], target.span);
        if self.is_constant_error(compiled) {
            return self.refuse(
                "the target of a set is always an error or no boolean",
                target.span,
            );
        }
        if compiled.stratum.has(Stratum::STREAM) {
            return self.refuse("the target of a set can't depend on attributes", target.span);
        }
        if compiled.stratum.has(Stratum::RELATIVE) {
            return self.refuse("`@` and `#` have no meaning in the target of a set", target.span);
        }
        Ok(compiled)
    }

    fn define(&mut self, variable: &VariableDefinition) -> Result<()> {
        let value = self.expression(&variable.value)?;
        self.scope.insert(variable.name.name.clone(), value);
        Ok(())
    }

    /// A policy with the conditions of its schemas; `first` says whether it is a member of a set in which the first vote
    /// decides.
    fn policy(
        &mut self,
        policy: &tree::Policy,
        mut conditions: Vec<Compiled>,
        first: bool,
    ) -> Result<Policy> {
        for statement in &policy.body {
            match statement {
                Statement::Variable(variable) => self.define(variable)?,
                Statement::Condition(condition) => conditions.push(self.expression(condition)?),
            }
        }
        let (streams, conditions): (Vec<Compiled>, Vec<Compiled>) = conditions
            .iter()
            .partition(|condition| condition.stratum.has(Stratum::STREAM));
        let condition = self.conjunction(&conditions, policy.span);
        // What is always an error stays one whatever attributes say, except where the first vote decides.
        let rest = if streams.is_empty() || self.is_constant_error(condition) && !first {
            None
        } else {
            Some(self.conjunction(&streams, policy.span))
        };
        let obligations = self.constraints(&policy.obligations, "obligation")?;
        let advice = self.constraints(&policy.advice, "advice")?;
        let transform = match &policy.transform {
            Some(transform) => self.constraints(std::slice::from_ref(transform), "transform")?,
            None => Vec::new(),
        };
        let stratum = obligations
            .iter()
            .chain(&advice)
            .chain(&transform)
            .chain(&rest)
            .fold(condition.stratum, |stratum, part| stratum.and(part.stratum));
        // A policy that never applies, or always fails, needs nothing else.
        let class = match self.value_of(condition) {
            Some(Value::Boolean(true)) | None => Class::from(stratum),
            Some(Value::Boolean(false)) => Class::Constant,
            Some(_) if rest.is_none() => Class::Constant,
            Some(_) => Class::Stream,
        };
        Ok(Policy {
            effect: policy.effect,
            condition: condition.id,
            rest: rest.map(|rest| rest.id),
            obligations: ids(&obligations),
            advice: ids(&advice),
            transform: transform.first().map(|transform| transform.id),
            class,
        })
    }

    /// Obligations, advice or the transform: without constant errors, and not of `@` and `#` alone.
    fn constraints(&mut self, expressions: &[Expression], what: &str) -> Result<Vec<Compiled>> {
        let mut constraints = Vec::with_capacity(expressions.len());
        let mut stratum = Stratum::CONSTANT;
        for expression in expressions {
            let constraint = self.expression(expression)?;
            if let Some(error) = self.constant_error(constraint) {
                let place = self.place(error.node(), expression.span);
                return self.refuse(format!("this {what} is always an error: {error}"), place);
            }
            stratum = stratum.and(constraint.stratum);
            constraints.push(constraint);
        }
        if stratum == Stratum::RELATIVE {
            let span = expressions
                .first()
                .map_or(Span::default(), |expression| expression.span);
            return self.refuse(format!("`@` and `#` have no meaning in this {what}"), span);
        }
        constraints.retain(|constraint| !matches!(self.value_of(*constraint), Some(Value::Undefined)));
        Ok(constraints)
    }

    pub(super) fn place(&self, id: NodeId, otherwise: Span) -> Span {
        self.program.place(id).map_or(otherwise, |(_, span)| span)
    }
}
