//! Expressions, how they are written, and what they are worth.

use std::cmp::Ordering;

use super::decimal::{Decimal, NoNumber};

/// An expression that is a number.
#[derive(Clone, Debug)]
pub(crate) enum Term {
    /// A number, and whether it stands in the subscription instead of the text.
    Number(Decimal, bool),
    Minus(Box<Term>),
    Operation(Box<Term>, Arithmetic, Box<Term>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Term {
    /// The expression; `numbers` gets those that stand in the subscription.
    pub(crate) fn written(&self, numbers: &mut Vec<Decimal>) -> String {
        match self {
            Self::Number(number, true) => {
                numbers.push(number.clone());
                format!("subject.n[{}]", numbers.len() - 1)
            }
            Self::Number(number, false) => format!("({})", number.literal()),
            Self::Minus(term) => format!("-({})", term.written(numbers)),
            Self::Operation(left, operator, right) => {
                let operator = match operator {
                    Arithmetic::Add => '+',
                    Arithmetic::Subtract => '-',
                    Arithmetic::Multiply => '*',
                    Arithmetic::Divide => '/',
                    Arithmetic::Remainder => '%',
                };
                let (left, right) = (left.written(numbers), right.written(numbers));
                format!("(({left}) {operator} ({right}))")
            }
        }
    }

    /// Whether there is a remainder in it, whose scale follows from how it is computed.
    pub(crate) fn has_remainder(&self) -> bool {
        match self {
            Self::Number(..) => false,
            Self::Minus(term) => term.has_remainder(),
            Self::Operation(left, operator, right) => {
                matches!(operator, Arithmetic::Remainder) || left.has_remainder() || right.has_remainder()
            }
        }
    }

    pub(crate) fn value(&self) -> Result<Decimal, NoNumber> {
        match self {
            Self::Number(number, true) => Ok(number.clone()),
            Self::Number(number, false) => Ok(number.in_text()),
            Self::Minus(term) => Ok(term.value()?.negated()),
            Self::Operation(left, operator, right) => {
                let (left, right) = (left.value()?, right.value()?);
                match operator {
                    Arithmetic::Add => Ok(left.plus(&right)),
                    Arithmetic::Subtract => Ok(left.plus(&right.negated())),
                    Arithmetic::Multiply => Ok(left.times(&right)),
                    Arithmetic::Divide => left.divided_by(&right),
                    Arithmetic::Remainder => left.remainder_of(&right),
                }
            }
        }
    }
}

/// An expression that is true, false, or neither.
#[derive(Clone, Debug)]
pub(crate) enum Condition {
    /// Something that is worth this, and whether that is known from the subscription only.
    Leaf(Truth, bool),
    Compared(Term, Comparison, Term),
    Not(Box<Condition>),
    Chain(Connective, Vec<Condition>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    True,
    False,
    Error,
    NoBoolean,
    Undefined,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Connective {
    LazyAnd,
    EagerAnd,
    LazyOr,
    EagerOr,
    Xor,
}

impl Condition {
    pub(crate) fn written(&self, numbers: &mut Vec<Decimal>) -> String {
        match self {
            Self::Leaf(truth, is_asked) => match (truth, is_asked) {
                (Truth::True, true) => "subject.yes",
                (Truth::True, false) => "true",
                (Truth::False, true) => "subject.no",
                (Truth::False, false) => "false",
                (Truth::Error, true) => "(1 / subject.zero)",
                (Truth::Error, false) => "(1 / 0)",
                (Truth::NoBoolean, true) => "subject.zero",
                (Truth::NoBoolean, false) => "\"text\"",
                (Truth::Undefined, true) => "subject.missing",
                (Truth::Undefined, false) => "undefined",
            }
            .to_owned(),
            Self::Compared(left, comparison, right) => {
                let comparison = match comparison {
                    Comparison::Less => "<",
                    Comparison::LessOrEqual => "<=",
                    Comparison::Greater => ">",
                    Comparison::GreaterOrEqual => ">=",
                    Comparison::Equal => "==",
                    Comparison::NotEqual => "!=",
                };
                format!(
                    "({} {comparison} {})",
                    left.written(numbers),
                    right.written(numbers)
                )
            }
            Self::Not(operand) => format!("!({})", operand.written(numbers)),
            Self::Chain(connective, operands) => {
                let connective = match connective {
                    Connective::LazyAnd => " && ",
                    Connective::EagerAnd => " & ",
                    Connective::LazyOr => " || ",
                    Connective::EagerOr => " | ",
                    Connective::Xor => " ^ ",
                };
                let operands: Vec<_> = operands
                    .iter()
                    .map(|operand| format!("({})", operand.written(numbers)))
                    .collect();
                operands.join(connective)
            }
        }
    }

    pub(crate) fn value(&self) -> Truth {
        match self {
            Self::Leaf(truth, _) => *truth,
            Self::Compared(left, comparison, right) => match (left.value(), right.value()) {
                (Ok(left), Ok(right)) => comparison.holds(left.compare(&right)),
                _ => Truth::Error,
            },
            Self::Not(operand) => match &**operand {
                // Two negations are none, even of what is no boolean.
                Self::Not(inner) => inner.value(),
                operand => match operand.value() {
                    Truth::True => Truth::False,
                    Truth::False => Truth::True,
                    _ => Truth::Error,
                },
            },
            Self::Chain(connective, operands) => {
                let values: Vec<Truth> = operands.iter().map(Self::value).collect();
                let has = |truth: Truth| values.contains(&truth);
                let is_whole = values
                    .iter()
                    .all(|truth| matches!(truth, Truth::True | Truth::False));
                match connective {
                    Connective::LazyAnd | Connective::EagerAnd if has(Truth::False) => Truth::False,
                    Connective::LazyOr | Connective::EagerOr if has(Truth::True) => Truth::True,
                    _ if !is_whole => Truth::Error,
                    Connective::LazyAnd | Connective::EagerAnd => Truth::True,
                    Connective::LazyOr | Connective::EagerOr => Truth::False,
                    Connective::Xor => {
                        let count = values.iter().filter(|truth| **truth == Truth::True).count();
                        if count % 2 == 1 { Truth::True } else { Truth::False }
                    }
                }
            }
        }
    }
}

impl Comparison {
    fn holds(self, order: Ordering) -> Truth {
        let holds = match self {
            Self::Less => order.is_lt(),
            Self::LessOrEqual => order.is_le(),
            Self::Greater => order.is_gt(),
            Self::GreaterOrEqual => order.is_ge(),
            Self::Equal => order.is_eq(),
            Self::NotEqual => order.is_ne(),
        };
        if holds { Truth::True } else { Truth::False }
    }
}
