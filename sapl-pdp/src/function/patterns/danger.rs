//! Patterns that this library refuses because they may take long.
//!
//! The engine is safe from them anyway. They are refused so that a policy means the same here as elsewhere.

use std::sync::LazyLock;

use regex::RegexSet;

use crate::value::ErrorKind;

/// The most alternatives of a pattern.
pub(super) const MAX_ALTERNATIVES: usize = 100;

/// What SAPL calls dangerous: a quantifier behind a group that ends with one, or behind a group of alternatives; a
/// star in and behind a group; two counts with a range; two wildcards in a row.
static DANGEROUS: LazyLock<Option<RegexSet>> = LazyLock::new(|| {
    RegexSet::new([
        r"\([^)]*[*+]\)[*+]",
        r"\([^)|]*\|[^)]*\)[*+]",
        r"\([^)*]*\*[^)]*\)[^)*]*\*",
        r"\{[0-9]+,[0-9]*\}[^{]*\{[0-9]+,[0-9]*\}",
        r"\.\*\.\*|\.\+\.\+",
    ])
    .ok()
});

pub(super) fn refuse(pattern: &str) -> Result<(), ErrorKind> {
    let alternatives = pattern.trim_end_matches('|').split('|').count();
    let is_dangerous = DANGEROUS
        .as_ref()
        .is_none_or(|dangerous| dangerous.is_match(pattern));
    if alternatives > MAX_ALTERNATIVES || is_dangerous {
        return Err(ErrorKind::Function("the pattern may take too long"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_repeat_what_repeats_are_refused() {
        for pattern in ["(a+)+", "(a|b)*", "(a*b)c*", "a{1,2}b{3,}", ".*.*", ".+.+x"] {
            assert!(refuse(pattern).is_err(), "{pattern}");
        }
        for pattern in ["(a+)b", "(a|b)", "a*b*", "a{1}b{2}", ".*x.*", "[ab]+"] {
            assert!(refuse(pattern).is_ok(), "{pattern}");
        }
    }

    #[test]
    fn alternatives_end_at_their_limit() {
        assert!(refuse(&vec!["a"; MAX_ALTERNATIVES].join("|")).is_ok());
        assert!(refuse(&vec!["a"; MAX_ALTERNATIVES + 1].join("|")).is_err());
    }
}
