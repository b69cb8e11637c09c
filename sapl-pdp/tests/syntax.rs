//! Properties of the parser on arbitrary text.

use proptest::prelude::*;
use sapl_pdp::syntax::tree::{
    Attribute, Expression, ExpressionKind, Filter, PolicyElement, Statement, Step, StepKind,
};
use sapl_pdp::syntax::{Span, parse};

/// Pieces of documents, of which most combinations make no sense.
const TOKENS: &[&str] = &[
    "policy",
    "set",
    "permit",
    "deny",
    "suspend",
    "\"n\"",
    "import",
    "as",
    "var",
    "schema",
    "enforced",
    "obligation",
    "advice",
    "transform",
    "for",
    "first",
    "or",
    "abstain",
    "priority",
    "unanimous",
    "strict",
    "unique",
    "errors",
    "propagate",
    "subject",
    "action",
    "a",
    "b",
    "`in`",
    "1",
    "2.5",
    "1e3",
    "\"t\"",
    "\"\\u00e9\"",
    "\"\\q\"",
    "null",
    "true",
    "undefined",
    "in",
    "has",
    "any",
    "all",
    "each",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "<=",
    ">=",
    "==",
    "!=",
    "=~",
    "||",
    "&&",
    "|",
    "&",
    "^",
    "+",
    "-",
    "*",
    "/",
    "%",
    "!",
    "@",
    "#",
    ".",
    "..",
    ",",
    ":",
    "::",
    ";",
    "=",
    "|-",
    "|<",
    "?",
    "'",
    "é",
    "😀",
    "/*",
    "*/",
    "// c\n",
    "`",
    "\u{202e}",
    "\0",
];

/// A text of an expression of the grammar.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("subject".to_owned()),
        Just("@".to_owned()),
        Just("#".to_owned()),
        Just("\"té\\n\"".to_owned()),
        Just("<time.now>".to_owned()),
        Just("|<a.b(1)[{x: 2}]>".to_owned()),
        "[0-9]{1,3}(\\.[0-9]{1,3})?".prop_filter("no leading zero", |text| !text.starts_with('0')),
    ];
    leaf.prop_recursive(6, 60, 4, |inner| {
        let operators = prop::sample::select(vec![
            " || ",
            "&&",
            " | ",
            "^",
            "&",
            " == ",
            "!=",
            "=~",
            " has ",
            " has any ",
            " in ",
            " any in ",
            "<",
            " + ",
            "-",
            "*",
            "/",
            "%",
        ]);
        let steps = prop::sample::select(vec![
            ".a",
            ".*",
            "..b",
            "..*",
            "[1]",
            "[-1]",
            "[1:2]",
            "[::2]",
            "[1,2]",
            "[\"a\",\"b\"]",
            ".<a.b>",
            "[*]",
            "..[0]",
        ]);
        prop_oneof![
            (inner.clone(), operators, inner.clone())
                .prop_map(|(a, operator, b)| format!("({a}){operator}({b})")),
            (inner.clone(), steps).prop_map(|(a, step)| format!("({a}){step}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a})[?({b})]")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) :: ({b})")),
            (inner.clone(), inner.clone())
                .prop_map(|(a, b)| format!("({a}) |- {{each @.x[({b})]: f.g({b}), @: h.i}}")),
            prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(inner.clone(), 0..3)
                .prop_map(|items| format!("f.g({}).k", items.join(","))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{{a: {a}, \"b\": {b}}}")),
            inner.prop_map(|a| format!("!-({a})")),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused_with_a_place_in_it(text in "\\PC*|[ -~\\n]*") {
        check(&text)?;
        check(&format!("policy \"p\" permit {text}"))?;
    }

    #[test]
    fn any_tokens_are_parsed_or_refused_with_a_place_in_them(
        tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..40),
        separator in prop::sample::select(vec!["", " ", "\n"]),
    ) {
        let text = tokens.join(separator);
        check(&text)?;
        check(&format!("policy \"p\" permit {text};"))?;
        check(&format!("set \"s\" first or deny {text}"))?;
    }

    #[test]
    fn expressions_of_the_grammar_are_parsed_and_their_spans_nest(text in expression()) {
        let document = format!("policy \"p\" permit {text};");
        prop_assert!(parse(&document).is_ok(), "{}", document);
        check(&document)?;
    }
}

/// Parses a text; a tree must have spans that nest, a problem a span within the text.
fn check(text: &str) -> Result<(), TestCaseError> {
    let whole = Span::new(0, u32::try_from(text.len()).unwrap_or(u32::MAX));
    match parse(text) {
        Err(problem) => {
            prop_assert!(problem.span().end <= whole.end && problem.span().start <= problem.span().end);
            prop_assert!(!problem.to_string().is_empty());
        }
        Ok(document) => {
            let policies = match &document.element {
                PolicyElement::Policy(policy) => std::slice::from_ref(policy),
                PolicyElement::Set(set) => {
                    prop_assert!(within(set.span, whole));
                    &set.policies
                }
            };
            for policy in policies {
                prop_assert!(within(policy.span, whole));
                for statement in &policy.body {
                    match statement {
                        Statement::Variable(variable) => {
                            nested(&variable.value, variable.span, text)?;
                        }
                        Statement::Condition(condition) => nested(condition, policy.span, text)?,
                    }
                }
                let constraints = policy
                    .obligations
                    .iter()
                    .chain(&policy.advice)
                    .chain(&policy.transform);
                for constraint in constraints {
                    nested(constraint, policy.span, text)?;
                }
            }
        }
    }
    Ok(())
}

fn within(inner: Span, outer: Span) -> bool {
    outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end
}

fn nested(expression: &Expression, outer: Span, text: &str) -> Result<(), TestCaseError> {
    let span = expression.span;
    prop_assert!(
        within(span, outer) && !span.text(text).is_empty(),
        "{:?} in {:?} of {:?}",
        span,
        outer,
        text
    );
    match &expression.kind {
        ExpressionKind::Array(items) | ExpressionKind::Logical { operands: items, .. } => {
            all(items, span, text)
        }
        ExpressionKind::Object(members) => members.iter().try_for_each(|member| {
            prop_assert!(within(member.key.span(), span));
            nested(&member.value, span, text)
        }),
        ExpressionKind::Call(call) => {
            prop_assert!(within(call.name.span, span));
            all(&call.arguments, span, text)
        }
        ExpressionKind::Attribute(attribute) => attribute_nested(attribute, span, text),
        ExpressionKind::Group(inner) | ExpressionKind::Unary { operand: inner, .. } => {
            nested(inner, span, text)
        }
        ExpressionKind::Path { base, steps } => {
            nested(base, span, text)?;
            steps_nested(steps, span, text)
        }
        ExpressionKind::Arithmetic { first, rest } => {
            nested(first, span, text)?;
            rest.iter().try_for_each(|term| nested(&term.operand, span, text))
        }
        ExpressionKind::Comparison { left, right, .. }
        | ExpressionKind::Subtemplate {
            base: left,
            template: right,
        } => {
            nested(left, span, text)?;
            nested(right, span, text)
        }
        ExpressionKind::Filter { base, filter } => {
            nested(base, span, text)?;
            match &**filter {
                Filter::Simple(call) => {
                    prop_assert!(within(call.span, span));
                    all(&call.arguments, call.span, text)
                }
                Filter::Extended(statements) => statements.iter().try_for_each(|statement| {
                    prop_assert!(within(statement.call.span, span));
                    prop_assert!(within(statement.target_span, statement.call.span));
                    steps_nested(&statement.target, statement.target_span, text)?;
                    all(&statement.call.arguments, statement.call.span, text)
                }),
            }
        }
        _ => Ok(()),
    }
}

fn all(expressions: &[Expression], outer: Span, text: &str) -> Result<(), TestCaseError> {
    expressions
        .iter()
        .try_for_each(|expression| nested(expression, outer, text))
}

fn steps_nested(steps: &[Step], outer: Span, text: &str) -> Result<(), TestCaseError> {
    steps.iter().try_for_each(|step| {
        prop_assert!(within(step.span, outer));
        match &step.kind {
            StepKind::Computed(inner) | StepKind::Condition(inner) => nested(inner, step.span, text),
            StepKind::Attribute(attribute) => attribute_nested(attribute, step.span, text),
            _ => Ok(()),
        }
    })
}

fn attribute_nested(attribute: &Attribute, outer: Span, text: &str) -> Result<(), TestCaseError> {
    prop_assert!(within(attribute.span, outer));
    all(&attribute.arguments, attribute.span, text)?;
    attribute
        .options
        .iter()
        .try_for_each(|options| nested(options, attribute.span, text))
}
