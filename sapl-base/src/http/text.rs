//! Foreign text in a log line.

/// The most characters of a foreign text that a log line or an error shows.
pub(crate) const MAX_QUOTED_CHARS: usize = 500;

/// The first [`MAX_QUOTED_CHARS`] characters of what another machine wrote, with control characters escaped, so
/// that it can't begin a line of its own.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len().min(MAX_QUOTED_CHARS));
    let mut characters = text.chars();
    for character in characters.by_ref().take(MAX_QUOTED_CHARS) {
        // Besides the control characters, those that reorder or end a line where it is displayed.
        if character.is_control()
            || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        {
            quoted.extend(character.escape_default());
        } else {
            quoted.push(character);
        }
    }
    if characters.next().is_some() {
        quoted.push('…');
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_escaped() {
        assert_eq!(quoted("a\r\nb\u{1b}[2J\u{202e}ü"), r"a\r\nb\u{1b}[2J\u{202e}ü");
    }

    #[test]
    fn five_hundred_characters_are_shown_and_not_one_more() {
        let whole = "ä".repeat(MAX_QUOTED_CHARS);
        assert_eq!(quoted(&whole), whole);
        let longer = format!("{whole}b");
        assert_eq!(quoted(&longer), format!("{whole}…"));
    }
}
