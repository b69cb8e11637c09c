//! Enforced schemas: conditions like those of a body, about the subscription as a whole.

use super::program::Node;
use super::{Compiled, Compiler, Result, Stratum};
use crate::schema::{NO_JSON, Schema};
use crate::syntax::tree::{SchemaStatement, SubscriptionElement};
use crate::value::{ErrorKind, Value};

/// The variable that holds the schemas to which others may refer by their `$id`.
const OTHERS: &str = "schemas";

impl Compiler<'_> {
    /// A condition for each element with enforced schemas. Several schemas for one element are alternatives.
    pub(super) fn schemas(&mut self, statements: &[SchemaStatement]) -> Result<Vec<Compiled>> {
        use SubscriptionElement::{Action, Environment, Resource, Subject};
        let enforced: Vec<_> = statements.iter().filter(|statement| statement.enforced).collect();
        let mut conditions = Vec::new();
        for element in [Subject, Action, Resource, Environment] {
            let of_element = enforced.iter().filter(|statement| statement.element == element);
            let (mut schemas, mut span) = (Vec::new(), None);
            for statement in of_element {
                schemas.push(self.enforced(statement)?);
                span = span.or(Some(statement.span));
            }
            if let Some(span) = span {
                let schemas = schemas.into();
                conditions.push(self.add(
                    Node::Complies { element, schemas },
                    span,
                    Stratum::SUBSCRIPTION,
                    1,
                ));
            }
        }
        Ok(conditions)
    }

    fn enforced(&mut self, statement: &SchemaStatement) -> Result<Schema> {
        let span = statement.schema.span;
        let compiled = self.expression(&statement.schema)?;
        let value = match self.value_of(compiled) {
            Some(value @ Value::Object(_)) => value,
            Some(Value::Error(error)) => {
                let message = format!("this schema is always an error: {error}");
                return self.refuse(message, self.place(error.node(), span));
            }
            Some(other) => {
                let message = format!("an enforced schema must be an object, this is {}", other.kind());
                return self.refuse(message, span);
            }
            None => return self.refuse("an enforced schema must be constant", span),
        };
        let schema = value.to_json().map_err(|_| NO_JSON);
        let schema = schema.and_then(|schema| Schema::new(schema, self.others()?));
        match schema {
            Ok(schema) => Ok(schema),
            Err(problem) => self.refuse(format!("this schema can't be enforced: {problem}"), span),
        }
    }

    /// The schemas among the variables, with their names.
    fn others(&self) -> std::result::Result<Vec<(String, serde_json::Value)>, ErrorKind> {
        let mut others = Vec::new();
        if let Some(Value::Array(schemas)) = self.variables.get(OTHERS) {
            for schema in schemas.iter() {
                let id = schema.as_object().and_then(|schema| schema.get("$id"));
                if let Some(Value::Text(id)) = id {
                    others.push((id.to_string(), schema.to_json().map_err(|_| NO_JSON)?));
                }
            }
        }
        Ok(others)
    }
}
