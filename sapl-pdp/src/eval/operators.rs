//! Arithmetic, joining texts, and the literals that hold expressions.

use std::fmt::Write as _;

use super::{Evaluator, Scope, error, mismatch};
use crate::syntax::tree::ArithmeticOperator;
use crate::value::{Array, ErrorKind, NodeId, Number, Object, Text, Value, Whole};

impl<'a> Evaluator<'a> {
    #[inline(never)]
    pub(super) fn sign(&self, operand: NodeId, minus: bool, id: NodeId, scope: &Scope<'a>) -> Value<'a> {
        match self.value(operand, scope) {
            Value::Number(number) => Value::Number(if minus { number.negate() } else { number }),
            error @ Value::Error(_) => error,
            other => mismatch("a number", &other, id),
        }
    }

    #[inline(never)]
    pub(super) fn arithmetic(
        &self,
        first: NodeId,
        rest: &[(ArithmeticOperator, NodeId)],
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut result = self.value(first, scope);
        for (operator, operand) in rest {
            if matches!(result, Value::Error(_)) {
                break;
            }
            let operand = self.value(*operand, scope);
            result = match operand {
                Value::Error(_) => operand,
                _ => self.combined(*operator, &result, &operand, id),
            };
        }
        result
    }

    fn combined(
        &self,
        operator: ArithmeticOperator,
        left: &Value<'a>,
        right: &Value<'a>,
        id: NodeId,
    ) -> Value<'a> {
        if let (ArithmeticOperator::Add, Value::Text(text)) = (operator, left) {
            return self
                .joined(text, right)
                .map_or_else(|kind| error(kind, id), Value::from);
        }
        let (Value::Number(left), Value::Number(right)) = (left, right) else {
            let wrong = if left.as_number().is_none() { left } else { right };
            return mismatch("a number", wrong, id);
        };
        let operation = match operator {
            ArithmeticOperator::Add => Number::add,
            ArithmeticOperator::Subtract => Number::subtract,
            ArithmeticOperator::Multiply => Number::multiply,
            ArithmeticOperator::Divide => Number::divide,
            ArithmeticOperator::Remainder => Number::remainder,
        };
        operation(left, right).map_or_else(|kind| error(kind, id), Value::Number)
    }

    /// The text followed by the text form of a value; that of a text has no quotes.
    fn joined(&self, text: &str, value: &Value<'_>) -> Result<String, ErrorKind> {
        let mut joined = Bounded {
            text: String::new(),
            left: usize::try_from(self.budget.output()).unwrap_or(usize::MAX),
        };
        let written = joined.write_str(text).and_then(|()| match value {
            Value::Text(text) => joined.write_str(text),
            _ => write!(joined, "{}", Whole(value)),
        });
        self.produce(joined.text.len())?;
        match written {
            Ok(()) => Ok(joined.text),
            Err(_) if joined.left == 0 => Err(ErrorKind::OutputLimit),
            Err(_) => Err(ErrorKind::NestingLimit),
        }
    }

    #[inline(never)]
    pub(super) fn array(&self, elements: &[NodeId], id: NodeId, scope: &Scope<'a>) -> Value<'a> {
        if let Err(kind) = self.produce(elements.len()) {
            return error(kind, id);
        }
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            match self.value(*element, scope) {
                Value::Undefined => {}
                error @ Value::Error(_) => return error,
                value => values.push(value),
            }
        }
        self.made(Array::from(values), id)
    }

    #[inline(never)]
    pub(super) fn object(
        &self,
        members: &'a [(Text<'static>, NodeId)],
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        if let Err(kind) = self.produce(members.len()) {
            return error(kind, id);
        }
        let mut values = Vec::with_capacity(members.len());
        for (key, member) in members {
            match self.value(*member, scope) {
                Value::Undefined => {}
                error @ Value::Error(_) => return error,
                value => values.push((key.reborrow(), value)),
            }
        }
        self.made(values.into_iter().collect::<Object<'a>>(), id)
    }
}

/// A text that stops growing at a limit.
struct Bounded {
    text: String,
    left: usize,
}

impl std::fmt::Write for Bounded {
    fn write_str(&mut self, part: &str) -> std::fmt::Result {
        match self.left.checked_sub(part.len()) {
            Some(left) => {
                self.left = left;
                self.text.push_str(part);
                Ok(())
            }
            None => {
                self.left = 0;
                Err(std::fmt::Error)
            }
        }
    }
}
