//! `json`: values from and to JSON texts.

use super::arguments::{Outcome, any, code, document};
use super::{Function, MAX_TEXT, Parameter};
use crate::value::{ErrorKind, MAX_DEPTH, Value};

mod reader;

const NAME: &str = "json";

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "jsonToVal",
        &[Parameter::text("json")],
        "the value of a JSON text; numbers keep all their digits",
        code!(json_to_val),
    ),
    Function::new(
        NAME,
        "valToJson",
        &[Parameter::any("value")],
        "the JSON text of the value, without white space",
        code!(val_to_json),
    ),
];

fn json_to_val<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    reader::read(document(arguments, 0)?)
}

fn val_to_json<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut text = String::new();
    write(any(arguments, 0)?, &mut text, 0)?;
    Ok(text.into())
}

const NO_JSON: ErrorKind = ErrorKind::Function("the value has no JSON form");

/// Appends the JSON text of a value.
fn write(value: &Value<'_>, text: &mut String, depth: u32) -> Result<(), ErrorKind> {
    if depth > MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    match value {
        Value::Null => text.push_str("null"),
        Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::Text(value) => write_text(value, text),
        Value::Array(array) => {
            text.push('[');
            for (index, element) in array.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write(&element, text, depth + 1)?;
            }
            text.push(']');
        }
        Value::Object(object) => {
            text.push('{');
            for (index, (key, value)) in object.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                write_text(key, text);
                text.push(':');
                write(&value, text, depth + 1)?;
            }
            text.push('}');
        }
        Value::Undefined | Value::Error(_) => return Err(NO_JSON),
    }
    if text.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(())
}

fn write_text(value: &str, text: &mut String) {
    text.push('"');
    for character in value.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            '\0'..' ' => text.push_str(&format!("\\u{:04X}", u32::from(character))),
            character => text.push(character),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_escaped_where_json_needs_it() {
        let written = val_to_json(&["a\"\\\n\t/\u{1}\u{1f}é😀\u{7f}".into()]);
        assert_eq!(written, Ok("\"a\\\"\\\\\\n\\t/\\u0001\\u001Fé😀\u{7f}\"".into()));
    }

    #[test]
    fn texts_are_written_and_read_up_to_their_limits() {
        let text = |length: usize| Value::from("a".repeat(length));
        assert!(val_to_json(&[text(MAX_TEXT - 2)]).is_ok());
        assert_eq!(
            val_to_json(&[text(MAX_TEXT - 1)]).err(),
            Some(ErrorKind::OutputLimit)
        );
        let document = |length: usize| Value::from(format!("\"{}\"", "a".repeat(length - 2)));
        assert!(json_to_val(&[document(super::super::MAX_DOCUMENT)]).is_ok());
        assert!(json_to_val(&[document(super::super::MAX_DOCUMENT + 1)]).is_err());
    }

    #[test]
    fn what_json_cannot_say_is_an_error() {
        assert_eq!(val_to_json(&[Value::Undefined]).err(), Some(NO_JSON));
        let array = Value::Array(vec![Value::Undefined].into());
        assert_eq!(val_to_json(&[array]).err(), Some(NO_JSON));
    }

    #[test]
    fn nesting_is_written_up_to_its_limit() {
        let nested = |levels: u32| (0..levels).fold(Value::Null, |value, _| Value::Array(vec![value].into()));
        assert!(val_to_json(&[nested(MAX_DEPTH)]).is_ok());
        let too_deep = val_to_json(&[nested(MAX_DEPTH + 1)]);
        assert_eq!(too_deep.err(), Some(ErrorKind::NestingLimit));
    }
}
