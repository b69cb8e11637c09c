//! Writes YAML in blocks, with texts in double quotes.

use crate::function::MAX_TEXT;
use crate::value::{ErrorKind, MAX_DEPTH, Value};

/// The text of a value.
pub(super) fn written(value: &Value<'_>) -> Result<String, ErrorKind> {
    let mut text = String::from("---");
    let is_block = match value {
        Value::Array(array) => !array.is_empty(),
        Value::Object(object) => !object.is_empty(),
        _ => false,
    };
    if is_block {
        text.push('\n');
        block(value, 0, &mut text, 0)?;
    } else {
        text.push(' ');
        flow(value, &mut text)?;
    }
    if text.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(text)
}

/// The lines of an array or object with content; the first is indented already.
fn block(value: &Value<'_>, indent: usize, text: &mut String, depth: u32) -> Result<(), ErrorKind> {
    if depth > MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    let start_line = |index: usize, text: &mut String| {
        if index > 0 {
            text.extend(std::iter::repeat_n(' ', indent));
        }
    };
    match value {
        Value::Array(array) => {
            for (index, element) in array.iter().enumerate() {
                start_line(index, text);
                text.push_str("- ");
                match &element {
                    Value::Array(inner) if !inner.is_empty() => block(&element, indent + 2, text, depth + 1)?,
                    Value::Object(inner) if !inner.is_empty() => {
                        block(&element, indent + 2, text, depth + 1)?
                    }
                    _ => flow(&element, text)?,
                }
            }
        }
        Value::Object(object) => {
            for (index, (name, value)) in object.iter().enumerate() {
                start_line(index, text);
                if name.is_empty() {
                    // An empty key has to be marked as one.
                    text.push_str("? \"\"\n");
                    text.extend(std::iter::repeat_n(' ', indent));
                } else {
                    key(name, text);
                }
                text.push(':');
                let inner = match &value {
                    Value::Array(inner) if name.is_empty() && !inner.is_empty() => indent + 2,
                    // The elements of an array stand below the key itself.
                    Value::Array(inner) if !inner.is_empty() => indent,
                    Value::Object(inner) if !inner.is_empty() => indent + 2,
                    _ => {
                        text.push(' ');
                        flow(&value, text)?;
                        continue;
                    }
                };
                // What belongs to a marked key begins on the line of its colon.
                if name.is_empty() {
                    text.push(' ');
                } else {
                    text.push('\n');
                    text.extend(std::iter::repeat_n(' ', inner));
                }
                block(&value, inner, text, depth + 1)?;
            }
        }
        _ => return Err(NO_FORM),
    }
    if text.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(())
}

const NO_FORM: ErrorKind = ErrorKind::Function("the value has no YAML form");

/// What fits a line, and its end.
fn flow(value: &Value<'_>, text: &mut String) -> Result<(), ErrorKind> {
    match value {
        Value::Null => text.push_str("null"),
        Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&number.to_string()),
        Value::Text(value) => quoted(value, text),
        Value::Array(_) => text.push_str("[]"),
        Value::Object(_) => text.push_str("{}"),
        Value::Undefined | Value::Error(_) => return Err(NO_FORM),
    }
    text.push('\n');
    Ok(())
}

/// A key without quotes where it can't be taken for something else.
fn key(key: &str, text: &mut String) {
    const RESERVED: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"];
    let is_reserved = RESERVED.iter().any(|word| word.eq_ignore_ascii_case(key));
    let is_number = key.starts_with(|next: char| next.is_ascii_digit() || "+-.".contains(next));
    let is_letter = |next: char| match next {
        '_' | '\u{85}' => true,
        '\0'..='\u{9f}' => next.is_ascii_alphanumeric(),
        next => is_other_line(next) || is_printable(next),
    };
    let is_part = |next: char| is_letter(next) || " -./".contains(next);
    let is_plain = key.starts_with(is_letter) && key.chars().all(is_part) && !key.ends_with(' ');
    if is_reserved || is_number {
        quoted(key, text);
    } else if is_plain {
        text.push_str(key);
    } else if key.chars().all(is_printable) {
        text.push('\'');
        text.push_str(&key.replace('\'', "''"));
        text.push('\'');
    } else {
        quoted(key, text);
    }
}

fn is_printable(character: char) -> bool {
    !character.is_control() && !is_other_line(character) && !matches!(character, '\u{fffe}' | '\u{ffff}')
}

/// Whether YAML 1.1 ends lines there.
fn is_other_line(character: char) -> bool {
    matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A text in double quotes, on one line.
fn quoted(content: &str, text: &mut String) {
    text.push('"');
    for character in content.chars() {
        match character {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\0' => text.push_str("\\0"),
            '\u{7}' => text.push_str("\\a"),
            '\u{8}' => text.push_str("\\b"),
            '\t' => text.push_str("\\t"),
            '\n' => text.push_str("\\n"),
            '\u{b}' => text.push_str("\\v"),
            '\u{c}' => text.push_str("\\f"),
            '\r' => text.push_str("\\r"),
            '\u{1b}' => text.push_str("\\e"),
            '\u{85}' => text.push_str("\\N"),
            '\u{a0}' => text.push_str("\\_"),
            character if is_printable(character) || is_other_line(character) => text.push(character),
            character if u32::from(character) < 0x100 => {
                text.push_str(&format!("\\x{:02x}", u32::from(character)));
            }
            character => text.push_str(&format!("\\u{:04x}", u32::from(character))),
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_indented_below_their_keys() {
        let tree = serde_json::json!({
            "a": [[1, 2], {"b": [3], "n": {"d": null}}, [], {}], "e": "x\ty", "f: g": true
        });
        let expected = "---\na:\n- - 1\n  - 2\n- b:\n  - 3\n  \"n\":\n    d: null\n- []\n- {}\ne: \"x\\ty\"\n'f: g': true\n";
        assert_eq!(written(&Value::from_json(&tree)).as_deref(), Ok(expected));
    }

    #[test]
    fn nesting_is_written_up_to_its_limit() {
        let nested = |levels: u32| (0..levels).fold(Value::Null, |value, _| Value::Array(vec![value].into()));
        assert!(written(&nested(MAX_DEPTH + 1)).is_ok());
        assert_eq!(
            written(&nested(MAX_DEPTH + 2)).err(),
            Some(ErrorKind::NestingLimit)
        );
    }

    #[test]
    fn texts_are_written_up_to_the_limit() {
        let around = "--- \"\"\n".len();
        assert!(written(&Value::from("a".repeat(MAX_TEXT - around))).is_ok());
        let too_long = written(&Value::from("a".repeat(MAX_TEXT - around + 1)));
        assert_eq!(too_long.err(), Some(ErrorKind::OutputLimit));
    }
}
