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
