//! The compiled form of expressions: nodes in one arena for a whole configuration.

use std::sync::Arc;

use crate::attribute::AttributeOptions;
use crate::function::Function;
use crate::pattern::Pattern;
use crate::schema::Schema;
use crate::syntax::Span;
use crate::syntax::tree::{ArithmeticOperator, ComparisonOperator, SubscriptionElement};
use crate::value::{ErrorKind, NodeId, Text, Value};

/// All expressions of a configuration.
///
/// Evaluation reads the nodes only; spans lie apart, to be looked up when somebody asks where something happened.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(super) nodes: Vec<Node>,
    pub(super) spans: Vec<Span>,
    /// The first node of each document, in the order of the documents.
    pub(super) documents: Vec<u32>,
}

impl Program {
    /// The node, or undefined for an id of another program.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        self.nodes
            .get(id.0 as usize)
            .unwrap_or(&Node::Constant(Value::Undefined))
    }

    /// All nodes, each behind its operands.
    pub(crate) fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The value of a node that is constant.
    pub(crate) fn constant(&self, id: NodeId) -> Option<&Value<'static>> {
        match self.node(id) {
            Node::Constant(value) => Some(value),
            _ => None,
        }
    }

    /// Where a node stands: the number of its document and the place in it.
    pub(crate) fn place(&self, id: NodeId) -> Option<(usize, Span)> {
        let span = *self.spans.get(id.0 as usize)?;
        let document = self
            .documents
            .partition_point(|&first| first <= id.0)
            .checked_sub(1)?;
        Some((document, span))
    }
}

/// One operation. Operands are ids of nodes that come before it.
#[derive(Debug)]
pub(crate) enum Node {
    Constant(Value<'static>),
    /// A part of the subscription and keys below it, the most frequent of all.
    Subscription {
        element: SubscriptionElement,
        keys: Box<[Box<str>]>,
    },
    /// `@`
    Relative,
    /// `#`
    Location,
    Path {
        base: NodeId,
        steps: Box<[Step]>,
    },
    Array(Box<[NodeId]>),
    Object(Box<[(Text<'static>, NodeId)]>),
    Call(Call),
    /// An attribute of the environment or of an entity.
    Attribute {
        entity: Option<NodeId>,
        access: Box<Access>,
    },
    Not(NodeId),
    Minus(NodeId),
    Plus(NodeId),
    /// `&&` and `&`: three-valued, false wins.
    And(Box<[NodeId]>),
    /// `||` and `|`: three-valued, true wins.
    Or(Box<[NodeId]>),
    Xor(Box<[NodeId]>),
    Arithmetic {
        first: NodeId,
        rest: Box<[(ArithmeticOperator, NodeId)]>,
    },
    Comparison {
        operator: ComparisonOperator,
        left: NodeId,
        right: NodeId,
    },
    /// `=~` with a constant pattern.
    Matches {
        text: NodeId,
        pattern: Box<Pattern>,
    },
    /// `element enforced schema …`: whether the element complies with one of the schemas.
    Complies {
        element: SubscriptionElement,
        schemas: Box<[Schema]>,
    },
    /// `base |- each function(…)`
    FilterEach {
        base: NodeId,
        call: NodeId,
    },
    /// `base |- { … }`
    Filter {
        base: NodeId,
        statements: Box<[FilterStatement]>,
    },
    Subtemplate {
        base: NodeId,
        template: NodeId,
    },
    /// An operation that must fail in any case, but only when it is reached.
    Fail(ErrorKind),
}

#[derive(Debug)]
pub(crate) struct Call {
    /// The function, or why there is none.
    pub(crate) function: Result<&'static Function, ErrorKind>,
    pub(crate) arguments: Box<[NodeId]>,
}

/// `<name(arguments)[options]>`
#[derive(Debug)]
pub(crate) struct Access {
    /// The library and the attribute, as in `time.now`.
    pub(crate) name: Arc<str>,
    /// Whether only the first value counts.
    pub(crate) head: bool,
    pub(crate) arguments: Box<[NodeId]>,
    pub(crate) options: AttributeOptions,
}

/// `each @.path: function(…)`
#[derive(Debug)]
pub(crate) struct FilterStatement {
    pub(crate) path: Box<[Step]>,
    /// What becomes of each value that the path selects; it sees the value as `@`.
    pub(crate) call: NodeId,
}

/// A step of a path. Each has the id of its node, for errors.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) id: NodeId,
    pub(crate) kind: StepKind,
}

#[derive(Debug)]
pub(crate) enum StepKind {
    Key(Box<str>),
    Index(i32),
    Wildcard,
    Slice(Slice),
    Computed(NodeId),
    Condition(NodeId),
    IndexUnion(Box<[i32]>),
    KeyUnion(Box<[Box<str>]>),
    RecursiveKey(Box<str>),
    RecursiveIndex(i32),
    RecursiveWildcard,
    Attribute(Box<Access>),
}

/// `[from:to:step]`
#[derive(Clone, Copy, Debug)]
pub(crate) struct Slice {
    pub(crate) from: Option<i32>,
    pub(crate) to: Option<i32>,
    pub(crate) step: Option<i32>,
}
