//! `::`, which maps arrays and the values of objects.

use super::{Evaluator, Scope, error};
use crate::value::{Array, NodeId, Value};

impl<'a> Evaluator<'a> {
    #[inline(never)]
    pub(super) fn subtemplate(
        &self,
        base: NodeId,
        template: NodeId,
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mapped = match self.value(base, scope) {
            undefined @ (Value::Undefined | Value::Error(_)) => return undefined,
            Value::Array(array) => {
                let places = (0..array.len()).map(Value::from);
                self.mapped(array.elements().zip(places), template, id)
            }
            Value::Object(object) => self.mapped(
                object.members().map(|(key, value)| (value, Value::Text(key))),
                template,
                id,
            ),
            scalar => return self.value(template, &Scope::new(scalar, Value::from(0_i64))),
        };
        mapped.map_or_else(|error| error, |array| self.made(array, id))
    }

    fn mapped(
        &self,
        values: impl Iterator<Item = (Value<'a>, Value<'a>)>,
        template: NodeId,
        id: NodeId,
    ) -> Result<Array<'a>, Value<'a>> {
        let mut results = Vec::with_capacity(values.size_hint().0);
        for (value, place) in values {
            self.produce(1).map_err(|kind| error(kind, id))?;
            match self.value(template, &Scope::new(value, place)) {
                error @ Value::Error(_) => return Err(error),
                result => results.push(result),
            }
        }
        Ok(results.into())
    }
}
