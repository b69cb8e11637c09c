//! What functions read from their checked arguments.

use super::MAX_DOCUMENT;
use crate::value::{Array, ErrorKind, Number, Object, Text, Value};

/// The code of a function that may fail.
macro_rules! code {
    ($function:path) => {
        |arguments| $function(arguments).unwrap_or_else($crate::value::Value::error)
    };
}
pub(super) use code;

/// What a function that may fail gives.
pub(super) type Outcome<'a> = Result<Value<'a>, ErrorKind>;

const MISSING: ErrorKind = ErrorKind::Function("an argument of another kind is needed");

pub(super) fn any<'v, 'a>(arguments: &'v [Value<'a>], index: usize) -> Result<&'v Value<'a>, ErrorKind> {
    arguments.get(index).ok_or(MISSING)
}

pub(super) fn array<'v, 'a>(arguments: &'v [Value<'a>], index: usize) -> Result<&'v Array<'a>, ErrorKind> {
    any(arguments, index)?.as_array().ok_or(MISSING)
}

pub(super) fn object<'v, 'a>(arguments: &'v [Value<'a>], index: usize) -> Result<&'v Object<'a>, ErrorKind> {
    any(arguments, index)?.as_object().ok_or(MISSING)
}

pub(super) fn text<'v, 'a>(arguments: &'v [Value<'a>], index: usize) -> Result<&'v Text<'a>, ErrorKind> {
    match any(arguments, index)? {
        Value::Text(text) => Ok(text),
        _ => Err(MISSING),
    }
}

pub(super) fn number<'v>(arguments: &'v [Value<'_>], index: usize) -> Result<&'v Number, ErrorKind> {
    any(arguments, index)?.as_number().ok_or(MISSING)
}

/// A number that is a 32-bit integer, whatever its scale.
pub(super) fn integer(arguments: &[Value<'_>], index: usize) -> Result<i32, ErrorKind> {
    let integer = number(arguments, index)?
        .to_i64()
        .and_then(|integer| i32::try_from(integer).ok());
    integer.ok_or(ErrorKind::Function("a 32-bit integer is needed"))
}

/// A number that is a 64-bit integer, whatever its scale.
pub(super) fn long(arguments: &[Value<'_>], index: usize) -> Result<i64, ErrorKind> {
    number(arguments, index)?.to_i64().ok_or(NO_LONG)
}

pub(super) const NO_LONG: ErrorKind = ErrorKind::Function("a 64-bit integer is needed");

/// A text that is not longer than what a function reads.
pub(super) fn document<'v>(arguments: &'v [Value<'_>], index: usize) -> Result<&'v str, ErrorKind> {
    let text = text(arguments, index)?;
    if text.len() > MAX_DOCUMENT {
        return Err(ErrorKind::Function("the text is too long to be read"));
    }
    Ok(text)
}
