//! `standard`: sizes and text forms.

use std::fmt::{self, Write as _};

use super::arguments::{Outcome, any, code};
use super::{Function, Kinds, MAX_TEXT, Parameter, utf16};
use crate::value::{ErrorKind, Kind, Value, Whole};

const NAME: &str = "standard";

const SIZED: Kinds = Kinds::of(
    &[Kind::Text, Kind::Array, Kind::Object],
    "a text, an array or an object",
);

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "length",
        &[Parameter::new("value", SIZED)],
        "how many elements, members or UTF-16 units the value has",
        code!(length),
    ),
    Function::new(
        NAME,
        "onErrorMap",
        &[
            Parameter::new("guardedExpression", Kinds::ANY),
            Parameter::new("fallback", Kinds::ANY),
        ],
        "the first argument; an error among the arguments is the result of any call, so the fallback is never used",
        code!(on_error_map),
    ),
    Function::new(
        NAME,
        "toString",
        &[Parameter::new("value", Kinds::ANY)],
        "the text form of the value; a text itself",
        code!(to_string),
    ),
];

fn length<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(Value::from(match any(arguments, 0)? {
        Value::Text(text) => utf16::length(text),
        Value::Array(array) => array.len(),
        Value::Object(object) => object.len(),
        other => {
            return Err(ErrorKind::Mismatch {
                expected: "a text, an array or an object",
                found: other.kind(),
            });
        }
    }))
}

fn on_error_map<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    Ok(any(arguments, 0)?.clone())
}

fn to_string<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let value = any(arguments, 0)?;
    if matches!(value, Value::Text(_)) {
        return Ok(value.clone());
    }
    let mut shown = Shown {
        text: String::new(),
        is_full: false,
    };
    match write!(shown, "{}", Whole(value)) {
        Ok(()) => Ok(Value::from(shown.text)),
        Err(_) if shown.is_full => Err(ErrorKind::OutputLimit),
        Err(_) => Err(ErrorKind::NestingLimit),
    }
}

/// A text that grows up to the limit.
struct Shown {
    text: String,
    is_full: bool,
}

impl fmt::Write for Shown {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.is_full = self.text.len() + part.len() > MAX_TEXT;
        if self.is_full {
            return Err(fmt::Error);
        }
        self.text.push_str(part);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::MAX_DEPTH;

    #[test]
    fn text_forms_end_at_their_limits() {
        let array = |length: usize| Value::Array(vec![Value::from("a".repeat(length))].into());
        assert!(to_string(&[array(MAX_TEXT - 4)]).is_ok());
        assert_eq!(
            to_string(&[array(MAX_TEXT - 3)]).err(),
            Some(ErrorKind::OutputLimit)
        );
        let mut nested = Value::Null;
        for _ in 0..=MAX_DEPTH {
            nested = Value::Array(vec![nested].into());
        }
        assert_eq!(to_string(&[nested]).err(), Some(ErrorKind::NestingLimit));
    }
}
