//! From syntax trees to programs.
//!
//! Each expression has a stratum: constant, or what it depends on. What is constant is evaluated here, once; an
//! error that comes out of it is a value like any other, except where a policy would be useless with it.

pub(crate) use document::{
    Class, Condition, DocumentParts, Member, Part, Policy, PolicyParts, Set, SetParts, Variable,
};
pub use expression::CompiledExpression;

use std::collections::HashMap;

use crate::eval::{Evaluator, Input, Limits, Scope};
use crate::syntax::tree::Document;
use crate::syntax::{Diagnostic, Span};
use crate::value::{ErrorKind, EvaluationError, NodeId, Object, Value};
use program::{Node, Program};

mod document;
mod expression;
mod filter;
mod operators;
mod path;
pub(crate) mod program;
mod schema;
#[cfg(test)]
mod tests;

/// How many operations may lie within each other, variables included. Deeper expressions are errors.
pub const MAX_EXPRESSION_DEPTH: u16 = 300;

/// How much all constants of a configuration may weigh, as [`Value::weight`] counts, with their parts that are constants
/// too, besides [`CONSTANTS_PER_BYTE`]. Beyond it, constants are errors.
pub const MAX_CONSTANTS: u64 = 8 * 1024 * 1024;

/// How much more constants may weigh for each byte of the documents.
pub const CONSTANTS_PER_BYTE: u64 = 64;

/// How many steps all constants of a configuration may take to compute, besides [`CONSTANT_STEPS_PER_BYTE`]; each of them also
/// at most [`Limits::steps`]. Beyond it, constants are errors.
pub const MAX_CONSTANT_STEPS: u64 = 10_000_000;

/// How many more steps constants may take for each byte of the documents.
pub const CONSTANT_STEPS_PER_BYTE: u64 = 8;

/// Turns documents into members of a configuration that share one program.
#[derive(Debug)]
pub(crate) struct Compiler<'c> {
    program: Program,
    variables: &'c Object<'static>,
    limits: Limits,
    input: Input<'static>,
    source: &'c str,
    scope: HashMap<Box<str>, Compiled>,
    constants: HashMap<Box<str>, Compiled>,
    /// How much more the constants may weigh that are computed.
    constants_left: u64,
    /// How many more steps the constants may take that are computed.
    steps_left: u64,
}

/// A compiled expression: its node, what it depends on, how deep it is.
#[derive(Clone, Copy, Debug)]
struct Compiled {
    id: NodeId,
    stratum: Stratum,
    depth: u16,
}

/// What an expression depends on; nothing for constants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Stratum(u8);

impl Stratum {
    const CONSTANT: Self = Self(0);
    const SUBSCRIPTION: Self = Self(1);
    /// `@` and `#` of an expression around it.
    const RELATIVE: Self = Self(2);
    const STREAM: Self = Self(4);

    const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What is left outside of the expression that gives `@` and `#` their values.
    const fn outside(self) -> Self {
        Self(self.0 & !Self::RELATIVE.0)
    }
}

type Result<T = Compiled> = std::result::Result<T, Box<Diagnostic>>;

impl<'c> Compiler<'c> {
    pub(crate) fn new(variables: &'c Object<'static>, limits: Limits) -> Self {
        Self {
            program: Program::default(),
            variables,
            limits,
            input: Input::default(),
            source: "",
            scope: HashMap::new(),
            constants: HashMap::new(),
            constants_left: MAX_CONSTANTS,
            steps_left: MAX_CONSTANT_STEPS,
        }
    }

    /// Compiles a document behind those before it.
    pub(crate) fn document(&mut self, document: &Document, source: &'c str) -> Result<Member> {
        self.begin(source);
        if source.len() > self.limits.document {
            let (length, limit) = (source.len(), self.limits.document);
            let message = format!("a document may have at most {limit} bytes, this one has {length}");
            return self.refuse(message, Span::default());
        }
        self.member(document)
    }

    pub(crate) fn finish(self) -> Program {
        self.program
    }

    fn begin(&mut self, source: &'c str) {
        self.source = source;
        let bytes = u64::try_from(source.len()).unwrap_or(u64::MAX);
        let allowed = bytes.saturating_mul(CONSTANTS_PER_BYTE);
        self.constants_left = self.constants_left.saturating_add(allowed);
        let allowed = bytes.saturating_mul(CONSTANT_STEPS_PER_BYTE);
        self.steps_left = self.steps_left.saturating_add(allowed);
        self.scope.clear();
        self.constants.clear();
        let first = self.next_id().0;
        self.program.documents.push(first);
    }

    fn next_id(&self) -> NodeId {
        NodeId(u32::try_from(self.program.nodes.len()).unwrap_or(u32::MAX))
    }

    /// Adds an operation, and evaluates it at once when it depends on nothing.
    fn add(&mut self, node: Node, span: Span, stratum: Stratum, depth: u16) -> Compiled {
        if depth > self.limits.nesting.min(MAX_EXPRESSION_DEPTH) {
            return self.fail(ErrorKind::NestingLimit, span);
        }
        let id = self.push(node, span);
        if stratum == Stratum::CONSTANT {
            let steps = self.limits.steps.min(self.steps_left);
            let limits = self.limits.with_steps(steps);
            let evaluator = Evaluator::new(&self.program, &self.input, &limits);
            let value = evaluator.value(id, &Scope::default());
            self.steps_left -= steps.saturating_sub(evaluator.steps_left());
            // A constant is a copy of its parts, so what few variables stand for can be too much.
            match self.constants_left.checked_sub(value.weight()) {
                Some(left) => self.constants_left = left,
                None => return self.fail(ErrorKind::OutputLimit, span),
            }
            let value = value.into_owned();
            if let Some(node) = self.program.nodes.get_mut(id.0 as usize) {
                *node = Node::Constant(value);
            }
            return Compiled {
                id,
                stratum,
                depth: 1,
            };
        }
        Compiled { id, stratum, depth }
    }

    fn push(&mut self, node: Node, span: Span) -> NodeId {
        let id = self.next_id();
        self.program.nodes.push(node);
        self.program.spans.push(span);
        id
    }

    fn constant(&mut self, value: Value<'static>, span: Span) -> Compiled {
        Compiled {
            id: self.push(Node::Constant(value), span),
            stratum: Stratum::CONSTANT,
            depth: 1,
        }
    }

    /// A constant error at this place.
    fn fail(&mut self, kind: ErrorKind, span: Span) -> Compiled {
        let error = EvaluationError::at(kind, self.next_id());
        self.constant(error.into(), span)
    }

    fn value_of(&self, compiled: Compiled) -> Option<&Value<'static>> {
        if compiled.stratum == Stratum::CONSTANT {
            self.program.constant(compiled.id)
        } else {
            None
        }
    }

    fn constant_error(&self, compiled: Compiled) -> Option<EvaluationError> {
        match self.value_of(compiled) {
            Some(Value::Error(error)) => Some(*error),
            _ => None,
        }
    }

    fn is_constant_error(&self, compiled: Compiled) -> bool {
        self.constant_error(compiled).is_some()
    }

    fn refuse<T>(&self, message: impl Into<String>, span: Span) -> Result<T> {
        Err(Box::new(Diagnostic::new(message, span, self.source)))
    }
}

/// The stratum and depth of an operation on these operands.
fn over(operands: impl IntoIterator<Item = Compiled>) -> (Stratum, u16) {
    let (mut stratum, mut depth) = (Stratum::CONSTANT, 0);
    for operand in operands {
        stratum = stratum.and(operand.stratum);
        depth = depth.max(operand.depth);
    }
    (stratum, depth.saturating_add(1))
}
