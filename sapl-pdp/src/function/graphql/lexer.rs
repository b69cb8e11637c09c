//! The tokens of GraphQL.

/// A token and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind,
    pub(super) text: &'t str,
    /// Where it begins, in bytes.
    pub(super) offset: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Name,
    Integer,
    Float,
    /// With its quotes.
    Text,
    /// With its three quotes.
    Block,
    /// `{`, `...` and so on.
    Mark,
    End,
    /// What begins no token.
    Unknown,
}

#[derive(Clone)]
pub(super) struct Lexer<'t> {
    source: &'t str,
    offset: usize,
}

impl<'t> Lexer<'t> {
    pub(super) const fn new(source: &'t str) -> Self {
        Self { source, offset: 0 }
    }

    /// The next token; at the end of the text again and again its end.
    pub(super) fn next(&mut self) -> Token<'t> {
        self.skip();
        let rest = self.source.get(self.offset..).unwrap_or_default();
        let (kind, length) = match rest.bytes().next() {
            None => (Kind::End, 0),
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => {
                let is_part = |next: char| next.is_ascii_alphanumeric() || next == '_';
                (Kind::Name, rest.len() - rest.trim_start_matches(is_part).len())
            }
            Some(b'-' | b'0'..=b'9') => number(rest),
            Some(b'"') if rest.starts_with("\"\"\"") => block(rest),
            Some(b'"') => text(rest),
            Some(b'.') if rest.starts_with("...") => (Kind::Mark, 3),
            Some(
                b'!' | b'$' | b'&' | b'(' | b')' | b':' | b'=' | b'@' | b'[' | b']' | b'{' | b'|' | b'}',
            ) => (Kind::Mark, 1),
            Some(_) => (Kind::Unknown, rest.chars().next().map_or(0, char::len_utf8)),
        };
        let token = Token {
            kind,
            text: rest.get(..length).unwrap_or_default(),
            offset: self.offset,
        };
        self.offset += length;
        token
    }

    /// Skips white space, commas and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.source.get(self.offset..).unwrap_or_default();
            let behind = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
            self.offset += rest.len() - behind.len();
            if !behind.starts_with('#') {
                return;
            }
            self.offset += behind.find(['\n', '\r']).unwrap_or(behind.len());
        }
    }
}

fn number(rest: &str) -> (Kind, usize) {
    let digits = |from: usize| {
        let rest = rest.get(from..).unwrap_or_default();
        rest.bytes().take_while(u8::is_ascii_digit).count()
    };
    let at = |offset: usize| rest.as_bytes().get(offset);
    let start = usize::from(at(0) == Some(&b'-'));
    let whole = if at(start) == Some(&b'0') {
        1
    } else {
        digits(start)
    };
    if whole == 0 {
        return (Kind::Unknown, 1);
    }
    let mut end = start + whole;
    let mut kind = Kind::Integer;
    if at(end) == Some(&b'.') && digits(end + 1) > 0 {
        kind = Kind::Float;
        end += 1 + digits(end + 1);
    }
    if matches!(at(end), Some(b'e' | b'E')) {
        let exponent = end + 1 + usize::from(matches!(at(end + 1), Some(b'+' | b'-')));
        if digits(exponent) > 0 {
            kind = Kind::Float;
            end = exponent + digits(exponent);
        }
    }
    (kind, end)
}

fn text(rest: &str) -> (Kind, usize) {
    let mut is_escaped = false;
    for (offset, character) in rest.char_indices().skip(1) {
        match character {
            '\n' | '\r' => return (Kind::Unknown, offset),
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return (Kind::Text, offset + 1),
            _ => {}
        }
    }
    (Kind::Unknown, rest.len())
}

fn block(rest: &str) -> (Kind, usize) {
    let mut offset = 3;
    loop {
        let behind = rest.get(offset..).unwrap_or_default();
        let Some(quotes) = behind.find("\"\"\"") else {
            return (Kind::Unknown, rest.len());
        };
        let is_escaped = behind.get(..quotes).is_some_and(|before| before.ends_with('\\'));
        offset += quotes + 3;
        if !is_escaped {
            return (Kind::Block, offset);
        }
    }
}
