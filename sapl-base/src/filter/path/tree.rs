//! A path in parsed form. The names are those of RFC 9535.

use regex::Regex;
use serde_json::Value;

/// One step from a node to some of its children or descendants.
#[derive(Clone, Debug)]
pub(super) enum Segment {
    Child(Vec<Selector>),
    Descendant(Vec<Selector>),
}

#[derive(Clone, Debug)]
pub(super) enum Selector {
    Name(String),
    Wildcard,
    Index(i64),
    Slice(Slice),
    Filter(Logical),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Slice {
    pub(super) start: Option<i64>,
    pub(super) end: Option<i64>,
    pub(super) step: i64,
}

/// A logical expression in a filter.
#[derive(Clone, Debug)]
pub(super) enum Logical {
    Or(Vec<Logical>),
    And(Vec<Logical>),
    Not(Box<Logical>),
    /// The query selects something.
    Exists(Query),
    Comparison(Box<Comparison>),
    Matches(Box<Matches>),
}

/// A query in a filter.
#[derive(Clone, Debug)]
pub(super) struct Query {
    /// From `$` rather than from `@`.
    pub(super) from_root: bool,
    pub(super) segments: Vec<Segment>,
}

#[derive(Clone, Debug)]
pub(super) struct Comparison {
    pub(super) left: Operand,
    pub(super) operator: Operator,
    pub(super) right: Operand,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Operator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// What has a value, or is Nothing.
#[derive(Clone, Debug)]
pub(super) enum Operand {
    Literal(Value),
    /// A singular query.
    Query(Query),
    Length(Box<Operand>),
    Count(Query),
    Value(Query),
}

/// The functions `match` and `search`.
#[derive(Clone, Debug)]
pub(super) struct Matches {
    pub(super) text: Operand,
    pub(super) pattern: Pattern,
    /// `match`, rather than `search`.
    pub(super) whole: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Pattern {
    /// A literal pattern.
    Compiled(Regex),
    /// A pattern that stands in the value.
    Computed(Operand),
}

impl Query {
    pub(super) fn is_singular(&self) -> bool {
        self.segments.iter().all(|segment| segment.singular().is_some())
    }
}

impl Segment {
    /// The only selector, if it can select at most one node.
    pub(super) fn singular(&self) -> Option<&Selector> {
        match self {
            Self::Child(selectors) => match selectors.as_slice() {
                [selector @ (Selector::Name(_) | Selector::Index(_))] => Some(selector),
                _ => None,
            },
            Self::Descendant(_) => None,
        }
    }
}
