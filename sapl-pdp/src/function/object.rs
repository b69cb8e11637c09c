//! `object`: keys and values of objects.

use super::arguments::{Outcome, code, object};
use super::{Function, Kinds, Parameter};
use crate::value::{Array, Value};

const NAME: &str = "object";

const OBJECT: &[Parameter] = &[Parameter::new("object", Kinds::OBJECT)];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(NAME, "keys", OBJECT, "the keys of the object", code!(keys)),
    Function::new(NAME, "values", OBJECT, "the values of the object", code!(values)),
];

fn keys<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let keys: Array<'a> = object(arguments, 0)?.keys().map(Value::Text).collect();
    Ok(keys.into())
}

fn values<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let values: Array<'a> = object(arguments, 0)?.values().collect();
    Ok(values.into())
}
