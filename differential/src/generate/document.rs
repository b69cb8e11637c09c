//! Documents with something wrong, or merely strange, in them.

use super::{Generator, Want};
use crate::tree::Node;

/// What can stand anywhere.
const TOKENS: &[&str] = &[
    "policy",
    "set",
    "permit",
    "deny",
    "suspend",
    "first",
    "or",
    "abstain",
    "priority",
    "unanimous",
    "unique",
    "strict",
    "errors",
    "propagate",
    "for",
    "var",
    "obligation",
    "advice",
    "transform",
    "import",
    "as",
    "schema",
    "enforced",
    "subject",
    "action",
    "resource",
    "environment",
    "true",
    "false",
    "null",
    "undefined",
    "in",
    "any",
    "all",
    "has",
    "each",
    "where",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    ":",
    "::",
    ".",
    "..",
    "?",
    "@",
    "#",
    "=",
    "==",
    "!=",
    "=~",
    "<",
    "<=",
    ">",
    ">=",
    "&&",
    "||",
    "&",
    "|",
    "^",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "|-",
    "|<",
    "~",
    "\\",
    "'",
    "`a`",
    "`in`",
    "`1`",
    "``",
    "\"a\"",
    "\"\"",
    "\"\\x\"",
    "\"\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"open",
    "0",
    "1",
    "01",
    "1.",
    ".5",
    "1e",
    "1e5",
    "0x1",
    "1_0",
    "a",
    "x1",
    "_a",
    "$",
    "é",
    "😀",
    "\u{a0}",
    "\u{feff}",
    "\u{202e}",
    "\u{0}",
    "\u{c}",
    "// note\n",
    "/* note */",
    "/*",
    "*/",
    "//",
    "time.now",
    "<time.now>",
    "|<time.now>",
    "string.length(\"a\")",
    "a.b.c()",
    "length(\"a\")",
    "import string.length",
    "import string.length as l",
    "1/0",
    "subject schema {}",
    "var a = 1;",
    "obligation 1",
    "transform @",
];

const SPACES: &[&str] = &[
    " ",
    " ",
    " ",
    "",
    "",
    "\n",
    "\t",
    "\r",
    "\r\n",
    "  ",
    "/**/",
    "//\n",
    "//\r",
    " // x\r\n",
    "/* \" */",
];

impl Generator {
    pub(super) fn broken_document(&mut self) -> Node {
        let document = self.whole_document();
        let mut tokens = tokens(&document);
        let changes = self.random.pick(&[0, 1, 1, 1, 1, 2, 2, 3]);
        for _ in 0..changes {
            self.change(&mut tokens);
        }
        let strange = self.random.percent(40);
        let items = tokens.into_iter().map(|token| {
            let space = if strange { self.random.pick(SPACES) } else { " " };
            Node::fixed("").plain(format!("{token}{space}"))
        });
        let items = items.collect();
        Node::fixed("document").list(items, "", 0)
    }

    fn whole_document(&mut self) -> String {
        let mut names = 0;
        match self.random.below(4) {
            0 => {
                let expression = self.expression(Want::Any, 2);
                format!("policy \"a\" permit transform {expression}")
            }
            1 => {
                let expression = self.expression(Want::Boolean, 2);
                format!("policy \"a\" deny {expression};")
            }
            _ => self.document(&mut names).to_string(),
        }
    }

    fn change(&mut self, tokens: &mut Vec<String>) {
        let place = self.random.below(tokens.len() + 1);
        match self.random.below(6) {
            0 if place < tokens.len() => {
                tokens.remove(place);
            }
            1 if place < tokens.len() => {
                if let Some(token) = tokens.get(place).cloned() {
                    tokens.insert(place, token);
                }
            }
            2 if place > 0 && place < tokens.len() => tokens.swap(place - 1, place),
            3 if place < tokens.len() => {
                if let Some(token) = tokens.get_mut(place) {
                    *token = self.mutated(token);
                }
            }
            4 if place < tokens.len() => {
                if let Some(token) = tokens.get_mut(place) {
                    self.random.pick(TOKENS).clone_into(token);
                }
            }
            _ => tokens.insert(place.min(tokens.len()), self.random.pick(TOKENS).to_owned()),
        }
    }
}

/// A text cut into words, numbers, texts and symbols, without what is between them.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = token_length(rest, first);
        let (token, behind) = rest.split_at(length);
        tokens.push(token.to_owned());
        rest = behind.trim_start();
    }
    tokens
}

fn token_length(text: &str, first: char) -> usize {
    let is_word = |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '$';
    if first == '"' {
        return quoted_length(text);
    }
    if is_word(first) {
        return text.find(|character| !is_word(character)).unwrap_or(text.len());
    }
    for symbol in ["::", "..", "==", "!=", "=~", "<=", ">=", "&&", "||", "|-"] {
        if text.starts_with(symbol) {
            return symbol.len();
        }
    }
    first.len_utf8()
}

fn quoted_length(text: &str) -> usize {
    let mut escaped = false;
    for (offset, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return offset + 1,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_whole() {
        assert_eq!(
            tokens("policy \"a \\\" b\" permit a.b==1.5;"),
            [
                "policy",
                "\"a \\\" b\"",
                "permit",
                "a",
                ".",
                "b",
                "==",
                "1",
                ".",
                "5",
                ";"
            ]
        );
    }
}
