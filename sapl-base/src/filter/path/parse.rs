//! Reading paths: the grammar of RFC 9535, section 2, without backtracking.

mod expression;
mod literal;

use super::{
    MAX_PATH_BYTES, MAX_PATH_NESTING,
    tree::{Segment, Selector, Slice},
};
use crate::constraint::HandlerError;

/// The greatest integer that a double holds exactly, 2^53 - 1, and so the limit of indices.
const MAX_INTEGER: i64 = 9_007_199_254_740_991;

type Parsed<T> = Result<T, HandlerError>;

/// Reads a whole path.
pub(super) fn parse(text: &str) -> Parsed<Vec<Segment>> {
    if text.len() > MAX_PATH_BYTES {
        return Err(HandlerError::new(format_args!(
            "a path is longer than {MAX_PATH_BYTES} bytes"
        )));
    }
    let mut parser = Parser {
        rest: text,
        length: text.len(),
        nesting: 0,
    };
    parser.expect('$')?;
    let segments = parser.segments()?;
    if parser.rest.is_empty() {
        Ok(segments)
    } else {
        Err(parser.error("nothing more"))
    }
}

struct Parser<'t> {
    rest: &'t str,
    length: usize,
    nesting: usize,
}

impl<'t> Parser<'t> {
    /// Reads segments up to something that is none. White space is only taken in front of a segment.
    fn segments(&mut self) -> Parsed<Vec<Segment>> {
        let mut segments = Vec::new();
        loop {
            let before = self.rest;
            self.skip_space();
            if self.take("..") {
                segments.push(Segment::Descendant(if self.peek() == Some('[') {
                    self.bracketed()?
                } else {
                    vec![self.dotted()?]
                }));
            } else if self.take(".") {
                segments.push(Segment::Child(vec![self.dotted()?]));
            } else if self.peek() == Some('[') {
                segments.push(Segment::Child(self.bracketed()?));
            } else {
                self.rest = before;
                return Ok(segments);
            }
        }
    }

    /// What stands behind a dot: a wildcard or a name.
    fn dotted(&mut self) -> Parsed<Selector> {
        if self.take("*") {
            return Ok(Selector::Wildcard);
        }
        let end = self
            .rest
            .find(|c: char| !is_name_char(c))
            .unwrap_or(self.rest.len());
        match self.rest.split_at_checked(end) {
            Some((name, rest)) if name.starts_with(|c: char| !c.is_ascii_digit()) => {
                self.rest = rest;
                Ok(Selector::Name(name.to_owned()))
            }
            _ => Err(self.error("a name or `*`")),
        }
    }

    fn bracketed(&mut self) -> Parsed<Vec<Selector>> {
        self.expect('[')?;
        let mut selectors = Vec::new();
        loop {
            self.skip_space();
            selectors.push(self.selector()?);
            self.skip_space();
            if !self.take(",") {
                self.expect(']')?;
                return Ok(selectors);
            }
        }
    }

    fn selector(&mut self) -> Parsed<Selector> {
        match self.peek() {
            Some('\'' | '"') => self.string().map(Selector::Name),
            Some('*') => {
                self.expect('*')?;
                Ok(Selector::Wildcard)
            }
            Some('?') => {
                self.expect('?')?;
                self.skip_space();
                self.nested(Self::logical).map(Selector::Filter)
            }
            Some('-' | ':' | '0'..='9') => self.index_or_slice(),
            _ => Err(self.error("a selector")),
        }
    }

    fn index_or_slice(&mut self) -> Parsed<Selector> {
        let start = self.optional_integer()?;
        let behind_start = self.rest;
        self.skip_space();
        if !self.take(":") {
            self.rest = behind_start;
            return start.map(Selector::Index).ok_or_else(|| self.error("an index"));
        }
        self.skip_space();
        let end = self.optional_integer()?;
        let behind_end = self.rest;
        self.skip_space();
        let mut step = None;
        if self.take(":") {
            let behind_colon = self.rest;
            self.skip_space();
            step = self.optional_integer()?;
            if step.is_none() {
                self.rest = behind_colon;
            }
        } else {
            self.rest = behind_end;
        }
        Ok(Selector::Slice(Slice {
            start,
            end,
            step: step.unwrap_or(1),
        }))
    }

    /// An integer without leading zeros, if there is one.
    fn optional_integer(&mut self) -> Parsed<Option<i64>> {
        let digits = self.rest.strip_prefix('-').unwrap_or(self.rest);
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        let length = self.rest.len() - digits.len() + end;
        let Some((integer, rest)) = self.rest.split_at_checked(length) else {
            return Ok(None);
        };
        if integer.is_empty() {
            return Ok(None);
        }
        let leading_zero = integer != "0" && integer.trim_start_matches('-').starts_with('0');
        match integer.parse::<i64>() {
            Ok(value) if !leading_zero && value.abs() <= MAX_INTEGER => {
                self.rest = rest;
                Ok(Some(value))
            }
            _ => Err(self.error("an integer")),
        }
    }

    /// Reads something that may hold itself again.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.nesting == MAX_PATH_NESTING {
            return Err(HandlerError::new(format_args!(
                "a path nests filters, parentheses and functions deeper than {MAX_PATH_NESTING} levels"
            )));
        }
        self.nesting += 1;
        let read = read(self);
        self.nesting -= 1;
        read
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn expect(&mut self, token: char) -> Parsed<()> {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                Ok(())
            }
            None => Err(self.error(&format!("`{token}`"))),
        }
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    /// Says where, and not what, since the message goes to the log.
    fn error(&self, expected: &str) -> HandlerError {
        let at = self.length - self.rest.len();
        HandlerError::new(format_args!(
            "a path is malformed: expected {expected} at byte {at}"
        ))
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || !c.is_ascii()
}
