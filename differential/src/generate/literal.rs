//! Numbers, texts and patterns as they stand in policies and in JSON.

use super::Generator;

/// Numbers that both languages read, with a predilection for edges.
const NUMBERS: &[&str] = &[
    "0",
    "1",
    "2",
    "3",
    "4",
    "5",
    "7",
    "10",
    "11",
    "16",
    "31",
    "32",
    "42",
    "63",
    "64",
    "65",
    "100",
    "128",
    "255",
    "256",
    "365",
    "400",
    "600",
    "644",
    "755",
    "999",
    "1000",
    "1024",
    "4096",
    "65535",
    "65536",
    "86400",
    "99999",
    "1000000",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "9007199254740991",
    "9007199254740992",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "340282366920938463463374607431768211455",
    "1234567890123456789012345678901234",
    "9999999999999999999999999999999999",
    "12345678901234567890123456789012345",
    "99999999999999999999999999999999999999",
    "0.0",
    "0.1",
    "0.10",
    "0.2",
    "0.3",
    "0.5",
    "0.50",
    "1.0",
    "1.00",
    "1.1",
    "1.10",
    "1.5",
    "2.0",
    "2.5",
    "2.50",
    "3.0",
    "3.14",
    "9.99",
    "10.0",
    "10.00",
    "100.0",
    "0.3333333333333333",
    "0.9999999999999999999999999999999999",
    "1.0000000000000000000000000000000001",
    "1e0",
    "1E0",
    "1e1",
    "1e2",
    "1e3",
    "1E+3",
    "1e-1",
    "1e-3",
    "1E-7",
    "1.5e3",
    "1.50e1",
    "2e10",
    "1e18",
    "1e19",
    "1e33",
    "1e34",
    "1e35",
    "1e100",
    "1e300",
    "1e308",
    "1e309",
    "1e-308",
    "1e-400",
    "1e400",
    "1e999",
    "1e1000",
    "1e-1000",
    "123.456e-2",
    "0e5",
    "0.0e-3",
    "1773828930123",
];

const SMALL: &[&str] = &["0", "1", "2", "3", "4", "5", "8", "0.5", "1.0", "2.0", "1e0"];

/// What texts are made of.
const FRAGMENTS: &[&str] = &[
    "a",
    "b",
    "c",
    "A",
    "B",
    "z",
    "alice",
    "Bob",
    "read",
    "admin",
    "0",
    "1",
    "42",
    "007",
    "-1",
    "3.14",
    "1e3",
    " ",
    "  ",
    "\t",
    "\n",
    "\r\n",
    ".",
    ",",
    ":",
    ";",
    "/",
    "//",
    "\\",
    "-",
    "_",
    "+",
    "*",
    "?",
    "!",
    "#",
    "@",
    "$",
    "$1",
    "%",
    "&",
    "|",
    "~",
    "^",
    "'",
    "\"",
    "`",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "=",
    "true",
    "null",
    "undefined",
    "ß",
    "é",
    "e\u{301}",
    "ä",
    "Ä",
    "İ",
    "ı",
    "I",
    "ſ",
    "K",
    "Å",
    "ﬁ",
    "ς",
    "Σ",
    "σ",
    "ǅ",
    "ŉ",
    "漢",
    "字",
    "ع",
    "א",
    "😀",
    "👨\u{200d}👩",
    "𝒳",
    "\u{10ffff}",
    "\u{ffff}",
    "\u{feff}",
    "\u{200b}",
    "\u{a0}",
    "\u{2003}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "\u{1}",
    "\u{7f}",
    "\u{b}",
    "\u{c}",
    "\u{1c}",
    "\u{300}",
    "0x1F",
    "0b11",
    "1_000",
    "١",
    "²",
    "Ⅷ",
];

/// What patterns are made of, so that no engine walks for long.
const PATTERNS: &[&str] = &[
    "a",
    "b",
    "ab",
    ".",
    ".*",
    ".+",
    ".?",
    "a*",
    "a+",
    "a?",
    "a{2}",
    "a{1,3}",
    "a{2,}",
    "[a-z]",
    "[a-z]+",
    "[^a]",
    "[A-Z]",
    "\\d",
    "\\d+",
    "\\D",
    "\\w",
    "\\w+",
    "\\W",
    "\\s",
    "\\S+",
    "\\b",
    "\\B",
    "^",
    "$",
    "(a)",
    "(a|b)",
    "(?:a|b)",
    "(a)?",
    "(?i)a",
    "(?i)",
    "(?s).",
    "(?m)^",
    "(?x) a",
    "(?<n>a)",
    "a|b",
    "|",
    "\\.",
    "\\\\",
    "\\/",
    "\\-",
    "\\t",
    "\\n",
    "\\x41",
    "\\u0041",
    "\\p{L}",
    "\\p{Lu}",
    "\\P{L}",
    "\\p{IsAlphabetic}",
    "\\p{Alpha}",
    "\\pL",
    "[\\d]",
    "[\\w.]",
    "[a-c&&[b]]",
    "[a[b]]",
    "\\Qa.b\\E",
    "(?=a)",
    "(?!b)",
    "(?<=a)",
    "(?<!a)",
    "(a)\\1",
    "a++",
    "a*?",
    "(?>a)",
    "\\A",
    "\\z",
    "\\Z",
    "\\R",
    "\\h",
    "\\v",
    "\\X",
    "😀",
    "é",
    "[",
    "(",
    ")",
    "*",
    "+",
    "?",
    "{",
    "}",
    "]",
    "a{",
    "a{2",
    "\\",
    "\\k<n>",
    "(?",
    "\\1",
    "[z-a]",
    "x{0}",
    " ",
    "alice",
    "read",
];

impl Generator {
    /// A number without sign.
    pub(super) fn number_text(&mut self) -> String {
        if self.random.percent(35) {
            return self.random.pick(SMALL).to_owned();
        }
        if self.random.percent(60) {
            return self.random.pick(NUMBERS).to_owned();
        }
        let most = if self.random.percent(80) { 6 } else { 40 };
        let mut text = self.digits(most);
        if self.random.percent(40) {
            text.push('.');
            let most = if self.random.percent(80) { 4 } else { 40 };
            let count = self.random.between(1, most);
            for _ in 0..count {
                text.push(self.random.pick(&['0', '1', '5', '9', '3']));
            }
        }
        if self.random.percent(10) {
            text.push(self.random.pick(&['e', 'E']));
            text.push_str(self.random.pick(&["", "+", "-"]));
            text.push_str(
                self.random
                    .pick(&["0", "1", "2", "5", "12", "33", "34", "40", "300", "999"]),
            );
        }
        text
    }

    fn digits(&mut self, most: usize) -> String {
        let count = self.random.between(1, most);
        let mut digits = String::new();
        for _ in 0..count {
            digits.push(
                self.random
                    .pick(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
            );
        }
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            "0".to_owned()
        } else {
            significant.to_owned()
        }
    }

    /// An index into a short array, or an edge.
    pub(super) fn index_text(&mut self) -> String {
        if self.random.percent(95) {
            self.random
                .pick(&["0", "1", "2", "3", "4", "6", "-1", "-2", "-3", "-4", "-7"])
                .to_owned()
        } else {
            self.random
                .pick(&[
                    "2147483647",
                    "-2147483648",
                    "2147483648",
                    "-2147483649",
                    "00",
                    "1.0",
                    "1e0",
                    "-0",
                ])
                .to_owned()
        }
    }

    pub(super) fn text(&mut self) -> String {
        if self.random.percent(30) {
            return self
                .random
                .pick(&["a", "b", "ab", "alice", "read", "doc", "", "admin", "x"])
                .to_owned();
        }
        let count = self.random.between(0, 4);
        (0..count).map(|_| self.random.pick(FRAGMENTS)).collect()
    }

    pub(super) fn pattern(&mut self) -> String {
        let count = self.random.between(1, 4);
        (0..count).map(|_| self.random.pick(PATTERNS)).collect()
    }

    /// A text with one thing changed.
    pub(super) fn mutated(&mut self, text: &str) -> String {
        let mut characters: Vec<char> = text.chars().collect();
        let changes = self.random.between(1, 2);
        for _ in 0..changes {
            let place = self.random.below(characters.len() + 1);
            let fragment = self.random.pick(FRAGMENTS);
            match self.random.below(5) {
                0 if place < characters.len() => {
                    characters.remove(place);
                }
                1 if place < characters.len() => {
                    characters.splice(place..=place, fragment.chars());
                }
                2 if place > 0 => {
                    let copied: Vec<char> = characters.iter().skip(place / 2).take(place).copied().collect();
                    characters.splice(place..place, copied);
                }
                3 if !characters.is_empty() => characters.truncate(place),
                _ => {
                    characters.splice(place..place, fragment.chars());
                }
            }
        }
        characters.into_iter().collect()
    }
}
