//! `reflect`: what kind of value something is.

use super::{Function, Kinds, Parameter};
use crate::value::{Kind, Value};

const NAME: &str = "reflect";

const VALUE: &[Parameter] = &[Parameter::new("value", Kinds::ANY)];

macro_rules! is_kind {
    ($name:literal, $kind:ident, $doc:literal) => {
        Function::new(NAME, $name, VALUE, $doc, |arguments| {
            Value::Boolean(arguments.first().is_some_and(|value| value.kind() == Kind::$kind))
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    is_kind!("isArray", Array, "whether the value is an array"),
    is_kind!("isBoolean", Boolean, "whether the value is a boolean"),
    is_kind!("isNull", Null, "whether the value is null"),
    is_kind!("isNumber", Number, "whether the value is a number"),
    is_kind!("isObject", Object, "whether the value is an object"),
    is_kind!("isText", Text, "whether the value is a text"),
    is_kind!("isUndefined", Undefined, "whether the value is undefined"),
    is_kind!(
        "isError",
        Error,
        "false: an error as an argument is the result of any call"
    ),
    Function::new(
        NAME,
        "isDefined",
        VALUE,
        "whether the value is not undefined",
        |arguments| Value::Boolean(!matches!(arguments, [Value::Undefined])),
    ),
    Function::new(
        NAME,
        "isInteger",
        VALUE,
        "whether the value is a number without a fraction",
        |arguments| {
            Value::Boolean(matches!(arguments, [Value::Number(number)] if number.to_integer().is_some()))
        },
    ),
    Function::new(
        NAME,
        "isEmpty",
        VALUE,
        "whether the value is an array or object without content",
        |arguments| {
            Value::Boolean(match arguments {
                [Value::Array(array)] => array.is_empty(),
                [Value::Object(object)] => object.is_empty(),
                _ => false,
            })
        },
    ),
    Function::new(
        NAME,
        "typeOf",
        VALUE,
        "the name of the value's kind",
        |arguments| {
            Value::from(match arguments.first().map_or(Kind::Undefined, Value::kind) {
                Kind::Array => "ARRAY",
                Kind::Object => "OBJECT",
                Kind::Text => "STRING",
                Kind::Number => "NUMBER",
                Kind::Boolean => "BOOLEAN",
                Kind::Null => "NULL",
                Kind::Undefined => "undefined",
                Kind::Error => "ERROR",
            })
        },
    ),
];
