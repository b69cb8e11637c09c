//! Operators and `::`.

use super::expression::ids;
use super::program::Node;
use super::{Compiled, Compiler, Result, Stratum, over};
use crate::pattern::Pattern;
use crate::syntax::Span;
use crate::syntax::tree::{
    ArithmeticOperator, ArithmeticTerm, ComparisonOperator, Expression, ExpressionKind, LogicalOperator,
    UnaryOperator,
};
use crate::value::{ErrorKind, Value};

impl Compiler<'_> {
    pub(super) fn unary(&mut self, operator: UnaryOperator, operand: &Expression, span: Span) -> Result {
        // Two negations cancel each other, even of what is no boolean.
        if let (
            UnaryOperator::Not,
            ExpressionKind::Unary {
                operator: UnaryOperator::Not,
                operand: inner,
            },
        ) = (operator, &ungrouped(operand).kind)
        {
            return self.expression(inner);
        }
        let operand = self.expression(operand)?;
        if self.is_constant_error(operand) {
            return Ok(operand);
        }
        let node = match operator {
            UnaryOperator::Not => Node::Not(operand.id),
            UnaryOperator::Minus => Node::Minus(operand.id),
            UnaryOperator::Plus => Node::Plus(operand.id),
        };
        let (stratum, depth) = over([operand]);
        Ok(self.add(node, span, stratum, depth))
    }

    pub(super) fn logical(
        &mut self,
        operator: LogicalOperator,
        operands: &[Expression],
        span: Span,
    ) -> Result {
        // As for other operators of two operands, the right one is not looked at behind an error.
        let is_pair = operator == LogicalOperator::Xor && operands.len() == 2;
        let mut compiled = Vec::with_capacity(operands.len());
        for operand in operands {
            let operand = self.expression(operand)?;
            if is_pair && self.is_constant_error(operand) {
                return Ok(operand);
            }
            compiled.push(operand);
        }
        let operands = compiled;
        Ok(match operator {
            LogicalOperator::LazyAnd | LogicalOperator::EagerAnd => self.conjunction(&operands, span),
            LogicalOperator::LazyOr | LogicalOperator::EagerOr => self.kleene(&operands, true, span),
            LogicalOperator::Xor => self.strict(&operands, span, |ids| Node::Xor(ids.into())),
        })
    }

    pub(super) fn conjunction(&mut self, operands: &[Compiled], span: Span) -> Compiled {
        self.kleene(operands, false, span)
    }

    /// A chain of `||`, which `dominating` true wins, or of `&&`, which false wins.
    ///
    /// Constants are dealt with here. What depends on attributes comes last: it may not be needed.
    fn kleene(&mut self, operands: &[Compiled], dominating: bool, span: Span) -> Compiled {
        let mut error = None;
        let mut kept = Vec::with_capacity(operands.len());
        for operand in operands {
            match self.value_of(*operand) {
                None => kept.push(*operand),
                Some(Value::Boolean(value)) if *value == dominating => return *operand,
                Some(Value::Boolean(_)) => {}
                Some(_) if error.is_some() => {}
                Some(Value::Error(_)) => error = Some(*operand),
                Some(other) => {
                    let kind = ErrorKind::Mismatch {
                        expected: "a boolean",
                        found: other.kind(),
                    };
                    error = Some(self.fail(kind, span));
                }
            }
        }
        kept.sort_by_key(|operand| operand.stratum.has(Stratum::STREAM));
        if kept.is_empty() {
            return error.unwrap_or_else(|| self.constant(Value::Boolean(!dominating), span));
        }
        let (stratum, depth) = over(kept.iter().copied());
        let operands: Vec<Compiled> = error.into_iter().chain(kept).collect();
        let operands = ids(&operands);
        let node = if dominating {
            Node::Or(operands)
        } else {
            Node::And(operands)
        };
        self.add(node, span, stratum, depth)
    }

    /// A chain whose operands are all needed and may change places: constants are combined first.
    fn strict(
        &mut self,
        operands: &[Compiled],
        span: Span,
        node: impl Fn(Vec<super::NodeId>) -> Node,
    ) -> Compiled {
        if let Some(error) = operands.iter().find(|operand| self.is_constant_error(**operand)) {
            return *error;
        }
        let (constants, mut rest): (Vec<Compiled>, Vec<Compiled>) = operands
            .iter()
            .partition(|operand| operand.stratum == Stratum::CONSTANT);
        if rest.is_empty() || constants.len() > 1 {
            let list = constants.iter().map(|operand| operand.id).collect();
            let combined = self.add(node(list), span, Stratum::CONSTANT, 1);
            if rest.is_empty() || self.is_constant_error(combined) {
                return combined;
            }
            rest.insert(0, combined);
        } else {
            rest.splice(0..0, constants);
        }
        let (stratum, depth) = over(rest.iter().copied());
        let list = rest.iter().map(|operand| operand.id).collect();
        self.add(node(list), span, stratum, depth)
    }

    pub(super) fn arithmetic(&mut self, first: &Expression, rest: &[ArithmeticTerm], span: Span) -> Result {
        let is_product = |term: &ArithmeticTerm| term.operator == ArithmeticOperator::Multiply;
        if rest.len() > 1 && rest.iter().all(is_product) {
            return self.product(first, rest, span);
        }
        let mut first = self.expression(first)?;
        let mut kept: Vec<(ArithmeticOperator, Compiled)> = Vec::with_capacity(rest.len());
        for term in rest {
            if self.is_constant_error(first) {
                return Ok(first);
            }
            let operand = self.expression(&term.operand)?;
            if self.is_constant_error(operand) {
                return Ok(operand);
            }
            let is_constant = first.stratum.and(operand.stratum) == Stratum::CONSTANT;
            if kept.is_empty() && is_constant {
                first = self.chain(first, &[(term.operator, operand)], span);
            } else {
                kept.push((term.operator, operand));
            }
        }
        if kept.is_empty() {
            return Ok(first);
        }
        Ok(self.chain(first, &kept, span))
    }

    /// Factors may change places.
    fn product(&mut self, first: &Expression, rest: &[ArithmeticTerm], span: Span) -> Result {
        let mut factors = Vec::with_capacity(rest.len() + 1);
        factors.push(self.expression(first)?);
        for term in rest {
            factors.push(self.expression(&term.operand)?);
        }
        Ok(self.strict(&factors, span, |ids| {
            let mut ids = ids.into_iter();
            let first = ids.next().unwrap_or(super::NodeId::NOWHERE);
            let rest = ids.map(|id| (ArithmeticOperator::Multiply, id)).collect();
            Node::Arithmetic { first, rest }
        }))
    }

    fn chain(&mut self, first: Compiled, rest: &[(ArithmeticOperator, Compiled)], span: Span) -> Compiled {
        let (stratum, depth) = over(std::iter::once(first).chain(rest.iter().map(|(_, operand)| *operand)));
        let rest = rest
            .iter()
            .map(|(operator, operand)| (*operator, operand.id))
            .collect();
        let first = first.id;
        self.add(Node::Arithmetic { first, rest }, span, stratum, depth)
    }

    pub(super) fn comparison(
        &mut self,
        operator: ComparisonOperator,
        left: &Expression,
        right: &Expression,
        span: Span,
    ) -> Result {
        let (operator, left) = single_member(operator, left);
        let left = self.expression(left)?;
        if operator == ComparisonOperator::Matches {
            let right = self.expression(right)?;
            return self.matches(left, right, span);
        }
        if self.is_constant_error(left) {
            return Ok(left);
        }
        let right = self.expression(right)?;
        if self.is_constant_error(right) {
            return Ok(right);
        }
        Ok(self.binary(operator, left, right, span))
    }

    fn binary(
        &mut self,
        operator: ComparisonOperator,
        left: Compiled,
        right: Compiled,
        span: Span,
    ) -> Compiled {
        let (stratum, depth) = over([left, right]);
        let node = Node::Comparison {
            operator,
            left: left.id,
            right: right.id,
        };
        self.add(node, span, stratum, depth)
    }

    fn matches(&mut self, left: Compiled, right: Compiled, span: Span) -> Result {
        for operand in [left, right] {
            if self.is_constant_error(operand) {
                return Ok(operand);
            }
        }
        match self.value_of(right) {
            None => Ok(self.binary(ComparisonOperator::Matches, left, right, span)),
            Some(Value::Text(pattern)) if pattern.len() > self.limits.pattern => self.refuse(
                format!(
                    "this regular expression has {} bytes, at most {} are allowed",
                    pattern.len(),
                    self.limits.pattern
                ),
                span,
            ),
            Some(Value::Text(pattern)) => {
                let Ok(pattern) = Pattern::new(pattern) else {
                    return self.refuse(format!("`{pattern}` is no valid regular expression"), span);
                };
                let (stratum, depth) = over([left]);
                let pattern = Box::new(pattern);
                Ok(self.add(
                    Node::Matches {
                        text: left.id,
                        pattern,
                    },
                    span,
                    stratum,
                    depth,
                ))
            }
            Some(other) => {
                let kind = ErrorKind::Mismatch {
                    expected: "a text",
                    found: other.kind(),
                };
                Ok(self.fail(kind, span))
            }
        }
    }

    pub(super) fn subtemplate(&mut self, base: &Expression, template: &Expression, span: Span) -> Result {
        let base = self.expression(base)?;
        let template = self.expression(template)?;
        for operand in [base, template] {
            if self.is_constant_error(operand) {
                return Ok(operand);
            }
        }
        if template.stratum.has(Stratum::STREAM) {
            return Ok(self.fail(ErrorKind::MisplacedAttribute, span));
        }
        if matches!(self.value_of(base), Some(Value::Undefined)) {
            return Ok(base);
        }
        let (_, depth) = over([base, template]);
        let node = Node::Subtemplate {
            base: base.id,
            template: template.id,
        };
        Ok(self.add(node, span, base.stratum.and(template.stratum.outside()), depth))
    }
}

/// `[x] any in y` and `[x] all in y` are `x in y`, also for an undefined `x`.
fn single_member(operator: ComparisonOperator, left: &Expression) -> (ComparisonOperator, &Expression) {
    let inner = ungrouped(left);
    match (&inner.kind, operator) {
        (ExpressionKind::Array(elements), ComparisonOperator::AnyIn | ComparisonOperator::AllIn) => {
            match elements.as_slice() {
                [element] => (ComparisonOperator::In, element),
                _ => (operator, left),
            }
        }
        _ => (operator, left),
    }
}

/// The expression within its parentheses.
fn ungrouped(mut expression: &Expression) -> &Expression {
    while let ExpressionKind::Group(inner) = &expression.kind {
        expression = inner;
    }
    expression
}
