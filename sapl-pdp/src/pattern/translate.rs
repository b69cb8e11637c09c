//! From the syntax of Java's `java.util.regex` to that of the engines.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;

use super::case;

const DIGIT: &str = "0-9";
const WORD: &str = "a-zA-Z0-9_";
const SPACE: &str = r" \t\n\x0B\f\r";
const HORIZONTAL: &str = r" \t\xA0\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}";
const VERTICAL: &str = r"\n\x0B\f\r\x{85}\x{2028}\x{2029}";
const LINE_ENDS: &str = r"\n\r\x{85}\x{2028}\x{2029}";

/// Where a word of ASCII characters begins or ends, and where it does not.
pub(super) const BOUNDARY: &str = r"(?-u:\b)";
pub(super) const NO_BOUNDARY: &str = r"(?-u:\B)";

/// The POSIX classes of Java and their ASCII characters.
const POSIX: &[(&str, &str)] = &[
    ("Lower", "a-z"),
    ("Upper", "A-Z"),
    ("ASCII", r"\x00-\x7F"),
    ("Alpha", "a-zA-Z"),
    ("Digit", "0-9"),
    ("Alnum", "a-zA-Z0-9"),
    ("Punct", r"!-/:-@\[-`{-~"),
    ("Graph", "!-~"),
    ("Print", " -~"),
    ("Blank", r" \t"),
    ("Cntrl", r"\x00-\x1F\x7F"),
    ("XDigit", "0-9a-fA-F"),
    ("Space", SPACE),
];

/// A pattern for the engines.
pub(super) struct Translated {
    pub(super) pattern: String,
    /// Whether it has possessive quantifiers, which the linear engine reads as something else.
    pub(super) possessive: bool,
}

/// Whether a pattern must match a whole text or may match a part of it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    Whole,
    Part,
}

/// The pattern for the engines; `None` when it is invalid or not supported.
pub(super) fn translate(pattern: &str, extent: Extent) -> Option<Translated> {
    let mut translator = Translator {
        rest: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len() + 16),
        extent,
        flags: vec![Flags::default()],
        class_depth: 0,
        class_start: 0,
        quantifier: Quantifier::None,
        possessive: false,
        groups: 0,
        names: BTreeSet::new(),
        references: Vec::new(),
    };
    translator.run()?;
    translator.drop_lost_references();
    Some(Translated {
        pattern: translator.out,
        possessive: translator.possessive,
    })
}

struct Translator<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
    extent: Extent,
    /// The flags of each open group.
    flags: Vec<Flags>,
    class_depth: u32,
    /// Where the outermost open class begins in the output.
    class_start: usize,
    /// What the quantifier is that ends here.
    quantifier: Quantifier,
    possessive: bool,
    /// How many groups have been opened that can be referred to.
    groups: usize,
    /// What they are called.
    names: BTreeSet<String>,
    /// Where in the output references to groups are, and to which.
    references: Vec<(Range<usize>, usize)>,
}

/// What flags say that the engines read differently; the others are passed on.
#[derive(Clone, Copy, Default)]
struct Flags {
    /// `s`: whether `.` matches line ends.
    dot_all: bool,
    /// `m`: whether `$` matches before each line end.
    multiline: bool,
    /// `i`: whether the case of ASCII letters counts,
    ignore_case: bool,
    /// and with `u`, that of all letters.
    unicode_case: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Quantifier {
    #[default]
    None,
    /// `?` or `+` may follow.
    Open,
    /// Nothing that quantifies may follow.
    Closed,
}

impl Translator<'_> {
    fn run(&mut self) -> Option<()> {
        while let Some(character) = self.rest.next() {
            let before = std::mem::take(&mut self.quantifier);
            match character {
                '\\' => self.escape()?,
                '[' => {
                    if self.class_depth == 0 {
                        self.class_start = self.out.len();
                    }
                    self.class_depth += 1;
                    self.out.push('[');
                    if self.rest.next_if_eq(&'^').is_some() {
                        self.out.push('^');
                    }
                    if self.rest.next_if_eq(&':').is_some() {
                        // The engines would read the name of a class here, Java reads characters.
                        self.out.push_str(r"\:");
                    } else if self.rest.next_if_eq(&']').is_some() {
                        // A bracket that closes nothing is a character of the class.
                        self.out.push_str(r"\]");
                    }
                }
                ']' if self.class_depth > 0 => {
                    self.class_depth -= 1;
                    self.out.push(']');
                    if self.class_depth == 0 && self.flags().ignore_case {
                        let class = self.out.split_off(self.class_start);
                        self.out
                            .push_str(&case::class(&class, self.flags().unicode_case)?);
                    }
                }
                // Doubled, these are operators on sets for the engines.
                '-' | '~' if self.class_depth > 0 && self.rest.peek() == Some(&character) => {
                    self.out.push('\\');
                    self.out.push(character);
                }
                _ if self.class_depth > 0 => self.out.push(character),
                '?' | '+' if before == Quantifier::Open => {
                    self.possessive |= character == '+';
                    self.quantifier = Quantifier::Closed;
                    self.out.push(character);
                }
                '*' | '+' | '?' | '{' if before != Quantifier::None => return None,
                '*' | '+' | '?' => {
                    self.quantifier = Quantifier::Open;
                    self.out.push(character);
                }
                '{' => self.repetition()?,
                '(' => self.group()?,
                ')' => {
                    if self.flags.len() > 1 {
                        self.flags.pop();
                    }
                    self.out.push(')');
                }
                '.' if self.flags().dot_all => self.out.push_str(r"(?s:.)"),
                '.' => {
                    let _ = write!(self.out, "[^{LINE_ENDS}]");
                }
                '$' if !self.flags().multiline && !self.is_at_end() => self.end_or_last_line_end(),
                _ if self.flags().ignore_case && character.is_alphabetic() => self.literal(character),
                _ => self.out.push(character),
            }
        }
        Some(())
    }

    fn flags(&self) -> Flags {
        self.flags.last().copied().unwrap_or_default()
    }

    /// Whether what matches here must end where the text ends, since the whole text must match.
    fn is_at_end(&self) -> bool {
        let mut rest = self.rest.clone();
        self.extent == Extent::Whole
            && match rest.peek() {
                Some('|') => self.flags.len() == 1,
                _ => rest.all(|character| character == ')'),
            }
    }

    /// Where the text ends, or before a line end that ends it.
    fn end_or_last_line_end(&mut self) {
        let _ = write!(self.out, r"(?=(?:\r\n|[{LINE_ENDS}])?\z)");
    }

    /// Behind `{`: Java knows it only as the beginning of a quantifier.
    fn repetition(&mut self) -> Option<()> {
        let mut bounds = String::new();
        loop {
            match self.rest.next()? {
                '}' => break,
                character => bounds.push(character),
            }
        }
        let (from, to) = bounds.split_once(',').unwrap_or((&bounds, &bounds));
        let from: u32 = from.parse().ok()?;
        if !to.is_empty() && to.parse::<u32>().ok()? < from {
            return None;
        }
        let _ = write!(self.out, "{{{bounds}}}");
        self.quantifier = Quantifier::Open;
        Some(())
    }

    /// Behind `(`: some flags are followed, all else is the same for the engines.
    fn group(&mut self) -> Option<()> {
        let outer = self.flags();
        self.out.push('(');
        if self.rest.next_if_eq(&'?').is_none() {
            self.groups += 1;
            self.flags.push(outer);
            return Some(());
        }
        self.out.push('?');
        let mut flags = outer;
        let mut on = true;
        let mut kept = String::new();
        loop {
            match *self.rest.peek()? {
                's' => flags.dot_all = on,
                'i' => flags.ignore_case = on,
                'u' => flags.unicode_case = on,
                flag @ ('m' | 'x') => {
                    flags.multiline = if flag == 'm' { on } else { flags.multiline };
                    kept.push(flag);
                }
                '-' => {
                    on = false;
                    kept.push('-');
                }
                _ => break,
            }
            self.rest.next();
        }
        // An empty list of flags is not allowed, one without effect is.
        let kept = kept.trim_end_matches('-');
        match self.rest.peek()? {
            ')' => {
                self.rest.next();
                if let Some(current) = self.flags.last_mut() {
                    *current = flags;
                }
                self.out.push_str(if kept.is_empty() { ":" } else { kept });
                self.out.push(')');
                // Flags by themselves can't be repeated.
                self.quantifier = Quantifier::Closed;
            }
            ':' => {
                self.flags.push(flags);
                self.out.push_str(kept);
            }
            '<' | '=' | '!' | '>' if kept.is_empty() && on => {
                let mut behind = self.rest.clone();
                if behind.next() == Some('<') && !matches!(behind.peek(), Some('=' | '!')) {
                    let name: String = behind.take_while(|&next| next != '>').collect();
                    if !is_group_name(&name) || !self.names.insert(name) {
                        return None;
                    }
                    self.groups += 1;
                }
                self.flags.push(outer);
            }
            _ => return None,
        }
        Some(())
    }

    /// Behind a backslash.
    fn escape(&mut self) -> Option<()> {
        let escaped = self.rest.next()?;
        match escaped {
            'd' => self.set(DIGIT, false),
            'D' => self.set(DIGIT, true),
            'w' => self.set(WORD, false),
            'W' => self.set(WORD, true),
            's' => self.set(SPACE, false),
            'S' => self.set(SPACE, true),
            'h' => self.set(HORIZONTAL, false),
            'H' => self.set(HORIZONTAL, true),
            'v' => self.set(VERTICAL, false),
            'V' => self.set(VERTICAL, true),
            'p' | 'P' => self.property(escaped == 'P')?,
            'Q' => self.quote(),
            'u' => self.unicode()?,
            'x' => {
                let code = if self.rest.next_if_eq(&'{').is_some() {
                    self.hexadecimal_until('}')?
                } else {
                    self.hexadecimal(2)?
                };
                self.literal(char::from_u32(code)?);
            }
            '0' => self.octal()?,
            'c' => {
                let control = u32::from(self.rest.next()?) ^ 64;
                self.literal(char::from_u32(control)?);
            }
            'e' => self.literal('\x1b'),
            'a' => self.literal('\x07'),
            't' | 'n' | 'f' | 'r' => {
                self.out.push('\\');
                self.out.push(escaped);
            }
            _ if self.class_depth > 0 => {
                if escaped.is_ascii_alphanumeric() {
                    return None;
                }
                self.literal(escaped);
            }
            'b' => self.out.push_str(BOUNDARY),
            'B' => self.out.push_str(NO_BOUNDARY),
            'A' => self.out.push_str(r"\A"),
            'z' => self.out.push_str(r"\z"),
            'Z' => self.end_or_last_line_end(),
            'R' => {
                let _ = write!(self.out, r"(?:\r\n|[{VERTICAL}])");
            }
            'k' => self.out.push_str(r"\k"),
            '1'..='9' => self.reference(escaped),
            _ if escaped.is_ascii_alphabetic() => return None,
            _ => self.literal(escaped),
        }
        Some(())
    }

    /// A reference takes as many digits as make the number of a group before it.
    fn reference(&mut self, first: char) {
        let value = |digit: char| digit.to_digit(10).map_or(0, |digit| digit as usize);
        let mut group = value(first);
        while let Some(&next) = self.rest.peek() {
            let longer = group.saturating_mul(10).saturating_add(value(next));
            if !next.is_ascii_digit() || longer > self.groups {
                break;
            }
            group = longer;
            self.rest.next();
        }
        let start = self.out.len();
        let _ = write!(self.out, r"(?:\{group})");
        self.references.push((start..self.out.len(), group));
    }

    /// References to groups that are nowhere match nothing.
    fn drop_lost_references(&mut self) {
        let references = std::mem::take(&mut self.references);
        for (place, group) in references.into_iter().rev() {
            if group > self.groups {
                self.out.replace_range(place, r"[^\s\S]");
            }
        }
    }

    fn set(&mut self, members: &str, negated: bool) {
        let sign = if negated { "^" } else { "" };
        let _ = write!(self.out, "[{sign}{members}]");
    }

    fn literal(&mut self, character: char) {
        let mut buffer = [0; 4];
        let text = regex::escape(character.encode_utf8(&mut buffer));
        let flags = self.flags();
        let _ = if !flags.ignore_case || self.class_depth > 0 || !character.is_alphabetic() {
            write!(self.out, "{text}")
        } else if flags.unicode_case {
            write!(self.out, "(?i:{text})")
        } else if character.is_ascii() {
            write!(
                self.out,
                "[{}{}]",
                character.to_ascii_lowercase(),
                character.to_ascii_uppercase()
            )
        } else {
            write!(self.out, "{text}")
        };
    }

    fn quote(&mut self) {
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(character);
        }
    }

    fn property(&mut self, negated: bool) -> Option<()> {
        let name = if self.rest.next_if_eq(&'{').is_some() {
            let mut name = String::new();
            loop {
                match self.rest.next()? {
                    '}' => break name,
                    character => name.push(character),
                }
            }
        } else {
            self.rest.next()?.to_string()
        };
        // Without regard to case, a class of letters of one case has those of both.
        let cased = [
            "Lower",
            "Upper",
            "Ll",
            "Lu",
            "Lt",
            "javaLowerCase",
            "javaUpperCase",
        ];
        let name = match name.strip_prefix("Is").unwrap_or(&name) {
            bare if self.flags().ignore_case && cased.contains(&bare) => {
                if bare.ends_with("er") { "Alpha" } else { "LC" }.to_owned()
            }
            _ => name,
        };
        if let Some((_, members)) = POSIX.iter().find(|(posix, _)| *posix == name) {
            self.set(members, negated);
            return Some(());
        }
        if name.is_empty()
            || !name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'=')
        {
            return None;
        }
        let name = match name.as_str() {
            "javaLowerCase" => "Lowercase",
            "javaUpperCase" => "Uppercase",
            "javaWhitespace" => "White_Space",
            "javaAlphabetic" => "Alphabetic",
            other => other.strip_prefix("Is").unwrap_or(other),
        };
        let _ = write!(self.out, "\\{}{{{name}}}", if negated { 'P' } else { 'p' });
        Some(())
    }

    fn unicode(&mut self) -> Option<()> {
        let code = self.hexadecimal(4)?;
        let character = if (0xD800..0xDC00).contains(&code) {
            // A pair of surrogates is one character.
            if self.rest.next()? != '\\' || self.rest.next()? != 'u' {
                return None;
            }
            let low = self.hexadecimal(4)?.checked_sub(0xDC00)?;
            char::from_u32(0x1_0000 + ((code - 0xD800) << 10) + low)?
        } else {
            char::from_u32(code)?
        };
        self.literal(character);
        Some(())
    }

    fn hexadecimal(&mut self, digits: u32) -> Option<u32> {
        let mut code = 0;
        for _ in 0..digits {
            code = code * 16 + self.rest.next()?.to_digit(16)?;
        }
        Some(code)
    }

    fn hexadecimal_until(&mut self, end: char) -> Option<u32> {
        let mut code = 0_u32;
        loop {
            match self.rest.next()? {
                character if character == end => return Some(code),
                character => code = code.checked_mul(16)?.checked_add(character.to_digit(16)?)?,
            }
        }
    }

    /// Behind `\0`: one to three octal digits, at most 377.
    fn octal(&mut self) -> Option<()> {
        let mut code = self.rest.next()?.to_digit(8)?;
        for _ in 0..2 {
            let Some(digit) = self.rest.peek().and_then(|character| character.to_digit(8)) else {
                break;
            };
            if code * 8 + digit > 0o377 {
                break;
            }
            code = code * 8 + digit;
            self.rest.next();
        }
        self.literal(char::from_u32(code)?);
        Some(())
    }
}

/// Java has no other letters in the names of groups.
fn is_group_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|letter| letter.is_ascii_alphanumeric())
}
