//! Masking texts.

use super::read::Entry;
use crate::constraint::HandlerError;

/// The most characters that the mask of one text may have.
pub const MAX_MASK_CHARS: usize = 1_000_000;

/// The options of the action `blacken`. Characters are Unicode scalar values.
#[derive(Clone, Debug)]
pub(super) struct Blacken {
    replacement: String,
    replacement_chars: usize,
    disclose_left: usize,
    disclose_right: usize,
    /// How often the replacement stands there, instead of once for each masked character.
    length: Option<usize>,
}

impl Blacken {
    pub(super) fn read(entry: &Entry<'_>) -> Result<Self, HandlerError> {
        let replacement = entry
            .optional_text("replacement")?
            .unwrap_or("\u{2588}")
            .to_owned();
        Ok(Self {
            replacement_chars: replacement.chars().count(),
            replacement,
            disclose_left: entry.optional_count("discloseLeft")?.unwrap_or(0),
            disclose_right: entry.optional_count("discloseRight")?.unwrap_or(0),
            length: entry.optional_count("length")?,
        })
    }

    /// The text with its middle masked. It stays as it is when all of it is to be disclosed.
    pub(super) fn apply(&self, text: &str) -> Result<String, HandlerError> {
        let chars = text.chars().count();
        let disclosed = self.disclose_left.saturating_add(self.disclose_right);
        let Some(masked) = chars.checked_sub(disclosed).filter(|masked| *masked > 0) else {
            return Ok(text.to_owned());
        };
        let repetitions = self.length.unwrap_or(masked);
        if self.replacement_chars.saturating_mul(repetitions) > MAX_MASK_CHARS {
            return Err(HandlerError::new(format_args!(
                "the mask of a text is longer than {MAX_MASK_CHARS} characters"
            )));
        }
        let mask_bytes = if self.replacement.is_empty() {
            0
        } else {
            self.replacement.len() * repetitions
        };
        let mut blackened = String::with_capacity(mask_bytes.saturating_add(disclosed.saturating_mul(4)));
        blackened.extend(text.chars().take(self.disclose_left));
        if mask_bytes > 0 {
            blackened.push_str(&self.replacement.repeat(repetitions));
        }
        blackened.extend(text.chars().skip(chars - self.disclose_right));
        Ok(blackened)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn blacken() -> Blacken {
        Blacken {
            replacement: "*".to_owned(),
            replacement_chars: 1,
            disclose_left: 0,
            disclose_right: 0,
            length: None,
        }
    }

    #[test]
    fn a_text_that_is_disclosed_whole_stays_and_one_character_more_is_masked() {
        let blacken = Blacken {
            disclose_left: 2,
            disclose_right: 3,
            length: Some(9),
            ..blacken()
        };
        assert_eq!(blacken.apply("").unwrap(), "");
        assert_eq!(blacken.apply("abcde").unwrap(), "abcde");
        assert_eq!(blacken.apply("abcdef").unwrap(), "ab*********def");
        let beyond = Blacken {
            disclose_left: usize::MAX,
            ..blacken
        };
        assert_eq!(beyond.apply("abcdef").unwrap(), "abcdef");
    }

    #[test]
    fn a_length_hides_the_true_one() {
        for (length, expected) in [(0, "a"), (1, "a*"), (7, "a*******")] {
            let blacken = Blacken {
                disclose_left: 1,
                length: Some(length),
                ..blacken()
            };
            assert_eq!(blacken.apply("abc").unwrap(), expected);
        }
    }

    #[test]
    fn a_replacement_of_several_characters_stands_once_for_each_masked_one() {
        let blacken = Blacken {
            replacement: "ab".to_owned(),
            replacement_chars: 2,
            ..blacken()
        };
        assert_eq!(blacken.apply("xyz").unwrap(), "ababab");
        let empty = Blacken {
            replacement: String::new(),
            replacement_chars: 0,
            length: Some(usize::MAX),
            ..blacken
        };
        assert_eq!(empty.apply("xyz").unwrap(), "");
    }

    #[test]
    fn a_mask_may_have_a_million_characters_and_not_one_more() {
        assert_eq!(MAX_MASK_CHARS, 1_000_000);
        let with_length = |length| Blacken {
            length: Some(length),
            ..blacken()
        };
        assert_eq!(
            with_length(MAX_MASK_CHARS).apply("a").unwrap().len(),
            MAX_MASK_CHARS
        );
        assert!(with_length(MAX_MASK_CHARS + 1).apply("a").is_err());
        assert!(with_length(usize::MAX).apply("a").is_err());
        let wide = Blacken {
            replacement: "\u{2588}\u{2588}".to_owned(),
            replacement_chars: 2,
            ..blacken()
        };
        assert!(
            Blacken {
                length: Some(MAX_MASK_CHARS / 2),
                ..wide.clone()
            }
            .apply("a")
            .is_ok()
        );
        assert!(
            Blacken {
                length: Some(MAX_MASK_CHARS / 2 + 1),
                ..wide
            }
            .apply("a")
            .is_err()
        );
    }

    proptest! {
        #[test]
        fn only_the_disclosed_characters_are_left(
            text in "[a-z\u{e9}\u{1f511}]{0,20}",
            left in 0..12_usize,
            right in 0..12_usize,
            length in proptest::option::of(0..12_usize),
        ) {
            let blacken = Blacken { disclose_left: left, disclose_right: right, length, ..blacken() };
            let blackened: Vec<char> = blacken.apply(&text).unwrap().chars().collect();
            let text: Vec<char> = text.chars().collect();
            if left + right >= text.len() {
                prop_assert_eq!(blackened, text);
            } else {
                let masked = length.unwrap_or(text.len() - left - right);
                prop_assert_eq!(blackened.len(), left + masked + right);
                prop_assert_eq!(&blackened[..left], &text[..left]);
                prop_assert_eq!(&blackened[left + masked..], &text[text.len() - right..]);
                prop_assert!(blackened[left..left + masked].iter().all(|c| *c == '*'));
            }
        }
    }
}
