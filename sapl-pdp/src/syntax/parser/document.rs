//! Documents, sets, policies, statements.

use super::check::{Scope, refuse_second};
use super::{Keyword, Parsed, Parser, TokenKind};
use crate::syntax::tree::{
    Comment, Document, Effect, Expression, Policy, PolicyElement, PolicySet, SchemaStatement, SetAlgorithm,
    Statement, SubscriptionElement, VariableDefinition,
};
use crate::syntax::{DefaultDecision, ErrorHandling, VotingMode};

impl Parser<'_> {
    pub(super) fn document(&mut self, comments: Vec<Comment>) -> Parsed<Document> {
        let imports = self.imports()?;
        let schemas = self.schemas()?;
        let element = if self.at_keyword(Keyword::Set) {
            PolicyElement::Set(self.set()?)
        } else if self.at_keyword(Keyword::Policy) {
            PolicyElement::Policy(self.policy(&Scope::default())?)
        } else if schemas.is_empty() {
            return Err(self.expected("`import`, a schema, `policy` or `set`"));
        } else {
            return Err(self.expected("a schema, `policy` or `set`"));
        };
        if !self.at(TokenKind::End) {
            return Err(self.expected("the end of the document"));
        }
        Ok(Document {
            imports,
            schemas,
            element,
            comments,
        })
    }

    fn schemas(&mut self) -> Parsed<Vec<SchemaStatement>> {
        let mut schemas = Vec::new();
        while let TokenKind::Keyword(keyword) = self.peek().kind {
            let element = match keyword {
                Keyword::Subject => SubscriptionElement::Subject,
                Keyword::Action => SubscriptionElement::Action,
                Keyword::Resource => SubscriptionElement::Resource,
                Keyword::Environment => SubscriptionElement::Environment,
                _ => break,
            };
            let start = self.advance().span.start;
            let enforced = self.eat_keyword(Keyword::Enforced);
            self.expect_keyword(Keyword::Schema)?;
            let schema = self.schema()?;
            schemas.push(SchemaStatement {
                span: self.span_from(start),
                element,
                enforced,
                schema,
            });
        }
        Ok(schemas)
    }

    fn schema(&mut self) -> Parsed<Expression> {
        self.in_schema = true;
        let schema = self.expression()?;
        self.in_schema = false;
        Ok(*schema)
    }

    fn set(&mut self) -> Parsed<PolicySet> {
        let start = self.advance().span.start;
        let name = self.expect_text("the name of the set in quotes")?;
        let algorithm = self.algorithm()?;
        let target = if self.eat_keyword(Keyword::For) {
            Some(*self.expression()?)
        } else {
            None
        };
        let mut scope = Scope::default();
        let mut variables = Vec::new();
        while self.at_keyword(Keyword::Var) {
            let mark = self.before_statement();
            let variable = self.variable_of_set(&mut scope, &mut variables);
            self.statement(mark, variable)?;
        }
        let mut policies: Vec<Policy> = Vec::new();
        loop {
            let mark = self.before_statement();
            match self.policy(&scope) {
                Ok(policy) => policies.push(policy),
                Err(problem) => self.skip_policy(mark, problem)?,
            }
            if !self.at_keyword(Keyword::Policy) {
                break;
            }
        }
        if let Err(problem) = refuse_second(self, &policies) {
            self.note(problem)?;
        }
        Ok(PolicySet {
            span: self.span_from(start),
            name,
            algorithm,
            target,
            variables,
            policies,
        })
    }

    fn variable_of_set(
        &mut self,
        scope: &mut Scope<'_>,
        variables: &mut Vec<VariableDefinition>,
    ) -> Parsed<()> {
        let variable = self.variable()?;
        self.declare(scope, &variable)?;
        variables.push(variable);
        self.end_of_statement()
    }

    fn declare(&mut self, scope: &mut Scope<'_>, variable: &VariableDefinition) -> Parsed<()> {
        match scope.declare(self, variable) {
            Ok(()) => Ok(()),
            Err(problem) => self.note(problem),
        }
    }

    fn algorithm(&mut self) -> Parsed<SetAlgorithm> {
        let start = self.peek().span.start;
        let mode = self.voting_mode()?;
        self.expect_keyword(Keyword::Or)?;
        let default = self.default_decision()?;
        let comma = self.eat(TokenKind::Comma);
        let errors = if comma || self.at_keyword(Keyword::Errors) {
            self.expect_keyword(Keyword::Errors)?;
            Some(self.error_handling()?)
        } else {
            None
        };
        self.eat(TokenKind::Dot);
        Ok(SetAlgorithm {
            span: self.span_from(start),
            mode,
            default,
            errors,
        })
    }

    fn voting_mode(&mut self) -> Parsed<VotingMode> {
        if self.eat_keyword(Keyword::First) {
            Ok(VotingMode::First)
        } else if self.eat_keyword(Keyword::Unique) {
            Ok(VotingMode::Unique)
        } else if self.eat_keyword(Keyword::Unanimous) {
            let strict = self.eat_keyword(Keyword::Strict);
            Ok(if strict {
                VotingMode::UnanimousStrict
            } else {
                VotingMode::Unanimous
            })
        } else if self.eat_keyword(Keyword::Priority) {
            Ok(match self.effect()? {
                Effect::Permit => VotingMode::PriorityPermit,
                Effect::Deny => VotingMode::PriorityDeny,
                Effect::Suspend => VotingMode::PrioritySuspend,
            })
        } else {
            Err(self.expected("`first`, `priority`, `unanimous` or `unique`"))
        }
    }

    fn default_decision(&mut self) -> Parsed<DefaultDecision> {
        if self.eat_keyword(Keyword::Abstain) {
            return Ok(DefaultDecision::Abstain);
        }
        match self.effect_if_any() {
            Some(Effect::Permit) => Ok(DefaultDecision::Permit),
            Some(Effect::Deny) => Ok(DefaultDecision::Deny),
            Some(Effect::Suspend) => Ok(DefaultDecision::Suspend),
            None => Err(self.expected("`deny`, `abstain`, `permit` or `suspend`")),
        }
    }

    fn error_handling(&mut self) -> Parsed<ErrorHandling> {
        if self.eat_keyword(Keyword::Abstain) {
            Ok(ErrorHandling::Abstain)
        } else if self.eat_keyword(Keyword::Propagate) {
            Ok(ErrorHandling::Propagate)
        } else {
            Err(self.expected("`abstain` or `propagate`"))
        }
    }

    fn effect(&mut self) -> Parsed<Effect> {
        match self.effect_if_any() {
            Some(effect) => Ok(effect),
            None => Err(self.expected("`permit`, `deny` or `suspend`")),
        }
    }

    fn effect_if_any(&mut self) -> Option<Effect> {
        let effect = match self.peek().kind {
            TokenKind::Keyword(Keyword::Permit) => Effect::Permit,
            TokenKind::Keyword(Keyword::Deny) => Effect::Deny,
            TokenKind::Keyword(Keyword::Suspend) => Effect::Suspend,
            _ => return None,
        };
        self.advance();
        Some(effect)
    }

    fn policy(&mut self, around: &Scope) -> Parsed<Policy> {
        let start = self.peek().span.start;
        self.expect_keyword(Keyword::Policy)?;
        let name = self.expect_text("the name of the policy in quotes")?;
        let effect = self.effect()?;
        let body = self.body(around)?;
        let obligations = self.constraints(Keyword::Obligation)?;
        let advice = self.constraints(Keyword::Advice)?;
        let transform = if self.eat_keyword(Keyword::Transform) {
            let mark = self.before_statement();
            let mut transform = None;
            let parsed = self.expression().map(|expression| transform = Some(*expression));
            self.statement(mark, parsed)?;
            transform
        } else {
            None
        };
        Ok(Policy {
            span: self.span_from(start),
            name,
            effect,
            body,
            obligations,
            advice,
            transform,
        })
    }

    fn body(&mut self, around: &Scope) -> Parsed<Vec<Statement>> {
        let mut scope = around.inner();
        let mut body = Vec::new();
        while !self.at_end_of_body() {
            let mark = self.before_statement();
            let statement = self.statement_of_body(&mut scope, &mut body);
            self.statement(mark, statement)?;
        }
        Ok(body)
    }

    fn statement_of_body(&mut self, scope: &mut Scope<'_>, body: &mut Vec<Statement>) -> Parsed<()> {
        if self.at_keyword(Keyword::Var) {
            let variable = self.variable()?;
            self.declare(scope, &variable)?;
            body.push(Statement::Variable(variable));
        } else {
            body.push(Statement::Condition(*self.expression()?));
        }
        self.end_of_statement()
    }

    fn at_end_of_body(&self) -> bool {
        match self.peek().kind {
            TokenKind::Keyword(keyword) => {
                matches!(
                    keyword,
                    Keyword::Policy | Keyword::Obligation | Keyword::Advice | Keyword::Transform
                )
            }
            kind => kind == TokenKind::End,
        }
    }

    fn constraints(&mut self, keyword: Keyword) -> Parsed<Vec<Expression>> {
        let mut constraints = Vec::new();
        while self.eat_keyword(keyword) {
            let mark = self.before_statement();
            let constraint = self.expression().map(|constraint| constraints.push(*constraint));
            self.statement(mark, constraint)?;
        }
        Ok(constraints)
    }

    fn variable(&mut self) -> Parsed<VariableDefinition> {
        let start = self.advance().span.start;
        let name = match self.name_if(Keyword::is_declarable) {
            Some(name) => name,
            None => return Err(self.expected("the name of a variable")),
        };
        self.expect(TokenKind::Assign)?;
        let value = *self.expression()?;
        let mut schemas = Vec::new();
        if self.eat_keyword(Keyword::Schema) {
            schemas.push(self.schema()?);
            while self.eat(TokenKind::Comma) {
                schemas.push(self.schema()?);
            }
        }
        Ok(VariableDefinition {
            span: self.span_from(start),
            name,
            value,
            schemas,
        })
    }
}
