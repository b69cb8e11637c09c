//! Paths.

use std::collections::HashSet;

use super::expression::element;
use super::program::{Node, Slice, Step, StepKind};
use super::{Compiled, Compiler, Result, Stratum};
use crate::syntax::Span;
use crate::syntax::tree::{self, Expression, ExpressionKind};
use crate::value::ErrorKind;

/// A step, what it depends on and how deep it is.
pub(super) struct CompiledStep {
    pub(super) step: Step,
    pub(super) stratum: Stratum,
    pub(super) depth: u16,
}

impl Compiler<'_> {
    pub(super) fn path(&mut self, base: &Expression, steps: &[tree::Step], span: Span) -> Result {
        let mut rest = steps.iter();
        let mut compiled = match self.subscription_path(base, &mut rest) {
            Some(compiled) => compiled,
            None => self.expression(base)?,
        };
        let mut pending: Vec<CompiledStep> = Vec::new();
        for step in rest {
            if self.is_constant_error(compiled) {
                // The error is the result, but what a document is refused for may still come.
                self.step(step)?.ok();
                continue;
            }
            match self.step(step)? {
                Ok(step) if pending.is_empty() && compiled.stratum.and(step.stratum) == Stratum::CONSTANT => {
                    compiled = self.steps(compiled, vec![step], span);
                }
                Ok(step) => pending.push(step),
                Err(error) => {
                    compiled = error;
                    pending.clear();
                }
            }
        }
        if pending.is_empty() {
            return Ok(compiled);
        }
        Ok(self.steps(compiled, pending, span))
    }

    fn steps(&mut self, base: Compiled, steps: Vec<CompiledStep>, span: Span) -> Compiled {
        let mut stratum = base.stratum;
        let mut depth = base.depth;
        for step in &steps {
            stratum = stratum.and(step.stratum);
            depth = depth.max(step.depth);
        }
        let steps = steps.into_iter().map(|step| step.step).collect();
        let base = base.id;
        self.add(Node::Path { base, steps }, span, stratum, depth.saturating_add(1))
    }

    /// `subject.key.key`, the most frequent kind of path, as one node.
    fn subscription_path<'t>(
        &mut self,
        base: &Expression,
        rest: &mut std::slice::Iter<'t, tree::Step>,
    ) -> Option<Compiled> {
        let ExpressionKind::Name(name) = &base.kind else {
            return None;
        };
        let element = element(&name.name)?;
        let mut keys = Vec::new();
        let mut span = base.span;
        while let Some(tree::Step {
            kind: tree::StepKind::Key(key),
            span: step,
        }) = rest.as_slice().first()
        {
            keys.push(key.name().into());
            span = span.to(*step);
            rest.next();
        }
        let keys = keys.into_boxed_slice();
        Some(self.add(
            Node::Subscription { element, keys },
            span,
            Stratum::SUBSCRIPTION,
            1,
        ))
    }

    /// A step, or the constant error that stands for the whole path.
    pub(super) fn step(&mut self, step: &tree::Step) -> Result<std::result::Result<CompiledStep, Compiled>> {
        let (mut stratum, mut depth) = (Stratum::CONSTANT, 0);
        let kind = match &step.kind {
            tree::StepKind::Key(key) => StepKind::Key(key.name().into()),
            tree::StepKind::Wildcard => StepKind::Wildcard,
            tree::StepKind::Index(index) => StepKind::Index(*index),
            tree::StepKind::Slice { step: Some(0), .. } => {
                return Ok(Err(self.fail(ErrorKind::SliceStepZero, step.span)));
            }
            tree::StepKind::Slice { from, to, step } => StepKind::Slice(Slice {
                from: *from,
                to: *to,
                step: *step,
            }),
            tree::StepKind::Computed(expression) => {
                let selector = self.expression(expression)?;
                if self.is_constant_error(selector) {
                    return Ok(Err(selector));
                }
                if selector.stratum.has(Stratum::STREAM) {
                    return Ok(Err(self.fail(ErrorKind::MisplacedAttribute, step.span)));
                }
                (stratum, depth) = (selector.stratum, selector.depth);
                StepKind::Computed(selector.id)
            }
            tree::StepKind::Condition(expression) => {
                let condition = self.expression(expression)?;
                if self.is_constant_error(condition) {
                    return Ok(Err(condition));
                }
                if condition.stratum.has(Stratum::STREAM) {
                    return Ok(Err(self.fail(ErrorKind::MisplacedAttribute, step.span)));
                }
                (stratum, depth) = (condition.stratum.outside(), condition.depth);
                StepKind::Condition(condition.id)
            }
            tree::StepKind::IndexUnion(indexes) => StepKind::IndexUnion(indexes.as_slice().into()),
            tree::StepKind::KeyUnion(keys) => {
                let mut seen = HashSet::new();
                let keys = keys.iter().filter(|key| seen.insert(&key.value));
                StepKind::KeyUnion(keys.map(|key| key.value.clone()).collect())
            }
            tree::StepKind::RecursiveKey(key) => StepKind::RecursiveKey(key.name().into()),
            tree::StepKind::RecursiveWildcard => StepKind::RecursiveWildcard,
            tree::StepKind::RecursiveIndex(index) => StepKind::RecursiveIndex(*index),
            tree::StepKind::Attribute(attribute) => {
                let mut arguments = Vec::with_capacity(attribute.arguments.len());
                let access = match self.access(attribute, &mut arguments)? {
                    Ok(access) => access,
                    Err(error) => return Ok(Err(error)),
                };
                (stratum, depth) = super::over(arguments.iter().copied());
                stratum = stratum.and(Stratum::STREAM);
                StepKind::Attribute(Box::new(access))
            }
        };
        let id = self.push(Node::Fail(ErrorKind::NestingLimit), step.span);
        Ok(Ok(CompiledStep {
            step: Step { id, kind },
            stratum,
            depth,
        }))
    }
}
