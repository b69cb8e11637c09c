//! Reads TOML 1.0.

use super::document::{Document, ROOT};
use crate::function::arguments::Outcome;
use crate::function::time;
use crate::value::{Decimal, ErrorKind, MAX_DEPTH, Number, Value};

pub(super) const INVALID: ErrorKind = ErrorKind::Function("the text is not TOML");

/// The object of a text.
pub(super) fn read<'a>(text: &str) -> Outcome<'a> {
    let mut reader = Reader {
        rest: text,
        document: Document::new(),
    };
    let mut table = ROOT;
    loop {
        reader.skip_lines();
        if reader.rest.is_empty() {
            return Ok(reader.document.value(ROOT));
        }
        if reader.eat("[[") {
            let path = reader.keys()?;
            reader.expect("]]")?;
            table = reader.document.header(path, true)?;
        } else if reader.eat("[") {
            let path = reader.keys()?;
            reader.expect("]")?;
            table = reader.document.header(path, false)?;
        } else {
            reader.member(table)?;
        }
        reader.end_of_line()?;
    }
}

struct Reader<'t> {
    rest: &'t str,
    document: Document,
}

impl Reader<'_> {
    /// Keys, `=` and a value.
    fn member(&mut self, table: usize) -> Result<(), ErrorKind> {
        let mut keys = self.keys()?;
        self.expect("=")?;
        let key = keys.pop().ok_or(INVALID)?;
        let table = self.document.on_the_way(table, &keys)?;
        self.skip_blanks();
        let value = self.value(self.document.depth(table) + 1)?;
        self.document.set(table, key, value)
    }

    fn keys(&mut self) -> Result<Vec<String>, ErrorKind> {
        let mut keys = Vec::new();
        loop {
            self.skip_blanks();
            keys.push(match self.rest.bytes().next() {
                Some(b'"') => self.basic()?,
                Some(b'\'') => self.literal()?,
                _ => self.bare()?,
            });
            self.skip_blanks();
            if !self.eat(".") {
                return Ok(keys);
            }
        }
    }

    fn bare(&mut self) -> Result<String, ErrorKind> {
        let is_bare = |next: char| next.is_ascii_alphanumeric() || matches!(next, '-' | '_');
        let key = self.take(|next| !is_bare(next));
        if key.is_empty() {
            Err(INVALID)
        } else {
            Ok(key.to_owned())
        }
    }

    fn value(&mut self, depth: u32) -> Outcome<'static> {
        if self.rest.starts_with("\"\"\"") {
            return Ok(self.basic_lines()?.into());
        }
        if self.rest.starts_with("'''") {
            return Ok(self.literal_lines()?.into());
        }
        match self.rest.bytes().next() {
            Some(b'"') => Ok(self.basic()?.into()),
            Some(b'\'') => Ok(self.literal()?.into()),
            Some(b'[') => self.array(depth),
            Some(b'{') => self.inline_table(depth),
            _ => self.plain(),
        }
    }

    #[inline(never)]
    fn array(&mut self, depth: u32) -> Outcome<'static> {
        if depth >= MAX_DEPTH {
            return Err(ErrorKind::NestingLimit);
        }
        self.expect("[")?;
        let mut elements = Vec::new();
        loop {
            self.skip_lines();
            if self.eat("]") {
                return Ok(Value::Array(elements.into()));
            }
            elements.push(self.value(depth + 1)?);
            self.skip_lines();
            if !self.eat(",") {
                self.expect("]")?;
                return Ok(Value::Array(elements.into()));
            }
        }
    }

    #[inline(never)]
    fn inline_table(&mut self, depth: u32) -> Outcome<'static> {
        self.expect("{")?;
        let table = self.document.inline(depth)?;
        self.skip_blanks();
        if !self.eat("}") {
            loop {
                self.member(table)?;
                self.skip_blanks();
                if !self.eat(",") {
                    break;
                }
            }
            self.expect("}")?;
        }
        Ok(self.document.value(table))
    }

    /// A boolean, number, date or time.
    fn plain(&mut self) -> Outcome<'static> {
        let is_part = |next: char| next.is_ascii_alphanumeric() || "+-_.:".contains(next);
        let mut word = self.take(|next| !is_part(next)).to_owned();
        // A blank may stand between date and time.
        let has_time = self.rest.strip_prefix(' ').is_some_and(|rest| {
            rest.starts_with(|next: char| next.is_ascii_digit())
                && time::is_date_or_time(&word)
                && word.len() == 10
        });
        if has_time {
            self.eat(" ");
            let time = self.take(|next| !is_part(next));
            word = format!("{word}T{time}");
        }
        match &*word {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            word if time::is_date_or_time(word) => Ok(word.to_uppercase().into()),
            word => number(word).map(Value::Number).ok_or(INVALID),
        }
    }

    fn literal(&mut self) -> Result<String, ErrorKind> {
        self.expect("'")?;
        let text = self.take(|next| next == '\'' || is_control(next)).to_owned();
        self.expect_here("'")?;
        Ok(text)
    }

    fn literal_lines(&mut self) -> Result<String, ErrorKind> {
        self.expect("'''")?;
        self.skip_first_line();
        let end = self.rest.find("'''").ok_or(INVALID)?;
        // Up to two quotes may stand before the three that end the text.
        let more = self.rest.get(end..).unwrap_or_default();
        let quotes = more.len() - more.trim_start_matches('\'').len();
        let (text, rest) = self
            .rest
            .split_at_checked(end + quotes.min(5) - 3)
            .ok_or(INVALID)?;
        if text.contains(|next| is_control(next) && next != '\n' && next != '\r') {
            return Err(INVALID);
        }
        self.rest = rest;
        self.expect_here("'''")?;
        Ok(text.to_owned())
    }

    fn basic(&mut self) -> Result<String, ErrorKind> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            text.push_str(self.take(|next| next == '"' || next == '\\' || is_control(next)));
            match self.next() {
                Some('"') => return Ok(text),
                Some('\\') => text.push(self.escape()?),
                _ => return Err(INVALID),
            }
        }
    }

    fn basic_lines(&mut self) -> Result<String, ErrorKind> {
        self.expect("\"\"\"")?;
        self.skip_first_line();
        let mut text = String::new();
        loop {
            let is_line = |next: char| next == '\n' || next == '\r';
            text.push_str(
                self.take(|next| next == '"' || next == '\\' || is_control(next) && !is_line(next)),
            );
            if self.rest.starts_with("\"\"\"") {
                let quotes = self.rest.len() - self.rest.trim_start_matches('"').len();
                for _ in 3..quotes.min(5) {
                    text.push('"');
                    self.eat("\"");
                }
                self.eat("\"\"\"");
                return Ok(text);
            }
            match self.next() {
                Some('"') => text.push('"'),
                Some('\\') => {
                    let line = self.rest.trim_start_matches([' ', '\t']);
                    if line.starts_with(['\n', '\r']) {
                        self.rest = line.trim_start_matches([' ', '\t', '\n', '\r']);
                    } else {
                        text.push(self.escape()?);
                    }
                }
                _ => return Err(INVALID),
            }
        }
    }

    fn escape(&mut self) -> Result<char, ErrorKind> {
        let digits = match self.next() {
            Some('b') => return Ok('\u{8}'),
            Some('t') => return Ok('\t'),
            Some('n') => return Ok('\n'),
            Some('f') => return Ok('\u{c}'),
            Some('r') => return Ok('\r'),
            Some(character @ ('"' | '\\')) => return Ok(character),
            Some('u') => 4,
            Some('U') => 8,
            _ => return Err(INVALID),
        };
        let mut code = 0_u32;
        for _ in 0..digits {
            let digit = self.next().and_then(|next| next.to_digit(16)).ok_or(INVALID)?;
            code = code.checked_mul(16).ok_or(INVALID)? + digit;
        }
        char::from_u32(code).ok_or(INVALID)
    }

    /// Skips the end of a line right behind opening quotes.
    fn skip_first_line(&mut self) {
        let _ = self.eat("\r\n") || self.eat("\n");
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t']);
    }

    /// Skips blanks, ends of lines and comments.
    fn skip_lines(&mut self) {
        loop {
            self.skip_blanks();
            if self.rest.starts_with('#') {
                self.take(|next| next == '\n');
            } else if !self.eat("\n") && !self.eat("\r\n") {
                return;
            }
        }
    }

    fn end_of_line(&mut self) -> Result<(), ErrorKind> {
        self.skip_blanks();
        if self.rest.starts_with('#') {
            self.take(|next| next == '\n');
        }
        if self.rest.is_empty() || self.eat("\n") || self.eat("\r\n") {
            Ok(())
        } else {
            Err(INVALID)
        }
    }

    /// What stands before a character, or all that is left.
    fn take(&mut self, is_end: impl Fn(char) -> bool) -> &str {
        let end = self.rest.find(is_end).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        self.rest = rest;
        taken
    }

    fn next(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let next = characters.next();
        self.rest = characters.as_str();
        next
    }

    fn expect(&mut self, wanted: &str) -> Result<(), ErrorKind> {
        self.skip_blanks();
        self.expect_here(wanted)
    }

    fn expect_here(&mut self, wanted: &str) -> Result<(), ErrorKind> {
        if self.eat(wanted) { Ok(()) } else { Err(INVALID) }
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let rest = self.rest.strip_prefix(wanted);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

/// A control character that is no tab.
fn is_control(character: char) -> bool {
    character < ' ' && character != '\t' || character == '\u{7f}'
}

/// A number, in which `_` may stand between digits.
fn number(word: &str) -> Option<Number> {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = word.strip_prefix(prefix) {
            let digits = digits_of(digits, |digit| digit.is_digit(radix))?;
            let value = i64::from_str_radix(&digits, radix).ok()?;
            return Some(value.into());
        }
    }
    let (is_negative, unsigned) = match word.strip_prefix(['+', '-']) {
        Some(unsigned) => (word.starts_with('-'), unsigned),
        None => (false, word),
    };
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let decimal = |digits: &str| digits_of(digits, |digit| digit.is_ascii_digit());
    let mut text = decimal(whole)?;
    if text.len() > 1 && text.starts_with('0') {
        return None;
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(&decimal(fraction)?);
    }
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        text.push('e');
        text.push_str(if exponent.starts_with('-') { "-" } else { "" });
        text.push_str(&decimal(digits)?);
    }
    let number = Number::parse(&text)?;
    if !is_negative {
        return Some(number);
    }
    let Decimal { digits, scale } = number.to_decimal();
    Some(Number::from(Decimal {
        digits: -digits,
        scale,
    }))
}

/// Digits without the `_` between them.
fn digits_of(word: &str, is_digit: impl Fn(char) -> bool) -> Option<String> {
    let groups: Vec<&str> = word.split('_').collect();
    let is_sound = |group: &&str| !group.is_empty() && group.chars().all(&is_digit);
    groups.iter().all(is_sound).then(|| groups.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Option<String> {
        read(text).ok().map(|value| value.to_string())
    }

    #[test]
    fn documents_are_read_as_the_specification_has_them() {
        for (text, expected) in [
            ("", "{}"),
            ("a.b.c = 1\na.d = 2 # x\r\n", r#"{"a"={"b"={"c"=1}, "d"=2}}"#),
            ("[a.b]\nc = 1\n[a]\nd = 2", r#"{"a"={"b"={"c"=1}, "d"=2}}"#),
            (
                "[[t]]\nx = 1\n[[t]]\n[t.u]\ny = 2",
                r#"{"t"=[{"x"=1}, {"u"={"y"=2}}]}"#,
            ),
            ("a = [1, [2,\n # c\n 3,],]", r#"{"a"=[1, [2, 3]]}"#),
            ("a = {b.c = 1, \"d e\" = []}", r#"{"a"={"b"={"c"=1}, "d e"=[]}}"#),
            (
                "a = +1_000\nb = 0xff\nc = -1.50\nd = 1e3\ne = -0",
                r#"{"a"=1000, "b"=255, "c"=-1.50, "d"=1E+3, "e"=0}"#,
            ),
            ("a = 100000000000000000000", r#"{"a"=100000000000000000000}"#),
            (
                "a = '''\n'x'''''\nb = \"\"\"\\\n  z\"\"\"\"",
                "{\"a\"=\"'x''\", \"b\"=\"z\"\"}",
            ),
            ("a = \"\\u00e9\\U0001F600\\t\"", "{\"a\"=\"é😀\t\"}"),
            (
                "a = 1979-05-27 07:32:00.5z\nb = 07:32:00\nc = 1979-05-27",
                r#"{"a"="1979-05-27T07:32:00.5Z", "b"="07:32:00", "c"="1979-05-27"}"#,
            ),
        ] {
            assert_eq!(shown(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_is_no_toml_is_an_error() {
        for text in [
            "a",
            "a = ",
            "= 1",
            "a = 1 b = 2",
            "a = 1\na = 2",
            "[a]\n[a]",
            "a = {b = 1}\n[a]",
            "a.b = 1\n[a]",
            "[a.b]\n[a]\nb.c = 1",
            "a = 1\na.b = 2",
            "[[a]]\n[a]",
            "[a]\n[[a]]",
            "a = [1]\n[[a]]",
            "a = {b = 1,}",
            "a = {b = 1\n}",
            "a = 'x\n'",
            "a = \"x\n\"",
            "a = \"\\x\"",
            "a = 01",
            "a = 1__0",
            "a = _1",
            "a = 1_",
            "a = 1.",
            "a = .5",
            "a = 0x",
            "a = 0X1",
            "a = inf",
            "a = nan",
            "a = 1979-13-01",
            "a = 10:15",
            "a = tru",
            "[a",
            "[]",
            "[a.]",
            "a..b = 1",
            "a = \"\"\"x",
            "a = '''x",
            "a = '\u{1}'",
            "a = \"\\ud800\"",
            "[[a]",
            "é = 1",
            "a = {b = 1}\na.c = 2",
            "a = {b = {}, b.c = 1}",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }

    #[test]
    fn nesting_is_read_up_to_its_limit() {
        let depth = MAX_DEPTH as usize;
        let arrays = |levels: usize| read(&format!("a = {}{}", "[".repeat(levels), "]".repeat(levels)));
        assert!(arrays(depth - 1).is_ok());
        assert_eq!(arrays(depth).err(), Some(ErrorKind::NestingLimit));
        let keys = |levels: usize| read(&format!("{}a = 1", "a.".repeat(levels - 1)));
        assert!(keys(depth).is_ok());
        assert_eq!(keys(depth + 1).err(), Some(ErrorKind::NestingLimit));
        for text in ["a = [", "a = {a=", "a.", "[a.", "[[a."] {
            assert!(read(&text.repeat(100_000)).is_err(), "{text}");
        }
    }
}
