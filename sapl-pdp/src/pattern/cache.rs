//! The patterns that were used last and are no constants of policies.

use std::cell::RefCell;
use std::rc::Rc;

use super::Pattern;
use crate::value::ErrorKind;

/// So many patterns are kept for each thread.
const KEPT: usize = 16;

thread_local! {
    /// Those used last come first.
    static PATTERNS: RefCell<Vec<(Box<str>, Rc<Pattern>)>> = const { RefCell::new(Vec::new()) };
}

impl Pattern {
    /// The pattern of a text, compiled before if it was used not long ago; else `charge` is asked whether it may be.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new), and those of `charge`.
    pub(crate) fn of(
        text: &str,
        charge: impl FnOnce() -> Result<(), ErrorKind>,
    ) -> Result<Rc<Self>, ErrorKind> {
        let kept = PATTERNS.with_borrow_mut(|patterns| {
            let place = patterns.iter().position(|(kept, _)| **kept == *text)?;
            if let Some(recent) = patterns.get_mut(..=place) {
                recent.rotate_right(1);
            }
            patterns.first().map(|(_, pattern)| Rc::clone(pattern))
        });
        if let Some(pattern) = kept {
            return Ok(pattern);
        }
        charge()?;
        let pattern = Rc::new(Self::new(text)?);
        PATTERNS.with_borrow_mut(|patterns| {
            patterns.truncate(KEPT - 1);
            patterns.insert(0, (text.into(), Rc::clone(&pattern)));
        });
        Ok(pattern)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether the pattern has to be compiled.
    fn is_new(text: &str) -> bool {
        let mut is_new = false;
        let found = Pattern::of(text, || {
            is_new = true;
            Ok(())
        });
        assert_eq!(found.unwrap().is_match(text), Ok(true));
        is_new
    }

    #[test]
    fn the_patterns_used_last_are_kept() {
        let text = |number: usize| format!("p{number}");
        for number in 0..KEPT {
            assert!(is_new(&text(number)));
        }
        assert!(!is_new(&text(0)));
        assert!(is_new(&text(KEPT)));
        assert!(!is_new(&text(0)), "used again before the others");
        assert!(is_new(&text(1)), "the one used longest ago");
    }

    #[test]
    fn what_may_not_be_compiled_is_an_error() {
        let refused = Pattern::of("new", || Err(ErrorKind::StepLimit));
        assert_eq!(refused.map(drop), Err(ErrorKind::StepLimit));
        assert_eq!(
            Pattern::of("(", || Ok(())).map(drop),
            Err(ErrorKind::InvalidPattern)
        );
    }
}
