//! Errors as values.

use std::fmt;

use super::Kind;

/// Which node of a compiled configuration: the place of an error, found again in the source when asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// No place: the error comes from outside of policies, or its place is not yet known.
    pub const NOWHERE: Self = Self(u32::MAX);
}

/// What went wrong while evaluating an expression, and where.
///
/// Small and without text: the text is made when somebody reads it ([`Display`](fmt::Display)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EvaluationError {
    kind: ErrorKind,
    node: NodeId,
}

impl EvaluationError {
    /// An error at a node.
    #[must_use]
    pub const fn at(kind: ErrorKind, node: NodeId) -> Self {
        Self { kind, node }
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where it went wrong.
    #[must_use]
    pub const fn node(&self) -> NodeId {
        self.node
    }

    /// The same error with a place, unless it has one.
    #[must_use]
    pub(crate) fn located(self, node: NodeId) -> Self {
        if self.node == NodeId::NOWHERE {
            Self { node, ..self }
        } else {
            self
        }
    }
}

impl From<ErrorKind> for EvaluationError {
    fn from(kind: ErrorKind) -> Self {
        Self::at(kind, NodeId::NOWHERE)
    }
}

impl fmt::Display for EvaluationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.kind.fmt(f)
    }
}

impl std::error::Error for EvaluationError {}

/// What went wrong while evaluating an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A value of one kind stands where another is needed.
    Mismatch {
        /// The kinds that are allowed, as a noun phrase.
        expected: &'static str,
        /// The kind of the value.
        found: Kind,
    },
    /// A function got an argument of a kind that it does not take.
    Argument {
        /// Which argument, from 1.
        position: u8,
        /// The kinds that are allowed, as a noun phrase.
        expected: &'static str,
        /// The kind of the argument.
        found: Kind,
    },
    /// No function of that name is known.
    UnknownFunction,
    /// The function does not take so many arguments.
    ArgumentCount {
        /// How many it got.
        found: u16,
    },
    /// A function could not do its work; the text says why.
    Function(&'static str),
    /// Division, or remainder of a division, by zero.
    DivisionByZero,
    /// A number beyond what arithmetic supports.
    NumberOutOfRange,
    /// An index at or behind the end of an array.
    IndexOutOfBounds {
        /// The size of the array.
        size: u32,
    },
    /// A computed index that is no 32-bit integer.
    InvalidIndex,
    /// A slice with step 0.
    SliceStepZero,
    /// A text that is no regular expression.
    InvalidPattern,
    /// A regular expression that is longer than it may be.
    PatternTooLong,
    /// A regular expression that would have taken too long.
    PatternTooExpensive,
    /// An attribute of an undefined value.
    UndefinedEntity,
    /// An attribute where none can be read.
    MisplacedAttribute,
    /// An attribute has no value yet; never the end of a decision.
    AttributePending,
    /// A finder could not find an attribute; the text says why.
    Attribute(&'static str),
    /// Values or expressions nested too deeply.
    NestingLimit,
    /// Too many steps for one decision.
    StepLimit,
    /// More time than one decision may take.
    TimeLimit,
    /// More output than one decision may produce.
    OutputLimit,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mismatch { expected, found } => write!(f, "expected {expected}, found {found}"),
            Self::Argument {
                position,
                expected,
                found,
            } => write!(f, "argument {position} must be {expected}, found {found}"),
            Self::UnknownFunction => f.write_str("unknown function"),
            Self::ArgumentCount { found } => write!(f, "the function does not take {found} arguments"),
            Self::Function(text) => f.write_str(text),
            Self::DivisionByZero => f.write_str("division by zero"),
            Self::NumberOutOfRange => f.write_str("number beyond the supported range"),
            Self::IndexOutOfBounds { size } => write!(f, "index outside of an array of {size}"),
            Self::InvalidIndex => f.write_str("an index must be a 32-bit integer"),
            Self::SliceStepZero => f.write_str("the step of a slice must not be zero"),
            Self::InvalidPattern => f.write_str("invalid regular expression"),
            Self::PatternTooLong => f.write_str("the regular expression is too long"),
            Self::PatternTooExpensive => f.write_str("the regular expression takes too long"),
            Self::UndefinedEntity => f.write_str("attribute of an undefined value"),
            Self::MisplacedAttribute => f.write_str("attributes can't be read here"),
            Self::AttributePending => f.write_str("the attribute has no value yet"),
            Self::Attribute(text) => f.write_str(text),
            Self::NestingLimit => f.write_str("nested too deeply"),
            Self::StepLimit => f.write_str("the decision takes too many steps"),
            Self::TimeLimit => f.write_str("the decision takes too long"),
            Self::OutputLimit => f.write_str("the decision produces too much output"),
        }
    }
}
