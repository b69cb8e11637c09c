//! Three-valued logic: a dominating value anywhere wins, else the first error, else the neutral value.

use super::{Evaluator, Scope, Truth};
use crate::compile::program::Node;
use crate::value::{ErrorKind, EvaluationError, NodeId, Value};

impl<'a> Evaluator<'a> {
    /// The value of a node as a condition: anything but a boolean is an error.
    pub(crate) fn truth(&self, id: NodeId, scope: &Scope<'a>) -> Truth {
        match self.program.node(id) {
            Node::And(operands) => self.chain(operands, false, scope),
            Node::Or(operands) => self.chain(operands, true, scope),
            Node::Xor(operands) => self.xor(operands, scope),
            Node::Not(operand) => match self.truth(*operand, scope) {
                Truth::True => Truth::False,
                Truth::False => Truth::True,
                error @ Truth::Error(_) => error,
            },
            Node::Comparison {
                operator,
                left,
                right,
            } => match self.step() {
                Ok(()) => self.compare(*operator, *left, *right, id, scope),
                Err(kind) => Truth::Error(EvaluationError::at(kind, id)),
            },
            Node::Matches { text, pattern } => self.matches(*text, pattern, id, scope),
            _ => as_truth(&self.value(id, scope), id),
        }
    }

    /// The outcome of the condition of a policy, or of the target of a set. Conjuncts that are known are not evaluated.
    pub(crate) fn applies(&self, id: NodeId) -> Truth {
        let scope = Scope::default();
        let Some(memo) = self.memo else {
            return self.truth(id, &scope);
        };
        let conjuncts = match self.program.node(id) {
            Node::And(operands) => operands,
            _ => std::slice::from_ref(&id),
        };
        let mut error = None;
        for conjunct in conjuncts {
            let truth = match memo.get(*conjunct) {
                Some(holds) => holds.into(),
                None => self.truth(*conjunct, &scope),
            };
            match truth {
                Truth::True => memo.keep(*conjunct, true),
                Truth::False => {
                    memo.keep(*conjunct, false);
                    return Truth::False;
                }
                Truth::Error(first) if error.is_none() => error = Some(first),
                Truth::Error(_) => {}
            }
        }
        error.map_or(Truth::True, Truth::Error)
    }

    /// A chain that `dominating` wins, wherever it stands.
    fn chain(&self, operands: &[NodeId], dominating: bool, scope: &Scope<'a>) -> Truth {
        let mut error = None;
        for operand in operands {
            match self.truth(*operand, scope) {
                Truth::True if dominating => return Truth::True,
                Truth::False if !dominating => return Truth::False,
                // What comes next may not be needed once the attribute is there.
                Truth::Error(pending) if pending.kind() == ErrorKind::AttributePending => {
                    return Truth::Error(pending);
                }
                Truth::Error(first) if error.is_none() => error = Some(first),
                _ => {}
            }
        }
        error.map_or_else(|| (!dominating).into(), Truth::Error)
    }

    fn xor(&self, operands: &[NodeId], scope: &Scope<'a>) -> Truth {
        let mut result = false;
        for operand in operands {
            match self.truth(*operand, scope) {
                Truth::True => result = !result,
                Truth::False => {}
                error @ Truth::Error(_) => return error,
            }
        }
        result.into()
    }
}

pub(super) fn as_truth(value: &Value<'_>, id: NodeId) -> Truth {
    match value {
        Value::Boolean(value) => (*value).into(),
        Value::Error(error) => Truth::Error(*error),
        _ => Truth::Error(EvaluationError::at(
            ErrorKind::Mismatch {
                expected: "a boolean",
                found: value.kind(),
            },
            id,
        )),
    }
}
