//! Texts of others: read when nobody has promised their size, and printed whatever is in them.

use std::io::{self, Read, Write};
use std::sync::LazyLock;

use regex::Regex;

use crate::failure::Failure;

/// Reads at most `maximum` bytes of UTF-8; `what` they are stands in the message, as in "standard input".
pub(crate) fn read_text(input: &mut dyn Read, maximum: u64, what: &str) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    input
        .take(maximum + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format_args!("can't read {what}: {error}")))?;
    if bytes.len() as u64 > maximum {
        return Err(Failure::new(format_args!(
            "{what} is larger than {maximum} bytes"
        )));
    }
    String::from_utf8(bytes).map_err(|_| Failure::new(format_args!("{what} is not UTF-8")))
}

/// The text with escapes for what could move the cursor, reorder the line or be invisible; line breaks stay.
pub(crate) fn printable(text: &str) -> String {
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

/// Characters that are not seen, or move others: those of the general category Other (controls, formats, surrogates, private
/// use, unassigned), line and paragraph separators, and what has the property `Default_Ignorable_Code_Point`, as variation
/// selectors, tags and fillers of Hangul; as the Unicode Character Database has them in the tables of `regex`.
static DECEIVING: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]").ok());

/// Whether the character is not seen, or moves others.
pub(crate) fn is_deceiving(character: char) -> bool {
    if character.is_ascii() {
        return character.is_ascii_control();
    }
    let mut bytes = [0; 4];
    DECEIVING
        .as_ref()
        .is_none_or(|deceiving| deceiving.is_match(character.encode_utf8(&mut bytes)))
}

/// Writes what `write` writes, as far as it can be printed.
pub(crate) fn write_printable(
    output: &mut dyn Write,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    output.write_all(printable(&String::from_utf8_lossy(&bytes)).as_bytes())
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

    #[test]
    fn a_text_ends_at_its_limit() {
        let read = |bytes: &[u8]| read_text(&mut &*bytes, 3, "it").map_err(|failure| failure.to_string());
        assert_eq!(read(b"abc").as_deref(), Ok("abc"));
        assert_eq!(read(b"abcd"), Err("error: it is larger than 3 bytes".to_owned()));
        assert_eq!(read(b"\xff"), Err("error: it is not UTF-8".to_owned()));
    }
}
