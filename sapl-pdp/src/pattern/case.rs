//! Classes of characters without regard to case, which the engines see for all letters and Java for ASCII ones.

use std::fmt::Write as _;

use regex_syntax::hir::{Class, ClassUnicode, ClassUnicodeRange, HirKind};

/// A class in brackets, as the engines write it, with the other case of its letters: of ASCII, or of all.
pub(super) fn class(class: &str, unicode: bool) -> Option<String> {
    if unicode {
        return Some(format!("(?i:{class})"));
    }
    // What a negated class lacks, it lacks in both cases.
    let (class, negated) = match class.strip_prefix("[^") {
        // Without what negates it, a caret would.
        Some(members) if members.starts_with('^') => (format!(r"[\{members}"), true),
        Some(members) => (format!("[{members}"), true),
        None => (class.to_owned(), false),
    };
    let mut members = members(&class)?;
    for (lower, upper) in ('a'..='z').zip('A'..='Z') {
        if contains(&members, lower) != contains(&members, upper) {
            members.push(ClassUnicodeRange::new(lower, lower));
            members.push(ClassUnicodeRange::new(upper, upper));
        }
    }
    if negated {
        members.negate();
    }
    let mut written = String::from("[");
    for range in members.iter() {
        let _ = write!(
            written,
            "\\x{{{:X}}}-\\x{{{:X}}}",
            u32::from(range.start()),
            u32::from(range.end())
        );
    }
    // No character is in none of two classes that exclude each other.
    Some(if members.ranges().is_empty() {
        r"[a&&b]".to_owned()
    } else {
        written + "]"
    })
}

fn members(class: &str) -> Option<ClassUnicode> {
    match regex_syntax::parse(class).ok()?.into_kind() {
        HirKind::Class(Class::Unicode(members)) => Some(members),
        HirKind::Class(Class::Bytes(members)) => members.to_unicode_class(),
        HirKind::Literal(literal) => {
            let text = std::str::from_utf8(&literal.0).ok()?;
            let mut characters = text.chars();
            match (characters.next(), characters.next()) {
                (Some(only), None) => Some(ClassUnicode::new([ClassUnicodeRange::new(only, only)])),
                _ => None,
            }
        }
        _ => None,
    }
}

fn contains(members: &ClassUnicode, character: char) -> bool {
    members
        .iter()
        .any(|range| range.start() <= character && character <= range.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_ascii_get_their_other_case_and_no_others() {
        assert_eq!(
            class("[ké]", false).as_deref(),
            Some(r"[\x{4B}-\x{4B}\x{6B}-\x{6B}\x{E9}-\x{E9}]")
        );
        assert_eq!(class("[^A-Z]", false), class("[^a-z]", false));
        assert_eq!(
            class("[^^]", false).as_deref(),
            Some(r"[\x{0}-\x{5D}\x{5F}-\x{10FFFF}]")
        );
        assert_eq!(class("[k]", true).as_deref(), Some("(?i:[k])"));
    }
}
