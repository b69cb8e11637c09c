//! Texts of others, made fit to be shown to people.

use std::sync::LazyLock;

use regex::Regex;

/// Characters that are not seen, or move others: those of the general category Other (controls, formats, surrogates, private
/// use, unassigned), line and paragraph separators, and what has the property `Default_Ignorable_Code_Point`, as variation
/// selectors, tags and fillers of Hangul; as the Unicode Character Database has them in the tables of `regex`.
static DECEIVING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]").ok());

/// The text with escapes for what could move the cursor, reorder the line or be invisible; line breaks stay.
///
/// ```
/// assert_eq!(sapl_base::text::printable("a\u{1b}[2J\u{202e}b"), "a\\u{1b}[2J\\u{202e}b");
/// ```
#[must_use]
pub fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        if character != '\n' && is_deceiving(character) {
            safe.extend(character.escape_unicode());
        } else {
            safe.push(character);
        }
    }
    safe
}

/// Whether the character is not seen, or moves others: a control, bidirectional, zero-width, tag or another such character.
#[must_use]
pub fn is_deceiving(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let mut bytes = [0; 4];
    DECEIVING
        .as_ref()
        .is_none_or(|deceiving| deceiving.is_match(character.encode_utf8(&mut bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_deceives_is_printed_as_an_escape() {
        assert_eq!(printable("a\u{1b}[2J\u{202e}\nä"), "a\\u{1b}[2J\\u{202e}\nä");
        for deceiving in [
            '\0',
            '\u{7f}',
            '\u{85}',
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{17b4}',
            '\u{180e}',
            '\u{200b}',
            '\u{200f}',
            '\u{2028}',
            '\u{202a}',
            '\u{2060}',
            '\u{2065}',
            '\u{2069}',
            '\u{3164}',
            '\u{e000}',
            '\u{fdd0}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{ffa0}',
            '\u{fff9}',
            '\u{fffb}',
            '\u{ffff}',
            '\u{1bca0}',
            '\u{1d173}',
            '\u{50000}',
            '\u{e0000}',
            '\u{e0001}',
            '\u{e007f}',
            '\u{e0100}',
            '\u{f0000}',
            '\u{10ffff}',
        ] {
            let code = u32::from(deceiving);
            assert_eq!(printable(&format!("a{deceiving}b")), format!("a\\u{{{code:x}}}b"));
        }
        let plain = "aß €\u{a0}\u{301}日本🦀مرحبا\u{fffd}";
        assert_eq!(printable(plain), plain);
    }
}
