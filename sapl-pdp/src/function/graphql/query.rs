//! Documents with operations and fragments, as the specification of October 2021 has them.

use num_bigint::BigInt;

use super::lexer::{Kind, Lexer, Token};
use crate::value::{Array, Decimal, MAX_DEPTH, Number, Object, Text, Value};

/// The most digits of a number.
const MAX_DIGITS: usize = 1000;

pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
    pub(super) fragments: Vec<Fragment>,
}

pub(super) struct Operation {
    /// `query`, `mutation` or `subscription`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// The variables that have a default.
    pub(super) variables: Vec<(String, Value<'static>)>,
    pub(super) selections: Vec<Selection>,
}

pub(super) struct Fragment {
    pub(super) name: String,
    pub(super) on: String,
    pub(super) selections: Vec<Selection>,
}

/// One thing that is asked for.
pub(super) struct Selection {
    pub(super) kind: SelectionKind,
    pub(super) directives: Vec<Directive>,
    pub(super) selections: Vec<Selection>,
}

pub(super) enum SelectionKind {
    Field {
        name: String,
        has_alias: bool,
        arguments: Arguments,
    },
    /// A fragment in its place, for a type or for any.
    Inline(Option<String>),
    /// A fragment by its name.
    Spread(String),
}

pub(super) struct Directive {
    pub(super) name: String,
    pub(super) arguments: Arguments,
}

/// Names and values, of which a variable is an object with its name.
pub(super) type Arguments = Vec<(String, Value<'static>)>;

/// Reads a document with at least one operation.
///
/// # Errors
///
/// Where it is none, as a message with the place.
pub(super) fn parse(text: &str) -> Result<Document, String> {
    let mut lexer = Lexer::new(text);
    let token = lexer.next();
    let mut parser = Parser { text, lexer, token };
    let mut document = Document {
        operations: Vec::new(),
        fragments: Vec::new(),
    };
    loop {
        parser.definition(&mut document)?;
        if parser.token.kind == Kind::End {
            break;
        }
    }
    if document.operations.is_empty() {
        return Err("No operation definition found.".to_owned());
    }
    Ok(document)
}

struct Parser<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    token: Token<'t>,
}

type Parsed<T> = Result<T, String>;

impl<'t> Parser<'t> {
    fn definition(&mut self, document: &mut Document) -> Parsed<()> {
        let kind = match (self.token.kind, self.token.text) {
            (Kind::Mark, "{") => {
                let selections = self.selections(0)?;
                document.operations.push(Operation {
                    kind: "query",
                    name: String::new(),
                    variables: Vec::new(),
                    selections,
                });
                return Ok(());
            }
            (Kind::Name, "query") => "query",
            (Kind::Name, "mutation") => "mutation",
            (Kind::Name, "subscription") => "subscription",
            (Kind::Name, "fragment") => {
                self.advance();
                if self.token.text == "on" {
                    return Err(self.unexpected());
                }
                let name = self.name()?;
                self.word("on")?;
                let on = self.name()?;
                self.directives()?;
                let selections = self.selections(0)?;
                document.fragments.push(Fragment { name, on, selections });
                return Ok(());
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        let name = if self.token.kind == Kind::Name {
            self.name()?
        } else {
            String::new()
        };
        let variables = self.variables()?;
        self.directives()?;
        let selections = self.selections(0)?;
        document.operations.push(Operation {
            kind,
            name,
            variables,
            selections,
        });
        Ok(())
    }

    fn variables(&mut self) -> Parsed<Arguments> {
        let mut defaults = Vec::new();
        if self.eat("(") {
            loop {
                self.mark("$")?;
                let name = self.name()?;
                self.mark(":")?;
                self.type_name()?;
                if self.eat("=") {
                    defaults.push((name, self.value(0)?));
                }
                self.directives()?;
                if self.eat(")") {
                    break;
                }
            }
        }
        Ok(defaults)
    }

    fn type_name(&mut self) -> Parsed<()> {
        let mut lists = 0_u32;
        while self.eat("[") {
            lists += 1;
            if lists > MAX_DEPTH {
                return Err(too_deep());
            }
        }
        self.name()?;
        self.eat("!");
        for _ in 0..lists {
            self.mark("]")?;
            self.eat("!");
        }
        Ok(())
    }

    #[inline(never)]
    fn selections(&mut self, depth: u32) -> Parsed<Vec<Selection>> {
        if depth >= MAX_DEPTH {
            return Err(too_deep());
        }
        self.mark("{")?;
        let mut selections = Vec::new();
        loop {
            selections.push(self.selection(depth)?);
            if self.eat("}") {
                return Ok(selections);
            }
        }
    }

    #[inline(never)]
    fn selection(&mut self, depth: u32) -> Parsed<Selection> {
        let kind = if self.eat("...") {
            if self.token.kind == Kind::Name && self.token.text == "on" {
                self.advance();
                SelectionKind::Inline(Some(self.name()?))
            } else if self.token.kind == Kind::Name {
                SelectionKind::Spread(self.name()?)
            } else {
                SelectionKind::Inline(None)
            }
        } else {
            let mut name = self.name()?;
            let has_alias = self.eat(":");
            if has_alias {
                name = self.name()?;
            }
            let arguments = self.arguments()?;
            SelectionKind::Field {
                name,
                has_alias,
                arguments,
            }
        };
        let directives = self.directives()?;
        let has_selections = match kind {
            SelectionKind::Field { .. } => self.token.kind == Kind::Mark && self.token.text == "{",
            SelectionKind::Inline(_) => true,
            SelectionKind::Spread(_) => false,
        };
        let selections = if has_selections {
            self.selections(depth + 1)?
        } else {
            Vec::new()
        };
        Ok(Selection {
            kind,
            directives,
            selections,
        })
    }

    fn directives(&mut self) -> Parsed<Vec<Directive>> {
        let mut directives = Vec::new();
        while self.eat("@") {
            let name = self.name()?;
            let arguments = self.arguments()?;
            directives.push(Directive { name, arguments });
        }
        Ok(directives)
    }

    fn arguments(&mut self) -> Parsed<Arguments> {
        let mut arguments = Vec::new();
        if self.eat("(") {
            loop {
                let name = self.name()?;
                self.mark(":")?;
                arguments.push((name, self.value(0)?));
                if self.eat(")") {
                    break;
                }
            }
        }
        Ok(arguments)
    }

    #[inline(never)]
    fn value(&mut self, depth: u32) -> Parsed<Value<'static>> {
        if depth >= MAX_DEPTH {
            return Err(too_deep());
        }
        let token = self.token;
        let value = match (token.kind, token.text) {
            (Kind::Mark, "$") => {
                self.advance();
                let name = self.name()?;
                return Ok(object(vec![("$variable".to_owned(), name.into())]));
            }
            (Kind::Mark, "[") => {
                self.advance();
                let mut elements = Vec::new();
                while !self.eat("]") {
                    elements.push(self.value(depth + 1)?);
                }
                return Ok(Array::from(elements).into());
            }
            (Kind::Mark, "{") => {
                self.advance();
                let mut members = Vec::new();
                while !self.eat("}") {
                    let name = self.name()?;
                    self.mark(":")?;
                    members.push((name, self.value(depth + 1)?));
                }
                return Ok(object(members));
            }
            (Kind::Integer, digits) => integer(digits),
            (Kind::Float, text) => text.parse().ok().and_then(Number::from_f64).map(Value::Number),
            (Kind::Text, text) => unescaped(text).map(Value::from),
            (Kind::Block, text) => Some(block(text).into()),
            (Kind::Name, "true") => Some(true.into()),
            (Kind::Name, "false") => Some(false.into()),
            (Kind::Name, "null") => Some(Value::Null),
            (Kind::Name, name) => Some(name.to_owned().into()),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(value)
    }

    fn name(&mut self) -> Parsed<String> {
        if self.token.kind != Kind::Name {
            return Err(self.unexpected());
        }
        let name = self.token.text.to_owned();
        self.advance();
        Ok(name)
    }

    fn word(&mut self, word: &str) -> Parsed<()> {
        if self.token.kind != Kind::Name || self.token.text != word {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(())
    }

    fn mark(&mut self, mark: &str) -> Parsed<()> {
        if self.eat(mark) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn eat(&mut self, mark: &str) -> bool {
        let found = self.token.kind == Kind::Mark && self.token.text == mark;
        if found {
            self.advance();
        }
        found
    }

    fn advance(&mut self) {
        self.token = self.lexer.next();
    }

    #[cold]
    fn unexpected(&self) -> String {
        let Token { kind, text, offset } = self.token;
        let before = self.text.get(..offset).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        match kind {
            Kind::Unknown => {
                let text: String = text.chars().take(SHOWN).collect();
                format!(
                    "Invalid syntax with ANTLR error 'token recognition error at: '{text}'' at line {line} column {column}"
                )
            }
            Kind::End => {
                format!("Invalid syntax with offending token '<EOF>' at line {line} column {column}")
            }
            _ => {
                let text: String = text.chars().take(SHOWN).collect();
                format!("Invalid syntax with offending token '{text}' at line {line} column {column}")
            }
        }
    }
}

/// So many characters of a token are shown in messages.
const SHOWN: usize = 80;

fn too_deep() -> String {
    format!("nested more than {MAX_DEPTH} levels deep")
}

fn object(members: Arguments) -> Value<'static> {
    let members = members.into_iter().map(|(name, value)| (Text::from(name), value));
    Value::Object(members.collect::<Object<'static>>())
}

fn integer(digits: &str) -> Option<Value<'static>> {
    if digits.len() > MAX_DIGITS {
        return None;
    }
    let digits: BigInt = digits.parse().ok()?;
    Some(Value::Number(Number::from(Decimal { digits, scale: 0 })))
}

/// The text between quotes.
fn unescaped(quoted: &str) -> Option<String> {
    let mut text = String::new();
    let mut characters = quoted.strip_prefix('"')?.strip_suffix('"')?.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        text.push(match characters.next()? {
            character @ ('"' | '\\' | '/') => character,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let mut unit =
                    || (0..4).try_fold(0, |unit, _| Some(unit * 16 + characters.next()?.to_digit(16)?));
                let first = unit()?;
                if (0xD800..0xDC00).contains(&first) {
                    let escape = (characters.next()?, characters.next()?) == ('\\', 'u');
                    let mut unit =
                        || (0..4).try_fold(0, |unit, _| Some(unit * 16 + characters.next()?.to_digit(16)?));
                    let second = unit().filter(|second| escape && (0xDC00..0xE000).contains(second))?;
                    char::from_u32(0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00))?
                } else {
                    char::from_u32(first)?
                }
            }
            _ => return None,
        });
    }
    Some(text)
}

/// The text between three quotes, without common indentation and empty lines around it.
fn block(quoted: &str) -> String {
    let inner = quoted.get(3..quoted.len().saturating_sub(3)).unwrap_or_default();
    let inner = inner.replace("\\\"\"\"", "\"\"\"");
    let lines: Vec<&str> = inner.lines().collect();
    let is_blank = |line: &str| line.trim_start_matches([' ', '\t']).is_empty();
    let indent_of = |line: &str| line.len() - line.trim_start_matches([' ', '\t']).len();
    let indent = lines
        .iter()
        .skip(1)
        .filter(|line| !is_blank(line))
        .map(|line| indent_of(line))
        .min();
    let indent = indent.unwrap_or(0);
    let cut = |(index, line): (usize, &&str)| {
        let cut = if index == 0 {
            Some(*line)
        } else {
            line.get(indent..)
        };
        cut.unwrap_or_default().to_owned()
    };
    let lines: Vec<String> = lines.iter().enumerate().map(cut).collect();
    let first = lines
        .iter()
        .position(|line| !is_blank(line))
        .unwrap_or(lines.len());
    let last = lines
        .iter()
        .rposition(|line| !is_blank(line))
        .map_or(first, |last| last + 1);
    lines.get(first..last).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_query_is_refused_with_its_place() {
        for (text, token, place) in [
            ("", "'<EOF>'", "line 1 column 1"),
            ("{ }", "'}'", "line 1 column 3"),
            ("{ a(x: ) }", "')'", "line 1 column 8"),
            ("{\n a(\n", "'<EOF>'", "line 3 column 1"),
            ("query Q($a Int) { a }", "'Int'", "line 1 column 12"),
            ("fragment on on T { a }", "'on'", "line 1 column 10"),
            ("{ a ? }", "'?'", "line 1 column 5"),
            ("{ a(x: \"un) }", "'\"un) }'", "line 1 column 8"),
            ("{ ... }", "'}'", "line 1 column 7"),
        ] {
            let problem = parse(text).err().unwrap_or_default();
            assert!(
                problem.contains(token) && problem.contains(place),
                "{text}: {problem}"
            );
        }
        assert!(parse("fragment F on T { a }").is_err());
    }

    #[test]
    fn nesting_is_read_up_to_its_limit() {
        let depth = MAX_DEPTH as usize;
        let fields = |levels: usize| parse(&format!("{}{}", "{a".repeat(levels), "}".repeat(levels))).is_ok();
        assert!(fields(depth) && !fields(depth + 1) && !fields(100_000));
        let values =
            |levels: usize| parse(&format!("{{a(x: {}{})}}", "[".repeat(levels), "]".repeat(levels))).is_ok();
        assert!(values(depth) && !values(depth + 1) && !values(100_000));
    }

    #[test]
    fn texts_are_read_as_written() {
        assert_eq!(
            unescaped(r#""a\"\\\/\né\u00e9\ud83d\ude00""#).as_deref(),
            Some("a\"\\/\néé😀")
        );
        assert_eq!(unescaped(r#""\ud83d""#), None);
        assert_eq!(block("\"\"\"\n  a\n   b \\\"\"\"\n\n\"\"\""), "a\n b \"\"\"");
    }
}
