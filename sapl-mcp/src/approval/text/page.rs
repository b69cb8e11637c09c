//! Lines with values on them, as JSON is written for people.

use std::{fmt::Write as _, sync::LazyLock};

use regex::Regex;
use sapl_base::text::is_deceiving;
use serde_json::{Map, Value};

use super::{MAX_SHOWN_BYTES, MAX_SHOWN_DEPTH, MAX_SHOWN_STRING_CHARS, Shown};

/// In front of each line.
const INDENTATION: &str = "    ";

/// In front of the rest of a line that was too long. No value begins so.
const CONTINUED: &str = "    > ";

/// How wide a line is behind its indentation, in columns of a terminal.
const LINE_COLUMNS: usize = 96;

/// How many accents may stand on one character.
const MAX_ACCENTS: usize = 3;

/// A text that grows by values, up to its limit.
#[derive(Debug, Default)]
pub(super) struct Page {
    text: String,
    /// How many columns of the line are written.
    column: usize,
    /// Whether something is left out.
    cut: bool,
    /// Whether nothing more is written.
    full: bool,
}

/// What stands before a character of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Before {
    /// A blank, the quote, or an escape: nothing that a blank could be told from, or an accent could stand on.
    Nothing,
    /// A character with so many accents.
    Character(usize),
}

impl Page {
    /// The text. `bytes` is how long the JSON of everything is.
    pub(super) fn finish(mut self, bytes: impl FnOnce() -> usize) -> Shown {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        if self.full {
            // It always has a place, beyond the limit.
            let _ = writeln!(
                self.text,
                "{INDENTATION}(the rest is not shown: there are {} bytes in all)",
                bytes()
            );
        }
        Shown {
            text: self.text,
            whole: !self.cut,
        }
    }

    /// A text in quotes.
    pub(super) fn string(&mut self, text: &str) {
        if self.text.is_empty() {
            self.line(0);
        }
        self.write("\"", 1);
        let mut before = Before::Nothing;
        let mut characters = text.chars();
        for character in characters.by_ref().take(MAX_SHOWN_STRING_CHARS) {
            before = self.character(character, before);
            if self.full {
                return;
            }
        }
        self.write("\"", 1);
        let left_out = characters.count();
        if left_out > 0 {
            self.cut = true;
            self.note(&format!(" ({left_out} more characters are not shown)"));
        }
    }

    /// An object, its members in the order of their names.
    pub(super) fn object(&mut self, object: &Map<String, Value>, depth: usize) {
        if self.text.is_empty() {
            self.line(depth);
        }
        if self.is_too_deep(depth) {
            return;
        }
        self.write("{", 1);
        // They are in order already, unless some crate has switched that off for everybody.
        let mut members: Vec<_> = object.iter().collect();
        members.sort_unstable_by_key(|(name, _)| *name);
        for (index, (name, value)) in members.into_iter().enumerate() {
            self.next(index, depth);
            if self.full {
                return;
            }
            self.string(name);
            if turns_around(name) || value.as_str().is_some_and(turns_around) {
                self.write(":", 1);
                self.line(depth.saturating_add(2));
            } else {
                self.write(": ", 2);
            }
            self.value(value, depth.saturating_add(1));
        }
        self.end('}', object.is_empty(), depth);
    }

    fn list(&mut self, list: &[Value], depth: usize) {
        if self.is_too_deep(depth) {
            return;
        }
        self.write("[", 1);
        for (index, value) in list.iter().enumerate() {
            self.next(index, depth);
            if self.full {
                return;
            }
            self.value(value, depth.saturating_add(1));
        }
        self.end(']', list.is_empty(), depth);
    }

    fn value(&mut self, value: &Value, depth: usize) {
        match value {
            Value::Null => self.write("null", 4),
            Value::Bool(true) => self.write("true", 4),
            Value::Bool(false) => self.write("false", 5),
            Value::Number(number) => self.note(&number.to_string()),
            Value::String(text) => self.string(text),
            Value::Array(list) => self.list(list, depth),
            Value::Object(object) => self.object(object, depth),
        }
    }

    /// Whether a value at this depth is left out, and says so.
    fn is_too_deep(&mut self, depth: usize) -> bool {
        let too_deep = depth >= MAX_SHOWN_DEPTH;
        if too_deep {
            self.cut = true;
            self.note(&format!(
                "(what is nested more than {MAX_SHOWN_DEPTH} deep is not shown)"
            ));
        }
        too_deep
    }

    /// A line for the next member of a value at this depth.
    fn next(&mut self, index: usize, depth: usize) {
        if index > 0 {
            self.write(",", 1);
        }
        self.line(depth.saturating_add(1));
    }

    /// Ends a list or object.
    fn end(&mut self, bracket: char, is_empty: bool, depth: usize) {
        if !is_empty {
            self.line(depth);
        }
        self.write(bracket.encode_utf8(&mut [0; 4]), 1);
    }

    fn character(&mut self, character: char, before: Before) -> Before {
        let mut bytes = [0; 4];
        let escape = match character {
            '"' => "\\\"",
            '\\' => "\\\\",
            '\n' => "\\n",
            '\r' => "\\r",
            '\t' => "\\t",
            // At either end of a line nobody sees it.
            ' ' if before != Before::Nothing && self.fits(2) => {
                self.write(" ", 1);
                return Before::Nothing;
            }
            _ if is_shown(character, before) => {
                // Characters from there on may be two columns wide.
                let columns = if character < '\u{1100}' { 1 } else { 2 };
                self.write(character.encode_utf8(&mut bytes), columns);
                return match before {
                    Before::Character(accents) if is_accent(character) => {
                        Before::Character(accents.saturating_add(1))
                    }
                    _ => Before::Character(0),
                };
            }
            _ => {
                self.note(&character.escape_unicode().to_string());
                return Before::Nothing;
            }
        };
        self.write(escape, 2);
        Before::Nothing
    }

    /// Begins a line.
    pub(super) fn line(&mut self, depth: usize) {
        if self.full {
            return;
        }
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(INDENTATION);
        for _ in 0..depth {
            self.text.push_str("  ");
        }
        self.column = depth.saturating_mul(2);
    }

    /// Whether so many columns are left on the line.
    fn fits(&self, columns: usize) -> bool {
        self.column.saturating_add(columns) <= LINE_COLUMNS
    }

    /// Writes ASCII that stays together.
    fn note(&mut self, ascii: &str) {
        self.write(ascii, ascii.len());
    }

    /// Writes what stays together, on the next line where it does not fit.
    fn write(&mut self, piece: &str, columns: usize) {
        if self.full {
            return;
        }
        if self.text.len().saturating_add(piece.len()) > MAX_SHOWN_BYTES {
            self.full = true;
            self.cut = true;
            return;
        }
        if !self.fits(columns) {
            self.text.push('\n');
            self.text.push_str(CONTINUED);
            self.column = CONTINUED.len().saturating_sub(INDENTATION.len());
        }
        self.text.push_str(piece);
        self.column = self.column.saturating_add(columns);
    }
}

/// Whether a character that is not escaped for JSON is shown as it is.
fn is_shown(character: char, before: Before) -> bool {
    if character.is_ascii() {
        return character.is_ascii_graphic();
    }
    // A blank of Braille is a symbol to Unicode.
    if character.is_whitespace() || character == '\u{2800}' || is_deceiving(character) {
        return false;
    }
    match before {
        Before::Nothing => !is_accent(character),
        Before::Character(accents) => accents < MAX_ACCENTS || !is_accent(character),
    }
}

/// Whether the character stands on the one before it.
fn is_accent(character: char) -> bool {
    static ACCENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\p{M}").ok());
    if character.is_ascii() {
        return false;
    }
    let mut bytes = [0; 4];
    ACCENT
        .as_ref()
        .is_none_or(|accent| accent.is_match(character.encode_utf8(&mut bytes)))
}

/// Whether something in the text is written from right to left: the blocks of such scripts in Unicode. On one line with
/// something else it changes the order in which both are shown.
fn turns_around(text: &str) -> bool {
    !text.is_ascii()
        && text.chars().any(|character| {
            matches!(character,
                '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefe}'
                | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
        })
}
