//! Evaluation of compiled expressions.
//!
//! The evaluator walks the nodes of a [`Program`]; values are borrowed from the subscription and the program until
//! something new has to be made of them. Depth is bounded when the program is compiled, work and output by
//! [`Limits`] while it runs.

use crate::attribute::Table;
use crate::compile::program::{Node, Program};
use crate::memo::Memo;
use crate::syntax::tree::SubscriptionElement;
use crate::value::{ErrorKind, EvaluationError, NodeId, Value};

use budget::Budget;
pub use input::Input;
pub use limits::Limits;

mod budget;
mod call;
mod comparison;
mod filter;
mod in_place;
mod input;
mod limits;
mod logic;
mod operators;
mod path;
mod recursive;
mod schema;
mod subtemplate;
#[cfg(test)]
mod tests;

/// One evaluation: a program, what it is evaluated on, and what it may still use up.
#[derive(Debug)]
pub(crate) struct Evaluator<'a> {
    pub(crate) program: &'a Program,
    input: &'a Input<'a>,
    /// What is known of attributes; nothing where none may be read.
    attributes: Option<&'a Table>,
    /// What is known of conjuncts; nothing where one decision is made.
    memo: Option<&'a Memo<'a>>,
    budget: Budget,
}

/// What `@` and `#` stand for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope<'a> {
    value: Value<'a>,
    location: Value<'a>,
}

/// The outcome of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Error(EvaluationError),
}

impl<'a> Evaluator<'a> {
    pub(crate) fn new(program: &'a Program, input: &'a Input<'a>, limits: &Limits) -> Self {
        Self {
            program,
            input,
            attributes: None,
            memo: None,
            budget: Budget::new(limits),
        }
    }

    /// The evaluation with what is known of attributes.
    pub(crate) const fn with_attributes(mut self, attributes: &'a Table) -> Self {
        self.attributes = Some(attributes);
        self
    }

    /// The evaluation with what was found out for other subscriptions that share parts with this one.
    pub(crate) const fn with_memo(mut self, memo: &'a Memo<'a>) -> Self {
        self.memo = Some(memo);
        self
    }

    /// How many steps are left.
    pub(crate) fn steps_left(&self) -> u64 {
        self.budget.steps_left()
    }

    /// The value of a node.
    pub(crate) fn value(&self, id: NodeId, scope: &Scope<'a>) -> Value<'a> {
        if let Err(kind) = self.step() {
            return error(kind, id);
        }
        match self.program.node(id) {
            Node::Constant(value) => value.reborrow(),
            Node::Subscription { element, keys } => self.subscription(*element, keys, id),
            Node::Relative => scope.value.clone(),
            Node::Location => scope.location.clone(),
            Node::Fail(kind) => error(*kind, id),
            Node::Not(_) | Node::And(_) | Node::Or(_) | Node::Xor(_) | Node::Matches { .. } => {
                self.truth(id, scope).into()
            }
            Node::Comparison {
                operator,
                left,
                right,
            } => self.compare(*operator, *left, *right, id, scope).into(),
            Node::Complies { element, schemas } => self.complies(*element, schemas, id).into(),
            Node::Minus(operand) => self.sign(*operand, true, id, scope),
            Node::Plus(operand) => self.sign(*operand, false, id, scope),
            Node::Arithmetic { first, rest } => self.arithmetic(*first, rest, id, scope),
            Node::Path { base, steps } => self.path(*base, steps, scope),
            Node::Array(elements) => self.array(elements, id, scope),
            Node::Object(members) => self.object(members, id, scope),
            Node::Call(call) => self.call(call, id, scope),
            Node::Attribute { entity, access } => self.attribute(*entity, access, id, scope),
            Node::FilterEach { base, call } => self.filter_each(*base, *call, id, scope),
            Node::Filter { base, statements } => self.filter(*base, statements, id, scope),
            Node::Subtemplate { base, template } => self.subtemplate(*base, *template, id, scope),
        }
    }

    /// The part of the subscription that a node stands for; undefined for other nodes.
    pub(crate) fn subscription_value(&self, id: NodeId) -> Value<'a> {
        match self.program.node(id) {
            Node::Subscription { element, keys } => self.subscription(*element, keys, id),
            _ => Value::Undefined,
        }
    }

    /// Counts work; `None` when there may be no more.
    pub(crate) fn spend(&self, steps: u32) -> Option<()> {
        self.steps(steps as usize).ok()
    }

    fn subscription(&self, element: SubscriptionElement, keys: &'a [Box<str>], id: NodeId) -> Value<'a> {
        let root = self.input.element(element);
        let Some((first, rest)) = keys.split_first() else {
            return root.reborrow();
        };
        let Value::Object(object) = root else {
            return self.projected(root, keys, id);
        };
        let Some(mut json) = object.as_json().and_then(|members| members.get(&**first)) else {
            return self.projected(root, keys, id);
        };
        // References into the caller's tree suffice until an array has to be projected.
        for (index, key) in rest.iter().enumerate() {
            match json {
                serde_json::Value::Object(members) => match members.get(&**key) {
                    Some(value) => json = value,
                    None => return Value::Undefined,
                },
                serde_json::Value::Array(_) => {
                    let rest = rest.get(index..).unwrap_or_default();
                    return self.projected(&Value::from_json(json), rest, id);
                }
                _ => return Value::Undefined,
            }
        }
        Value::from_json(json)
    }

    fn projected(&self, root: &Value<'a>, keys: &'a [Box<str>], id: NodeId) -> Value<'a> {
        let mut value = root.clone();
        for key in keys {
            value = self.key(&value, key, id);
        }
        value
    }

    /// How large a value may be, and all constraints together.
    pub(crate) fn largest_value(&self) -> u64 {
        self.budget.largest_value()
    }

    /// Counts one step of work.
    fn step(&self) -> Result<(), ErrorKind> {
        self.budget.steps(1)
    }

    fn steps(&self, count: usize) -> Result<(), ErrorKind> {
        self.budget.steps(u64::try_from(count).unwrap_or(u64::MAX))
    }

    /// Counts output: bytes of text, or elements of arrays and objects.
    fn produce(&self, size: usize) -> Result<(), ErrorKind> {
        self.budget.produce(size)
    }

    /// An array or object that was made, unless it is too large.
    fn made(&self, value: impl Into<Value<'a>>, id: NodeId) -> Value<'a> {
        let value = value.into();
        match self.budget.check_size(&value) {
            Ok(()) => value,
            Err(kind) => error(kind, id),
        }
    }

    /// Whether values are equal; every element and member that is compared is a step.
    fn equal(&self, left: &Value<'_>, right: &Value<'_>) -> Result<bool, ErrorKind> {
        let (equal, count) = left.equals_counted(right);
        self.steps(count)?;
        equal
    }
}

impl<'a> Scope<'a> {
    fn new(value: Value<'a>, location: Value<'a>) -> Self {
        Self { value, location }
    }

    fn of(value: Value<'a>) -> Self {
        Self::new(value, Value::Undefined)
    }
}

impl From<bool> for Truth {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}

impl From<Truth> for Value<'_> {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::True => Value::Boolean(true),
            Truth::False => Value::Boolean(false),
            Truth::Error(error) => Value::Error(error),
        }
    }
}

fn error<'v>(kind: ErrorKind, id: NodeId) -> Value<'v> {
    Value::Error(EvaluationError::at(kind, id))
}

fn mismatch<'v>(expected: &'static str, value: &Value<'_>, id: NodeId) -> Value<'v> {
    let found = value.kind();
    error(ErrorKind::Mismatch { expected, found }, id)
}
