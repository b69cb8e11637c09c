//! `|-`, which replaces and removes values, wherever a path selects them.

use super::path::{place, position};
use super::{Evaluator, Scope, error, mismatch};
use crate::compile::program::{FilterStatement, Step, StepKind};
use crate::value::{Array, ErrorKind, MAX_DEPTH, NodeId, Object, Text, Value};

impl<'a> Evaluator<'a> {
    /// `base |- each function(…)`: each element or member, or the value itself when it has none.
    #[inline(never)]
    pub(super) fn filter_each(&self, base: NodeId, call: NodeId, id: NodeId, scope: &Scope<'a>) -> Value<'a> {
        let base = self.value(base, scope);
        if matches!(base, Value::Error(_)) {
            return base;
        }
        if let Some(Value::Error(error)) = self.program.constant(call) {
            return Value::Error(*error);
        }
        match base {
            Value::Array(_) | Value::Object(_) => {
                self.rebuilt(&base, id, &mut |_, scope| self.value(call, scope))
            }
            value => self.value(call, &Scope::of(value)),
        }
    }

    /// `base |- { each @.path: function(…), … }`
    #[inline(never)]
    pub(super) fn filter(
        &self,
        base: NodeId,
        statements: &'a [FilterStatement],
        id: NodeId,
        scope: &Scope<'a>,
    ) -> Value<'a> {
        let mut value = self.value(base, scope);
        for statement in statements {
            if matches!(value, Value::Error(_)) {
                break;
            }
            let around = Scope::of(value.clone());
            value = self.navigate(value, &statement.path, statement.call, &around, id, 0);
        }
        value
    }

    /// The value with what the path selects replaced by what the call makes of it.
    fn navigate(
        &self,
        current: Value<'a>,
        path: &'a [Step],
        call: NodeId,
        scope: &Scope<'a>,
        id: NodeId,
        depth: u32,
    ) -> Value<'a> {
        if matches!(current, Value::Error(_)) {
            return current;
        }
        if let Err(kind) = self.step() {
            return error(kind, id);
        }
        let Some((step, rest)) = path.split_first() else {
            return self.value(call, &Scope::of(current));
        };
        if depth > MAX_DEPTH {
            return error(ErrorKind::NestingLimit, id);
        }
        let go_on =
            |value: Value<'a>, scope: &Scope<'a>| self.navigate(value, rest, call, scope, id, depth + 1);
        match (&step.kind, &current) {
            (StepKind::Key(key), _) => self.at_key(current, key, id, |value| go_on(value, scope)),
            (StepKind::Index(position), _) => {
                self.at_index(current, *position, id, |value| go_on(value, scope))
            }
            (StepKind::Wildcard, Value::Array(_) | Value::Object(_)) => {
                self.rebuilt(&current, id, &mut |value, scope| go_on(value, scope))
            }
            (StepKind::KeyUnion(keys), Value::Object(_)) => {
                self.rebuilt(&current, id, &mut |value, scope| match &scope.location {
                    Value::Text(key) => match self.steps(keys.len()) {
                        Ok(()) if keys.iter().any(|wanted| **wanted == **key) => go_on(value, scope),
                        Ok(()) => value,
                        Err(kind) => error(kind, id),
                    },
                    _ => value,
                })
            }
            (StepKind::IndexUnion(positions), Value::Array(array)) => {
                let places = positions
                    .iter()
                    .filter_map(|position| place(*position, array.len()));
                self.at_places(array, places, id, &go_on)
            }
            (StepKind::Slice(slice), Value::Array(array)) => {
                let places = slice.places(array.len()).into_iter().flatten();
                self.at_places(array, places, id, &go_on)
            }
            (StepKind::Computed(selector), _) => match self.value(*selector, scope) {
                error @ Value::Error(_) => error,
                Value::Number(number) => match position(&number) {
                    Some(position) => self.at_index(current, position, id, |value| go_on(value, scope)),
                    None => current,
                },
                Value::Text(key) => self.at_key(current, &key, id, |value| go_on(value, scope)),
                _ => current,
            },
            (StepKind::Condition(condition), Value::Array(_) | Value::Object(_)) => self.rebuilt(
                &current,
                id,
                &mut |value, scope| match self.value(*condition, scope) {
                    Value::Boolean(true) => go_on(value, scope),
                    Value::Boolean(false) => value,
                    error @ Value::Error(_) => error,
                    other => mismatch("a boolean", &other, id),
                },
            ),
            (StepKind::RecursiveKey(_) | StepKind::RecursiveIndex(_) | StepKind::RecursiveWildcard, _) => {
                self.everywhere(current, &step.kind, id, 0, &|value| go_on(value, scope))
            }
            _ => current,
        }
    }

    fn at_key(
        &self,
        current: Value<'a>,
        key: &str,
        id: NodeId,
        go_on: impl Fn(Value<'a>) -> Value<'a>,
    ) -> Value<'a> {
        let Value::Object(object) = &current else {
            return current;
        };
        let Some(child) = object.get(key) else {
            return current;
        };
        let replacement = go_on(child);
        if matches!(replacement, Value::Error(_)) {
            return replacement;
        }
        if let Err(kind) = self.produce(object.len()) {
            return error(kind, id);
        }
        let members = object.members().filter_map(|(name, value)| {
            if *name == *key {
                (!replacement.is_undefined()).then(|| (name, replacement.clone()))
            } else {
                Some((name, value))
            }
        });
        self.made(members.collect::<Object<'a>>(), id)
    }

    fn at_index(
        &self,
        current: Value<'a>,
        position: i32,
        id: NodeId,
        go_on: impl Fn(Value<'a>) -> Value<'a>,
    ) -> Value<'a> {
        let Value::Array(array) = &current else {
            return current;
        };
        let Some(place) = place(position, array.len()) else {
            return current;
        };
        let replacement = go_on(array.get(place).unwrap_or_default());
        if matches!(replacement, Value::Error(_)) {
            return replacement;
        }
        if let Err(kind) = self.produce(array.len()) {
            return error(kind, id);
        }
        let elements = array.elements().enumerate().filter_map(|(index, value)| {
            if index == place {
                (!replacement.is_undefined()).then(|| replacement.clone())
            } else {
                Some(value)
            }
        });
        self.made(elements.collect::<Array<'a>>(), id)
    }

    fn at_places(
        &self,
        array: &Array<'a>,
        places: impl IntoIterator<Item = usize>,
        id: NodeId,
        go_on: &impl Fn(Value<'a>, &Scope<'a>) -> Value<'a>,
    ) -> Value<'a> {
        let mut is_selected = vec![false; array.len()];
        for place in places {
            if let Some(selected) = is_selected.get_mut(place) {
                *selected = true;
            }
        }
        let mut kept = Vec::with_capacity(array.len());
        for ((index, value), is_selected) in array.elements().enumerate().zip(is_selected) {
            if is_selected {
                let scope = Scope::new(value.clone(), Value::from(index));
                match go_on(value, &scope) {
                    Value::Undefined => {}
                    error @ Value::Error(_) => return error,
                    value => kept.push(value),
                }
            } else {
                kept.push(value);
            }
        }
        match self.produce(kept.len()) {
            Ok(()) => self.made(Array::from(kept), id),
            Err(kind) => error(kind, id),
        }
    }

    /// The array or object with each value replaced; undefined ones fall out, an error is the whole result.
    fn rebuilt(
        &self,
        current: &Value<'a>,
        id: NodeId,
        replace: &mut dyn FnMut(Value<'a>, &Scope<'a>) -> Value<'a>,
    ) -> Value<'a> {
        match current {
            Value::Array(array) => self.rebuilt_array(array, id, replace),
            Value::Object(object) => self.rebuilt_object(object, id, replace),
            _ => current.clone(),
        }
    }

    #[inline(never)]
    fn rebuilt_array(
        &self,
        array: &Array<'a>,
        id: NodeId,
        replace: &mut dyn FnMut(Value<'a>, &Scope<'a>) -> Value<'a>,
    ) -> Value<'a> {
        let mut kept = Vec::with_capacity(array.len());
        for (index, value) in array.elements().enumerate() {
            let scope = Scope::new(value.clone(), Value::from(index));
            match replace(value, &scope) {
                Value::Undefined => {}
                error @ Value::Error(_) => return error,
                value => kept.push(value),
            }
        }
        match self.produce(kept.len()) {
            Ok(()) => self.made(Array::from(kept), id),
            Err(kind) => error(kind, id),
        }
    }

    #[inline(never)]
    fn rebuilt_object(
        &self,
        object: &Object<'a>,
        id: NodeId,
        replace: &mut dyn FnMut(Value<'a>, &Scope<'a>) -> Value<'a>,
    ) -> Value<'a> {
        let mut kept: Vec<(Text<'a>, Value<'a>)> = Vec::with_capacity(object.len());
        for (key, value) in object.members() {
            let scope = Scope::new(value.clone(), Value::Text(key.clone()));
            match replace(value, &scope) {
                Value::Undefined => {}
                error @ Value::Error(_) => return error,
                value => kept.push((key, value)),
            }
        }
        match self.produce(kept.len()) {
            Ok(()) => self.made(kept.into_iter().collect::<Object<'a>>(), id),
            Err(kind) => error(kind, id),
        }
    }

    /// `..`: what is selected is replaced, everything else is looked through. `..*` works from the inside out.
    fn everywhere(
        &self,
        current: Value<'a>,
        wanted: &'a StepKind,
        id: NodeId,
        depth: u32,
        go_on: &dyn Fn(Value<'a>) -> Value<'a>,
    ) -> Value<'a> {
        if let Err(kind) = self.step() {
            return error(kind, id);
        }
        let size = match &current {
            Value::Array(array) => array.len(),
            Value::Object(object) => object.len(),
            _ => return current,
        };
        if depth >= MAX_DEPTH {
            return error(ErrorKind::NestingLimit, id);
        }
        self.rebuilt(&current, id, &mut |value, scope| {
            if selects(wanted, &scope.location, size) {
                return go_on(value);
            }
            let value = self.everywhere(value, wanted, id, depth + 1, go_on);
            match wanted {
                StepKind::RecursiveWildcard => go_on(value),
                _ => value,
            }
        })
    }
}

/// Whether a recursive step selects the place in an array or object of that size.
fn selects(wanted: &StepKind, location: &Value<'_>, size: usize) -> bool {
    match (wanted, location) {
        (StepKind::RecursiveKey(key), Value::Text(name)) => **key == **name,
        (StepKind::RecursiveIndex(wanted), Value::Number(number)) => {
            let index = number.to_i64().and_then(|index| usize::try_from(index).ok());
            index.is_some() && place(*wanted, size) == index
        }
        _ => false,
    }
}
