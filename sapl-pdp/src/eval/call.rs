//! Functions and attributes.

use super::{Evaluator, Scope, error};
use crate::compile::program::Call;
use crate::value::{ErrorKind, NodeId, Value};

/// So many arguments need no allocation.
const ARGUMENTS_IN_PLACE: usize = 4;

impl<'a> Evaluator<'a> {
    #[inline(never)]
    pub(super) fn call(&self, call: &'a Call, id: NodeId, scope: &Scope<'a>) -> Value<'a> {
        let many;
        let mut few: [Value<'a>; ARGUMENTS_IN_PLACE] = Default::default();
        let arguments: &[Value<'a>] = if let Some(few) = few.get_mut(..call.arguments.len()) {
            for (place, argument) in few.iter_mut().zip(&call.arguments) {
                *place = self.value(*argument, scope);
                if matches!(place, Value::Error(_)) {
                    return std::mem::take(place);
                }
            }
            few
        } else {
            let mut values = Vec::with_capacity(call.arguments.len());
            for argument in &call.arguments {
                match self.value(*argument, scope) {
                    error @ Value::Error(_) => return error,
                    value => values.push(value),
                }
            }
            many = values;
            &many
        };
        let result = match call.function {
            Ok(function) => function.call(arguments),
            Err(kind) => return error(kind, id),
        };
        let made = match &result {
            Value::Error(error) => return Value::Error(error.located(id)),
            Value::Text(text) => text.len(),
            Value::Array(array) => array.len(),
            Value::Object(object) => object.len(),
            _ => 0,
        };
        match self.produce(made) {
            Ok(()) => result,
            Err(kind) => error(kind, id),
        }
    }

    /// An attribute: no attribute is known, so it is undefined; an entity has to be there all the same.
    #[inline(never)]
    pub(super) fn attribute(
        &self,
        entity: Option<NodeId>,
        arguments: &[NodeId],
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        if let Some(entity) = entity {
            match self.value(entity, scope) {
                error @ Value::Error(_) => return error,
                Value::Undefined => return error(ErrorKind::UndefinedEntity, id),
                _ => {}
            }
        }
        self.unknown_attribute(arguments, scope)
    }

    pub(super) fn unknown_attribute(&self, arguments: &[NodeId], scope: &Scope<'a>) -> Value<'a> {
        arguments
            .iter()
            .map(|argument| self.value(*argument, scope))
            .find(|argument| matches!(argument, Value::Error(_)))
            .unwrap_or_default()
    }
}
