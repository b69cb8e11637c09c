//! Documents compiled piece by piece, for explanations and warnings: what a policy
//! evaluates as one operation is apart here.

use super::super::{Compiled, Compiler, Result, Stratum};
use super::{Class, Policy, VotingMode};
use crate::combine::Effects;
use crate::syntax::tree::{
    self, Document, Expression, ExpressionKind, PolicyElement, PolicySet, SchemaStatement, Statement, Text,
    VariableDefinition,
};
use crate::syntax::{CombiningAlgorithm, Span};
use crate::value::NodeId;

/// How many levels of operations within an expression have parts of their own.
const MAX_PART_DEPTH: u32 = 12;

/// A document in parts.
#[derive(Debug)]
pub(crate) enum DocumentParts {
    Policy(PolicyParts),
    Set(SetParts),
}

#[derive(Debug)]
pub(crate) struct SetParts {
    pub(crate) name: Text,
    pub(crate) algorithm: CombiningAlgorithm,
    pub(crate) variables: Vec<Variable>,
    /// Its schemas and its target.
    pub(crate) conditions: Vec<Condition>,
    /// In the order written.
    pub(crate) policies: Vec<PolicyParts>,
    pub(crate) effects: Effects,
    pub(crate) class: Class,
}

#[derive(Debug)]
pub(crate) struct PolicyParts {
    pub(crate) name: Text,
    pub(crate) variables: Vec<Variable>,
    /// Its schemas and the conditions of its body, in the order written.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) obligations: Vec<Part>,
    pub(crate) advice: Vec<Part>,
    pub(crate) transform: Option<Part>,
    /// The policy as it is evaluated.
    pub(crate) whole: Policy,
}

#[derive(Debug)]
pub(crate) struct Variable {
    pub(crate) name: Box<str>,
    pub(crate) part: Part,
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) part: Part,
    /// Whether it needs attributes.
    pub(crate) is_stream: bool,
    /// Whether it is the same whatever is asked.
    pub(crate) is_constant: bool,
}

/// An expression and the expressions within it whose values say why it has its own.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) span: Span,
    pub(crate) id: NodeId,
    pub(crate) parts: Vec<Part>,
}

impl<'c> Compiler<'c> {
    /// Compiles a document behind those before it, in parts.
    pub(crate) fn document_parts(&mut self, document: &Document, source: &'c str) -> Result<DocumentParts> {
        let allowed_before = (self.constants_left, self.steps_left);
        self.begin(source);
        // The parts are compiled once more for each level around them.
        let times = u64::from(MAX_PART_DEPTH) + 4;
        self.constants_left = self.constants_left.saturating_mul(times);
        self.steps_left = self.steps_left.saturating_mul(times);
        let parts = match &document.element {
            PolicyElement::Policy(policy) => self
                .policy_parts(policy, &document.schemas, false)
                .map(DocumentParts::Policy),
            PolicyElement::Set(set) => self.set_parts(set, &document.schemas).map(DocumentParts::Set),
        };
        (self.constants_left, self.steps_left) = allowed_before;
        parts
    }

    fn set_parts(&mut self, set: &PolicySet, schemas: &[SchemaStatement]) -> Result<SetParts> {
        let whole = self.set(set, schemas)?;
        self.scope.clear();
        let mut variables = Vec::with_capacity(set.variables.len());
        for variable in &set.variables {
            variables.push(self.variable_part(variable)?);
        }
        let mut conditions = self.schema_parts(schemas)?;
        let outer = self.scope.clone();
        let first = whole.algorithm.mode == VotingMode::First;
        let mut policies = Vec::with_capacity(set.policies.len());
        for policy in &set.policies {
            policies.push(self.policy_parts(policy, &[], first)?);
            self.scope.clone_from(&outer);
        }
        if let Some(target) = &set.target {
            conditions.push(self.condition_part(target)?);
        }
        Ok(SetParts {
            name: set.name.clone(),
            algorithm: whole.algorithm,
            variables,
            conditions,
            policies,
            effects: whole.effects,
            class: whole.class,
        })
    }

    fn policy_parts(
        &mut self,
        policy: &tree::Policy,
        schemas: &[SchemaStatement],
        first: bool,
    ) -> Result<PolicyParts> {
        let outer = self.scope.clone();
        let enforced = self.schemas(schemas)?;
        let whole = self.policy(policy, enforced, first)?;
        self.scope.clone_from(&outer);
        let mut conditions = self.schema_parts(schemas)?;
        let mut variables = Vec::new();
        for statement in &policy.body {
            match statement {
                Statement::Variable(variable) => variables.push(self.variable_part(variable)?),
                Statement::Condition(condition) => conditions.push(self.condition_part(condition)?),
            }
        }
        Ok(PolicyParts {
            name: policy.name.clone(),
            variables,
            conditions,
            obligations: self.all_parts(&policy.obligations)?,
            advice: self.all_parts(&policy.advice)?,
            transform: policy
                .transform
                .as_ref()
                .map(|transform| self.part(transform, 0))
                .transpose()?,
            whole,
        })
    }

    fn variable_part(&mut self, variable: &VariableDefinition) -> Result<Variable> {
        let mut part = self.part(&variable.value, 0)?;
        self.define(variable)?;
        part.id = self.name(&variable.name.name, variable.span).id;
        Ok(Variable {
            name: variable.name.name.clone(),
            part,
        })
    }

    fn schema_parts(&mut self, schemas: &[SchemaStatement]) -> Result<Vec<Condition>> {
        let mut conditions = Vec::new();
        for compiled in self.schemas(schemas)? {
            let span = self.place(compiled.id, Span::default());
            let parts = Vec::new();
            conditions.push(condition(
                compiled,
                Part {
                    span,
                    id: compiled.id,
                    parts,
                },
            ));
        }
        Ok(conditions)
    }

    fn condition_part(&mut self, expression: &Expression) -> Result<Condition> {
        let compiled = self.expression(expression)?;
        let mut part = self.part(expression, 0)?;
        part.id = compiled.id;
        Ok(condition(compiled, part))
    }

    fn all_parts(&mut self, expressions: &[Expression]) -> Result<Vec<Part>> {
        expressions
            .iter()
            .map(|expression| self.part(expression, 0))
            .collect()
    }

    fn part(&mut self, expression: &Expression, depth: u32) -> Result<Part> {
        let mut parts = Vec::new();
        if depth < MAX_PART_DEPTH {
            self.inner_parts(expression, depth, &mut parts)?;
        }
        Ok(Part {
            span: expression.span,
            id: self.expression(expression)?.id,
            parts,
        })
    }

    /// The operands but for literals, which say their values by themselves.
    fn inner_parts(&mut self, expression: &Expression, depth: u32, parts: &mut Vec<Part>) -> Result<()> {
        for operand in operands(expression) {
            match &operand.kind {
                ExpressionKind::Group(_) => self.inner_parts_of_group(operand, depth, parts)?,
                _ if is_literal(operand) => {}
                _ => parts.push(self.part(operand, depth + 1)?),
            }
        }
        Ok(())
    }

    fn inner_parts_of_group(&mut self, group: &Expression, depth: u32, parts: &mut Vec<Part>) -> Result<()> {
        let mut inner = group;
        while let ExpressionKind::Group(next) = &inner.kind {
            inner = next;
        }
        if !is_literal(inner) {
            parts.push(self.part(inner, depth + 1)?);
        }
        Ok(())
    }
}

fn condition(compiled: Compiled, part: Part) -> Condition {
    Condition {
        part,
        is_stream: compiled.stratum.has(Stratum::STREAM),
        is_constant: compiled.stratum == Stratum::CONSTANT,
    }
}

/// The expressions right below, as far as they are evaluated on what is asked and nothing else.
fn operands(expression: &Expression) -> Vec<&Expression> {
    match &expression.kind {
        ExpressionKind::Group(inner) => vec![inner],
        ExpressionKind::Unary { operand, .. } => vec![operand],
        ExpressionKind::Logical { operands, .. } => operands.iter().collect(),
        ExpressionKind::Arithmetic { first, rest } => std::iter::once(&**first)
            .chain(rest.iter().map(|term| &term.operand))
            .collect(),
        ExpressionKind::Comparison { left, right, .. } => vec![left, right],
        ExpressionKind::Call(call) => call.arguments.iter().collect(),
        ExpressionKind::Array(elements) => elements.iter().collect(),
        ExpressionKind::Object(members) => members.iter().map(|member| &member.value).collect(),
        ExpressionKind::Path { base, .. }
            if !matches!(base.kind, ExpressionKind::Name(_) | ExpressionKind::Attribute(_)) =>
        {
            vec![base]
        }
        ExpressionKind::Filter { base, .. } | ExpressionKind::Subtemplate { base, .. } => vec![base],
        _ => Vec::new(),
    }
}

/// Whether an expression says its value by itself.
fn is_literal(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::Null
        | ExpressionKind::Undefined
        | ExpressionKind::Boolean(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::Text(_) => true,
        ExpressionKind::Group(inner) | ExpressionKind::Unary { operand: inner, .. } => is_literal(inner),
        ExpressionKind::Array(elements) => elements.iter().all(is_literal),
        ExpressionKind::Object(members) => members.iter().all(|member| is_literal(&member.value)),
        _ => false,
    }
}
