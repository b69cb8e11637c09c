//! The layout of documents, sets and policies.

use super::layout::Piece;
use super::writer::Writer;
use crate::syntax::token::{Keyword, TokenKind};
use crate::syntax::tree::{
    Document, Expression, Import, Policy, PolicyElement, PolicySet, SchemaStatement, SetAlgorithm, Statement,
    VariableDefinition,
};

impl Writer<'_> {
    pub(super) fn document(&mut self, document: &Document) {
        for (number, import) in document.imports.iter().enumerate() {
            self.line(number > 0);
            self.import(import);
        }
        for (number, schema) in document.schemas.iter().enumerate() {
            self.part(number == 0 && !document.imports.is_empty());
            self.schema(schema);
        }
        self.part(!document.imports.is_empty() || !document.schemas.is_empty());
        match &document.element {
            PolicyElement::Policy(policy) => self.policy(policy),
            PolicyElement::Set(set) => self.set(set),
        }
        // The comments before the end.
        self.line(true);
        self.token();
    }

    /// Begins a statement, with an empty line before it if it begins another part of the document.
    fn part(&mut self, is_other: bool) {
        if is_other {
            self.push(Piece::Blank);
        }
        self.line(true);
    }

    fn import(&mut self, import: &Import) {
        self.token();
        self.space();
        while self.next_start() < import.span.end {
            if self.next_kind() == TokenKind::Keyword(Keyword::As) {
                self.space();
                self.token();
                self.space();
            } else {
                self.token();
            }
        }
    }

    fn schema(&mut self, schema: &SchemaStatement) {
        self.spaced_tokens(if schema.enforced { 3 } else { 2 });
        self.space();
        self.expression(&schema.schema);
    }

    fn set(&mut self, set: &PolicySet) {
        self.spaced_tokens(2);
        self.line(false);
        self.algorithm(set.algorithm);
        if let Some(target) = &set.target {
            self.line(false);
            self.constraint(target);
        }
        for (number, variable) in set.variables.iter().enumerate() {
            self.part(number == 0);
            self.variable(variable);
            self.separator();
        }
        for policy in &set.policies {
            self.part(true);
            self.policy(policy);
        }
    }

    fn algorithm(&mut self, algorithm: SetAlgorithm) {
        let mut is_first = true;
        while self.next_start() < algorithm.span.end {
            if !is_first && !matches!(self.next_kind(), TokenKind::Comma | TokenKind::Dot) {
                self.space();
            }
            is_first = false;
            if self.next_kind() == TokenKind::Comma {
                self.separator();
            } else {
                self.token();
            }
        }
    }

    fn policy(&mut self, policy: &Policy) {
        self.spaced_tokens(2);
        self.line(false);
        self.token();
        self.push(Piece::Indent);
        for (number, statement) in policy.body.iter().enumerate() {
            self.line(number > 0);
            match statement {
                Statement::Variable(variable) => self.variable(variable),
                Statement::Condition(condition) => self.expression(condition),
            }
            self.separator();
        }
        self.push(Piece::Dedent);
        let constraints = policy.obligations.iter().chain(&policy.advice);
        for constraint in constraints.chain(&policy.transform) {
            self.line(false);
            self.constraint(constraint);
        }
    }

    fn variable(&mut self, variable: &VariableDefinition) {
        self.spaced_tokens(3);
        self.space();
        self.expression(&variable.value);
        if variable.schemas.is_empty() {
            return;
        }
        self.space();
        self.token();
        self.space();
        for (number, schema) in variable.schemas.iter().enumerate() {
            if number > 0 {
                self.separator();
                self.space();
            }
            self.expression(schema);
        }
    }

    /// A keyword and what follows it.
    fn constraint(&mut self, expression: &Expression) {
        self.token();
        self.space();
        self.expression(expression);
    }
}
