//! Functions and attributes.

use std::slice;

use super::{Evaluator, Scope, error};
use crate::compile::program::{Access, Call};
use crate::function;
use crate::value::{ErrorKind, NodeId, Value};

/// So many arguments need no allocation.
const ARGUMENTS_IN_PLACE: usize = 4;

/// What a call counts for besides its arguments.
const STEPS_OF_A_CALL: usize = 32;

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
        let function = match (call.function, self.charge(arguments)) {
            (Ok(function), Ok(())) => function,
            (Err(kind), _) | (_, Err(kind)) => return error(kind, id),
        };
        let result = function.call(arguments);
        if let Err(kind) = self.budget.weigh(function::work::take()) {
            return error(kind, id);
        }
        let made = match &result {
            Value::Error(error) => return Value::Error(error.located(id)),
            Value::Text(text) => text.len(),
            Value::Array(array) => array.len(),
            Value::Object(object) => object.len(),
            _ => return result,
        };
        match self.produce(made) {
            Ok(()) => self.made(result, id),
            Err(kind) => error(kind, id),
        }
    }

    /// Counts a call, and what it may have to look at.
    fn charge(&self, arguments: &[Value<'a>]) -> Result<(), ErrorKind> {
        self.steps(STEPS_OF_A_CALL)?;
        for argument in arguments {
            match argument {
                Value::Text(_) | Value::Array(_) | Value::Object(_) => {
                    self.budget.weigh(argument.weight())?
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// An attribute of the environment or of an entity, which has to be there.
    #[inline(never)]
    pub(super) fn attribute(
        &self,
        entity: Option<NodeId>,
        access: &'a Access,
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let entity = match entity.map(|entity| self.value(entity, scope)) {
            Some(error @ Value::Error(_)) => return error,
            Some(Value::Undefined) => return error(ErrorKind::UndefinedEntity, id),
            entity => entity,
        };
        self.attribute_of(entity.as_ref(), access, id, scope)
    }

    /// An attribute: as the table has it, or not yet there; undefined where there is no table.
    pub(super) fn attribute_of(
        &self,
        entity: Option<&Value<'a>>,
        access: &'a Access,
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut arguments = Vec::with_capacity(access.arguments.len());
        for argument in &access.arguments {
            match self.value(*argument, scope) {
                error @ Value::Error(_) => return error,
                argument => arguments.push(argument),
            }
        }
        let Some(attributes) = self.attributes else {
            return Value::Undefined;
        };
        // They are compared with those of the attributes that are known.
        if let Err(kind) = self
            .charge(entity.map_or(&[], slice::from_ref))
            .and_then(|()| self.charge(&arguments))
        {
            return error(kind, id);
        }
        match attributes.read(access, entity, &arguments) {
            Some(Value::Error(error)) => Value::Error(error.located(id)),
            Some(value) => value,
            None => error(ErrorKind::AttributePending, id),
        }
    }
}
