//! Steps of paths, and attributes.

use super::names::Naming;
use super::{Parsed, Parser, TokenKind};
use crate::syntax::tree::{Attribute, Expression, Key, Step, StepKind, Text};

impl Parser<'_> {
    pub(super) fn at_step(&self) -> bool {
        matches!(
            self.peek().kind,
            TokenKind::Dot | TokenKind::DotDot | TokenKind::OpenBracket
        )
    }

    pub(super) fn steps(&mut self) -> Parsed<Vec<Step>> {
        let mut steps = Vec::new();
        while self.at_step() {
            let opening = self.advance();
            let kind = match opening.kind {
                TokenKind::Dot => self.dot_step()?,
                TokenKind::DotDot => self.recursive_step()?,
                _ => self.bracket_step()?,
            };
            steps.push(Step {
                span: self.span_from(opening.span.start),
                kind,
            });
        }
        Ok(steps)
    }

    fn dot_step(&mut self) -> Parsed<StepKind> {
        match self.peek().kind {
            TokenKind::Star => {
                self.advance();
                Ok(StepKind::Wildcard)
            }
            TokenKind::Less | TokenKind::PipeLess => Ok(StepKind::Attribute(self.attribute()?)),
            _ => match self.text_literal() {
                Some(text) => Ok(StepKind::Key(Key::Text(text))),
                None => Ok(StepKind::Key(Key::Name(self.name("a key, `*` or an attribute")?))),
            },
        }
    }

    fn recursive_step(&mut self) -> Parsed<StepKind> {
        if self.eat(TokenKind::Star) {
            return Ok(StepKind::RecursiveWildcard);
        }
        if !self.eat(TokenKind::OpenBracket) {
            return Ok(StepKind::RecursiveKey(Key::Name(self.name("a key, `*` or `[`")?)));
        }
        let kind = if self.eat(TokenKind::Star) {
            StepKind::RecursiveWildcard
        } else if let Some(text) = self.text_literal() {
            StepKind::RecursiveKey(Key::Text(text))
        } else if self.at_integer() {
            StepKind::RecursiveIndex(self.integer()?)
        } else {
            return Err(self.expected("a key in quotes, an integer or `*`"));
        };
        self.expect(TokenKind::CloseBracket)?;
        Ok(kind)
    }

    /// What stands in brackets, and the closing bracket.
    fn bracket_step(&mut self) -> Parsed<StepKind> {
        let kind = match self.peek().kind {
            TokenKind::OpenParenthesis => StepKind::Computed(self.parenthesized()?),
            TokenKind::Question => {
                self.advance();
                StepKind::Condition(self.parenthesized()?)
            }
            _ => self.constant_subscript()?,
        };
        self.expect(TokenKind::CloseBracket)?;
        Ok(kind)
    }

    fn constant_subscript(&mut self) -> Parsed<StepKind> {
        match self.peek().kind {
            TokenKind::Star => {
                self.advance();
                Ok(StepKind::Wildcard)
            }
            TokenKind::Escaped => Ok(StepKind::Key(Key::Name(self.name("a key")?))),
            TokenKind::Text => {
                let first = self.expect_text("a key")?;
                self.keys(first)
            }
            TokenKind::Number | TokenKind::Minus => {
                let first = self.integer()?;
                self.indices(first)
            }
            TokenKind::Colon | TokenKind::Subtemplate => self.slice(None),
            _ => Err(self.expected("a subscript")),
        }
    }

    fn parenthesized(&mut self) -> Parsed<Box<Expression>> {
        self.expect(TokenKind::OpenParenthesis)?;
        let expression = self.nested()?;
        self.expect(TokenKind::CloseParenthesis)?;
        Ok(expression)
    }

    fn keys(&mut self, first: Text) -> Parsed<StepKind> {
        if !self.at(TokenKind::Comma) {
            return Ok(StepKind::Key(Key::Text(first)));
        }
        let mut keys = vec![first];
        while self.eat(TokenKind::Comma) {
            keys.push(self.expect_text("a key in quotes")?);
        }
        Ok(StepKind::KeyUnion(keys))
    }

    fn indices(&mut self, first: i32) -> Parsed<StepKind> {
        match self.peek().kind {
            TokenKind::Colon | TokenKind::Subtemplate => self.slice(Some(first)),
            TokenKind::Comma => {
                let mut indices = vec![first];
                while self.eat(TokenKind::Comma) {
                    indices.push(self.integer()?);
                }
                Ok(StepKind::IndexUnion(indices))
            }
            _ => Ok(StepKind::Index(first)),
        }
    }

    /// `:to:step`, `:to` or `::step`; a step must follow its colon but not `::`.
    fn slice(&mut self, from: Option<i32>) -> Parsed<StepKind> {
        let (mut to, mut step) = (None, None);
        if self.eat(TokenKind::Subtemplate) {
            if self.at_integer() {
                step = Some(self.integer()?);
            }
        } else {
            self.expect(TokenKind::Colon)?;
            if self.at_integer() {
                to = Some(self.integer()?);
            }
            if self.eat(TokenKind::Colon) {
                step = Some(self.integer()?);
            }
        }
        Ok(StepKind::Slice { from, to, step })
    }

    /// `<name(arguments)[options]>` or `|<…>`.
    pub(super) fn attribute(&mut self) -> Parsed<Box<Attribute>> {
        let opening = self.advance();
        if self.in_schema {
            return Err(self.error("attributes are not allowed in schemas", opening.span));
        }
        let name = self.function_name(Naming::Attribute)?;
        let arguments = self.optional_arguments()?;
        let options = self.attribute_options()?;
        let closing = self.expect(TokenKind::Greater)?;
        Ok(Box::new(Attribute {
            span: opening.span.to(closing.span),
            head: opening.kind == TokenKind::PipeLess,
            name: *name,
            arguments,
            options: options.map(|options| *options),
        }))
    }

    fn attribute_options(&mut self) -> Parsed<Option<Box<Expression>>> {
        if !self.eat(TokenKind::OpenBracket) {
            return Ok(None);
        }
        let options = self.nested()?;
        self.expect(TokenKind::CloseBracket)?;
        Ok(Some(options))
    }
}
