//! Reads YAML 1.2.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use crate::function::arguments::Outcome;
use crate::value::{ErrorKind, MAX_DEPTH, Number, Object, Text, Value};

const INVALID: ErrorKind = ErrorKind::Function("the text is not YAML with one document");
const NO_KEY: ErrorKind = ErrorKind::Function("a key must be no array or object");

/// The value of the only document of a text.
pub(super) fn read<'a>(text: &str) -> Outcome<'a> {
    if !text.chars().all(is_printable) {
        return Err(INVALID);
    }
    let mut open: Vec<Collection<'a>> = Vec::new();
    let mut document = None;
    let mut names = Names {
        rest: text,
        position: 0,
    };
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|_| INVALID)?;
        let value = match event {
            Event::StreamEnd => break,
            Event::DocumentStart(_) if document.is_some() => return Err(INVALID),
            Event::Scalar(content, style, _, tag) => scalar(&content, style, tag.as_deref())?,
            Event::Alias(_) => Value::from(names.alias(span.start.index()).ok_or(INVALID)?.to_owned()),
            Event::SequenceStart(..) => {
                open_one(&mut open, Collection::Array(Vec::new()))?;
                continue;
            }
            Event::MappingStart(..) => {
                open_one(&mut open, Collection::Object(Vec::new(), None))?;
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => open.pop().ok_or(INVALID)?.into_value(),
            _ => continue,
        };
        match open.last_mut() {
            Some(collection) => collection.add(value)?,
            None => document = Some(value),
        }
    }
    document.ok_or(INVALID)
}

/// Whether YAML allows a character in a text at all.
fn is_printable(character: char) -> bool {
    matches!(
        character,
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{fffd}' | '\u{10000}'..
    )
}

fn open_one<'a>(open: &mut Vec<Collection<'a>>, collection: Collection<'a>) -> Result<(), ErrorKind> {
    if open.len() >= MAX_DEPTH as usize {
        return Err(ErrorKind::NestingLimit);
    }
    // A collection can't be a key.
    if let Some(Collection::Object(_, None)) = open.last() {
        return Err(NO_KEY);
    }
    open.push(collection);
    Ok(())
}

/// An array, or an object with the key whose value comes next.
enum Collection<'a> {
    Array(Vec<Value<'a>>),
    Object(Vec<(Text<'a>, Value<'a>)>, Option<Text<'a>>),
}

impl<'a> Collection<'a> {
    fn add(&mut self, value: Value<'a>) -> Result<(), ErrorKind> {
        match self {
            Self::Array(elements) => elements.push(value),
            Self::Object(members, key) => match key.take() {
                Some(key) => members.push((key, value)),
                None => *key = Some(key_of(value)?),
            },
        }
        Ok(())
    }

    fn into_value(self) -> Value<'a> {
        match self {
            Self::Array(elements) => Value::Array(elements.into()),
            Self::Object(members, _) => Value::Object(members.into_iter().collect::<Object<'a>>()),
        }
    }
}

/// A key keeps the text that it was written with, which for what is no text is its text form.
fn key_of(value: Value<'_>) -> Result<Text<'_>, ErrorKind> {
    match value {
        Value::Text(text) => Ok(text),
        Value::Null | Value::Boolean(_) | Value::Number(_) => Ok(value.to_string().into()),
        _ => Err(NO_KEY),
    }
}

fn scalar<'a>(content: &str, style: ScalarStyle, tag: Option<&Tag>) -> Outcome<'a> {
    let text = || Ok(Value::from(content.to_owned()));
    match tag {
        Some(tag) if tag.is_yaml_core_schema() => match &*tag.suffix {
            "int" | "float" => number(content).unwrap_or(Err(INVALID)),
            "bool" => match content {
                "true" => Ok(true.into()),
                "false" => Ok(false.into()),
                _ => Err(INVALID),
            },
            "null" => Ok(Value::Null),
            "str" => text(),
            _ => Err(ErrorKind::Function("a tag is not supported")),
        },
        Some(_) => text(),
        None if style == ScalarStyle::Plain => match content {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            "null" => Ok(Value::Null),
            content => number(content).unwrap_or_else(text),
        },
        None => text(),
    }
}

/// The number of a text that is one as JSON has it; a fraction or an exponent makes a binary floating-point number.
fn number<'a>(text: &str) -> Option<Outcome<'a>> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let behind = |text: &str| text.trim_start_matches(|next: char| next.is_ascii_digit()).len();
    let (whole, rest) = unsigned.split_at_checked(unsigned.len() - behind(unsigned))?;
    if whole.is_empty() || whole.len() > 1 && whole.starts_with('0') {
        return None;
    }
    if rest.is_empty() {
        let number = Number::parse(text).ok_or(ErrorKind::NumberOutOfRange);
        return Some(number.map(Value::Number));
    }
    let exponent = match rest.strip_prefix('.') {
        Some(fraction) => fraction.trim_start_matches(|next: char| next.is_ascii_digit()),
        None => rest,
    };
    if !exponent.is_empty() {
        let digits = exponent.strip_prefix(['e', 'E'])?;
        let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
        if digits.is_empty() || behind(digits) > 0 {
            return None;
        }
    }
    let number = text.parse().ok().and_then(Number::from_f64);
    Some(number.map(Value::Number).ok_or(ErrorKind::NumberOutOfRange))
}

/// The names of aliases, found at their places, which come in order.
struct Names<'t> {
    rest: &'t str,
    /// How many characters are before the rest.
    position: usize,
}

impl<'t> Names<'t> {
    fn alias(&mut self, position: usize) -> Option<&'t str> {
        let skipped = position.checked_sub(self.position)?;
        let (offset, _) = self.rest.char_indices().nth(skipped)?;
        self.rest = self.rest.get(offset..)?;
        self.position = position;
        let name = self.rest.strip_prefix('*')?;
        let is_end = |next: char| next.is_whitespace() || ",[]{}".contains(next);
        name.split(is_end).next()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        read(text).ok().map(|value| value.to_string())
    }

    #[test]
    fn only_what_json_can_say_is_no_text() {
        for (text, expected) in [
            (
                "a: true\nb: True\nc: null\nd: ~\ne:\nf: ''",
                r#"{"a"=true, "b"="True", "c"=null, "d"="~", "e"="", "f"=""}"#,
            ),
            (
                "[2.50, 1e3, 1., -0, -1.5, 100000000000000000000]",
                "[2.5, 1000.0, 1, 0, -1.5, 100000000000000000000]",
            ),
            (
                "[+1, 1_000, 0x10, 0o17, 010, .5, 5e]",
                r#"["+1", "1_000", "0x10", "0o17", "010", ".5", "5e"]"#,
            ),
            ("a: 2026-03-18\nb: '5'", r#"{"a"="2026-03-18", "b"="5"}"#),
            (
                "a: &x {b: 1}\né: *x\nc: [*x, *x]",
                r#"{"a"={"b"=1}, "é"="x", "c"=["x", "x"]}"#,
            ),
            ("1: a\ntrue: b\nnull: c", r#"{"1"="a", "true"="b", "null"="c"}"#),
            (
                "a: !!str 5\nb: !!int 5\nc: !x 5\nd: !!float 5\ne: !!bool 'true'",
                r#"{"a"="5", "b"=5, "c"="5", "d"=5, "e"=true}"#,
            ),
            ("- - 1\n  - 2\n- 3", "[[1, 2], 3]"),
            (
                "a: |\n  x\n  y\nb: >\n  x\n  y\n",
                "{\"a\"=\"x\ny\n\", \"b\"=\"x y\n\"}",
            ),
            ("%YAML 1.2\n---\na: 1\n...\n", r#"{"a"=1}"#),
            ("a: 1\na: 2", r#"{"a"=2}"#),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_not_one_document_is_an_error() {
        for text in [
            "",
            "# c",
            "--- a\n--- b",
            "a: [1, 2",
            "a: b: c",
            "a:\n\t- 1",
            "? [a]\n: 1",
            "*x",
            "a: !!int x",
            "a: !!binary aGk=",
            "'x",
            "a: 1e400",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn nesting_is_read_up_to_its_limit() {
        let nested = |levels: usize| read(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
        assert!(nested(MAX_DEPTH as usize).is_ok());
        assert_eq!(
            nested(MAX_DEPTH as usize + 1).err(),
            Some(ErrorKind::NestingLimit)
        );
        for text in ["[", "{a: ", "- ", "? ", "{"] {
            assert!(read(&text.repeat(100_000)).is_err(), "{text}");
        }
    }
}
