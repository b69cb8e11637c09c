//! Texts and numbers in paths.

use std::str::Chars;

use serde_json::{Number, Value};

use super::{Parsed, Parser};
use crate::constraint::HandlerError;

impl Parser<'_> {
    /// A text in single or double quotes.
    pub(super) fn string(&mut self) -> Parsed<String> {
        let mut chars = self.rest.chars();
        let quote = chars.next();
        let mut text = String::new();
        loop {
            match chars.next() {
                Some(c) if Some(c) == quote => {
                    self.rest = chars.as_str();
                    return Ok(text);
                }
                Some('\\') => {
                    text.push(escaped(&mut chars, quote).ok_or_else(|| self.error("valid escapes"))?)
                }
                Some(c) if c >= ' ' => text.push(c),
                Some(_) => return Err(self.error("a text without control characters")),
                None => return Err(self.error("a text that ends")),
            }
        }
    }

    pub(super) fn number(&mut self) -> Parsed<Value> {
        let end = self
            .rest
            .find(|c| !matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E'));
        let number = self.rest.split_at_checked(end.unwrap_or(self.rest.len()));
        // The grammar is that of JSON.
        match number.map(|(number, rest)| (serde_json::from_str::<Number>(number), rest)) {
            Some((Ok(number), rest)) => {
                self.rest = rest;
                Ok(Value::Number(number))
            }
            _ => Err(self.error("a number in the range of a double")),
        }
    }
}

fn escaped(chars: &mut Chars<'_>, quote: Option<char>) -> Option<char> {
    match chars.next()? {
        'b' => Some('\u{8}'),
        'f' => Some('\u{c}'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        't' => Some('\t'),
        c @ ('/' | '\\') => Some(c),
        'u' => unicode(chars),
        c => (Some(c) == quote).then_some(c),
    }
}

fn unicode(chars: &mut Chars<'_>) -> Option<char> {
    let first = hex4(chars)?;
    let code = if (0xD800..0xDC00).contains(&first) {
        let low = (chars.next()? == '\\' && chars.next()? == 'u').then(|| hex4(chars))??;
        let low = (0xDC00..0xE000).contains(&low).then(|| low - 0xDC00)?;
        0x1_0000 + ((first - 0xD800) << 10) + low
    } else {
        first
    };
    char::from_u32(code)
}

fn hex4(chars: &mut Chars<'_>) -> Option<u32> {
    (0..4).try_fold(0, |code, _| Some(code * 16 + chars.next()?.to_digit(16)?))
}

/// A literal pattern is compiled when the path is read, so that an invalid one is found then.
pub(super) fn pattern(pattern: &str, whole: bool) -> Parsed<regex::Regex> {
    crate::filter::pattern::i_regexp(pattern, whole)
        .map_err(|error| HandlerError::new(format_args!("a path has a bad pattern: {}", error.message())))
}
