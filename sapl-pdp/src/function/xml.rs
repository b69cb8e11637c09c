//! `xml`: values from and to XML texts.
//!
//! Entities other than those that XML itself has are errors, and nothing outside of the text is read.

use super::arguments::{Outcome, any, code, document};
use super::{Function, MAX_TEXT, Parameter};
use crate::value::{ErrorKind, MAX_DEPTH, Value};

mod reader;

const NAME: &str = "xml";

/// The namespace of the attribute that makes an element null.
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "valToXml",
        &[Parameter::any("value")],
        "the XML text of the value; an object with one member is that element",
        code!(val_to_xml),
    ),
    Function::new(
        NAME,
        "xmlToVal",
        &[Parameter::text("xml")],
        "what the outermost element of an XML text has in it, as an object",
        code!(xml_to_val),
    ),
];

fn xml_to_val<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    reader::read(document(arguments, 0)?)
}

const NO_ROOT: ErrorKind = ErrorKind::Function("an XML text must have exactly one outermost element");

fn val_to_xml<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let mut text = String::new();
    match any(arguments, 0)? {
        Value::Object(object) => {
            let mut members = object.iter();
            match (members.next(), members.next()) {
                (Some((name, Value::Array(array))), None) => match (array.get(0), array.len()) {
                    (Some(element), 1) => write(name, &element, &mut text, 1)?,
                    _ => return Err(NO_ROOT),
                },
                (Some((name, value)), None) => write(name, &value, &mut text, 1)?,
                _ => write("ObjectNode", any(arguments, 0)?, &mut text, 0)?,
            }
        }
        Value::Array(array) => match (array.get(0), array.len()) {
            (Some(element), 1) => write("ArrayNode", &element, &mut text, 1)?,
            _ => return Err(NO_ROOT),
        },
        value @ Value::Null => write("NullNode", value, &mut text, 0)?,
        value @ Value::Boolean(_) => write("BooleanNode", value, &mut text, 0)?,
        value @ Value::Number(_) => write("DecimalNode", value, &mut text, 0)?,
        value => write("StringNode", value, &mut text, 0)?,
    }
    Ok(text.into())
}

/// Appends an element; for an array one for each of its elements.
fn write(name: &str, value: &Value<'_>, text: &mut String, depth: u32) -> Result<(), ErrorKind> {
    if depth > MAX_DEPTH {
        return Err(ErrorKind::NestingLimit);
    }
    // SAPL does not check names; here at least none becomes markup.
    if name.contains(|next: char| next.is_control() || "<>&\"'/=".contains(next)) {
        return Err(ErrorKind::Function("a key is no name of an element"));
    }
    match value {
        Value::Array(array) => {
            for element in array.iter() {
                write(name, &element, text, depth + 1)?;
            }
        }
        Value::Null => text.push_str(&format!("<{name} xmlns:xsi=\"{INSTANCE}\" xsi:nil=\"true\"/>")),
        Value::Object(object) if object.is_empty() => text.push_str(&format!("<{name}/>")),
        value => {
            text.push_str(&format!("<{name}>"));
            match value {
                Value::Object(object) => {
                    for (name, value) in object.iter() {
                        write(name, &value, text, depth + 1)?;
                    }
                }
                Value::Text(content) => write_text(content, text)?,
                Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
                Value::Number(number) => text.push_str(&number.to_string()),
                _ => return Err(ErrorKind::Function("the value has no XML form")),
            }
            text.push_str(&format!("</{name}>"));
        }
    }
    if text.len() > MAX_TEXT {
        return Err(ErrorKind::OutputLimit);
    }
    Ok(())
}

fn write_text(content: &str, text: &mut String) -> Result<(), ErrorKind> {
    // Where `>` could end a section of characters it is escaped, as at the beginning.
    let mut before = ']';
    for character in content.chars() {
        match character {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' if before == ']' => text.push_str("&gt;"),
            '\r' | '\u{7f}'..='\u{9f}' | '\u{fffe}' | '\u{ffff}' => {
                text.push_str(&format!("&#x{:x};", u32::from(character)));
            }
            '\t' | '\n' => text.push(character),
            '\0'..' ' => {
                return Err(ErrorKind::Function("a text has characters that XML can't say"));
            }
            character => text.push(character),
        }
        before = character;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_never_become_markup() {
        for name in ["a>b", "a b='c'", "/a", "<", "a\n", "a&b"] {
            let tree = serde_json::json!({name: 1});
            assert!(val_to_xml(&[Value::from_json(&tree)]).is_err(), "{name}");
        }
        let tree = serde_json::json!({"a": "<&>\"'\r\u{e9}"});
        let expected = "<a>&lt;&amp;>\"'&#xd;é</a>";
        assert_eq!(val_to_xml(&[Value::from_json(&tree)]), Ok(expected.into()));
        let written = val_to_xml(&[Value::from(">>]]>\u{85}\u{a0}")]);
        assert_eq!(
            written,
            Ok("<StringNode>&gt;>]]&gt;&#x85;\u{a0}</StringNode>".into())
        );
    }

    #[test]
    fn nesting_is_written_up_to_its_limit() {
        let nested = |levels: u32| {
            let level = |value: Value<'static>| Value::Object([("a".into(), value)].into_iter().collect());
            val_to_xml(&[(0..levels).fold(Value::Null, |value, _| level(value))])
        };
        assert!(nested(MAX_DEPTH).is_ok());
        assert_eq!(nested(MAX_DEPTH + 1).err(), Some(ErrorKind::NestingLimit));
    }

    #[test]
    fn texts_are_written_up_to_the_limit() {
        let around = "<StringNode></StringNode>".len();
        let written = |length: usize| val_to_xml(&[Value::from("a".repeat(length))]);
        assert!(written(MAX_TEXT - around).is_ok());
        assert_eq!(written(MAX_TEXT - around + 1).err(), Some(ErrorKind::OutputLimit));
    }
}
