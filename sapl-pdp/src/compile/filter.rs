//! `|-`.

use std::mem;

use super::program::{FilterStatement, Node, StepKind};
use super::{Compiled, Compiler, Result, Stratum};
use crate::syntax::Span;
use crate::syntax::tree::{self, Expression, Filter, FilterCall};
use crate::value::{ErrorKind, Value};

impl Compiler<'_> {
    pub(super) fn filter(&mut self, base: &Expression, filter: &Filter, span: Span) -> Result {
        let base = self.expression(base)?;
        match filter {
            Filter::Simple(call) => self.simple(base, call, span),
            Filter::Extended(statements) => self.extended(base, statements, span),
        }
    }

    /// `base |- function(…)` is a call with the base as first argument; with `each` the elements are.
    fn simple(&mut self, base: Compiled, call: &FilterCall, span: Span) -> Result {
        if self.is_constant_error(base) {
            return Ok(base);
        }
        if !call.each {
            let mut arguments = vec![base];
            if let Some(error) = self.arguments(&call.arguments, &mut arguments)? {
                return Ok(error);
            }
            return self.call(&call.name, &arguments, span);
        }
        if matches!(self.value_of(base), Some(Value::Undefined)) {
            return Ok(base);
        }
        let value = self.add(Node::Relative, call.span, Stratum::RELATIVE, 1);
        let mut arguments = vec![value];
        let call = match self.arguments(&call.arguments, &mut arguments)? {
            Some(error) => error,
            None => self.call(&call.name, &arguments, call.span)?,
        };
        let stratum = base.stratum.and(call.stratum.outside());
        let depth = base.depth.max(call.depth).saturating_add(1);
        let node = Node::FilterEach {
            base: base.id,
            call: call.id,
        };
        Ok(self.add(node, span, stratum, depth))
    }

    /// `base |- { @.path: function(…), … }`: statements work one after the other on what the one before left.
    fn extended(&mut self, base: Compiled, statements: &[tree::FilterStatement], span: Span) -> Result {
        let mut base = base;
        let mut pending = Vec::new();
        let (mut stratum, mut depth) = (Stratum::CONSTANT, 0);
        for statement in statements {
            if self.is_constant_error(base) {
                return Ok(base);
            }
            // Without a path, a statement is a filter by itself: `@` in its arguments is that of the outside.
            if statement.target.is_empty() {
                base = self.pending(base, mem::take(&mut pending), stratum, depth, span);
                (stratum, depth) = (Stratum::CONSTANT, 0);
                base = self.simple(base, &statement.call, statement.call.span)?;
                continue;
            }
            let value = self.add(Node::Relative, statement.target_span, Stratum::RELATIVE, 1);
            let call = self.simple(value, &statement.call, statement.call.span)?;
            if self.is_constant_error(call) {
                return Ok(call);
            }
            if call.stratum.has(Stratum::STREAM) {
                return Ok(self.fail(ErrorKind::MisplacedAttribute, statement.call.span));
            }
            let mut path = Vec::with_capacity(statement.target.len());
            let mut dependent = call.stratum.outside();
            depth = depth.max(call.depth);
            for step in &statement.target {
                let (step, on, deep) = self.target_step(step)?;
                dependent = dependent.and(on.outside());
                depth = depth.max(deep);
                path.push(step);
            }
            let statement = FilterStatement {
                path: path.into(),
                call: call.id,
            };
            if pending.is_empty() && base.stratum == Stratum::CONSTANT && dependent == Stratum::CONSTANT {
                let node = Node::Filter {
                    base: base.id,
                    statements: [statement].into(),
                };
                base = self.add(node, span, Stratum::CONSTANT, depth.saturating_add(1));
            } else {
                pending.push(statement);
                stratum = stratum.and(dependent);
            }
        }
        Ok(self.pending(base, pending, stratum, depth, span))
    }

    /// The base with what the statements make of it.
    fn pending(
        &mut self,
        base: Compiled,
        statements: Vec<FilterStatement>,
        stratum: Stratum,
        depth: u16,
        span: Span,
    ) -> Compiled {
        if statements.is_empty() {
            return base;
        }
        // What could not be evaluated before counts as dependent on the subscription, whatever it is made of.
        let stratum = base.stratum.and(stratum).and(Stratum::SUBSCRIPTION);
        let node = Node::Filter {
            base: base.id,
            statements: statements.into(),
        };
        self.add(node, span, stratum, base.depth.max(depth).saturating_add(1))
    }

    /// A step of a target: a computed key that is a constant error is one only where it is reached.
    fn target_step(&mut self, step: &tree::Step) -> Result<(super::program::Step, Stratum, u16)> {
        let expression = match &step.kind {
            tree::StepKind::Computed(expression) | tree::StepKind::Condition(expression) => expression,
            tree::StepKind::Slice {
                from,
                to,
                step: Some(0),
            } => {
                let kind = StepKind::Slice(super::program::Slice {
                    from: *from,
                    to: *to,
                    step: Some(0),
                });
                let id = self.push(Node::Fail(ErrorKind::SliceStepZero), step.span);
                return Ok((super::program::Step { id, kind }, Stratum::CONSTANT, 0));
            }
            _ => {
                return match self.step(step)? {
                    Ok(compiled) => Ok((compiled.step, compiled.stratum, compiled.depth)),
                    Err(_) => self.refuse("this step can't select what a filter works on", step.span),
                };
            }
        };
        let compiled = self.expression(expression)?;
        if compiled.stratum.has(Stratum::STREAM) {
            return self.refuse("the path of a filter can't depend on attributes", step.span);
        }
        let kind = match &step.kind {
            tree::StepKind::Computed(_) => StepKind::Computed(compiled.id),
            _ => StepKind::Condition(compiled.id),
        };
        let id = self.push(Node::Fail(ErrorKind::NestingLimit), step.span);
        Ok((
            super::program::Step { id, kind },
            compiled.stratum,
            compiled.depth,
        ))
    }
}
