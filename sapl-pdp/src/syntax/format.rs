//! Documents in their canonical layout.

use super::lexer::tokenize;
use super::token::TokenKind;
use super::{Diagnostic, MAX_DOCUMENT_BYTES, Span, parse};
use writer::Writer;

mod document;
mod expression;
mod layout;
#[cfg(test)]
mod tests;
mod writer;

pub use layout::{INDENT, MAX_INDENT, MAX_WIDTH};

/// Writes a document in the canonical layout.
///
/// Only white space changes, and line comments before a `,` or `;` move behind it. A line has at most [`MAX_WIDTH`]
/// characters where there is a place to break it; arrays and objects with a line break behind their opening bracket
/// stay on several lines; blank lines between statements stay, at most one at a place. The layout of the result is
/// itself.
///
/// ```
/// let text = "policy \"readers\" permit action==\"read\"; // only they\nobligation {\"type\":\"log\"}";
/// assert_eq!(
///     sapl_pdp::syntax::format(text)?,
///     "policy \"readers\"\npermit\n  action == \"read\"; // only they\nobligation { \"type\": \"log\" }\n"
/// );
/// # Ok::<(), sapl_pdp::syntax::Diagnostic>(())
/// ```
///
/// # Errors
///
/// The first problem of a text that does not parse. A document that the layout would make larger than
/// [`MAX_DOCUMENT_BYTES`].
pub fn format(source: &str) -> Result<String, Diagnostic> {
    let document = parse(source)?;
    let (tokens, comments) = tokenize(source);
    let mut writer = Writer::new(source, tokens, comments);
    writer.document(&document);
    let text = layout::render(&writer.finish());
    if text.len() > MAX_DOCUMENT_BYTES {
        let message = "the canonical layout of this document is larger than a document may be";
        return Err(Diagnostic::new(message, Span::default(), source));
    }
    // Who formats files in place must be able to rely on it, whatever this module does.
    if !is_same(source, &text) {
        let message = "this document can't be formatted without changing it";
        return Err(Diagnostic::new(message, Span::default(), source));
    }
    Ok(text)
}

/// Whether two texts have the same tokens and comments.
fn is_same(one: &str, other: &str) -> bool {
    let tokens = |text| tokenize(text).0.into_iter();
    let same_tokens = tokens(one)
        .map(|token| (token.kind, token.span.text(one)))
        .eq(tokens(other).map(|token| (token.kind, token.span.text(other))));
    let comments = |text| tokenize(text).1.into_iter();
    same_tokens
        && comments(one)
            .map(|comment| writer::comment_text(comment, one))
            .eq(comments(other).map(|comment| writer::comment_text(comment, other)))
}

/// Whether the token may stand right behind what is before it, though a comment is between them.
fn clings(kind: TokenKind) -> bool {
    matches!(
        kind,
        TokenKind::CloseParenthesis
            | TokenKind::CloseBracket
            | TokenKind::Semicolon
            | TokenKind::Comma
            | TokenKind::Dot
            | TokenKind::DotDot
            | TokenKind::Colon
    )
}
