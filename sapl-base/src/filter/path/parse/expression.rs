//! Filters: logical expressions, comparisons and functions (RFC 9535, section 2.3.5 and 2.4).

use serde_json::Value;

use super::{Parsed, Parser, literal};
use crate::filter::path::tree::{Comparison, Logical, Matches, Operand, Operator, Pattern, Query};

/// What may stand on one side of a comparison, or alone as a test.
enum Term {
    Operand(Operand),
    /// A query that may select several nodes.
    Query(Query),
    /// A function that says yes or no.
    Test(Logical),
}

impl Parser<'_> {
    pub(super) fn logical(&mut self) -> Parsed<Logical> {
        self.operands("||", Self::conjunction, Logical::Or)
    }

    fn conjunction(&mut self) -> Parsed<Logical> {
        self.operands("&&", Self::basic, Logical::And)
    }

    fn operands(
        &mut self,
        operator: &str,
        read: fn(&mut Self) -> Parsed<Logical>,
        join: fn(Vec<Logical>) -> Logical,
    ) -> Parsed<Logical> {
        let first = read(self)?;
        let mut operands = vec![first];
        loop {
            let before = self.rest;
            self.skip_space();
            if !self.take(operator) {
                self.rest = before;
                return Ok(if operands.len() == 1 {
                    operands.remove(0)
                } else {
                    join(operands)
                });
            }
            self.skip_space();
            operands.push(read(self)?);
        }
    }

    /// A parenthesis, a comparison or a test.
    fn basic(&mut self) -> Parsed<Logical> {
        let negated = self.take("!");
        if negated {
            self.skip_space();
        }
        let logical = if self.take("(") {
            self.skip_space();
            let inner = self.nested(Self::logical)?;
            self.skip_space();
            self.expect(')')?;
            inner
        } else {
            let term = self.term()?;
            match self.operator() {
                Some(operator) if !negated => {
                    let left = self.comparable(term)?;
                    self.skip_space();
                    let right = self.term()?;
                    let right = self.comparable(right)?;
                    Logical::Comparison(Box::new(Comparison {
                        left,
                        operator,
                        right,
                    }))
                }
                Some(_) => return Err(self.error("no comparison behind `!`")),
                None => self.test(term)?,
            }
        };
        Ok(if negated {
            Logical::Not(Box::new(logical))
        } else {
            logical
        })
    }

    /// A comparison operator, if there is one behind white space.
    fn operator(&mut self) -> Option<Operator> {
        const OPERATORS: [(&str, Operator); 6] = [
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        let before = self.rest;
        self.skip_space();
        let found = OPERATORS.into_iter().find(|(token, _)| self.take(token));
        if found.is_none() {
            self.rest = before;
        }
        found.map(|(_, operator)| operator)
    }

    fn term(&mut self) -> Parsed<Term> {
        match self.peek() {
            Some('\'' | '"') => Ok(Term::Operand(Operand::Literal(Value::String(self.string()?)))),
            Some('-' | '0'..='9') => Ok(Term::Operand(Operand::Literal(self.number()?))),
            Some('@' | '$') => {
                let query = self.query()?;
                Ok(if query.is_singular() {
                    Term::Operand(Operand::Query(query))
                } else {
                    Term::Query(query)
                })
            }
            Some('a'..='z') => self.word(),
            _ => Err(self.error("a literal, a query, a function or a parenthesis")),
        }
    }

    fn query(&mut self) -> Parsed<Query> {
        let from_root = self.take("$");
        if !from_root {
            self.expect('@')?;
        }
        let segments = self.segments()?;
        Ok(Query { from_root, segments })
    }

    /// `true`, `false`, `null` or a function.
    fn word(&mut self) -> Parsed<Term> {
        let end = self.rest.find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_'));
        let Some((word, rest)) = self.rest.split_at_checked(end.unwrap_or(self.rest.len())) else {
            return Err(self.error("a word"));
        };
        let literal = match word {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "null" => Value::Null,
            _ if rest.starts_with('(') && is_function(word) => {
                self.rest = rest;
                return self.nested(|parser| parser.function(word));
            }
            _ => return Err(self.error("`true`, `false`, `null` or a function of RFC 9535")),
        };
        self.rest = rest;
        Ok(Term::Operand(Operand::Literal(literal)))
    }

    fn function(&mut self, name: &str) -> Parsed<Term> {
        self.expect('(')?;
        self.skip_space();
        let term = match name {
            "length" => Term::Operand(Operand::Length(Box::new(self.value_argument()?))),
            "count" => Term::Operand(Operand::Count(self.nodes_argument()?)),
            "value" => Term::Operand(Operand::Value(self.nodes_argument()?)),
            _ => {
                let whole = name == "match";
                let text = self.value_argument()?;
                self.skip_space();
                self.expect(',')?;
                self.skip_space();
                let pattern = match self.value_argument()? {
                    Operand::Literal(Value::String(pattern)) => {
                        Pattern::Compiled(literal::pattern(&pattern, whole)?)
                    }
                    computed => Pattern::Computed(computed),
                };
                Term::Test(Logical::Matches(Box::new(Matches { text, pattern, whole })))
            }
        };
        self.skip_space();
        self.expect(')')?;
        Ok(term)
    }

    fn value_argument(&mut self) -> Parsed<Operand> {
        let term = self.term()?;
        self.comparable(term)
    }

    fn nodes_argument(&mut self) -> Parsed<Query> {
        match self.term()? {
            Term::Query(query) | Term::Operand(Operand::Query(query)) => Ok(query),
            _ => Err(self.error("a query as the argument")),
        }
    }

    fn comparable(&self, term: Term) -> Parsed<Operand> {
        match term {
            Term::Operand(operand) => Ok(operand),
            Term::Query(_) => Err(self.error("a query for at most one node")),
            Term::Test(_) => Err(self.error("a function that gives a value")),
        }
    }

    fn test(&self, term: Term) -> Parsed<Logical> {
        match term {
            Term::Query(query) | Term::Operand(Operand::Query(query)) => Ok(Logical::Exists(query)),
            Term::Test(logical) => Ok(logical),
            Term::Operand(_) => Err(self.error("a comparison")),
        }
    }
}

fn is_function(name: &str) -> bool {
    matches!(name, "length" | "count" | "value" | "match" | "search")
}
