//! Regular expressions, matched in linear time.

use regex::{Regex, RegexBuilder};

use crate::constraint::HandlerError;

/// The most bytes that a pattern may have.
pub const MAX_PATTERN_BYTES: usize = 1024;

/// The most memory, in bytes, that a compiled pattern may take.
const MAX_COMPILED_BYTES: usize = 1024 * 1024;

/// The pattern of `=~`, which has to match the whole text.
pub(super) fn whole(pattern: &str) -> Result<Regex, HandlerError> {
    compile(pattern, true, false)
}

/// The pattern of `match()`, which has to match the whole text, or of `search()` (RFC 9485).
///
/// Its `.` matches no carriage return. `^` and `$` are anchors, as in other implementations, although RFC 9485 does
/// not have them.
pub(super) fn i_regexp(pattern: &str, whole: bool) -> Result<Regex, HandlerError> {
    compile(pattern, whole, true)
}

fn compile(pattern: &str, whole: bool, crlf: bool) -> Result<Regex, HandlerError> {
    if pattern.len() > MAX_PATTERN_BYTES {
        return Err(HandlerError::new(format_args!(
            "a regular expression is longer than {MAX_PATTERN_BYTES} bytes"
        )));
    }
    // On its own first: `a)|(b` is only valid between the parentheses that are put around it.
    let regex = build(pattern, crlf)?;
    if whole {
        build(&format!(r"\A(?:{pattern})\z"), crlf)
    } else {
        Ok(regex)
    }
}

fn build(pattern: &str, crlf: bool) -> Result<Regex, HandlerError> {
    let regex = RegexBuilder::new(pattern)
        .crlf(crlf)
        .size_limit(MAX_COMPILED_BYTES)
        .build();
    regex.map_err(|error| {
        HandlerError::new(match error {
            regex::Error::CompiledTooBig(_) => "a regular expression is too big",
            // The message of a syntax error repeats the pattern.
            _ => "a regular expression is invalid",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_match_leaves_nothing_at_either_end() {
        let pattern = whole("a|ab").unwrap();
        assert!(pattern.is_match("ab") && pattern.is_match("a"));
        for text in ["abc", "xa", "a\n", "\na", "", "a\nab"] {
            assert!(!pattern.is_match(text), "{text:?}");
        }
        assert!(!whole("(?m)^a$").unwrap().is_match("a\nb"));
        assert!(!whole("(?x)a # b").is_ok_and(|pattern| pattern.is_match("ax")));
    }

    #[test]
    fn a_pattern_that_is_invalid_or_needs_backtracking_is_refused() {
        for pattern in ["(", "a)|(b", "a{2,1}", "[", r"(a)\1", "(?=a)", "(?<!a)b", "*"] {
            assert!(whole(pattern).is_err(), "{pattern}");
            assert!(i_regexp(pattern, false).is_err(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_may_have_its_most_bytes_and_not_one_more() {
        assert!(whole(&"a".repeat(MAX_PATTERN_BYTES)).is_ok());
        assert!(whole(&"a".repeat(MAX_PATTERN_BYTES + 1)).is_err());
    }

    #[test]
    fn a_pattern_that_compiles_too_big_is_refused() {
        assert!(whole(r"(a{100}){100}").is_ok());
        assert_eq!(
            whole(r"(\w{100}){100}").unwrap_err().message(),
            "a regular expression is too big"
        );
    }
}
