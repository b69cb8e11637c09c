//! The layout of expressions.

use super::layout::Piece;
use super::writer::Writer;
use crate::syntax::token::TokenKind;
use crate::syntax::tree::{
    ArithmeticTerm, Attribute, ComparisonOperator, Expression, ExpressionKind, Filter, FilterCall,
    FilterStatement, FunctionName, Member, Step, StepKind,
};

impl Writer<'_> {
    pub(super) fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Null
            | ExpressionKind::Undefined
            | ExpressionKind::Boolean(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Text(_)
            | ExpressionKind::Name(_)
            | ExpressionKind::Relative
            | ExpressionKind::Location => self.token(),
            ExpressionKind::Array(elements) => self.array(elements),
            ExpressionKind::Object(members) => self.object(members),
            ExpressionKind::Call(call) => {
                self.name(&call.name);
                self.arguments(&call.arguments);
            }
            ExpressionKind::Attribute(attribute) => self.attribute(attribute),
            ExpressionKind::Group(inner) => self.parenthesized(inner),
            ExpressionKind::Path { base, steps } => {
                self.expression(base);
                self.steps(steps);
            }
            ExpressionKind::Unary { operand, .. } => {
                self.token();
                self.expression(operand);
            }
            ExpressionKind::Logical { operands, .. } => self.logical(operands),
            ExpressionKind::Arithmetic { first, rest } => self.arithmetic(first, rest),
            ExpressionKind::Comparison {
                operator,
                left,
                right,
            } => self.comparison(*operator, left, right),
            ExpressionKind::Filter { base, filter } => {
                self.expression(base);
                self.space();
                self.token();
                self.space();
                self.filter(filter);
            }
            ExpressionKind::Subtemplate { base, template } => {
                self.expression(base);
                self.space();
                self.token();
                self.space();
                self.expression(template);
            }
        }
    }

    fn array(&mut self, elements: &[Expression]) {
        if elements.is_empty() {
            return self.empty();
        }
        self.open(Piece::SoftLine, true);
        for (number, element) in elements.iter().enumerate() {
            self.comma(number);
            self.expression(element);
        }
        self.close(Piece::SoftLine);
    }

    fn object(&mut self, members: &[Member]) {
        if members.is_empty() {
            return self.empty();
        }
        self.open(Piece::Line, true);
        for (number, member) in members.iter().enumerate() {
            self.comma(number);
            self.token();
            self.token();
            self.space();
            self.expression(&member.value);
        }
        self.close(Piece::Line);
    }

    fn parenthesized(&mut self, inner: &Expression) {
        self.open(Piece::SoftLine, false);
        self.expression(inner);
        self.close(Piece::SoftLine);
    }

    fn name(&mut self, name: &FunctionName) {
        self.tokens_to(name.span.end);
    }

    /// The arguments with their parentheses, if they are written.
    fn arguments(&mut self, arguments: &[Expression]) {
        if self.next_kind() != TokenKind::OpenParenthesis {
            return;
        }
        match arguments {
            [] => self.empty(),
            [single] if is_bracketed(single) => {
                self.token();
                self.expression(single);
                self.token();
            }
            _ => {
                self.open(Piece::SoftLine, false);
                for (number, argument) in arguments.iter().enumerate() {
                    self.comma(number);
                    self.expression(argument);
                }
                self.close(Piece::SoftLine);
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute) {
        self.token();
        self.name(&attribute.name);
        self.arguments(&attribute.arguments);
        if let Some(options) = &attribute.options {
            self.token();
            self.expression(options);
            self.token();
        }
        self.token();
    }

    fn steps(&mut self, steps: &[Step]) {
        for step in steps {
            match &step.kind {
                StepKind::Computed(inner) => {
                    self.token();
                    self.parenthesized(inner);
                    self.token();
                }
                StepKind::Condition(inner) => {
                    self.token();
                    self.token();
                    self.parenthesized(inner);
                    self.token();
                }
                StepKind::Attribute(attribute) => {
                    self.token();
                    self.attribute(attribute);
                }
                _ => self.tokens_to(step.span.end),
            }
        }
    }

    fn logical(&mut self, operands: &[Expression]) {
        self.group();
        for (number, operand) in operands.iter().enumerate() {
            if number == 1 {
                self.push(Piece::Indent);
            }
            if number > 0 {
                self.push(Piece::Line);
                self.token();
                self.space();
            }
            self.expression(operand);
        }
        self.push(Piece::Dedent);
        self.push(Piece::Close);
    }

    fn arithmetic(&mut self, first: &Expression, rest: &[ArithmeticTerm]) {
        self.group();
        self.expression(first);
        self.push(Piece::Indent);
        for term in rest {
            self.push(Piece::Line);
            self.token();
            self.space();
            self.expression(&term.operand);
        }
        self.push(Piece::Dedent);
        self.push(Piece::Close);
    }

    fn comparison(&mut self, operator: ComparisonOperator, left: &Expression, right: &Expression) {
        use ComparisonOperator as C;
        let words = match operator {
            C::AnyIn | C::AllIn | C::HasAny | C::HasAll => 2,
            _ => 1,
        };
        self.group();
        self.expression(left);
        self.push(Piece::Indent);
        // What has brackets of its own is broken there.
        self.push(if is_bracketed(right) {
            Piece::Space
        } else {
            Piece::Line
        });
        self.spaced_tokens(words);
        self.space();
        if is_bracketed(right) {
            self.push(Piece::Dedent);
            self.expression(right);
        } else {
            self.expression(right);
            self.push(Piece::Dedent);
        }
        self.push(Piece::Close);
    }

    fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::Simple(call) => self.filter_call(call),
            Filter::Extended(statements) => {
                self.open(Piece::Line, true);
                for (number, statement) in statements.iter().enumerate() {
                    self.comma(number);
                    self.filter_statement(statement);
                }
                self.close(Piece::Line);
            }
        }
    }

    fn filter_call(&mut self, call: &FilterCall) {
        if call.each {
            self.token();
            self.space();
        }
        self.name(&call.name);
        self.arguments(&call.arguments);
    }

    fn filter_statement(&mut self, statement: &FilterStatement) {
        if statement.call.each {
            self.token();
            self.space();
        }
        self.token();
        self.steps(&statement.target);
        self.token();
        self.space();
        self.name(&statement.call.name);
        self.arguments(&statement.call.arguments);
    }

    /// Begins a group with an opening bracket. With `as_written`, one behind which the source breaks the line is broken.
    fn open(&mut self, behind: Piece<'static>, as_written: bool) {
        let is_broken = as_written && self.breaks_behind_next();
        self.group();
        self.token();
        self.push(Piece::Indent);
        self.push(if is_broken { Piece::Newline } else { behind });
    }

    /// Ends it. The comments before the closing bracket belong to what is in it.
    fn close(&mut self, before: Piece<'static>) {
        self.leading();
        self.push(Piece::Dedent);
        self.push(before);
        self.token();
        self.push(Piece::Close);
    }

    /// Brackets with nothing in them.
    fn empty(&mut self) {
        self.token();
        self.token();
    }

    fn comma(&mut self, number: usize) {
        if number > 0 {
            self.separator();
            self.push(Piece::Line);
        }
    }
}

fn is_bracketed(expression: &Expression) -> bool {
    matches!(
        expression.kind,
        ExpressionKind::Array(_) | ExpressionKind::Object(_) | ExpressionKind::Group(_)
    )
}
