//! Enforced schemas.

use super::{Evaluator, Truth};
use crate::function::work;
use crate::schema::{NO_JSON, Schema};
use crate::syntax::tree::SubscriptionElement;
use crate::value::{ErrorKind, EvaluationError, NodeId, Value};

const UNDEFINED: ErrorKind = ErrorKind::Function("what a schema is enforced on is undefined");

impl Evaluator<'_> {
    /// Whether an element complies with one of the schemas; else the first error among them counts.
    #[inline(never)]
    pub(super) fn complies(&self, element: SubscriptionElement, schemas: &[Schema], id: NodeId) -> Truth {
        let subject = match self.input.element(element) {
            Value::Undefined => Err(UNDEFINED),
            Value::Error(error) => return Truth::Error(*error),
            value => value.to_bounded_json().map_err(|_| NO_JSON),
        };
        let subject = match subject {
            Ok(subject) => subject,
            Err(kind) => return Truth::Error(EvaluationError::at(kind, id)),
        };
        let mut failed = None;
        for schema in schemas {
            let outcome = schema.is_valid(&subject);
            if let Err(kind) = self.budget.weigh(work::take()) {
                return Truth::Error(EvaluationError::at(kind, id));
            }
            match outcome {
                Ok(true) => return Truth::True,
                Ok(false) => {}
                Err(kind) => failed = failed.or(Some(EvaluationError::at(kind, id))),
            }
        }
        failed.map_or(Truth::False, Truth::Error)
    }
}
