//! White space as Java has it, which some functions leave out at both ends of a text.

/// What `Character.isWhitespace` says: without the blanks at which lines must not break.
pub(super) fn is_white_space(character: char) -> bool {
    match character {
        '\t'..='\r' | '\u{1c}'..='\u{1f}' => true,
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        character => character.is_whitespace(),
    }
}

/// A text without white space at its ends, as `String.strip` makes it.
pub(super) fn strip(text: &str) -> &str {
    text.trim_matches(is_white_space)
}

/// A text without blanks and control characters at its ends, as `String.trim` makes it.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|character| character <= ' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn java_has_two_notions_of_white_space() {
        assert_eq!(strip("\u{1c} \u{2003}a\u{a0}\u{3000}"), "a\u{a0}");
        assert_eq!(trim("\u{1c} \u{0}a\u{a0}\t"), "a\u{a0}");
        assert_eq!((strip(" \t"), trim(" \t")), ("", ""));
    }
}
