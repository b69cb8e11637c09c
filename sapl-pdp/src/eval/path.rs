//! Paths: keys, indexes, slices, unions, conditions.

use super::{Evaluator, Scope, error, mismatch};
use crate::compile::program::{Slice, Step, StepKind};
use crate::value::{Array, ErrorKind, NodeId, Number, Value};

impl<'a> Evaluator<'a> {
    #[inline(never)]
    pub(super) fn path(&self, base: NodeId, steps: &'a [Step], scope: &Scope<'a>) -> Value<'a> {
        let mut value = self.value(base, scope);
        for step in steps {
            if matches!(value, Value::Error(_)) {
                break;
            }
            if let Err(kind) = self.step() {
                return error(kind, step.id);
            }
            value = self.walk(&value, step, scope);
        }
        value
    }

    fn walk(&self, base: &Value<'a>, step: &'a Step, scope: &Scope<'a>) -> Value<'a> {
        let id = step.id;
        match &step.kind {
            StepKind::Key(name) => self.key(base, name, id),
            StepKind::Index(position) => index(base, *position, id),
            StepKind::Wildcard => match base {
                Value::Array(_) => base.clone(),
                Value::Object(object) => self.collected(object.values(), id),
                _ => mismatch("an array or object", base, id),
            },
            StepKind::Slice(slice) => self.slice(base, *slice, id),
            StepKind::Computed(expression) => self.computed(base, &self.value(*expression, scope), id),
            StepKind::Condition(condition) => self.condition(base, *condition, id),
            StepKind::IndexUnion(positions) => match base {
                Value::Array(array) => {
                    if let Err(kind) = self.steps(positions.len()) {
                        return error(kind, id);
                    }
                    let mut places: Vec<usize> = positions
                        .iter()
                        .filter_map(|position| place(*position, array.len()))
                        .collect();
                    places.sort_unstable();
                    places.dedup();
                    self.collected(places.into_iter().filter_map(|place| array.get(place)), id)
                }
                _ => mismatch("an array", base, id),
            },
            StepKind::KeyUnion(keys) => match base {
                Value::Object(object) => self.collected(keys.iter().filter_map(|key| object.get(key)), id),
                _ => mismatch("an object", base, id),
            },
            StepKind::RecursiveKey(_) | StepKind::RecursiveIndex(_) | StepKind::RecursiveWildcard => {
                self.descend(base, step)
            }
            StepKind::Attribute(access) => match base {
                Value::Undefined => error(ErrorKind::UndefinedEntity, id),
                entity => self.attribute_of(Some(entity), access, id, scope),
            },
        }
    }

    fn collected(&self, values: impl Iterator<Item = Value<'a>>, id: NodeId) -> Value<'a> {
        let array: Array<'a> = values.collect();
        match self.produce(array.len()) {
            Ok(()) => self.made(array, id),
            Err(kind) => error(kind, id),
        }
    }

    fn slice(&self, base: &Value<'a>, slice: Slice, id: NodeId) -> Value<'a> {
        match base {
            Value::Array(array) => match slice.places(array.len()) {
                Some(places) => self.collected(places.filter_map(|place| array.get(place)), id),
                None => error(ErrorKind::SliceStepZero, id),
            },
            _ => mismatch("an array", base, id),
        }
    }

    fn condition(&self, base: &Value<'a>, condition: NodeId, id: NodeId) -> Value<'a> {
        match base {
            Value::Array(array) => {
                let places = (0..array.len()).map(Value::from);
                self.filtered(array.elements().zip(places), condition, id)
            }
            Value::Object(object) => {
                let members = object.members().map(|(key, value)| (value, Value::Text(key)));
                self.filtered(members, condition, id)
            }
            _ => mismatch("an array or object", base, id),
        }
    }

    fn filtered(
        &self,
        values: impl Iterator<Item = (Value<'a>, Value<'a>)>,
        condition: NodeId,
        id: NodeId,
    ) -> Value<'a> {
        let mut kept = Vec::new();
        for (value, place) in values {
            let scope = Scope::new(value, place);
            match self.value(condition, &scope) {
                Value::Boolean(true) => {
                    if let Err(kind) = self.produce(1) {
                        return error(kind, id);
                    }
                    kept.push(scope.value);
                }
                Value::Boolean(false) => {}
                error @ Value::Error(_) => return error,
                other => return mismatch("a boolean", &other, id),
            }
        }
        self.made(Array::from(kept), id)
    }

    /// `.key`: undefined when it is missing, and for scalars; projects over arrays.
    pub(super) fn key(&self, base: &Value<'a>, key: &str, id: NodeId) -> Value<'a> {
        match base {
            Value::Object(object) => object.get(key).unwrap_or_default(),
            Value::Array(array) => match self.steps(array.len()) {
                Ok(()) => {
                    let of_element =
                        |element: Value<'a>| element.as_object().and_then(|object| object.get(key));
                    self.collected(array.elements().filter_map(of_element), id)
                }
                Err(kind) => error(kind, id),
            },
            Value::Error(error) => Value::Error(*error),
            _ => Value::Undefined,
        }
    }

    /// `[(…)]` with a computed key or index.
    fn computed(&self, base: &Value<'a>, selector: &Value<'a>, id: NodeId) -> Value<'a> {
        match selector {
            Value::Number(number) => match position(number) {
                Some(position) => index(base, position, id),
                None => error(ErrorKind::InvalidIndex, id),
            },
            Value::Text(text) => self.key(base, text, id),
            Value::Error(error) => Value::Error(*error),
            _ => mismatch("a number or a text", selector, id),
        }
    }
}

fn index<'a>(base: &Value<'a>, position: i32, id: NodeId) -> Value<'a> {
    let Value::Array(array) = base else {
        return mismatch("an array", base, id);
    };
    place(position, array.len())
        .and_then(|place| array.get(place))
        .unwrap_or_else(|| {
            let size = u32::try_from(array.len()).unwrap_or(u32::MAX);
            error(ErrorKind::IndexOutOfBounds { size }, id)
        })
}

/// A computed index; it must be a 32-bit integer.
pub(super) fn position(number: &Number) -> Option<i32> {
    number.to_i64().and_then(|position| i32::try_from(position).ok())
}

/// The place of an index in an array of that size; a negative index counts from the end.
pub(super) fn place(position: i32, size: usize) -> Option<usize> {
    let distance = usize::try_from(position.unsigned_abs()).ok()?;
    let place = if position < 0 {
        size.checked_sub(distance)?
    } else {
        distance
    };
    (place < size).then_some(place)
}

impl Slice {
    /// The places of an array of that size that the slice selects, in its order; `None` for step 0.
    ///
    /// A negative bound counts from the end, then bounds are clamped to the array, so with a negative step an end
    /// before the array still leaves out its first element.
    pub(super) fn places(self, size: usize) -> Option<impl Iterator<Item = usize>> {
        let size = i64::try_from(size).unwrap_or(i64::MAX);
        let step = i64::from(self.step.unwrap_or(1));
        if step == 0 {
            return None;
        }
        let bound = |bound: Option<i32>, absent: i64| match bound.map(i64::from) {
            None => absent,
            Some(bound) if bound < 0 => (size + bound).max(0),
            Some(bound) => bound.min(size),
        };
        let (from, to) = if step > 0 {
            (bound(self.from, 0), bound(self.to, size))
        } else {
            (bound(self.from, size - 1), bound(self.to, -1))
        };
        let inside = move |place: i64| if step > 0 { place < to } else { place > to };
        let walk = std::iter::successors(Some(from), move |place| Some(place + step))
            .take_while(move |&place| inside(place));
        Some(
            walk.filter(move |place| (0..size).contains(place))
                .filter_map(|place| usize::try_from(place).ok()),
        )
    }
}
