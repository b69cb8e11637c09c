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
