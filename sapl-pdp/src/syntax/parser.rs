//! From tokens to the syntax tree.

use std::collections::HashMap;
use std::mem;

use super::lexer::tokenize;
use super::token::{Invalid, Keyword, Token, TokenKind};
use super::tree::{Comment, Document, Identifier, Text};
use super::{Diagnostic, Span};

mod check;
mod document;
mod expression;
mod filter;
mod literal;
mod names;
mod path;
mod recovery;
#[cfg(test)]
mod tests;

pub use literal::{MAX_NUMBER_LENGTH, MAX_NUMBER_SCALE};

/// The largest document that is read, in bytes.
pub const MAX_DOCUMENT_BYTES: usize = 2 * 1024 * 1024;

/// How many brackets, prefix operators and `::` may be open at one place.
pub const MAX_NESTING: u32 = 128;

/// How many levels of operators and brackets an expression may have together.
pub const MAX_TREE_DEPTH: u32 = 288;

/// How many problems of one document are told.
pub const MAX_PROBLEMS: usize = 20;

/// Parses the text of a document.
///
/// ```
/// let document = sapl_pdp::syntax::parse(r#"policy "readers" permit action == "read";"#)?;
/// assert_eq!(&*document.name().value, "readers");
/// # Ok::<(), sapl_pdp::syntax::Diagnostic>(())
/// ```
///
/// # Errors
///
/// The first problem: text that does not follow the grammar, one of the limits of this module, a bidirectional
/// control character, a name of a function that is neither imported nor `library.function`, a second import,
/// variable or policy of one name, an attribute in a schema or in the path of a filter.
pub fn parse(source: &str) -> Result<Document, Diagnostic> {
    let (tokens, comments) = tokens(source)?;
    let mut parser = Parser::new(source, tokens);
    parser.document(comments).map_err(|problem| *problem)
}

/// Parses the text of a document and doesn't end with its first problem: what follows the statement is read all the same.
///
/// ```
/// let problems = sapl_pdp::syntax::parse_all("policy \"a\" permit 1 +; 2; 3 *; obligation {").unwrap_err();
/// let columns: Vec<u32> = problems.iter().map(|problem| problem.column()).collect();
/// assert_eq!(columns, [22, 30, 44]);
/// ```
///
/// # Errors
///
/// What is wrong, as [`parse`] says it; at most [`MAX_PROBLEMS`] problems in the order of the text.
pub fn parse_all(source: &str) -> Result<Document, Vec<Diagnostic>> {
    let (tokens, comments) = tokens(source).map_err(|problem| vec![problem])?;
    let mut parser = Parser::new(source, tokens);
    parser.problems = Some(Vec::new());
    let document = parser.document(comments);
    let mut problems = parser.problems.unwrap_or_default();
    match document {
        Ok(document) if problems.is_empty() => return Ok(document),
        Ok(_) => {}
        Err(problem) => problems.push(*problem),
    }
    problems.sort_by_key(|problem| problem.span().start);
    Err(problems)
}

/// The tokens and comments of a text that is not refused as a whole.
fn tokens(source: &str) -> Result<(Vec<Token>, Vec<Comment>), Diagnostic> {
    if source.len() > MAX_DOCUMENT_BYTES {
        let message = format!(
            "a document may have at most {MAX_DOCUMENT_BYTES} bytes, this one has {}",
            source.len()
        );
        return Err(Diagnostic::new(message, Span::default(), source));
    }
    if let Some((offset, control)) = source
        .char_indices()
        .find(|&(_, character)| is_bidirectional_control(character))
    {
        let message = format!(
            "bidirectional control character U+{:04X}: it can hide what a policy does",
            u32::from(control)
        );
        let start = u32::try_from(offset).unwrap_or(u32::MAX);
        return Err(Diagnostic::new(message, Span::new(start, start + 3), source));
    }
    Ok(tokenize(source))
}

fn is_bidirectional_control(character: char) -> bool {
    matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

type Parsed<T> = Result<T, Box<Diagnostic>>;

struct Parser<'s> {
    source: &'s str,
    /// Closed by an `End`.
    tokens: Vec<Token>,
    position: usize,
    /// How many brackets, prefixes and `::` are open.
    nesting: u32,
    /// How many levels are above what is being parsed.
    depth: u32,
    /// How many levels are below: the height of the highest expression finished since the last `mark`.
    height: u32,
    /// Schemas have rules of their own about names and attributes.
    in_schema: bool,
    /// The library and function behind each imported short name.
    imports: HashMap<Box<str>, (Box<str>, Box<str>)>,
    /// What was found so far; nothing when the first problem is the last.
    problems: Option<Vec<Diagnostic>>,
}

impl<'s> Parser<'s> {
    fn new(source: &'s str, tokens: Vec<Token>) -> Self {
        Self {
            source,
            tokens,
            position: 0,
            nesting: 0,
            depth: 0,
            height: 0,
            in_schema: false,
            imports: HashMap::new(),
            problems: None,
        }
    }
}

impl Parser<'_> {
    fn peek(&self) -> Token {
        self.peek_at(0)
    }

    fn peek_at(&self, offset: usize) -> Token {
        let end = Span::new(self.end_of_source(), self.end_of_source());
        let behind = Token {
            kind: TokenKind::End,
            span: end,
        };
        self.tokens.get(self.position + offset).copied().unwrap_or(behind)
    }

    fn end_of_source(&self) -> u32 {
        u32::try_from(self.source.len()).unwrap_or(u32::MAX)
    }

    fn advance(&mut self) -> Token {
        let token = self.peek();
        self.position += 1;
        token
    }

    /// Where the token ends that was read last.
    fn last_end(&self) -> u32 {
        let last = self
            .position
            .checked_sub(1)
            .and_then(|last| self.tokens.get(last));
        last.map_or(0, |token| token.span.end)
    }

    /// From `start` to the end of the token that was read last.
    fn span_from(&self, start: u32) -> Span {
        Span::new(start, self.last_end())
    }

    fn at(&self, kind: TokenKind) -> bool {
        self.peek().kind == kind
    }

    fn at_keyword(&self, keyword: Keyword) -> bool {
        self.at(TokenKind::Keyword(keyword))
    }

    /// Reads a token of this kind, if it is next.
    fn eat(&mut self, kind: TokenKind) -> bool {
        let found = self.at(kind);
        if found {
            self.position += 1;
        }
        found
    }

    fn eat_keyword(&mut self, keyword: Keyword) -> bool {
        self.eat(TokenKind::Keyword(keyword))
    }

    fn expect(&mut self, kind: TokenKind) -> Parsed<Token> {
        if self.at(kind) {
            return Ok(self.advance());
        }
        let problem = self.expected(&format!("`{}`", kind.text().unwrap_or("text")));
        Err(match kind {
            TokenKind::CloseParenthesis | TokenKind::CloseBracket | TokenKind::Semicolon => {
                self.behind_expression(problem)
            }
            _ => problem,
        })
    }

    /// The problem of what stands behind an expression.
    fn behind_expression(&self, problem: Box<Diagnostic>) -> Box<Diagnostic> {
        if self.at(TokenKind::Assign) {
            return Box::new(problem.with_help("did you mean `==`?"));
        }
        problem
    }

    /// The semicolon of a statement. Where the line ends without one, the problem is there, and not on the line that follows.
    fn end_of_statement(&mut self) -> Parsed<()> {
        let (end, next) = (self.last_end(), self.peek());
        let between = Span::new(end, next.span.start).text(self.source);
        let is_next_line = between.contains('\n') || next.kind == TokenKind::End;
        let is_told_there = matches!(
            next.kind,
            TokenKind::Semicolon | TokenKind::Assign | TokenKind::Invalid(_)
        );
        if is_next_line && !is_told_there {
            return Err(self.error("expected `;` behind this statement", Span::new(end, end)));
        }
        self.expect(TokenKind::Semicolon).map(drop)
    }

    fn expect_keyword(&mut self, keyword: Keyword) -> Parsed<Token> {
        self.expect(TokenKind::Keyword(keyword))
    }

    /// A text literal; `what` it is for stands in the message.
    fn expect_text(&mut self, what: &str) -> Parsed<Text> {
        match self.text_literal() {
            Some(text) => Ok(text),
            None => Err(self.expected(what)),
        }
    }

    fn text_literal(&mut self) -> Option<Text> {
        let token = self.peek();
        if token.kind != TokenKind::Text {
            return None;
        }
        self.position += 1;
        Some(Text {
            span: token.span,
            value: literal::unquote(token.span.text(self.source)),
        })
    }

    /// A name, in backticks or not, or a soft word.
    fn name(&mut self, what: &str) -> Parsed<Identifier> {
        match self.name_if(Keyword::is_name) {
            Some(name) => Ok(name),
            None => Err(self.expected(what)),
        }
    }

    fn name_if(&mut self, allowed: impl Fn(Keyword) -> bool) -> Option<Identifier> {
        let token = self.peek();
        let escaped = match token.kind {
            TokenKind::Word => false,
            TokenKind::Keyword(keyword) if allowed(keyword) => false,
            TokenKind::Escaped => true,
            _ => return None,
        };
        self.position += 1;
        let name = token.span.text(self.source).trim_matches('`').into();
        Some(Identifier {
            span: token.span,
            name,
            escaped,
        })
    }

    fn error(&self, message: impl Into<String>, span: Span) -> Box<Diagnostic> {
        Box::new(Diagnostic::new(message, span, self.source))
    }

    /// The problem that the next token is not `what`.
    #[cold]
    fn expected(&self, what: &str) -> Box<Diagnostic> {
        let token = self.peek();
        let text = token.span.text(self.source);
        let message = match token.kind {
            TokenKind::Invalid(reason) => invalid_message(reason, text),
            TokenKind::End => format!("expected {what}, found the end of the document"),
            TokenKind::Keyword(keyword) => format!("expected {what}, found the keyword `{}`", keyword.text()),
            _ => format!("expected {what}, found `{}`", shortened(text)),
        };
        self.error(message, token.span)
    }

    /// Goes into a bracket, behind a prefix or behind `::`; [`Parser::leave`] comes back.
    fn enter(&mut self) -> Parsed<()> {
        if self.nesting >= MAX_NESTING {
            return Err(self.too_deep(MAX_NESTING));
        }
        self.nesting += 1;
        self.descend()
    }

    fn leave(&mut self) {
        self.nesting -= 1;
        self.ascend();
    }

    /// Goes one level down in the tree, or more; [`Parser::ascend`] comes back.
    fn descend(&mut self) -> Parsed<()> {
        if self.depth >= MAX_TREE_DEPTH {
            return Err(self.too_deep(MAX_TREE_DEPTH));
        }
        self.depth += 1;
        Ok(())
    }

    fn ascend(&mut self) {
        self.depth -= 1;
    }

    /// Begins to measure the height of a new expression; [`Parser::release`] wants what this gives.
    fn mark(&mut self) -> u32 {
        mem::replace(&mut self.height, 0)
    }

    /// Ends measuring what was begun by [`Parser::mark`].
    fn release(&mut self, outer: u32) {
        self.height = self.height.max(outer);
    }

    /// Notes that an expression was built above those parsed since the last mark.
    fn raise(&mut self) -> Parsed<()> {
        self.height += 1;
        if self.height > MAX_TREE_DEPTH {
            return Err(self.too_deep(MAX_TREE_DEPTH));
        }
        Ok(())
    }

    #[cold]
    fn too_deep(&self, limit: u32) -> Box<Diagnostic> {
        self.error(format!("nested more than {limit} levels deep"), self.peek().span)
    }
}

fn invalid_message(reason: Invalid, text: &str) -> String {
    match reason {
        Invalid::Character => match text.chars().next() {
            Some('\'') => "texts are written in double quotes".to_owned(),
            Some(character) if character.is_ascii_graphic() => format!("`{character}` has no meaning here"),
            Some(character) => format!("character U+{:04X} is not allowed here", u32::from(character)),
            None => "a character is not allowed here".to_owned(),
        },
        Invalid::UnterminatedText => "this text has no closing quote".to_owned(),
        Invalid::Escape => {
            r#"this text has an escape that is none of \" \\ \/ \b \f \n \r \t and \u with four digits"#
                .to_owned()
        }
        Invalid::Surrogate => r"this text has a \u escape that is half of a surrogate pair".to_owned(),
        Invalid::EscapedName => "a name in backticks has letters, digits, `_` and `$` only".to_owned(),
        Invalid::UnterminatedComment => "this comment has no closing `*/`".to_owned(),
    }
}

/// At most 40 characters of `text`, for messages.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
