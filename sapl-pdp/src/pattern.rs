//! Regular expressions as SAPL writes them: those of Java.
//!
//! Most run on an engine whose time is linear in the text. Only look-around and back references need one that
//! backtracks; it stops after [`MAX_BACKTRACKS`] and looks at no text beyond [`MAX_BACKTRACKED_TEXT`], and reports that
//! as an error.

use crate::value::ErrorKind;
use translate::{Extent, translate};

mod cache;
mod case;
mod translate;

/// How often a pattern with look-around or back references may backtrack in one match.
pub const MAX_BACKTRACKS: usize = 100_000;

/// The longest text that a pattern with look-around or back references looks at, in bytes: between two steps back it may
/// look through all of the text.
pub const MAX_BACKTRACKED_TEXT: usize = 1 << 14;

/// The longest pattern that is compiled, in bytes.
pub const MAX_PATTERN_LENGTH: usize = 10_000;

/// The most memory that a compiled pattern may take, in bytes.
const MAX_COMPILED_SIZE: usize = 1 << 20;

/// A compiled regular expression.
#[derive(Clone, Debug)]
pub struct Pattern {
    whole: Engine,
    part: Engine,
}

#[derive(Clone, Debug)]
enum Engine {
    Linear(regex::Regex),
    Backtracking(Box<fancy_regex::Regex>),
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooLong`] beyond [`MAX_PATTERN_LENGTH`]; [`ErrorKind::InvalidPattern`] when Java would refuse it too, when it needs more memory than it may have, and
    /// for the few constructs that are not supported.
    pub fn new(pattern: &str) -> Result<Self, ErrorKind> {
        if pattern.len() > MAX_PATTERN_LENGTH {
            return Err(ErrorKind::PatternTooLong);
        }
        let translated = |extent| translate(pattern, extent).ok_or(ErrorKind::InvalidPattern);
        let (whole, part) = (translated(Extent::Whole)?, translated(Extent::Part)?);
        Ok(Self {
            whole: Engine::new(&format!(r"\A(?:{})\z", whole.pattern), whole.possessive)?,
            part: Engine::new(&part.pattern, part.possessive)?,
        })
    }

    /// Whether the whole text matches, as `=~` asks.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooExpensive`], as for [`is_found`](Self::is_found).
    pub fn is_match(&self, text: &str) -> Result<bool, ErrorKind> {
        self.whole.is_found(text)
    }

    /// Whether some part of the text matches.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooExpensive`] when finding out takes too long.
    pub fn is_found(&self, text: &str) -> Result<bool, ErrorKind> {
        self.part.is_found(text)
    }

    /// The first part of the text at or behind `start` (in bytes) that matches, as its beginning and end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooExpensive`] when finding out takes too long.
    pub fn find_at(&self, text: &str, start: usize) -> Result<Option<(usize, usize)>, ErrorKind> {
        if start > text.len() || !text.is_char_boundary(start) {
            return Ok(None);
        }
        match &self.part {
            Engine::Linear(regex) => Ok(regex
                .find_at(text, start)
                .map(|found| (found.start(), found.end()))),
            Engine::Backtracking(regex) => regex
                .find_from_pos(short(text)?, start)
                .map(|found| found.map(|found| (found.start(), found.end())))
                .map_err(|_| ErrorKind::PatternTooExpensive),
        }
    }

    /// The groups of the first part of the text at or behind `start` that matches, the whole first, as beginnings
    /// and ends in bytes; a group that took no part is `None`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooExpensive`] when finding out takes too long.
    pub fn captures_at(&self, text: &str, start: usize) -> Result<Option<Groups>, ErrorKind> {
        if start > text.len() || !text.is_char_boundary(start) {
            return Ok(None);
        }
        match &self.part {
            Engine::Linear(regex) => Ok(regex.captures_at(text, start).map(|groups| {
                groups
                    .iter()
                    .map(|group| group.map(|group| (group.start(), group.end())))
                    .collect()
            })),
            Engine::Backtracking(regex) => regex
                .captures_from_pos(short(text)?, start)
                .map(|groups| {
                    groups.map(|groups| {
                        groups
                            .iter()
                            .map(|group| group.map(|group| (group.start(), group.end())))
                            .collect()
                    })
                })
                .map_err(|_| ErrorKind::PatternTooExpensive),
        }
    }

    /// The number of the group with a name.
    #[must_use]
    pub fn group_named(&self, name: &str) -> Option<usize> {
        match &self.part {
            Engine::Linear(regex) => regex.capture_names().position(|group| group == Some(name)),
            Engine::Backtracking(regex) => regex.capture_names().position(|group| group == Some(name)),
        }
    }
}

/// The places of a match and its groups.
pub type Groups = Vec<Option<(usize, usize)>>;

impl Engine {
    fn new(pattern: &str, backtracking: bool) -> Result<Self, ErrorKind> {
        if !backtracking
            && let Ok(regex) = regex::RegexBuilder::new(pattern)
                .size_limit(MAX_COMPILED_SIZE)
                .dfa_size_limit(MAX_COMPILED_SIZE)
                .build()
        {
            return Ok(Self::Linear(regex));
        }
        // This engine knows no ASCII word boundaries, but what is before and behind a place.
        let pattern = pattern
            .replace(
                translate::BOUNDARY,
                r"(?:(?<=[0-9A-Za-z_])(?![0-9A-Za-z_])|(?<![0-9A-Za-z_])(?=[0-9A-Za-z_]))",
            )
            .replace(
                translate::NO_BOUNDARY,
                r"(?:(?<=[0-9A-Za-z_])(?=[0-9A-Za-z_])|(?<![0-9A-Za-z_])(?![0-9A-Za-z_]))",
            );
        fancy_regex::RegexBuilder::new(&pattern)
            .backtrack_limit(MAX_BACKTRACKS)
            .delegate_size_limit(MAX_COMPILED_SIZE)
            .delegate_dfa_size_limit(MAX_COMPILED_SIZE)
            .build()
            .map(|regex| Self::Backtracking(Box::new(regex)))
            .map_err(|_| ErrorKind::InvalidPattern)
    }

    fn is_found(&self, text: &str) -> Result<bool, ErrorKind> {
        match self {
            Self::Linear(regex) => Ok(regex.is_match(text)),
            Self::Backtracking(regex) => regex
                .is_match(short(text)?)
                .map_err(|_| ErrorKind::PatternTooExpensive),
        }
    }
}

/// A text that is short enough for an engine that backtracks.
fn short(text: &str) -> Result<&str, ErrorKind> {
    if text.len() > MAX_BACKTRACKED_TEXT {
        return Err(ErrorKind::PatternTooExpensive);
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(text: &str, pattern: &str) -> Result<bool, ErrorKind> {
        Pattern::new(pattern)?.is_match(text)
    }

    #[test]
    fn the_whole_text_must_match() {
        assert_eq!(matches("abc", "b"), Ok(false));
        assert_eq!(matches("abc", "a|abc"), Ok(true));
        assert_eq!(matches("abc", "abc$"), Ok(true));
        assert_eq!(
            Pattern::new("b").and_then(|pattern| pattern.is_found("abc")),
            Ok(true)
        );
    }

    #[test]
    fn classes_are_ascii_as_in_java() {
        assert_eq!(matches("é", r"\w"), Ok(false));
        assert_eq!(matches("\u{661}", r"\d"), Ok(false));
        assert_eq!(matches("\u{a0}", r"\s"), Ok(false));
        assert_eq!(matches("é", r"\W"), Ok(true));
        assert_eq!(matches("a-b", r"a\p{Punct}b"), Ok(true));
        assert_eq!(matches("aé", r"[\p{Alpha}\p{L}]+"), Ok(true));
        assert_eq!(matches("é", r"\p{Alpha}"), Ok(false));
        assert_eq!(matches("b", "[[:alpha:]]"), Ok(false));
        assert_eq!(matches(":", "[[:alpha:]]"), Ok(true));
        assert_eq!(matches("x", "[a[^:alpha:]]"), Ok(true));
        assert_eq!(matches("x5", r"[\w&&[^0-9]][\d]"), Ok(true));
    }

    #[test]
    fn a_dot_stops_at_every_line_end_of_java() {
        for line_end in ["\n", "\r", "\u{85}", "\u{2028}"] {
            assert_eq!(matches(line_end, "."), Ok(false), "{line_end:?}");
            assert_eq!(matches(line_end, "(?s)."), Ok(true), "{line_end:?}");
        }
    }

    #[test]
    fn look_around_and_back_references_work() {
        assert_eq!(matches("aa", r"(a)\1"), Ok(true));
        assert_eq!(matches("ab", "a(?=b)b"), Ok(true));
        assert_eq!(matches("ab12", r"(?<l>[a-z]+)\d{2}"), Ok(true));
        assert_eq!(matches("aaa", "a++a"), Ok(false));
    }

    #[test]
    fn a_pattern_that_backtracks_without_end_is_an_error() {
        let text = "a".repeat(40) + "b";
        let result = matches(&text, "(?:(?:a|aa)(?=[ab]))+");
        assert_eq!(result, Err(ErrorKind::PatternTooExpensive));
    }

    #[test]
    fn a_text_is_looked_at_again_and_again_up_to_a_length() {
        let pattern = Pattern::new("(?:x(?!.*y))*").unwrap();
        let text = |length| "x".repeat(length);
        assert_eq!(pattern.is_match(&text(MAX_BACKTRACKED_TEXT)), Ok(true));
        let longer = text(MAX_BACKTRACKED_TEXT + 1);
        assert_eq!(pattern.is_match(&longer), Err(ErrorKind::PatternTooExpensive));
        assert_eq!(pattern.is_found(&longer), Err(ErrorKind::PatternTooExpensive));
        assert_eq!(pattern.find_at(&longer, 0), Err(ErrorKind::PatternTooExpensive));
        assert_eq!(
            pattern.captures_at(&longer, 0),
            Err(ErrorKind::PatternTooExpensive)
        );
        // What needs no step back takes any text.
        assert_eq!(matches(&longer, "x*"), Ok(true));
    }

    #[test]
    fn quotes_and_escapes_are_those_of_java() {
        assert_eq!(matches("a.b", r"\Qa.b\E"), Ok(true));
        assert_eq!(matches("<é>", r"\<\u00e9\>"), Ok(true));
        assert_eq!(matches("\t\u{1b}", r"\011\e"), Ok(true));
        for invalid in ["[", "(", "*a", r"\", r"\y", "a{2,1}", "(?U)a", r"\p{Nope}"] {
            assert_eq!(matches("a", invalid), Err(ErrorKind::InvalidPattern), "{invalid}");
        }
    }

    #[test]
    fn without_regard_to_case_only_ascii_letters_have_two() {
        assert_eq!(matches("aBc", "(?i)AbC"), Ok(true));
        assert_eq!(matches("ab", "(?i)A(?-i)b|(?i:X)"), Ok(true));
        assert_eq!(matches("É", "(?i)é"), Ok(false));
        assert_eq!(matches("É", "(?iu)é"), Ok(true));
        assert_eq!(matches("É", "(?iu)[é]"), Ok(true));
        for pattern in ["(?i)k", "(?i)[a-z]", r"(?i)\x6b"] {
            assert_eq!(matches("\u{212a}", pattern), Ok(false), "{pattern}");
            assert_eq!(matches("K", pattern), Ok(true), "{pattern}");
        }
        assert_eq!(matches("\u{212a}", "(?i)[^k]"), Ok(true));
        assert_eq!(matches("K", "(?i)[^k]"), Ok(false));
        assert_eq!(matches("A", r"(?i)\p{Lower}"), Ok(true));
    }

    #[test]
    fn a_dollar_is_before_the_last_line_end_too() {
        assert_eq!(matches("a\n", "a$\n"), Ok(true));
        assert_eq!(matches("a", "(a$|b$)"), Ok(true));
        assert_eq!(
            Pattern::new("a$").and_then(|pattern| pattern.find_at("a\r\n", 0)),
            Ok(Some((0, 1)))
        );
        assert_eq!(
            Pattern::new("a$").and_then(|pattern| pattern.find_at("a\nb", 0)),
            Ok(None)
        );
    }

    #[test]
    fn quantifiers_are_not_quantified() {
        for invalid in ["a**", "a+?*", "a{2}*", "a{2}{3}", "a???", "(?i)*a"] {
            assert_eq!(matches("a", invalid), Err(ErrorKind::InvalidPattern), "{invalid}");
        }
        for valid in ["a+?", "a??", "a{1}+", "(a?)?", "a*+"] {
            assert_eq!(matches("a", valid), Ok(true), "{valid}");
        }
    }

    #[test]
    fn patterns_have_a_largest_length() {
        assert!(Pattern::new(&"a".repeat(MAX_PATTERN_LENGTH)).is_ok());
        assert!(Pattern::new(&"a".repeat(MAX_PATTERN_LENGTH + 1)).is_err());
    }

    #[test]
    fn places_are_found_behind_a_start() {
        let pattern = Pattern::new("(b)|(a)").expect("valid");
        assert_eq!(pattern.find_at("abab", 2), Ok(Some((2, 3))));
        assert_eq!(
            pattern.captures_at("ab", 1),
            Ok(Some(vec![Some((1, 2)), Some((1, 2)), None]))
        );
        assert_eq!(pattern.find_at("ab", 9), Ok(None));
    }
}
