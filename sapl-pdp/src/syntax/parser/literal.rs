//! What literals stand for.

use std::num::IntErrorKind;
use std::str::Chars;

use super::{Parsed, Parser, TokenKind};
use crate::syntax::Span;

/// The longest number literal, in characters.
pub const MAX_NUMBER_LENGTH: usize = 1000;

/// How many digits may stand behind the decimal point of a number, or zeros before it, once its exponent is
/// written out.
pub const MAX_NUMBER_SCALE: i64 = 1000;

impl Parser<'_> {
    /// Reads a number literal and checks that it is within the limits.
    pub(super) fn number(&mut self) -> Parsed<Box<str>> {
        let span = self.advance().span;
        let text = span.text(self.source);
        if text.len() > MAX_NUMBER_LENGTH {
            let message = format!(
                "a number may have at most {MAX_NUMBER_LENGTH} characters, this one has {}",
                text.len()
            );
            return Err(self.error(message, span));
        }
        if scale(text).is_none_or(|scale| scale.abs() > MAX_NUMBER_SCALE) {
            let message = format!("the exponent of a number must be within ±{MAX_NUMBER_SCALE}");
            return Err(self.error(message, span));
        }
        Ok(text.into())
    }

    /// A subscript or bound: an integer of 32 bits, maybe with a minus before it.
    pub(super) fn integer(&mut self) -> Parsed<i32> {
        let start = self.peek().span;
        let negative = self.eat(TokenKind::Minus);
        if !self.at(TokenKind::Number) {
            return Err(self.expected("an integer"));
        }
        let digits = self.advance().span;
        let text = digits.text(self.source);
        let value = if negative {
            format!("-{text}").parse()
        } else {
            text.parse()
        };
        value.map_err(|error: std::num::ParseIntError| {
            let message = match error.kind() {
                IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => "a subscript must fit in 32 bits",
                _ => "a subscript must be an integer",
            };
            self.error(message, Span::new(start.start, digits.end))
        })
    }

    pub(super) fn at_integer(&self) -> bool {
        matches!(self.peek().kind, TokenKind::Number | TokenKind::Minus)
    }
}

/// Digits behind the decimal point less the exponent; none when the exponent is beyond any measure.
fn scale(number: &str) -> Option<i64> {
    let (mantissa, exponent) = match number.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
        None => (number, 0),
    };
    let fraction = mantissa.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    i64::try_from(fraction).ok()?.checked_sub(exponent)
}

/// The text behind a literal that the lexer found valid.
pub(super) fn unquote(literal: &str) -> Box<str> {
    let inner = literal
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
        .unwrap_or(literal);
    if !inner.contains('\\') {
        return inner.into();
    }
    let mut text = String::with_capacity(inner.len());
    let mut rest = inner.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        match rest.next() {
            Some('b') => text.push('\u{8}'),
            Some('f') => text.push('\u{c}'),
            Some('n') => text.push('\n'),
            Some('r') => text.push('\r'),
            Some('t') => text.push('\t'),
            Some('u') => {
                let first = code_unit(&mut rest);
                let code = if (0xD800..0xDC00).contains(&first) {
                    // The lexer has seen the `\u` of the second half.
                    let _ = (rest.next(), rest.next());
                    0x1_0000 + ((first - 0xD800) << 10) + code_unit(&mut rest).saturating_sub(0xDC00)
                } else {
                    first
                };
                text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            Some(other) => text.push(other),
            None => {}
        }
    }
    text.into()
}

fn code_unit(rest: &mut Chars<'_>) -> u32 {
    rest.take(4)
        .fold(0, |value, digit| value * 16 + digit.to_digit(16).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{scale, unquote};

    #[test]
    fn escapes_stand_for_their_characters() {
        assert_eq!(
            &*unquote(r#""a\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00z""#),
            "a\"\\/\u{8}\u{c}\n\r\t\u{e9}\u{1f600}z"
        );
        assert_eq!(&*unquote("\"plain\""), "plain");
        assert_eq!(&*unquote("\"\""), "");
    }

    #[test]
    fn the_scale_counts_the_fraction_against_the_exponent() {
        assert_eq!(scale("1.50"), Some(2));
        assert_eq!(scale("1e1000"), Some(-1000));
        assert_eq!(scale("1.5e1001"), Some(-1000));
        assert_eq!(scale("1.0e-1000"), Some(1001));
        assert_eq!(scale("1e+0007"), Some(-7));
        assert_eq!(scale("1e99999999999999999999"), None);
    }
}
