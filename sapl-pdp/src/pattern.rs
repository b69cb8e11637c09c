//! Regular expressions as SAPL writes them: those of Java.
//!
//! Most run on an engine whose time is linear in the text. Only look-around and back references need one that
//! backtracks. Both count what they do; beyond [`MAX_EFFORT`] they report an error.

use crate::value::ErrorKind;
use backtrack::Program;
use linear::Linear;
use translate::{Extent, translate};

pub(crate) use effort::Effort;
pub use effort::MAX_EFFORT;
pub(crate) use linear::Scratch;

mod backtrack;
mod cache;
mod case;
mod effort;
mod linear;
mod translate;

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
    Linear(Box<Linear>),
    Backtracking(Box<Program>),
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
        self.is_match_within(text, &mut Effort::new())
    }

    pub(crate) fn is_match_within(&self, text: &str, effort: &mut Effort) -> Result<bool, ErrorKind> {
        self.whole.is_found(text, effort)
    }

    /// Whether some part of the text matches.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooExpensive`] when finding out takes too long.
    pub fn is_found(&self, text: &str) -> Result<bool, ErrorKind> {
        self.is_found_within(text, &mut Effort::new())
    }

    pub(crate) fn is_found_within(&self, text: &str, effort: &mut Effort) -> Result<bool, ErrorKind> {
        self.part.is_found(text, effort)
    }

    /// The first part of the text at or behind `start` (in bytes) that matches, as its beginning and end.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooExpensive`] when finding out takes too long.
    pub fn find_at(&self, text: &str, start: usize) -> Result<Option<(usize, usize)>, ErrorKind> {
        let groups = self.captures_at(text, start)?;
        Ok(groups.and_then(|groups| groups.first().copied().flatten()))
    }

    /// The groups of the first part of the text at or behind `start` that matches, the whole first, as beginnings
    /// and ends in bytes; a group that took no part is `None`.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::PatternTooExpensive`] when finding out takes too long.
    pub fn captures_at(&self, text: &str, start: usize) -> Result<Option<Groups>, ErrorKind> {
        self.captures_within(text, start, &mut Scratch::default(), &mut Effort::new())
    }

    /// As [`captures_at`](Self::captures_at), for many searches: `scratch` may be used with one pattern only.
    pub(crate) fn captures_within(
        &self,
        text: &str,
        start: usize,
        scratch: &mut Scratch,
        effort: &mut Effort,
    ) -> Result<Option<Groups>, ErrorKind> {
        if start > text.len() || !text.is_char_boundary(start) {
            return Ok(None);
        }
        match &self.part {
            Engine::Linear(linear) => linear.groups(text, start, scratch, effort),
            Engine::Backtracking(program) => backtrack::run(program, text, start, effort),
        }
    }

    /// The number of the group with a name.
    #[must_use]
    pub fn group_named(&self, name: &str) -> Option<usize> {
        match &self.part {
            Engine::Linear(linear) => linear.group_named(name),
            Engine::Backtracking(program) => program.group_named(name),
        }
    }
}

/// The places of a match and its groups.
pub type Groups = Vec<Option<(usize, usize)>>;

impl Engine {
    fn new(pattern: &str, backtracking: bool) -> Result<Self, ErrorKind> {
        if !backtracking && let Some(linear) = Linear::new(pattern)? {
            return Ok(Self::Linear(Box::new(linear)));
        }
        // Here all word boundaries are those of ASCII.
        let pattern = pattern
            .replace(translate::BOUNDARY, r"\b")
            .replace(translate::NO_BOUNDARY, r"\B");
        Program::new(&pattern)
            .map(|program| Self::Backtracking(Box::new(program)))
            .ok_or(ErrorKind::InvalidPattern)
    }

    fn is_found(&self, text: &str, effort: &mut Effort) -> Result<bool, ErrorKind> {
        match self {
            Self::Linear(linear) => linear.is_found(text, effort),
            Self::Backtracking(program) => Ok(backtrack::run(program, text, 0, effort)?.is_some()),
        }
    }
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
        let pattern = Pattern::new("(?:x(?!.*y))*").unwrap();
        let short = "x".repeat(1_000);
        assert_eq!(pattern.is_match(&short), Ok(true));
        let long = "x".repeat(100_000);
        assert_eq!(pattern.is_match(&long), Err(ErrorKind::PatternTooExpensive));
        // What does not go back takes any text.
        assert_eq!(matches(&long, "x*"), Ok(true));
        assert_eq!(matches(&long, "(?=x)x*+"), Ok(true));
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
