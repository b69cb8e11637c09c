//! Documents with operations and fragments, as the specification of October 2021 has them.

use std::cell::Cell;

use num_bigint::BigInt;

use super::lexer::{Kind, Lexer, Token};
use super::tree::{
    Arguments, Definitions, Directive, Document, Fragment, Literal, Operation, Place, Selection,
    SelectionKind, Type, Variable,
};
use crate::value::{Decimal, MAX_DEPTH, Number};

/// The most digits of a number.
const MAX_DIGITS: usize = 1000;

/// Why a text is no document.
pub(super) struct Problem {
    pub(super) message: String,
    /// The token where it ends to make sense, if it is one.
    pub(super) token: Option<String>,
    pub(super) place: Place,
}

/// Reads a document, of which nobody has looked at whether it has operations.
///
/// # Errors
///
/// Where it is none.
pub(super) fn parse(text: &str) -> Parsed<Document> {
    let mut parser = Parser::new(text);
    let mut document = Document {
        operations: Vec::new(),
        fragments: Vec::new(),
        others: Vec::new(),
    };
    loop {
        if !parser.definition(&mut document)? {
            let mut definitions = Definitions::default();
            if !parser.schema_definition(&mut definitions)? {
                return Err(parser.no_definition());
            }
            document.others.extend(named(&definitions));
        }
        if parser.token.kind == Kind::End {
            return Ok(document);
        }
    }
}

/// What is defined, as messages name it.
fn named(definitions: &Definitions) -> Option<String> {
    let of_type = definitions
        .types
        .first()
        .map(|definition| format!("Type '{}'", definition.name));
    let of_directive = definitions.directives.first();
    let of_directive = of_directive.map(|definition| format!("Directive '{}'", definition.name));
    let of_schema = definitions.schemas.first().map(|_| "Schema".to_owned());
    of_type.or(of_directive).or(of_schema)
}

pub(super) struct Parser<'t> {
    text: &'t str,
    lexer: Lexer<'t>,
    pub(super) token: Token<'t>,
    /// Whether a definition was read.
    has_definition: bool,
    /// An offset and its place, from which those behind it are counted.
    counted: Cell<(usize, Place)>,
}

pub(super) type Parsed<T> = Result<T, Problem>;

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        let mut lexer = Lexer::new(text);
        let token = lexer.next();
        Self {
            text,
            lexer,
            token,
            has_definition: false,
            counted: Cell::new((0, Place::FIRST)),
        }
    }

    /// Reads an operation or fragment, if one is next.
    pub(super) fn definition(&mut self, document: &mut Document) -> Parsed<bool> {
        let kind = match (self.token.kind, self.token.text) {
            (Kind::Mark, "{") => {
                let selections = self.selections(0)?;
                document.operations.push(Operation {
                    kind: "query",
                    name: String::new(),
                    variables: Vec::new(),
                    directives: Vec::new(),
                    selections,
                });
                return Ok(self.defined());
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
                let directives = self.directives()?;
                let selections = self.selections(0)?;
                document.fragments.push(Fragment {
                    name,
                    on,
                    directives,
                    selections,
                });
                return Ok(self.defined());
            }
            _ => return Ok(false),
        };
        self.advance();
        let name = if self.token.kind == Kind::Name {
            self.name()?
        } else {
            String::new()
        };
        let variables = self.variables()?;
        let directives = self.directives()?;
        let selections = self.selections(0)?;
        document.operations.push(Operation {
            kind,
            name,
            variables,
            directives,
            selections,
        });
        Ok(self.defined())
    }

    pub(super) const fn defined(&mut self) -> bool {
        self.has_definition = true;
        true
    }

    fn variables(&mut self) -> Parsed<Vec<Variable>> {
        let mut variables = Vec::new();
        if self.eat("(") {
            loop {
                self.mark("$")?;
                let name = self.name()?;
                self.mark(":")?;
                let kind = self.type_name()?;
                variables.push(Variable {
                    name,
                    kind,
                    default: self.default()?,
                    directives: self.directives()?,
                });
                if self.eat(")") {
                    break;
                }
            }
        }
        Ok(variables)
    }

    /// What stands behind `=`, if anything does.
    pub(super) fn default(&mut self) -> Parsed<Option<Literal>> {
        if !self.eat("=") {
            return Ok(None);
        }
        self.value(0, false).map(Some)
    }

    pub(super) fn type_name(&mut self) -> Parsed<Type> {
        let mut lists = 0_u32;
        while self.eat("[") {
            lists += 1;
            if lists > MAX_DEPTH {
                return Err(self.too_deep());
            }
        }
        let mut kind = Type::Named(self.name()?);
        if self.eat("!") {
            kind = Type::NonNull(Box::new(kind));
        }
        for _ in 0..lists {
            self.mark("]")?;
            kind = Type::List(Box::new(kind));
            if self.eat("!") {
                kind = Type::NonNull(Box::new(kind));
            }
        }
        Ok(kind)
    }

    #[inline(never)]
    fn selections(&mut self, depth: u32) -> Parsed<Vec<Selection>> {
        if depth >= MAX_DEPTH {
            return Err(self.too_deep());
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
            let mut alias = None;
            if self.eat(":") {
                alias = Some(std::mem::replace(&mut name, self.name()?));
            }
            let arguments = self.arguments()?;
            SelectionKind::Field {
                alias,
                name,
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

    pub(super) fn directives(&mut self) -> Parsed<Vec<Directive>> {
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
                arguments.push((name, self.value(0, true)?));
                if self.eat(")") {
                    break;
                }
            }
        }
        Ok(arguments)
    }

    /// A value; where it is constant, without variables.
    #[inline(never)]
    fn value(&mut self, depth: u32, has_variables: bool) -> Parsed<Literal> {
        if depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        let token = self.token;
        let value = match (token.kind, token.text) {
            (Kind::Mark, "$") if has_variables => {
                self.advance();
                return self.name().map(Literal::Variable);
            }
            (Kind::Mark, "[") => {
                self.advance();
                let mut elements = Vec::new();
                while !self.eat("]") {
                    elements.push(self.value(depth + 1, has_variables)?);
                }
                return Ok(Literal::List(elements));
            }
            (Kind::Mark, "{") => {
                self.advance();
                let mut members = Vec::new();
                while !self.eat("}") {
                    let name = self.name()?;
                    self.mark(":")?;
                    members.push((name, self.value(depth + 1, has_variables)?));
                }
                return Ok(Literal::Object(members));
            }
            (Kind::Integer, digits) => {
                integer(digits).map(|number| Literal::Integer(digits.to_owned(), number))
            }
            (Kind::Float, text) => {
                let number = text.parse().ok().and_then(Number::from_f64);
                number.map(|number| Literal::Float(text.to_owned(), number))
            }
            (Kind::Text, text) => unescaped(text).map(Literal::Text),
            (Kind::Block, text) => Some(Literal::Text(block(text))),
            (Kind::Name, "true") => Some(Literal::Boolean(true)),
            (Kind::Name, "false") => Some(Literal::Boolean(false)),
            (Kind::Name, "null") => Some(Literal::Null),
            (Kind::Name, name) => Some(Literal::Enum(name.to_owned())),
            _ => None,
        };
        let value = value.ok_or_else(|| self.unexpected())?;
        self.advance();
        Ok(value)
    }

    pub(super) fn name(&mut self) -> Parsed<String> {
        if self.token.kind != Kind::Name {
            return Err(self.unexpected());
        }
        let name = self.token.text.to_owned();
        self.advance();
        Ok(name)
    }

    pub(super) fn word(&mut self, word: &str) -> Parsed<()> {
        if self.token.kind != Kind::Name || self.token.text != word {
            return Err(self.unexpected());
        }
        self.advance();
        Ok(())
    }

    pub(super) fn mark(&mut self, mark: &str) -> Parsed<()> {
        if self.eat(mark) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    pub(super) fn eat(&mut self, mark: &str) -> bool {
        let found = self.token.kind == Kind::Mark && self.token.text == mark;
        if found {
            self.advance();
        }
        found
    }

    pub(super) fn advance(&mut self) {
        self.token = self.lexer.next();
    }

    /// Whether a name or mark is next.
    pub(super) fn is_at(&self, text: &str) -> bool {
        matches!(self.token.kind, Kind::Mark | Kind::Name) && self.token.text == text
    }

    /// The tokens behind the next one.
    pub(super) fn ahead(&self) -> Lexer<'t> {
        self.lexer.clone()
    }

    /// The token behind the next one.
    pub(super) fn second(&self) -> Token<'t> {
        self.ahead().next()
    }

    /// Where the next token stands.
    pub(super) fn place(&self) -> Place {
        let offset = self.token.offset;
        let counted = self.counted.get();
        let (from, mut place) = if counted.0 <= offset {
            counted
        } else {
            (0, Place::FIRST)
        };
        for character in self.text.get(from..offset).unwrap_or_default().chars() {
            place = match character {
                '\n' => Place {
                    line: place.line + 1,
                    column: 1,
                },
                _ => Place {
                    column: place.column + 1,
                    ..place
                },
            };
        }
        self.counted.set((offset, place));
        place
    }

    #[cold]
    pub(super) fn unexpected(&self) -> Problem {
        let (token, place) = (self.shown(), self.place());
        let Place { line, column } = place;
        if self.token.kind == Kind::Unknown {
            let message = format!(
                "Invalid syntax with ANTLR error 'token recognition error at: '{token}'' at line {line} column {column}"
            );
            return Problem {
                message,
                token: None,
                place,
            };
        }
        Problem {
            message: format!("Invalid syntax with offending token '{token}' at line {line} column {column}"),
            token: Some(token),
            place,
        }
    }

    /// Where a definition should begin and none does.
    #[cold]
    pub(super) fn no_definition(&self) -> Problem {
        let problem = self.unexpected();
        match problem.token {
            Some(token) if self.has_definition => Problem {
                message: format!(
                    "Invalid syntax encountered. There are extra tokens in the text that have not been consumed. \
                     Offending token '{token}' at line {} column {}",
                    problem.place.line, problem.place.column
                ),
                token: Some(token),
                place: problem.place,
            },
            _ => problem,
        }
    }

    #[cold]
    fn too_deep(&self) -> Problem {
        Problem {
            message: format!("nested more than {MAX_DEPTH} levels deep"),
            token: None,
            place: self.place(),
        }
    }

    /// The next token, as messages show it.
    fn shown(&self) -> String {
        match self.token.kind {
            Kind::End => "<EOF>".to_owned(),
            _ => self.token.text.chars().take(SHOWN).collect(),
        }
    }
}

/// So many characters of a token are shown in messages.
const SHOWN: usize = 80;

fn integer(digits: &str) -> Option<Number> {
    if digits.len() > MAX_DIGITS {
        return None;
    }
    let digits: BigInt = digits.parse().ok()?;
    Some(Number::from(Decimal { digits, scale: 0 }))
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
            let problem = parse(text)
                .err()
                .map(|problem| problem.message)
                .unwrap_or_default();
            assert!(
                problem.contains(token) && problem.contains(place),
                "{text}: {problem}"
            );
        }
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
