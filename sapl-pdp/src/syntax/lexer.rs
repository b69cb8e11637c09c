//! Cuts a document into tokens and comments.

use super::Span;
use super::token::{Invalid, Keyword, Token, TokenKind};
use super::tree::Comment;

/// The tokens of `source`, closed by an [`TokenKind::End`], and its comments.
///
/// Never fails: what is no token becomes an invalid one. `source` must be shorter than 4 GiB.
pub(crate) fn tokenize(source: &str) -> (Vec<Token>, Vec<Comment>) {
    let mut lexer = Lexer {
        bytes: source.as_bytes(),
        position: 0,
    };
    // Policies average some six bytes a token; a wrong guess costs one more allocation.
    let mut tokens = Vec::with_capacity(source.len() / 5 + 1);
    let mut comments = Vec::new();
    loop {
        lexer.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'));
        let start = lexer.position;
        let Some(first) = lexer.peek() else {
            tokens.push(Token {
                kind: TokenKind::End,
                span: lexer.span_from(start),
            });
            return (tokens, comments);
        };
        match lexer.lexeme(first) {
            Lexeme::Token(kind) => tokens.push(Token {
                kind,
                span: lexer.span_from(start),
            }),
            Lexeme::Comment { block } => comments.push(Comment {
                span: lexer.span_from(start),
                block,
            }),
        }
    }
}

enum Lexeme {
    Token(TokenKind),
    Comment { block: bool },
}

struct Lexer<'s> {
    bytes: &'s [u8],
    position: usize,
}

impl Lexer<'_> {
    /// Reads what begins with `first`, the byte at the position, and moves behind it.
    fn lexeme(&mut self, first: u8) -> Lexeme {
        let kind = match first {
            b'/' if self.at(1) == Some(b'/') => {
                self.skip_while(|byte| !matches!(byte, b'\r' | b'\n'));
                return Lexeme::Comment { block: false };
            }
            b'/' if self.at(1) == Some(b'*') => return self.block_comment(),
            b'"' => self.text(),
            b'`' => self.escaped_name(),
            b'0'..=b'9' => self.number(),
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'$' => self.word(),
            _ => self.symbol(first),
        };
        Lexeme::Token(kind)
    }

    fn block_comment(&mut self) -> Lexeme {
        let rest = self.bytes.get(self.position + 2..).unwrap_or_default();
        match rest.windows(2).position(|pair| pair == b"*/") {
            Some(length) => {
                self.position += length + 4;
                Lexeme::Comment { block: true }
            }
            None => {
                self.position = self.bytes.len();
                Lexeme::Token(TokenKind::Invalid(Invalid::UnterminatedComment))
            }
        }
    }

    fn word(&mut self) -> TokenKind {
        let start = self.position;
        self.skip_while(is_name_part);
        let word = self.bytes.get(start..self.position).unwrap_or_default();
        match std::str::from_utf8(word).ok().and_then(Keyword::spelled) {
            Some(keyword) => TokenKind::Keyword(keyword),
            None => TokenKind::Word,
        }
    }

    fn escaped_name(&mut self) -> TokenKind {
        self.position += 1;
        let starts_well = self
            .peek()
            .is_some_and(|byte| is_name_part(byte) && !byte.is_ascii_digit());
        self.skip_while(is_name_part);
        if starts_well && self.peek() == Some(b'`') {
            self.position += 1;
            TokenKind::Escaped
        } else {
            TokenKind::Invalid(Invalid::EscapedName)
        }
    }

    /// `0` or digits without a leading zero, then a fraction, then an exponent; what follows and does not fit
    /// belongs to the next token.
    fn number(&mut self) -> TokenKind {
        if self.peek() == Some(b'0') {
            self.position += 1;
        } else {
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        if self.peek() == Some(b'.') && self.at(1).is_some_and(|byte| byte.is_ascii_digit()) {
            self.position += 1;
            self.skip_while(|byte| byte.is_ascii_digit());
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.at(1), Some(b'+' | b'-')));
            if self.at(1 + sign).is_some_and(|byte| byte.is_ascii_digit()) {
                self.position += 1 + sign;
                self.skip_while(|byte| byte.is_ascii_digit());
            }
        }
        TokenKind::Number
    }

    fn text(&mut self) -> TokenKind {
        self.position += 1;
        let mut problem = None;
        loop {
            self.skip_while(|byte| !matches!(byte, b'"' | b'\\'));
            match self.peek() {
                None => return TokenKind::Invalid(Invalid::UnterminatedText),
                Some(b'"') => {
                    self.position += 1;
                    return problem.map_or(TokenKind::Text, TokenKind::Invalid);
                }
                Some(_) => problem = self.escape().or(problem),
            }
        }
    }

    /// Moves behind an escape in a text; gives what is wrong with it.
    fn escape(&mut self) -> Option<Invalid> {
        self.position += 1;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.position += 1;
                None
            }
            Some(b'u') => {
                self.position += 1;
                match self.hexadecimal() {
                    None => Some(Invalid::Escape),
                    Some(0xDC00..=0xDFFF) => Some(Invalid::Surrogate),
                    Some(0xD800..=0xDBFF) => self.low_surrogate(),
                    Some(_) => None,
                }
            }
            _ => Some(Invalid::Escape),
        }
    }

    fn low_surrogate(&mut self) -> Option<Invalid> {
        if self.peek() != Some(b'\\') || self.at(1) != Some(b'u') {
            return Some(Invalid::Surrogate);
        }
        self.position += 2;
        match self.hexadecimal() {
            Some(0xDC00..=0xDFFF) => None,
            Some(_) => Some(Invalid::Surrogate),
            None => Some(Invalid::Escape),
        }
    }

    /// Four hexadecimal digits; stays before them when there are fewer.
    fn hexadecimal(&mut self) -> Option<u32> {
        let digits = self.bytes.get(self.position..self.position + 4)?;
        let value = digits.iter().try_fold(0, |value, &digit| {
            Some(value * 16 + char::from(digit).to_digit(16)?)
        })?;
        self.position += 4;
        Some(value)
    }

    fn symbol(&mut self, first: u8) -> TokenKind {
        use TokenKind as T;
        let (kind, length) = match (first, self.at(1)) {
            (b'|', Some(b'-')) => (T::Filter, 2),
            (b'|', Some(b'|')) => (T::LazyOr, 2),
            (b'|', Some(b'<')) => (T::PipeLess, 2),
            (b'|', _) => (T::EagerOr, 1),
            (b'&', Some(b'&')) => (T::LazyAnd, 2),
            (b'&', _) => (T::EagerAnd, 1),
            (b':', Some(b':')) => (T::Subtemplate, 2),
            (b':', _) => (T::Colon, 1),
            (b'=', Some(b'=')) => (T::Equal, 2),
            (b'=', Some(b'~')) => (T::Matches, 2),
            (b'=', _) => (T::Assign, 1),
            (b'!', Some(b'=')) => (T::NotEqual, 2),
            (b'!', _) => (T::Not, 1),
            (b'<', Some(b'=')) => (T::LessOrEqual, 2),
            (b'<', _) => (T::Less, 1),
            (b'>', Some(b'=')) => (T::GreaterOrEqual, 2),
            (b'>', _) => (T::Greater, 1),
            (b'.', Some(b'.')) => (T::DotDot, 2),
            (b'.', _) => (T::Dot, 1),
            (b'^', _) => (T::Xor, 1),
            (b'+', _) => (T::Plus, 1),
            (b'-', _) => (T::Minus, 1),
            (b'*', _) => (T::Star, 1),
            (b'/', _) => (T::Slash, 1),
            (b'%', _) => (T::Percent, 1),
            (b'@', _) => (T::At, 1),
            (b'#', _) => (T::Hash, 1),
            (b',', _) => (T::Comma, 1),
            (b';', _) => (T::Semicolon, 1),
            (b'(', _) => (T::OpenParenthesis, 1),
            (b')', _) => (T::CloseParenthesis, 1),
            (b'[', _) => (T::OpenBracket, 1),
            (b']', _) => (T::CloseBracket, 1),
            (b'{', _) => (T::OpenBrace, 1),
            (b'}', _) => (T::CloseBrace, 1),
            (b'?', _) => (T::Question, 1),
            _ => (T::Invalid(Invalid::Character), character_length(first)),
        };
        self.position = (self.position + length).min(self.bytes.len());
        kind
    }

    fn peek(&self) -> Option<u8> {
        self.at(0)
    }

    fn at(&self, offset: usize) -> Option<u8> {
        self.bytes.get(self.position + offset).copied()
    }

    fn skip_while(&mut self, wanted: impl Fn(u8) -> bool) {
        let rest = self.bytes.get(self.position..).unwrap_or_default();
        self.position += rest.iter().position(|&byte| !wanted(byte)).unwrap_or(rest.len());
    }

    fn span_from(&self, start: usize) -> Span {
        let offset = |position| u32::try_from(position).unwrap_or(u32::MAX);
        Span::new(offset(start), offset(self.position))
    }
}

fn is_name_part(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$')
}

/// How many bytes the character has that begins with `first`.
fn character_length(first: u8) -> usize {
    match first {
        0xF0.. => 4,
        0xE0.. => 3,
        0xC0.. => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(source: &str) -> Vec<TokenKind> {
        tokenize(source).0.into_iter().map(|token| token.kind).collect()
    }

    fn texts(source: &str) -> Vec<&str> {
        tokenize(source)
            .0
            .into_iter()
            .map(|token| token.span.text(source))
            .collect()
    }

    #[test]
    fn the_longest_symbol_wins() {
        assert_eq!(
            texts("a...b===~|-|<||<"),
            ["a", "..", ".", "b", "==", "=~", "|-", "|<", "||", "<", ""]
        );
    }

    #[test]
    fn a_number_ends_where_it_stops_making_sense() {
        assert_eq!(
            texts("01 1.5e10 5.e3 1e+ 1..2"),
            [
                "0", "1", "1.5e10", "5", ".", "e3", "1", "e", "+", "1", "..", "2", ""
            ]
        );
    }

    #[test]
    fn comments_are_kept_apart_from_tokens() {
        let source = "/* a */ x // b\r y /**/";
        let (tokens, comments) = tokenize(source);
        assert_eq!(tokens.len(), 3);
        let comments: Vec<_> = comments.iter().map(|comment| comment.span.text(source)).collect();
        assert_eq!(comments, ["/* a */", "// b", "/**/"]);
    }

    #[test]
    fn names_may_hold_dollars_and_escaped_keywords() {
        assert_eq!(
            kinds("$a_1 `in` in"),
            [
                TokenKind::Word,
                TokenKind::Escaped,
                TokenKind::Keyword(Keyword::In),
                TokenKind::End
            ]
        );
        assert_eq!(
            kinds("`1a`").first(),
            Some(&TokenKind::Invalid(Invalid::EscapedName))
        );
        assert_eq!(
            kinds("`a b`").first(),
            Some(&TokenKind::Invalid(Invalid::EscapedName))
        );
    }

    #[test]
    fn texts_say_what_is_wrong_with_them() {
        let first = |source: &str| kinds(source).first().copied();
        assert_eq!(first(r#""a\n\u00e9\ud83d\ude00""#), Some(TokenKind::Text));
        assert_eq!(first(r#""a\q""#), Some(TokenKind::Invalid(Invalid::Escape)));
        assert_eq!(first(r#""a\u12""#), Some(TokenKind::Invalid(Invalid::Escape)));
        assert_eq!(
            first(r#""a\ud83dx""#),
            Some(TokenKind::Invalid(Invalid::Surrogate))
        );
        assert_eq!(
            first(r#""a\ude00""#),
            Some(TokenKind::Invalid(Invalid::Surrogate))
        );
        assert_eq!(
            first(r#""a\""#),
            Some(TokenKind::Invalid(Invalid::UnterminatedText))
        );
    }

    #[test]
    fn a_comment_without_end_is_invalid() {
        assert_eq!(
            kinds("a /* b").get(1),
            Some(&TokenKind::Invalid(Invalid::UnterminatedComment))
        );
    }

    #[test]
    fn only_four_characters_are_white_space() {
        assert_eq!(kinds(" \t\r\n"), [TokenKind::End]);
        for other in ["\u{c}", "\u{a0}", "\u{2003}", "\u{feff}", "\0"] {
            assert_eq!(
                kinds(other),
                [TokenKind::Invalid(Invalid::Character), TokenKind::End],
                "{other:?}"
            );
        }
    }
}
