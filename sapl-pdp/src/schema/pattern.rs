//! The keyword `pattern`, by the regular expressions that policies have.
//!
//! A match that is given up must not count as a mismatch, since `not` would make a match of it. So it is noted here, and
//! whoever validates asks for it at the end.

use std::cell::{Cell, RefCell};

use jsonschema::paths::Location;
use jsonschema::{Keyword, ValidationError};
use serde_json::{Map, Value as Json};

use crate::pattern::{Effort, Pattern};

thread_local! {
    static GIVEN_UP: Cell<bool> = const { Cell::new(false) };
    /// What is left for all patterns of one validation.
    static EFFORT: RefCell<Effort> = const { RefCell::new(Effort::new()) };
}

/// Runs a validation and says whether a match was given up on the way, and how much work patterns did.
pub(super) fn watched<T>(validation: impl FnOnce() -> T) -> (T, bool, u64) {
    GIVEN_UP.set(false);
    EFFORT.set(Effort::new());
    let outcome = validation();
    (outcome, GIVEN_UP.take(), EFFORT.with_borrow(Effort::spent))
}

/// The keyword with its pattern.
pub(super) fn keyword<'s>(
    _: &'s Map<String, Json>,
    pattern: &'s Json,
    _: Location,
) -> Result<Box<dyn for<'i> Keyword<'i>>, ValidationError<'s>> {
    let compiled = pattern.as_str().and_then(compiled);
    match (compiled, pattern.as_str()) {
        (Some(compiled), Some(text)) => Ok(Box::new(Matches {
            pattern: compiled,
            message: format!("does not match the regex pattern {text}"),
        })),
        _ => Err(ValidationError::custom("the pattern is no regular expression")),
    }
}

struct Matches {
    pattern: Pattern,
    message: String,
}

impl<'i> Keyword<'i> for Matches {
    fn validate(&self, instance: &'i Json) -> Result<(), ValidationError<'i>> {
        if self.is_valid(instance) {
            Ok(())
        } else {
            Err(ValidationError::custom(self.message.clone()))
        }
    }

    fn is_valid(&self, instance: &'i Json) -> bool {
        let Json::String(text) = instance else {
            return true;
        };
        let found = EFFORT.with_borrow_mut(|effort| self.pattern.is_found_within(text, effort));
        found.unwrap_or_else(|_| {
            GIVEN_UP.set(true);
            false
        })
    }
}

/// A pattern as JSON Schema means it: `$` is the end alone, and properties of characters have long names too.
fn compiled(pattern: &str) -> Option<Pattern> {
    const LONG: &[(&str, &str)] = &[
        (r"\p{Letter}", r"\p{L}"),
        (r"\p{Lowercase_Letter}", r"\p{Ll}"),
        (r"\p{Uppercase_Letter}", r"\p{Lu}"),
        (r"\p{Titlecase_Letter}", r"\p{Lt}"),
        (r"\p{Modifier_Letter}", r"\p{Lm}"),
        (r"\p{Other_Letter}", r"\p{Lo}"),
        (r"\p{Mark}", r"\p{M}"),
        (r"\p{Number}", r"\p{N}"),
        (r"\p{Decimal_Number}", r"\p{Nd}"),
        (r"\p{digit}", r"\p{Nd}"),
        (r"\p{Punctuation}", r"\p{P}"),
        (r"\p{Symbol}", r"\p{S}"),
        (r"\p{Separator}", r"\p{Z}"),
        (r"\p{Other}", r"\p{C}"),
        (r"\p{Control}", r"\p{Cc}"),
    ];
    let mut pattern = with_end_anchors(pattern);
    for (long, short) in LONG {
        if pattern.contains(long) {
            pattern = pattern.replace(long, short);
        }
    }
    Pattern::new(&pattern).ok()
}

/// The pattern with `\z` for each `$` that is neither escaped nor in a class.
fn with_end_anchors(pattern: &str) -> String {
    let mut result = String::with_capacity(pattern.len() + 2);
    let (mut is_escaped, mut in_class) = (false, false);
    for character in pattern.chars() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '[' => in_class = true,
            ']' => in_class = false,
            '$' if !in_class => {
                result.push_str(r"\z");
                continue;
            }
            _ => {}
        }
        result.push(character);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dollar_is_the_end_alone() {
        let is_found = |pattern: &str, text: &str| compiled(pattern).unwrap().is_found(text).unwrap();
        assert!(is_found("a$", "ba") && !is_found("a$", "a\n"));
        assert!(is_found(r"a\$", "a$b") && is_found("[$]", "$"));
        assert!(is_found(r"^\p{Letter}$", "ü") && !is_found(r"^\p{Letter}$", "1"));
    }
}
