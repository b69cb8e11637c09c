//! `toml`: values from and to TOML 1.0 texts.

use super::arguments::{Outcome, any, code, document};
use super::{Function, MAX_TEXT, Parameter};
use crate::value::{ErrorKind, MAX_DEPTH, Object, Value};

mod document;
mod reader;

const NAME: &str = "toml";

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "tomlToVal",
        &[Parameter::text("toml")],
        "the object of a TOML text; dates and times are texts",
        code!(toml_to_val),
    ),
    Function::new(
        NAME,
        "valToToml",
        &[Parameter::any("value")],
        "the TOML text of the value, with dotted keys; null is an empty text",
        code!(val_to_toml),
    ),
];

fn toml_to_val<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    reader::read(document(arguments, 0)?)
}

fn val_to_toml<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut text = String::new();
    match any(arguments, 0)? {
        Value::Object(object) if !object.is_empty() => write_members(object, "", &mut text, 0)?,
        // What is no table stands under a name that is left out, as in SAPL.
        value => {
            text.push_str(" = ");
            write_value(value, &mut text, 0)?;
            text.push('\n');
        }
    }
    Ok(text.into())
}

/// One line for each member, with the keys on the way to it.
fn write_members(object: &Object<'_>, path: &str, text: &mut String, depth: u32) -> Result<(), ErrorKind> {
    if depth > MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    for (key, value) in object.iter() {
        let path = if path.is_empty() {
            written_key(key)
        } else {
            format!("{path}.{}", written_key(key))
        };
        match &value {
            Value::Object(object) if !object.is_empty() => write_members(object, &path, text, depth + 1)?,
            value => {
                text.push_str(&path);
                text.push_str(" = ");
                write_value(value, text, depth + 1)?;
                text.push('\n');
            }
        }
        if text.len() > MAX_TEXT {
            return Err(ErrorKind::OutputLimit);
        }
    }
    Ok(())
}

fn write_value(value: &Value<'_>, text: &mut String, depth: u32) -> Result<(), ErrorKind> {
    if depth > MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    match value {
        Value::Null => text.push_str("''"),
        Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::Text(value) => text.push_str(&quoted(value)),
        Value::Array(array) => {
            text.push('[');
            for (index, element) in array.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                write_value(&element, text, depth + 1)?;
            }
            text.push(']');
        }
        Value::Object(object) => {
            text.push('{');
            for (index, (key, value)) in object.iter().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                text.push_str(&written_key(key));
                text.push_str(" = ");
                write_value(&value, text, depth + 1)?;
            }
            text.push('}');
        }
        Value::Undefined | Value::Error(_) => {
            return Err(ErrorKind::Function("the value has no TOML form"));
        }
    }
    if text.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(())
}

fn written_key(key: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if !key.is_empty() && key.bytes().all(is_bare) {
        key.to_owned()
    } else {
        quoted(key)
    }
}

/// A text in single quotes where that is possible.
fn quoted(text: &str) -> String {
    let needs_escape = |next: char| next == '\'' || next == '\u{7f}' || next < ' ' && next != '\t';
    if !text.contains(needs_escape) {
        return format!("'{text}'");
    }
    let mut quoted = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\u{8}' => quoted.push_str("\\b"),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\u{c}' => quoted.push_str("\\f"),
            '\0'..' ' | '\u{7f}' => quoted.push_str(&format!("\\u{:04x}", u32::from(character))),
            character => quoted.push(character),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let tree = serde_json::json!({
            "a b": {"c.d": [1, "it's \"x\"\n\\", true, {"e": 2.5, "": []}]}, "f": {}, "g": "\u{1}\u{7f}ü'"
        });
        let value = Value::from_json(&tree);
        let text = val_to_toml(std::slice::from_ref(&value)).unwrap();
        assert_eq!(toml_to_val(&[text]), Ok(value));
    }

    #[test]
    fn nesting_is_written_up_to_its_limit() {
        let nested = |levels: u32| (0..levels).fold(Value::Null, |value, _| Value::Array(vec![value].into()));
        assert!(val_to_toml(&[nested(MAX_DEPTH)]).is_ok());
        let too_deep = val_to_toml(&[nested(MAX_DEPTH + 1)]);
        assert_eq!(too_deep.err(), Some(ErrorKind::NestingLimit));
    }

    #[test]
    fn texts_are_written_up_to_the_limit() {
        let text = |length: usize| val_to_toml(&[Value::Array(vec![Value::from("a".repeat(length))].into())]);
        assert!(text(MAX_TEXT - 7).is_ok());
        assert_eq!(text(MAX_TEXT - 6).err(), Some(ErrorKind::OutputLimit));
    }
}
