//! Reads JSON as RFC 8259 has it, with numbers exact and members in their order.

use crate::function::arguments::Outcome;
use crate::value::{ErrorKind, MAX_DEPTH, Number, Object, Text, Value};

const INVALID: ErrorKind = ErrorKind::Function("the text is not JSON");

/// The value of a text.
///
/// # Errors
///
/// For what is no JSON, is nested deeper than [`MAX_DEPTH`], or has a number beyond those that are supported.
pub(super) fn read<'a>(text: &str) -> Outcome<'a> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.skip_blanks();
    if reader.rest.is_empty() {
        Ok(value)
    } else {
        Err(INVALID)
    }
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn value<'a>(&mut self, depth: u32) -> Outcome<'a> {
        self.skip_blanks();
        match self.rest.bytes().next() {
            Some(b'{') => self.object(depth + 1),
            Some(b'[') => self.array(depth + 1),
            Some(b'"') => Ok(self.string()?.into()),
            Some(b'-' | b'0'..=b'9') => self.number(),
            _ if self.eat("null") => Ok(Value::Null),
            _ if self.eat("true") => Ok(Value::Boolean(true)),
            _ if self.eat("false") => Ok(Value::Boolean(false)),
            _ => Err(INVALID),
        }
    }

    #[inline(never)]
    fn object<'a>(&mut self, depth: u32) -> Outcome<'a> {
        let mut members: Vec<(Text<'a>, Value<'a>)> = Vec::new();
        self.open("{", depth)?;
        while !self.close("}") {
            if !members.is_empty() {
                self.expect(",")?;
            }
            self.skip_blanks();
            if !self.rest.starts_with('"') {
                return Err(INVALID);
            }
            let key = self.string()?;
            self.expect(":")?;
            members.push((key.into(), self.value(depth)?));
        }
        Ok(members.into_iter().collect::<Object<'a>>().into())
    }

    #[inline(never)]
    fn array<'a>(&mut self, depth: u32) -> Outcome<'a> {
        let mut elements = Vec::new();
        self.open("[", depth)?;
        while !self.close("]") {
            if !elements.is_empty() {
                self.expect(",")?;
            }
            elements.push(self.value(depth)?);
        }
        Ok(Value::Array(elements.into()))
    }

    fn number<'a>(&mut self) -> Outcome<'a> {
        let start = self.rest;
        self.eat("-");
        if !self.eat("0") {
            self.digits()?;
        }
        if self.eat(".") {
            self.digits()?;
        }
        if self.eat("e") || self.eat("E") {
            let _ = self.eat("+") || self.eat("-");
            self.digits()?;
        }
        let length = start.len() - self.rest.len();
        // A digit behind a leading zero, or a letter, can't follow.
        if self
            .rest
            .starts_with(|next: char| next.is_alphanumeric() || next == '.')
        {
            return Err(INVALID);
        }
        let number = Number::parse(start.get(..length).unwrap_or_default());
        number.map(Value::Number).ok_or(ErrorKind::NumberOutOfRange)
    }

    fn digits(&mut self) -> Result<(), ErrorKind> {
        let behind = self.rest.trim_start_matches(|next: char| next.is_ascii_digit());
        if behind.len() == self.rest.len() {
            return Err(INVALID);
        }
        self.rest = behind;
        Ok(())
    }

    fn string(&mut self) -> Result<String, ErrorKind> {
        let mut text = String::new();
        self.rest = self.rest.get(1..).unwrap_or_default();
        loop {
            let end = self
                .rest
                .find(|next: char| next < ' ' || next == '"' || next == '\\')
                .ok_or(INVALID)?;
            let (plain, rest) = self.rest.split_at_checked(end).ok_or(INVALID)?;
            text.push_str(plain);
            self.rest = rest;
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                _ => return Err(INVALID),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ErrorKind> {
        Ok(match self.next() {
            Some(character @ ('"' | '\\' | '/')) => character,
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('u') => self.code().ok_or(INVALID)?,
            _ => return Err(INVALID),
        })
    }

    /// The character of one or two code units; half a pair is none.
    fn code(&mut self) -> Option<char> {
        let first = self.unit()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        if !self.eat("\\u") {
            return None;
        }
        let second = self.unit().filter(|unit| (0xDC00..0xE000).contains(unit))?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |unit, _| Some(unit * 16 + self.next()?.to_digit(16)?))
    }

    fn open(&mut self, bracket: &str, depth: u32) -> Result<(), ErrorKind> {
        if depth > MAX_DEPTH {
            return Err(ErrorKind::NestingLimit);
        }
        self.expect(bracket)
    }

    fn close(&mut self, bracket: &str) -> bool {
        self.skip_blanks();
        self.eat(bracket)
    }

    fn expect(&mut self, wanted: &str) -> Result<(), ErrorKind> {
        self.skip_blanks();
        if self.eat(wanted) { Ok(()) } else { Err(INVALID) }
    }

    fn eat(&mut self, wanted: &str) -> bool {
        match self.rest.strip_prefix(wanted) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_digits_and_scale() {
        let shown = read("[1e400, 1E5, -0, 1.0, 2.50, 0.1000, 123456789012345678901234567890]");
        let expected = "[1E+400, 1E+5, 0, 1, 2.50, 0.1000, 123456789012345678901234567890]";
        assert_eq!(shown.map(|value| value.to_string()), Ok(expected.to_owned()));
        assert_eq!(read("1e1001").err(), Some(ErrorKind::NumberOutOfRange));
    }

    #[test]
    fn what_is_no_json_is_an_error() {
        for text in [
            "",
            " ",
            "{",
            "[1,]",
            "[,1]",
            "{\"a\":1,}",
            "{a:1}",
            "{\"a\" 1}",
            "'x'",
            "+1",
            ".5",
            "1.",
            "01",
            "-",
            "1e",
            "NaN",
            "tru",
            "nulls",
            "\"a\nb\"",
            "\"\\x\"",
            "\"\\ud800\"",
            "\"\\udc00\"",
            "\"\\ud800\\u0041\"",
            "\"",
            "\"\\u12\"",
            "{} {}",
            "\u{feff}{}",
            "// c\n1",
            "1 2",
            "1x",
            "\u{a0}1",
        ] {
            assert!(read(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn escapes_stand_for_their_characters() {
        let text = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#;
        assert_eq!(read(text), Ok("\"\\/\u{8}\u{c}\n\r\té😀".into()));
    }

    #[test]
    fn nesting_is_read_up_to_its_limit() {
        let nested = |levels: usize| read(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)));
        assert!(nested(MAX_DEPTH as usize).is_ok());
        assert_eq!(
            nested(MAX_DEPTH as usize + 1).err(),
            Some(ErrorKind::NestingLimit)
        );
        assert_eq!(nested(100_000).err(), Some(ErrorKind::NestingLimit));
    }
}
