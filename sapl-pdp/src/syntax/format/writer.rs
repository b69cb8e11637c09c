//! Goes through the tokens and comments of a document in the order of its text, so that none is lost.

use std::borrow::Cow;

use super::clings;
use super::layout::Piece;
use crate::syntax::token::{Token, TokenKind};
use crate::syntax::tree::Comment;

pub(super) struct Writer<'s> {
    source: &'s str,
    tokens: Vec<Placed<Token>>,
    comments: Vec<Placed<Comment>>,
    next_token: usize,
    next_comment: usize,
    pieces: Vec<Piece<'s>>,
    /// Comments behind the last token, which belong behind the groups that end with it.
    trailing: Vec<Piece<'s>>,
}

/// A token or comment, and how many line breaks are between it and what is before it.
#[derive(Clone, Copy)]
struct Placed<T> {
    it: T,
    breaks: usize,
}

/// A comment as it is written.
pub(super) fn comment_text(comment: Comment, source: &str) -> Cow<'_, str> {
    let text = comment.span.text(source);
    if !comment.block {
        text.trim_end().into()
    } else if text.contains('\r') {
        text.replace("\r\n", "\n").into()
    } else {
        text.into()
    }
}

impl<'s> Writer<'s> {
    pub(super) fn new(source: &'s str, tokens: Vec<Token>, comments: Vec<Comment>) -> Self {
        let mut placed_tokens = Vec::with_capacity(tokens.len());
        let mut placed_comments = Vec::with_capacity(comments.len());
        let mut comments = comments.into_iter().peekable();
        let mut end = 0;
        let breaks = |end: u32, start: u32| {
            let gap = source.get(end as usize..start as usize).unwrap_or_default();
            gap.bytes().filter(|&byte| byte == b'\n').count()
                + gap
                    .split("\r\n")
                    .map(|part| part.matches('\r').count())
                    .sum::<usize>()
        };
        for token in tokens {
            while let Some(comment) = comments.next_if(|comment| comment.span.start < token.span.start) {
                placed_comments.push(Placed {
                    it: comment,
                    breaks: breaks(end, comment.span.start),
                });
                end = comment.span.end;
            }
            placed_tokens.push(Placed {
                it: token,
                breaks: breaks(end, token.span.start),
            });
            end = token.span.end;
        }
        Self {
            source,
            pieces: Vec::with_capacity(placed_tokens.len() * 3),
            tokens: placed_tokens,
            comments: placed_comments,
            next_token: 0,
            next_comment: 0,
            trailing: Vec::new(),
        }
    }

    pub(super) fn finish(mut self) -> Vec<Piece<'s>> {
        self.pieces.append(&mut self.trailing);
        self.pieces
    }

    pub(super) fn push(&mut self, piece: Piece<'s>) {
        if !matches!(piece, Piece::Close | Piece::Dedent) {
            self.pieces.append(&mut self.trailing);
        }
        self.pieces.push(piece);
    }

    /// Begins a group, behind the comments before it.
    pub(super) fn group(&mut self) {
        self.leading();
        self.push(Piece::Open);
    }

    pub(super) fn space(&mut self) {
        self.push(Piece::Space);
    }

    /// The kind of the next token.
    pub(super) fn next_kind(&self) -> TokenKind {
        self.tokens
            .get(self.next_token)
            .map_or(TokenKind::End, |token| token.it.kind)
    }

    /// Where the next token begins.
    pub(super) fn next_start(&self) -> u32 {
        self.tokens
            .get(self.next_token)
            .map_or(u32::MAX, |token| token.it.span.start)
    }

    /// Writes the next token with the comments around it.
    pub(super) fn token(&mut self) {
        self.leading();
        self.bare_token();
    }

    /// Writes the next tokens with spaces between them.
    pub(super) fn spaced_tokens(&mut self, count: usize) {
        for number in 0..count {
            if number > 0 {
                self.space();
            }
            self.token();
        }
    }

    /// Writes the tokens up to an offset of the source.
    pub(super) fn tokens_to(&mut self, end: u32) {
        while self.next_start() < end {
            let kind = self.next_kind();
            self.token();
            let is_colon = |kind| kind == TokenKind::Colon;
            if kind == TokenKind::Comma || is_colon(kind) && is_colon(self.next_kind()) {
                self.space();
            }
        }
    }

    /// Writes a `,` or `;`. Comments that end the line before it come behind it.
    pub(super) fn separator(&mut self) {
        self.bare_token();
    }

    fn bare_token(&mut self) {
        let Some(token) = self.tokens.get(self.next_token) else {
            return;
        };
        let Token { kind, span } = token.it;
        let text = span.text(self.source).into();
        self.next_token += 1;
        if kind != TokenKind::End {
            self.push(if clings(kind) {
                Piece::Clinging(text)
            } else {
                Piece::Text(text)
            });
            self.trailing();
        }
    }

    /// Writes the comments behind the last token that stand on its line.
    fn trailing(&mut self) {
        let next = self.next_kind();
        let before_separator = matches!(next, TokenKind::Comma | TokenKind::Semicolon);
        while let Some(comment) = self.comment() {
            if comment.breaks > 0 || before_separator && !comment.it.block {
                return;
            }
            // A line may be broken behind it, but need not be.
            let (text, ends_line) = self.take(comment.it);
            let behind = if ends_line {
                Piece::Newline
            } else {
                Piece::SoftSpace
            };
            self.trailing.extend([Piece::Space, Piece::Text(text), behind]);
            if ends_line {
                return;
            }
        }
    }

    /// Writes the comments before the next token.
    pub(super) fn leading(&mut self) {
        while let Some(comment) = self.comment() {
            if comment.breaks > 0 {
                self.push(Piece::Newline);
            }
            self.inline(comment.it);
        }
    }

    /// Begins a new line for a statement and writes the comments before it. A blank line of the source is kept before
    /// it if `keep_blank` says so, and behind a comment.
    pub(super) fn line(&mut self, mut keep_blank: bool) {
        self.push(Piece::Newline);
        while let Some(comment) = self.comment() {
            if comment.breaks > 1 && keep_blank {
                self.push(Piece::Blank);
            } else if comment.breaks > 0 {
                self.push(Piece::Newline);
            }
            self.inline(comment.it);
            keep_blank = true;
        }
        let breaks = self.tokens.get(self.next_token).map_or(0, |token| token.breaks);
        if breaks > 1 && keep_blank {
            self.push(Piece::Blank);
        }
    }

    /// Whether there is a line break between the next token and the one behind it.
    pub(super) fn breaks_behind_next(&self) -> bool {
        let Some(behind) = self.tokens.get(self.next_token + 1) else {
            return false;
        };
        let comments = self.comments.get(self.next_comment..).unwrap_or_default();
        let start = self.next_start();
        behind.breaks > 0
            || comments
                .iter()
                .take_while(|comment| comment.it.span.start < behind.it.span.start)
                .any(|comment| comment.it.span.start > start && comment.breaks > 0)
    }

    /// The next comment, if it is before the next token.
    fn comment(&self) -> Option<Placed<Comment>> {
        let comment = *self.comments.get(self.next_comment)?;
        (comment.it.span.start < self.next_start()).then_some(comment)
    }

    /// Writes the next comment, on the line that has begun.
    fn inline(&mut self, comment: Comment) {
        let (text, ends_line) = self.take(comment);
        let ends_line = ends_line || self.breaks_after_comment();
        self.push(Piece::Space);
        self.push(Piece::Text(text));
        self.push(if ends_line {
            Piece::Newline
        } else {
            Piece::SoftSpace
        });
    }

    /// The text of the next comment, and whether its line ends with it in any case.
    fn take(&mut self, comment: Comment) -> (Cow<'s, str>, bool) {
        self.next_comment += 1;
        let text = comment_text(comment, self.source);
        let ends_line = !comment.block || text.contains('\n');
        (text, ends_line)
    }

    /// Whether there is a line break between the last comment and what is behind it.
    fn breaks_after_comment(&self) -> bool {
        match self.comment() {
            Some(comment) => comment.breaks > 0,
            None => self
                .tokens
                .get(self.next_token)
                .is_some_and(|token| token.breaks > 0),
        }
    }
}
