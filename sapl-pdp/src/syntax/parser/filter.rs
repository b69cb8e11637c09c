//! The right side of `|-`.

use super::names::Naming;
use super::{Keyword, Parsed, Parser, TokenKind};
use crate::syntax::tree::{Expression, Filter, FilterCall, FilterStatement, FunctionName, StepKind};

// Boxes and small functions keep the frames small that nest with the expressions inside of a filter.
impl Parser<'_> {
    pub(super) fn filter(&mut self) -> Parsed<Box<Filter>> {
        if self.at(TokenKind::OpenBrace) {
            return self.extended_filter();
        }
        let start = self.peek().span.start;
        let each = self.eat_keyword(Keyword::Each);
        let call = self.filter_call(start, each)?;
        Ok(Box::new(Filter::Simple(*call)))
    }

    fn extended_filter(&mut self) -> Parsed<Box<Filter>> {
        self.advance();
        self.enter()?;
        let mut statements = Vec::new();
        self.filter_statement(&mut statements)?;
        while self.eat(TokenKind::Comma) {
            self.filter_statement(&mut statements)?;
        }
        self.leave();
        self.expect(TokenKind::CloseBrace)?;
        Ok(Box::new(Filter::Extended(statements)))
    }

    fn filter_statement(&mut self, statements: &mut Vec<FilterStatement>) -> Parsed<()> {
        let start = self.peek().span.start;
        let each = self.eat_keyword(Keyword::Each);
        let at = self.expect(TokenKind::At)?.span.start;
        let target = self.steps()?;
        if let Some(step) = target
            .iter()
            .find(|step| matches!(step.kind, StepKind::Attribute(_)))
        {
            return Err(self.error("attributes are not allowed in the path of a filter", step.span));
        }
        let target_span = self.span_from(at);
        self.expect(TokenKind::Colon)?;
        let call = self.filter_call(start, each)?;
        statements.push(FilterStatement {
            target,
            target_span,
            call: *call,
        });
        Ok(())
    }

    fn filter_call(&mut self, start: u32, each: bool) -> Parsed<Box<FilterCall>> {
        let name = self.function_name(Naming::Function)?;
        let arguments = self.optional_arguments()?;
        Ok(self.finished_filter_call(start, each, *name, arguments))
    }

    fn finished_filter_call(
        &self,
        start: u32,
        each: bool,
        name: FunctionName,
        arguments: Vec<Expression>,
    ) -> Box<FilterCall> {
        Box::new(FilterCall {
            span: self.span_from(start),
            each,
            name,
            arguments,
        })
    }
}
