//! `sanitize`: refuses texts that look like attacks.
//!
//! This is a second line of defence, never the first: a query that takes its values as parameters needs none of it.

use std::sync::LazyLock;

use regex::bytes::{RegexSet, RegexSetBuilder};
use unicode_normalization::UnicodeNormalization as _;

use super::arguments::{Outcome, any, document};
use super::{Function, MAX_DOCUMENT, Parameter};
use crate::value::{ErrorKind, Value};

const NAME: &str = "sanitize";

/// The longest text in compatible characters that is looked at, in bytes.
const MAX_PLAIN: usize = 2 * MAX_DOCUMENT;

const INPUT: &[Parameter] = &[Parameter::text("inputToSanitize")];

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "assertNoSqlInjection",
        INPUT,
        "the text; an error if it has statements, comments or conditions of SQL",
        |arguments| checked(arguments, &BALANCED).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "assertNoSqlInjectionStrict",
        INPUT,
        "the text; an error if it has any word or character of SQL, as `or` in `order`",
        |arguments| checked(arguments, &STRICT).unwrap_or_else(Value::error),
    ),
];

type Patterns = LazyLock<Option<RegexSet>>;

/// What no text has that only talks of databases.
static BALANCED: Patterns = LazyLock::new(|| {
    patterns(&[
        r"\bSELECT\s+\S+(\s*,\s*\S+)*\s+FROM\b",
        r"\b(INSERT\s+INTO|DELETE\s+FROM|UPDATE\s+\w+\s+SET)\b",
        r"\b(DROP|TRUNCATE|CREATE|ALTER)\s+TABLE\b",
        r"\bUNION\s+(ALL\s+)?SELECT\b",
        r"'\s*(OR|AND|UNION|SELECT|INSERT|DELETE|UPDATE|DROP|--|#)",
        r";\s*(SELECT|INSERT|DELETE|UPDATE|DROP|UNION|CREATE|ALTER|TRUNCATE|EXEC)",
        r"(--|#)\s*(\w|$)",
        r"(OR|AND)\s+(\d+\s*=\s*\d|'[^']*'\s*=\s*'[^']*')",
        r"%27|%3B|%2D%2D|%23",
        r"(%[0-9a-f]{2}){3}",
        r"0x[0-9a-f]{2}",
    ])
});

/// Everything with which a statement may be broken or made.
static STRICT: Patterns = LazyLock::new(|| {
    patterns(&[
        r"[';*()@#]|--",
        r"\b(SELECT|INSERT|DELETE|UPDATE|DROP|UNION|ALTER|EXEC|EXECUTE|TRUNCATE|CREATE|REPLACE)\b",
        r"OR|AND|NOT",
        r"%[0-9a-f]{2}",
        r"0x[0-9a-f]{2}",
    ])
});

/// Patterns of ASCII without regard to case.
fn patterns(patterns: &[&str]) -> Option<RegexSet> {
    RegexSetBuilder::new(patterns)
        .unicode(false)
        .case_insensitive(true)
        .build()
        .ok()
}

fn checked<'a>(arguments: &[Value<'a>], patterns: &Patterns) -> Outcome<'a> {
    let text = document(arguments, 0)?;
    // Compatible forms and characters without width would hide a keyword.
    let characters = text
        .nfkc()
        .filter(|character| !matches!(character, '\u{200b}' | '\u{200c}' | '\u{200d}' | '\u{feff}'));
    let mut plain = String::with_capacity(text.len());
    for character in characters {
        plain.push(character);
        // One character can be compatible with many others.
        if plain.len() > MAX_PLAIN {
            return Err(ErrorKind::OutputLimit);
        }
    }
    let patterns = patterns
        .as_ref()
        .ok_or(ErrorKind::Function("the patterns of attacks are invalid"))?;
    if patterns.is_match(plain.as_bytes()) {
        return Err(ErrorKind::Function("the text may be an SQL injection"));
    }
    Ok(any(arguments, 0)?.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(text: &'static str, patterns: &Patterns) -> bool {
        checked(&[text.into()], patterns).is_ok()
    }

    #[test]
    fn what_talks_of_databases_passes_and_what_speaks_to_them_does_not() {
        for text in [
            "select your seat",
            "unions and drop offs",
            "O'Brien",
            "a=b",
            "50% off",
            "update my profile",
        ] {
            assert!(passes(text, &BALANCED), "{text}");
        }
        for text in [
            "SELECT a , b FROM t",
            "x'; drop table students",
            "1 or 1=1",
            "union all select",
            "' or 'a'='a",
            "a -- b",
            "a --",
            "%41%42%43",
            "0xff",
            "ｓｅｌｅｃｔ * from t",
            "sel\u{200b}ect * from t",
        ] {
            assert!(!passes(text, &BALANCED), "{text}");
        }
    }

    #[test]
    fn texts_that_grow_end_at_their_limit() {
        // 18 characters of 33 bytes in all.
        let grown = |count: usize| checked(&["\u{fdfa}".repeat(count).into()], &BALANCED);
        assert!(grown(MAX_PLAIN / 33).is_ok());
        assert_eq!(grown(MAX_PLAIN / 33 + 1).err(), Some(ErrorKind::OutputLimit));
    }

    #[test]
    fn the_strict_form_refuses_single_words_and_characters() {
        for text in ["hello world", "O'Brien", "select", "a@b", "%27", "(x)"] {
            assert!(!passes(text, &STRICT), "{text}");
        }
        assert!(passes("a=b", &STRICT) && passes("", &STRICT));
    }
}
