//! Expressions, by precedence climbing.

use super::names::Naming;
use super::{Keyword, Parsed, Parser, Token, TokenKind};
use crate::syntax::tree::{
    ArithmeticOperator, ArithmeticTerm, Call, ComparisonOperator, Expression, ExpressionKind, Key,
    LogicalOperator, Member, UnaryOperator,
};

/// How tightly an operator binds; the loosest comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Level {
    LazyOr,
    LazyAnd,
    EagerOr,
    Xor,
    EagerAnd,
    Equality,
    Has,
    Comparison,
    Sum,
    Product,
    Prefix,
}

impl Level {
    /// The next tighter level, at which the right operands stand.
    const fn tighter(self) -> Self {
        match self {
            Self::LazyOr => Self::LazyAnd,
            Self::LazyAnd => Self::EagerOr,
            Self::EagerOr => Self::Xor,
            Self::Xor => Self::EagerAnd,
            Self::EagerAnd => Self::Equality,
            Self::Equality => Self::Has,
            Self::Has => Self::Comparison,
            Self::Comparison => Self::Sum,
            Self::Sum => Self::Product,
            Self::Product | Self::Prefix => Self::Prefix,
        }
    }
}

#[derive(Clone, Copy)]
enum Infix {
    Logical(LogicalOperator),
    Arithmetic,
    Comparison(ComparisonOperator),
}

// Expressions travel in boxes: whatever nests, the frames of its recursion stay small.
impl Parser<'_> {
    pub(super) fn expression(&mut self) -> Parsed<Box<Expression>> {
        self.operators(Level::LazyOr)
    }

    /// An expression inside of a bracket.
    pub(super) fn nested(&mut self) -> Parsed<Box<Expression>> {
        self.enter()?;
        let expression = self.operators(Level::LazyOr)?;
        self.leave();
        Ok(expression)
    }

    /// An expression of operators that bind at least as tightly as `loosest`.
    fn operators(&mut self, loosest: Level) -> Parsed<Box<Expression>> {
        let outer = self.mark();
        let mut expression = self.prefixed()?;
        if self.infix().is_some() {
            expression = self.infixed(expression, loosest)?;
        }
        self.release(outer);
        Ok(expression)
    }

    /// The operators behind `left`, and what they are applied to.
    fn infixed(&mut self, mut left: Box<Expression>, loosest: Level) -> Parsed<Box<Expression>> {
        // A level is read as a whole, so behind it only looser ones can follow.
        let mut last = None;
        while let Some((level, infix, width)) = self.infix() {
            if level < loosest || last.is_some_and(|last| level >= last) {
                break;
            }
            left = match infix {
                Infix::Logical(operator) => self.logical_chain(*left, operator, level)?,
                Infix::Arithmetic => self.arithmetic_chain(left, level)?,
                Infix::Comparison(operator) => self.comparison(left, operator, level, width)?,
            };
            self.raise()?;
            last = Some(level);
        }
        Ok(left)
    }

    /// The operator that is next, its level and how many tokens it has.
    fn infix(&self) -> Option<(Level, Infix, usize)> {
        use ComparisonOperator as C;
        use LogicalOperator as L;
        let next = |keyword| self.peek_at(1).kind == TokenKind::Keyword(keyword);
        let (level, infix, width) = match self.peek().kind {
            TokenKind::LazyOr => (Level::LazyOr, Infix::Logical(L::LazyOr), 1),
            TokenKind::LazyAnd => (Level::LazyAnd, Infix::Logical(L::LazyAnd), 1),
            TokenKind::EagerOr => (Level::EagerOr, Infix::Logical(L::EagerOr), 1),
            TokenKind::Xor => (Level::Xor, Infix::Logical(L::Xor), 1),
            TokenKind::EagerAnd => (Level::EagerAnd, Infix::Logical(L::EagerAnd), 1),
            TokenKind::Equal => (Level::Equality, Infix::Comparison(C::Equal), 1),
            TokenKind::NotEqual => (Level::Equality, Infix::Comparison(C::NotEqual), 1),
            TokenKind::Matches => (Level::Equality, Infix::Comparison(C::Matches), 1),
            TokenKind::Keyword(Keyword::Has) => match () {
                () if next(Keyword::Any) => (Level::Has, Infix::Comparison(C::HasAny), 2),
                () if next(Keyword::All) => (Level::Has, Infix::Comparison(C::HasAll), 2),
                () => (Level::Has, Infix::Comparison(C::Has), 1),
            },
            TokenKind::Less => (Level::Comparison, Infix::Comparison(C::Less), 1),
            TokenKind::LessOrEqual => (Level::Comparison, Infix::Comparison(C::LessOrEqual), 1),
            TokenKind::Greater => (Level::Comparison, Infix::Comparison(C::Greater), 1),
            TokenKind::GreaterOrEqual => (Level::Comparison, Infix::Comparison(C::GreaterOrEqual), 1),
            TokenKind::Keyword(Keyword::In) => (Level::Comparison, Infix::Comparison(C::In), 1),
            TokenKind::Keyword(Keyword::Any) => (Level::Comparison, Infix::Comparison(C::AnyIn), 2),
            TokenKind::Keyword(Keyword::All) => (Level::Comparison, Infix::Comparison(C::AllIn), 2),
            TokenKind::Plus | TokenKind::Minus => (Level::Sum, Infix::Arithmetic, 1),
            TokenKind::Star | TokenKind::Slash | TokenKind::Percent => (Level::Product, Infix::Arithmetic, 1),
            _ => return None,
        };
        Some((level, infix, width))
    }

    fn operand(&mut self, level: Level) -> Parsed<Box<Expression>> {
        self.descend()?;
        let operand = self.operators(level.tighter())?;
        self.ascend();
        Ok(operand)
    }

    fn logical_chain(
        &mut self,
        left: Expression,
        operator: LogicalOperator,
        level: Level,
    ) -> Parsed<Box<Expression>> {
        let start = left.span.start;
        let token = self.peek().kind;
        let mut operands = vec![left];
        while self.eat(token) {
            operands.push(*self.operand(level)?);
        }
        Ok(self.finished(start, ExpressionKind::Logical { operator, operands }))
    }

    fn arithmetic_chain(&mut self, first: Box<Expression>, level: Level) -> Parsed<Box<Expression>> {
        let start = first.span.start;
        let mut rest = Vec::new();
        while let Some(operator) = arithmetic(self.peek(), level) {
            self.advance();
            rest.push(ArithmeticTerm {
                operator,
                operand: *self.operand(level)?,
            });
        }
        Ok(self.finished(start, ExpressionKind::Arithmetic { first, rest }))
    }

    fn comparison(
        &mut self,
        left: Box<Expression>,
        operator: ComparisonOperator,
        level: Level,
        width: usize,
    ) -> Parsed<Box<Expression>> {
        self.position += width;
        if width == 2 && level == Level::Comparison {
            // `any` or `all` was read together with what must be its `in`.
            self.position -= 1;
            self.expect_keyword(Keyword::In)?;
        }
        let right = self.operand(level)?;
        Ok(self.finished(
            left.span.start,
            ExpressionKind::Comparison {
                operator,
                left,
                right,
            },
        ))
    }

    fn prefixed(&mut self) -> Parsed<Box<Expression>> {
        let operator = match self.peek().kind {
            TokenKind::Not => UnaryOperator::Not,
            TokenKind::Minus => UnaryOperator::Minus,
            TokenKind::Plus => UnaryOperator::Plus,
            _ => return self.basic(),
        };
        let start = self.advance().span.start;
        self.enter()?;
        let operand = self.prefixed()?;
        self.leave();
        self.raise()?;
        Ok(self.finished(start, ExpressionKind::Unary { operator, operand }))
    }

    /// A path, maybe filtered or mapped.
    fn basic(&mut self) -> Parsed<Box<Expression>> {
        let mut expression = self.primary()?;
        if self.at_step() {
            expression = self.stepped(expression)?;
        }
        match self.peek().kind {
            TokenKind::Filter => self.filtered(expression),
            TokenKind::Subtemplate => self.mapped(expression),
            _ => Ok(expression),
        }
    }

    fn stepped(&mut self, base: Box<Expression>) -> Parsed<Box<Expression>> {
        let steps = self.steps()?;
        self.raise()?;
        Ok(self.finished(base.span.start, ExpressionKind::Path { base, steps }))
    }

    fn filtered(&mut self, base: Box<Expression>) -> Parsed<Box<Expression>> {
        self.advance();
        let filter = self.filter()?;
        self.raise()?;
        Ok(self.finished(base.span.start, ExpressionKind::Filter { base, filter }))
    }

    fn mapped(&mut self, base: Box<Expression>) -> Parsed<Box<Expression>> {
        self.advance();
        self.enter()?;
        let template = self.basic()?;
        self.leave();
        self.raise()?;
        Ok(self.finished(base.span.start, ExpressionKind::Subtemplate { base, template }))
    }

    fn primary(&mut self) -> Parsed<Box<Expression>> {
        match self.peek().kind {
            TokenKind::OpenParenthesis => self.group(),
            TokenKind::OpenBracket => self.array(),
            TokenKind::OpenBrace => self.object(),
            TokenKind::Less | TokenKind::PipeLess => self.environment_attribute(),
            _ if self.at_call() => self.call(),
            _ => self.leaf(),
        }
    }

    /// An expression from `start` to the token that was read last.
    fn finished(&self, start: u32, kind: ExpressionKind) -> Box<Expression> {
        Box::new(Expression {
            span: self.span_from(start),
            kind,
        })
    }

    fn leaf(&mut self) -> Parsed<Box<Expression>> {
        let token = self.peek();
        let kind = match token.kind {
            TokenKind::Number => ExpressionKind::Number(self.number()?),
            TokenKind::Text => ExpressionKind::Text(self.expect_text("a text")?.value),
            _ => match constant(token.kind) {
                Some(kind) => {
                    self.advance();
                    kind
                }
                None => ExpressionKind::Name(self.name("an expression")?),
            },
        };
        Ok(self.finished(token.span.start, kind))
    }

    fn group(&mut self) -> Parsed<Box<Expression>> {
        let start = self.advance().span.start;
        let inner = self.nested()?;
        self.raise()?;
        self.expect(TokenKind::CloseParenthesis)?;
        Ok(self.finished(start, ExpressionKind::Group(inner)))
    }

    fn array(&mut self) -> Parsed<Box<Expression>> {
        let start = self.advance().span.start;
        let items = self.list(TokenKind::CloseBracket)?;
        self.raise()?;
        Ok(self.finished(start, ExpressionKind::Array(items)))
    }

    fn object(&mut self) -> Parsed<Box<Expression>> {
        let start = self.advance().span.start;
        let mut members = Vec::new();
        while !self.eat(TokenKind::CloseBrace) {
            if !members.is_empty() {
                self.expect_either(TokenKind::Comma, TokenKind::CloseBrace)?;
            }
            members.push(self.member()?);
        }
        self.raise()?;
        Ok(self.finished(start, ExpressionKind::Object(members)))
    }

    fn member(&mut self) -> Parsed<Member> {
        let key = match self.text_literal() {
            Some(text) => Key::Text(text),
            None => Key::Name(self.name("a key")?),
        };
        self.expect(TokenKind::Colon)?;
        let value = *self.nested()?;
        Ok(Member { key, value })
    }

    fn environment_attribute(&mut self) -> Parsed<Box<Expression>> {
        let start = self.peek().span.start;
        let attribute = self.attribute()?;
        self.raise()?;
        Ok(self.finished(start, ExpressionKind::Attribute(attribute)))
    }

    fn call(&mut self) -> Parsed<Box<Expression>> {
        let start = self.peek().span.start;
        let name = self.function_name(Naming::Function)?;
        let arguments = self.optional_arguments()?;
        self.raise()?;
        Ok(self.finished(
            start,
            ExpressionKind::Call(Box::new(Call {
                name: *name,
                arguments,
            })),
        ))
    }

    /// `(…, …)`, or nothing.
    pub(super) fn optional_arguments(&mut self) -> Parsed<Vec<Expression>> {
        if self.eat(TokenKind::OpenParenthesis) {
            self.list(TokenKind::CloseParenthesis)
        } else {
            Ok(Vec::new())
        }
    }

    /// Expressions with commas between them, and `close`.
    fn list(&mut self, close: TokenKind) -> Parsed<Vec<Expression>> {
        let mut items = Vec::new();
        while !self.eat(close) {
            if !items.is_empty() {
                self.expect_either(TokenKind::Comma, close)?;
            }
            items.push(*self.nested()?);
        }
        Ok(items)
    }

    /// Reads `wanted`; the message names `other` as well.
    fn expect_either(&mut self, wanted: TokenKind, other: TokenKind) -> Parsed<()> {
        if self.eat(wanted) {
            return Ok(());
        }
        let text = |kind: TokenKind| kind.text().unwrap_or_default();
        let problem = self.expected(&format!("`{}` or `{}`", text(wanted), text(other)));
        Err(self.behind_expression(problem))
    }
}

fn constant(token: TokenKind) -> Option<ExpressionKind> {
    Some(match token {
        TokenKind::Keyword(Keyword::Null) => ExpressionKind::Null,
        TokenKind::Keyword(Keyword::Undefined) => ExpressionKind::Undefined,
        TokenKind::Keyword(Keyword::True) => ExpressionKind::Boolean(true),
        TokenKind::Keyword(Keyword::False) => ExpressionKind::Boolean(false),
        TokenKind::At => ExpressionKind::Relative,
        TokenKind::Hash => ExpressionKind::Location,
        _ => return None,
    })
}

fn arithmetic(token: Token, level: Level) -> Option<ArithmeticOperator> {
    match (token.kind, level) {
        (TokenKind::Plus, Level::Sum) => Some(ArithmeticOperator::Add),
        (TokenKind::Minus, Level::Sum) => Some(ArithmeticOperator::Subtract),
        (TokenKind::Star, Level::Product) => Some(ArithmeticOperator::Multiply),
        (TokenKind::Slash, Level::Product) => Some(ArithmeticOperator::Divide),
        (TokenKind::Percent, Level::Product) => Some(ArithmeticOperator::Remainder),
        _ => None,
    }
}
