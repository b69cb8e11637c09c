//! Texts as SAPL measures them: in UTF-16 code units, of which a character beyond U+FFFF has two.

use std::cmp::Ordering;

use crate::value::{ErrorKind, Text, Value};

/// How many units a text has.
pub(super) fn length(text: &str) -> usize {
    if text.is_ascii() {
        text.len()
    } else {
        text.chars().map(char::len_utf16).sum()
    }
}

/// The offset in bytes of a place in units.
///
/// # Errors
///
/// When the place is behind the end, or between the two units of one character.
pub(super) fn offset(text: &str, units: usize) -> Result<usize, ErrorKind> {
    if text.is_ascii() {
        return if units <= text.len() {
            Ok(units)
        } else {
            Err(BEHIND)
        };
    }
    let mut passed = 0;
    for (offset, character) in text.char_indices() {
        match passed.cmp(&units) {
            Ordering::Less => passed += character.len_utf16(),
            Ordering::Equal => return Ok(offset),
            Ordering::Greater => return Err(INSIDE),
        }
    }
    match passed.cmp(&units) {
        Ordering::Equal => Ok(text.len()),
        Ordering::Less => Err(BEHIND),
        Ordering::Greater => Err(INSIDE),
    }
}

const BEHIND: ErrorKind = ErrorKind::Function("an index is behind the end of the text");
const INSIDE: ErrorKind = ErrorKind::Function("an index is within a character of the text");

/// The order of texts by their units.
pub(super) fn compare(left: &str, right: &str) -> Ordering {
    left.encode_utf16().cmp(right.encode_utf16())
}

/// A part of a text, borrowed where the text is.
pub(super) fn part<'a>(text: &Text<'a>, start: usize, end: usize) -> Value<'a> {
    let whole = start == 0 && end == text.len();
    match text.as_borrowed() {
        _ if whole => Value::Text(text.clone()),
        Some(borrowed) => Value::from(borrowed.get(start..end).unwrap_or_default()),
        None => Value::from(text.get(start..end).unwrap_or_default().to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_beyond_the_basic_plane_count_twice() {
        assert_eq!(length("😀é"), 3);
        assert_eq!(offset("😀é", 2), Ok(4));
        assert_eq!(offset("😀é", 3), Ok(6));
        assert_eq!(offset("😀é", 1), Err(INSIDE));
        assert_eq!(offset("😀", 1), Err(INSIDE));
        assert_eq!(offset("😀é", 4), Err(BEHIND));
        assert_eq!(offset("ab", 3), Err(BEHIND));
    }

    #[test]
    fn texts_are_ordered_by_units() {
        assert_eq!(compare("😀", "\u{ffff}"), Ordering::Less);
        assert_eq!(compare("a", "ab"), Ordering::Less);
    }
}
