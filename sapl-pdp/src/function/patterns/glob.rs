//! Globs, as regular expressions.
//!
//! `*` and `?` stop at delimiters, `**` does not; `[…]` is a class of characters, `[!…]` its opposite, `{…,…}` are
//! alternatives, and `\` takes the next character by itself.

use std::ops::Range;

use crate::value::ErrorKind;

/// How deep alternatives may be nested.
pub(super) const MAX_DEPTH: usize = 50;

/// How many groups of alternatives may stand side by side.
pub(super) const MAX_GROUPS: usize = 30;

const SPECIAL: &str = ".^$*+?()[]{}\\|";
const SPECIAL_IN_CLASS: &str = "\\]^[";

/// The text with a backslash before what has a meaning in globs.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if "*?[]{}\\-!".contains(character) {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

/// The regular expression of a glob, in the syntax of Java; without delimiters nothing stops the wildcards.
pub(super) fn to_regex(glob: &str, delimiters: &str) -> Result<String, ErrorKind> {
    let glob: Vec<char> = glob.chars().collect();
    let one = if delimiters.is_empty() {
        String::from(".")
    } else {
        let mut class = String::from("[^");
        for character in delimiters.chars() {
            if SPECIAL_IN_CLASS.contains(character) || character == '-' {
                class.push('\\');
            }
            class.push(character);
        }
        class + "]"
    };
    let mut translator = Translator {
        glob: &glob,
        one: &one,
        regex: String::with_capacity(glob.len() * 2),
    };
    translator.translate(0..glob.len(), 0)?;
    Ok(translator.regex)
}

struct Translator<'g> {
    glob: &'g [char],
    /// What matches one character.
    one: &'g str,
    regex: String,
}

impl Translator<'_> {
    fn translate(&mut self, range: Range<usize>, depth: usize) -> Result<(), ErrorKind> {
        if depth > MAX_DEPTH || self.groups(&range) > MAX_GROUPS {
            return Err(ErrorKind::Function("the glob has too many alternatives"));
        }
        let mut position = range.start;
        while position < range.end {
            position = match self.at(position) {
                '\\' if position + 1 < range.end => {
                    self.literal(self.at(position + 1));
                    position + 2
                }
                '*' if position + 1 < range.end && self.at(position + 1) == '*' => {
                    self.regex.push_str(".*");
                    position + 2
                }
                '*' => {
                    self.regex.push_str(self.one);
                    self.regex.push('*');
                    position + 1
                }
                '?' => {
                    self.regex.push_str(self.one);
                    position + 1
                }
                '[' => self.class(position, range.end)?,
                '{' => self.alternatives(position, range.end, depth)?,
                character => {
                    self.literal(character);
                    position + 1
                }
            };
        }
        Ok(())
    }

    fn literal(&mut self, character: char) {
        if SPECIAL.contains(character) {
            self.regex.push('\\');
        }
        self.regex.push(character);
    }

    fn class(&mut self, open: usize, end: usize) -> Result<usize, ErrorKind> {
        let Some(close) = self.closing_bracket(open, end) else {
            return Err(ErrorKind::Function("the glob has an open class of characters"));
        };
        self.regex.push('[');
        let start = open + 1;
        let mut position = start;
        if position < close && self.at(position) == '!' {
            self.regex.push('^');
            position += 1;
        }
        while position < close {
            let mut character = self.at(position);
            let mut is_special = SPECIAL_IN_CLASS.contains(character);
            if character == '\\' && position + 1 < close {
                position += 1;
                character = self.at(position);
                is_special = SPECIAL_IN_CLASS.contains(character);
            } else if character == '-' {
                // At the beginning or end it is itself, elsewhere a range.
                is_special = position == start || position + 1 == close;
            }
            if is_special {
                self.regex.push('\\');
            }
            self.regex.push(character);
            position += 1;
        }
        self.regex.push(']');
        Ok(close + 1)
    }

    fn alternatives(&mut self, open: usize, end: usize, depth: usize) -> Result<usize, ErrorKind> {
        let mut parts = Vec::new();
        let (mut start, mut position, mut level) = (open + 1, open + 1, 0_usize);
        let close = loop {
            if position >= end {
                return Err(ErrorKind::Function("the glob has an open group of alternatives"));
            }
            match self.at(position) {
                '\\' if position + 1 < end => position += 1,
                '{' => level += 1,
                '}' if level == 0 => break position,
                '}' => level -= 1,
                ',' if level == 0 => {
                    parts.push(start..position);
                    start = position + 1;
                }
                _ => {}
            }
            position += 1;
        };
        parts.push(start..close);
        self.regex.push_str("(?:");
        for (index, part) in parts.into_iter().enumerate() {
            if index > 0 {
                self.regex.push('|');
            }
            self.translate(part, depth + 1)?;
        }
        self.regex.push(')');
        Ok(close + 1)
    }

    /// How many groups of alternatives open outside of others.
    fn groups(&self, range: &Range<usize>) -> usize {
        let (mut count, mut level, mut position) = (0, 0_i32, range.start);
        while position < range.end {
            match self.at(position) {
                '\\' if position + 1 < range.end => position += 1,
                '[' => position = self.closing_bracket(position, range.end).unwrap_or(position),
                '{' => {
                    count += usize::from(level == 0);
                    level += 1;
                }
                '}' => level -= 1,
                _ => {}
            }
            position += 1;
        }
        count
    }

    fn closing_bracket(&self, open: usize, end: usize) -> Option<usize> {
        let mut position = open + 1;
        while position < end {
            match self.at(position) {
                '\\' if position + 1 < end => position += 2,
                ']' => return Some(position),
                _ => position += 1,
            }
        }
        None
    }

    fn at(&self, position: usize) -> char {
        self.glob.get(position).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_stop_at_delimiters() {
        assert_eq!(to_regex("*.txt", ".").as_deref(), Ok("[^.]*\\.txt"));
        assert_eq!(to_regex("a?**", "/-").as_deref(), Ok("a[^/\\-].*"));
        assert_eq!(to_regex("a?*", "").as_deref(), Ok("a..*"));
    }

    #[test]
    fn classes_and_alternatives_are_kept() {
        assert_eq!(to_regex("[!a-c^-]", "").as_deref(), Ok("[^a-c\\^\\-]"));
        assert_eq!(to_regex("{a,b{c,}}", "").as_deref(), Ok("(?:a|b(?:c|))"));
        assert_eq!(to_regex("\\*\\", "").as_deref(), Ok("\\*\\\\"));
        assert!(to_regex("[a", "").is_err() && to_regex("{a", "").is_err());
    }

    #[test]
    fn alternatives_end_at_their_limits() {
        let nested = |depth: usize| to_regex(&format!("{}a{}", "{".repeat(depth), "}".repeat(depth)), "");
        assert!(nested(MAX_DEPTH).is_ok());
        assert!(nested(MAX_DEPTH + 1).is_err());
        assert!(to_regex(&"{a}".repeat(MAX_GROUPS), "").is_ok());
        assert!(to_regex(&"{a}".repeat(MAX_GROUPS + 1), "").is_err());
    }

    #[test]
    fn an_escaped_text_matches_itself() {
        assert_eq!(escape("a*[b]{c}-!?\\"), "a\\*\\[b\\]\\{c\\}\\-\\!\\?\\\\");
    }
}
