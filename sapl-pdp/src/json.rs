//! JSON, and where its values stand: settings with comments, or what a policy decision point is asked.

use crate::syntax::{Diagnostic, Span};
use crate::value::{ErrorKind, MAX_NUMBER_LENGTH, Number, Object, Text, Value};

/// How deep arrays and objects of a `pdp.json` may be nested.
pub const MAX_JSON_DEPTH: u32 = 128;

/// How deep arrays and objects of a subscription's text may be nested, the subscription itself included.
pub const MAX_SUBSCRIPTION_DEPTH: u32 = 500;

/// What a text may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Comments (`//`, `/* */`, `#`) wherever white space may stand; integers keep their digits, other numbers are read
    /// as doubles, as SAPL does with `pdp.json`.
    Settings,
    /// No comments; all numbers keep their digits.
    Subscription,
}

impl Dialect {
    const fn max_depth(self) -> u32 {
        match self {
            Self::Settings => MAX_JSON_DEPTH,
            Self::Subscription => MAX_SUBSCRIPTION_DEPTH,
        }
    }
}

/// A JSON value and its place.
pub(super) struct Json {
    pub(super) span: Span,
    pub(super) kind: Kind,
}

pub(super) enum Kind {
    Null,
    Boolean(bool),
    /// None for a number beyond every double.
    Number(Option<Number>),
    Text(String),
    Array(Vec<Json>),
    /// In the order written; of several members of one name the last counts.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// The member of an object.
    pub(super) fn member(&self, name: &str) -> Option<&Json> {
        match &self.kind {
            Kind::Object(members) => members
                .iter()
                .rev()
                .find(|(key, _)| key == name)
                .map(|(_, value)| value),
            _ => None,
        }
    }

    pub(super) fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number as a count, its fraction cut off; 0 for a negative one.
    pub(super) fn integer(&self) -> Option<usize> {
        match &self.kind {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "`as` saturates"
            )]
            Kind::Number(Some(number)) => Some(number.to_f64() as usize),
            _ => None,
        }
    }

    /// The object that this is, or an empty one.
    pub(super) fn to_object(&self) -> Object<'static> {
        match &self.kind {
            Kind::Object(members) => members
                .iter()
                .map(|(key, value)| (Text::from(key.clone()), value.to_value()))
                .collect(),
            _ => Object::from_iter([]),
        }
    }

    pub(super) fn to_value(&self) -> Value<'static> {
        match &self.kind {
            Kind::Null => Value::Null,
            Kind::Boolean(value) => Value::Boolean(*value),
            Kind::Number(number) => number
                .clone()
                .map_or(Value::error(ErrorKind::NumberOutOfRange), Value::Number),
            Kind::Text(text) => Value::from(text.clone()),
            // An error within makes an error of the whole, as in a literal.
            Kind::Array(elements) => {
                let elements: Vec<_> = elements.iter().map(Self::to_value).collect();
                match elements.iter().find(|element| matches!(element, Value::Error(_))) {
                    Some(error) => error.clone(),
                    None => Value::Array(elements.into()),
                }
            }
            Kind::Object(_) => {
                let object = self.to_object();
                let error = object.values().find(|value| matches!(value, Value::Error(_)));
                error.unwrap_or(Value::Object(object))
            }
        }
    }
}

/// Reads a text that is one value.
pub(super) fn parse(source: &str, dialect: Dialect) -> Result<Json, Diagnostic> {
    let mut reader = Reader {
        source,
        dialect,
        position: 0,
        depth: 0,
    };
    let value = reader.value().map_err(|problem| *problem)?;
    reader.skip_blanks().map_err(|problem| *problem)?;
    if reader.peek().is_some() {
        return Err(*reader.unexpected("the end of the file"));
    }
    Ok(value)
}

type Read<T> = Result<T, Box<Diagnostic>>;

struct Reader<'s> {
    source: &'s str,
    dialect: Dialect,
    position: usize,
    depth: u32,
}

impl Reader<'_> {
    fn value(&mut self) -> Read<Json> {
        self.skip_blanks()?;
        let start = self.position;
        let kind = match self.peek() {
            Some('{') => self.object()?,
            Some('[') => self.array()?,
            Some('"') => Kind::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            _ if self.eat_word("null") => Kind::Null,
            _ if self.eat_word("true") => Kind::Boolean(true),
            _ if self.eat_word("false") => Kind::Boolean(false),
            _ => return Err(self.unexpected("a JSON value")),
        };
        Ok(Json {
            span: span(start, self.position),
            kind,
        })
    }

    fn object(&mut self) -> Read<Kind> {
        self.open()?;
        let mut members = Vec::new();
        while !self.close('}')? {
            if !members.is_empty() {
                self.expect(',')?;
            }
            self.skip_blanks()?;
            if self.peek() != Some('"') {
                return Err(self.unexpected("a key in quotes"));
            }
            let key = self.string()?;
            self.expect(':')?;
            members.push((key, self.value()?));
        }
        Ok(Kind::Object(members))
    }

    fn array(&mut self) -> Read<Kind> {
        self.open()?;
        let mut elements = Vec::new();
        while !self.close(']')? {
            if !elements.is_empty() {
                self.expect(',')?;
            }
            elements.push(self.value()?);
        }
        Ok(Kind::Array(elements))
    }

    fn open(&mut self) -> Read<()> {
        let maximum = self.dialect.max_depth();
        if self.depth >= maximum {
            return Err(self.problem(format!("nested more than {maximum} levels deep"), 1));
        }
        self.depth += 1;
        self.position += 1;
        Ok(())
    }

    fn close(&mut self, bracket: char) -> Read<bool> {
        self.skip_blanks()?;
        let found = self.eat(bracket);
        if found {
            self.depth -= 1;
        }
        Ok(found)
    }

    fn number(&mut self) -> Read<Kind> {
        let start = self.position;
        self.eat('-');
        if !self.eat('0') {
            self.digits()?;
        }
        let mut is_integer = true;
        if self.eat('.') {
            is_integer = false;
            self.digits()?;
        }
        if self.eat('e') || self.eat('E') {
            is_integer = false;
            let _ = self.eat('+') || self.eat('-');
            self.digits()?;
        }
        if self
            .peek()
            .is_some_and(|next| next.is_ascii_alphanumeric() || next == '.')
        {
            return Err(self.unexpected("the end of the number"));
        }
        let text = self.source.get(start..self.position).unwrap_or_default();
        if text.len() > MAX_NUMBER_LENGTH {
            let length = text.len();
            self.position = start;
            let message =
                format!("a number may have at most {MAX_NUMBER_LENGTH} characters, this one has {length}");
            return Err(self.problem(message, length));
        }
        let number = if is_integer || self.dialect == Dialect::Subscription {
            Number::parse(text)
        } else {
            text.parse().ok().and_then(Number::from_f64)
        };
        Ok(Kind::Number(number))
    }

    fn digits(&mut self) -> Read<()> {
        if !self.peek().is_some_and(|next| next.is_ascii_digit()) {
            return Err(self.unexpected("a digit"));
        }
        while self.peek().is_some_and(|next| next.is_ascii_digit()) {
            self.position += 1;
        }
        Ok(())
    }

    fn string(&mut self) -> Read<String> {
        let start = self.position;
        self.position += 1;
        let mut text = String::new();
        loop {
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                Some(character) if character >= ' ' => text.push(character),
                Some(_) => {
                    self.position -= 1;
                    return Err(self.unexpected("an escape for a control character"));
                }
                None => {
                    self.position = start;
                    return Err(self.problem("this text has no closing quote", 1));
                }
            }
        }
    }

    fn escape(&mut self) -> Read<char> {
        let start = self.position - 1;
        let character = match self.next() {
            Some(character @ ('"' | '\\' | '/')) => Some(character),
            Some('b') => Some('\u{8}'),
            Some('f') => Some('\u{c}'),
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('u') => self.escaped_code(),
            _ => None,
        };
        match character {
            Some(character) => Ok(character),
            None => {
                self.position = start;
                Err(self.problem("invalid escape", 2))
            }
        }
    }

    fn escaped_code(&mut self) -> Option<char> {
        let first = self.code_unit()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        if !(self.eat('\\') && self.eat('u')) {
            return None;
        }
        let second = self.code_unit().filter(|unit| (0xDC00..0xE000).contains(unit))?;
        char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))
    }

    fn code_unit(&mut self) -> Option<u32> {
        (0..4).try_fold(0, |value, _| Some(value * 16 + self.next()?.to_digit(16)?))
    }

    /// Skips white space and comments.
    fn skip_blanks(&mut self) -> Read<()> {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r' | '\n') => self.position += 1,
                Some(_) if self.dialect == Dialect::Subscription => return Ok(()),
                Some('#') => self.skip_line(),
                Some('/') if self.rest().starts_with("//") => self.skip_line(),
                Some('/') if self.rest().starts_with("/*") => {
                    match self.rest().get(2..).and_then(|rest| rest.find("*/")) {
                        Some(length) => self.position += length + 4,
                        None => return Err(self.problem("this comment has no closing `*/`", 2)),
                    }
                }
                _ => return Ok(()),
            }
        }
    }

    fn skip_line(&mut self) {
        let rest = self.rest();
        self.position += rest.find(['\r', '\n']).unwrap_or(rest.len());
    }

    fn rest(&self) -> &str {
        self.source.get(self.position..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, wanted: char) -> bool {
        let found = self.peek() == Some(wanted);
        if found {
            self.position += wanted.len_utf8();
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = self
            .rest()
            .strip_prefix(word)
            .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()));
        if found {
            self.position += word.len();
        }
        found
    }

    fn expect(&mut self, wanted: char) -> Read<()> {
        self.skip_blanks()?;
        if self.eat(wanted) {
            Ok(())
        } else {
            Err(self.unexpected(&format!("`{wanted}`")))
        }
    }

    #[cold]
    fn unexpected(&self, wanted: &str) -> Box<Diagnostic> {
        match self.peek() {
            Some(found) if found.is_ascii_graphic() => {
                self.problem(format!("expected {wanted}, found `{found}`"), found.len_utf8())
            }
            Some(found) => self.problem(
                format!("expected {wanted}, found U+{:04X}", u32::from(found)),
                found.len_utf8(),
            ),
            None => self.problem(format!("expected {wanted}, found the end of the file"), 0),
        }
    }

    #[cold]
    fn problem(&self, message: impl Into<String>, length: usize) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(
            message,
            span(self.position, self.position + length),
            self.source,
        ))
    }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |position| u32::try_from(position).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Result<String, String> {
        parse(source, Dialect::Settings)
            .map(|json| json.to_value().to_string())
            .map_err(|problem| problem.message().to_owned())
    }

    #[test]
    fn comments_may_stand_wherever_white_space_may() {
        let source = "# a\n/**/{//b\r\"k\" /*c*/ : [1, # d\n 2] /* * / */}//e";
        assert_eq!(text(source).as_deref(), Ok("{\"k\"=[1, 2]}"));
        assert_eq!(text("\"a#b//c/*d*/\"").as_deref(), Ok("\"a#b//c/*d*/\""));
        assert!(text("{} /* open").unwrap_err().contains("no closing"));
        assert!(text("{} /*/").unwrap_err().contains("no closing"));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for source in [
            "",
            "  ",
            "{",
            "}",
            "{]",
            "[1,]",
            "{\"a\":1,}",
            "{a: 1}",
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
            "{} {}",
            "\u{feff}{}",
            "\u{c}{}",
            "\u{a0}{}",
            "1 2",
        ] {
            for dialect in [Dialect::Settings, Dialect::Subscription] {
                assert!(parse(source, dialect).is_err(), "{source:?}");
            }
        }
    }

    #[test]
    fn integers_are_exact_and_other_numbers_are_doubles() {
        let long = "100000000000000000000000000000000000000000001";
        assert_eq!(text(long).as_deref(), Ok(long));
        assert_eq!(text("1.50").as_deref(), Ok("1.5"));
        assert_eq!(text("-0").as_deref(), Ok("0"));
        assert_eq!(text("1e-400").as_deref(), Ok("0"));
        assert!(matches!(
            parse("1e400", Dialect::Settings).map(|json| json.to_value()),
            Ok(Value::Error(_))
        ));
        assert!(matches!(
            parse("{\"a\": [1, 1e400]}", Dialect::Settings).map(|json| json.to_value()),
            Ok(Value::Error(_))
        ));
    }

    #[test]
    fn the_last_of_several_members_counts() {
        let json = parse("{\"a\": 1, \"b\": 2, \"a\": 3}", Dialect::Settings).unwrap();
        assert_eq!(json.to_value().to_string(), "{\"a\"=3, \"b\"=2}");
        assert_eq!(json.member("a").and_then(Json::integer), Some(3));
    }

    #[test]
    fn nesting_and_number_length_end_at_their_limits() {
        for (dialect, maximum) in [
            (Dialect::Settings, MAX_JSON_DEPTH as usize),
            (Dialect::Subscription, MAX_SUBSCRIPTION_DEPTH as usize),
        ] {
            let nested =
                |levels: usize| parse(&format!("{}{}", "[".repeat(levels), "]".repeat(levels)), dialect);
            assert!(nested(maximum).is_ok());
            assert!(nested(maximum + 1).is_err());
            assert!(nested(100_000).is_err());
            assert!(parse(&"9".repeat(MAX_NUMBER_LENGTH), dialect).is_ok());
            assert!(parse(&"9".repeat(MAX_NUMBER_LENGTH + 1), dialect).is_err());
        }
    }

    #[test]
    fn what_is_asked_has_no_comments_and_exact_decimals() {
        let text = |source| parse(source, Dialect::Subscription).map(|json| json.to_value().to_string());
        for source in ["1 // a", "/* a */ 1", "# a\n1", "1 #"] {
            assert!(text(source).is_err(), "{source:?}");
        }
        assert_eq!(text("7.50").as_deref(), Ok("7.50"));
        assert_eq!(text(" [1e999]\n").as_deref(), Ok("[1E+999]"));
    }

    #[test]
    fn escapes_stand_for_their_characters() {
        assert_eq!(
            text(r#""\"\\\/\u00e9\ud83d\ude00""#).as_deref(),
            Ok("\"\"\\/é😀\"")
        );
    }

    /// Texts that are nearly JSON.
    fn nearly_json() -> impl proptest::strategy::Strategy<Value = String> {
        const PIECES: &[&str] = &[
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "d800", "dc00", "\"a\"", "null", "true", "-",
            "0", "12", ".", "5", "e", "+", " ", "\n", "\t", "\u{0}", "é", "😀", "//", "#", "/*", "*/",
            "\u{feff}",
        ];
        let piece = proptest::sample::select(PIECES);
        proptest::strategy::Strategy::prop_map(proptest::collection::vec(piece, 0..20), |pieces| {
            pieces.concat()
        })
    }

    proptest::proptest! {
        #[test]
        fn what_is_asked_is_read_as_serde_json_reads_it(source in nearly_json()) {
            let ours = parse(&source, Dialect::Subscription).map(|json| json.to_value());
            let theirs = serde_json::from_str::<serde_json::Value>(&source);
            match (&ours, &theirs) {
                (Ok(ours), Ok(theirs)) => {
                    // Decimals are exact here, so their nearest doubles are compared.
                    let ours = ours.to_json().unwrap();
                    let equal = Value::from_json(&ours) == Value::from_json(theirs);
                    proptest::prop_assert!(equal, "{ours} {theirs}");
                }
                (Err(_), Err(_)) => {}
                // A number beyond every double is one here.
                (Ok(_), Err(_)) => proptest::prop_assert!(source.contains('e')),
                (Err(problem), Ok(_)) => proptest::prop_assert!(false, "{problem}"),
            }
        }
    }
}
