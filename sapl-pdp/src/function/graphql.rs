//! `graphql`: what a GraphQL query asks for.
//!
//! Only queries are read here; whether one fits the schema of a server is for that server to tell.

use super::arguments::{Outcome, code, object, text};
use super::{Function, Parameter};
use crate::value::{ErrorKind, Value};

mod analysis;
mod lexer;
mod query;

const NAME: &str = "graphql";

/// The longest query that is read, in bytes.
const MAX_QUERY: usize = 512 * 1024;

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "analyzeQuery",
        &[Parameter::text("query")],
        "the fields, the depth, the arguments and other measures of a query",
        code!(analyze_query),
    ),
    Function::new(
        NAME,
        "complexity",
        &[Parameter::object("parsed"), Parameter::object("fieldWeights")],
        "the weights of the fields of an analysed query, 1 for others, and twice its depth",
        code!(complexity),
    ),
];

fn analyze_query<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let text = text(arguments, 0)?;
    if text.len() > MAX_QUERY {
        return Ok(analysis::invalid(format!(
            "Query exceeds maximum size of {MAX_QUERY} bytes."
        )));
    }
    Ok(match query::parse(text) {
        Ok(document) => analysis::of(&document),
        Err(problem) => analysis::invalid(problem),
    })
}

fn complexity<'a>(arguments: &[Value<'a>]) -> Outcome<'a> {
    let (parsed, weights) = (object(arguments, 0)?, object(arguments, 1)?);
    let Some(Value::Array(fields)) = parsed.get("fields") else {
        return Ok(Value::from(0_i64));
    };
    let whole = |value: Option<Value<'_>>, otherwise: i64| match value {
        Some(Value::Number(number)) => truncated(&number).ok_or(ErrorKind::NumberOutOfRange),
        _ => Ok(otherwise),
    };
    let mut complexity = whole(parsed.get("depth"), 1)?.saturating_mul(2);
    for field in fields.iter() {
        if let Value::Text(field) = field {
            complexity = complexity.saturating_add(whole(weights.get(&field), 1)?);
        }
    }
    Ok(complexity.into())
}

/// The number without its fraction, if it is small enough to count with.
fn truncated(number: &crate::value::Number) -> Option<i64> {
    let value = number.to_f64();
    let is_small = value.abs() < f64::from(i32::MAX);
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the value is small, and its fraction is cut off"
    )]
    is_small.then_some(value as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queries_are_read_up_to_the_limit() {
        let query = |length: usize| format!("{{{}a}}", " ".repeat(length - 3));
        let is_valid = |length: usize| {
            let analysis = analyze_query(&[query(length).into()]).ok();
            analysis.and_then(|analysis| analysis.as_object()?.get("valid"))
        };
        assert_eq!(is_valid(MAX_QUERY), Some(true.into()));
        assert_eq!(is_valid(MAX_QUERY + 1), Some(false.into()));
    }

    #[test]
    fn weights_are_counted_without_their_fractions() {
        let parsed = serde_json::json!({"fields": ["a", 5, "b"], "depth": "x"});
        let weights = serde_json::json!({"a": 2.9, "b": "x"});
        let counted = complexity(&[Value::from_json(&parsed), Value::from_json(&weights)]);
        assert_eq!(counted, Ok(5_i64.into()));
    }
}
