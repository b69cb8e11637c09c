//! Whether answers are the same.

use sapl_base::AuthorizationDecision;
use sapl_pdp::value::{Number, Value};
use serde_json::{Map, Value as Json, json};

/// Whether a JSON value is the recorded one: numbers as doubles, everything else exactly.
pub(crate) fn same(expected: &Json, found: &Json) -> bool {
    match (expected, found) {
        (Json::Number(expected), Json::Number(found)) => expected.as_f64() == found.as_f64(),
        (Json::Array(expected), Json::Array(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .zip(found)
                    .all(|(expected, found)| same(expected, found))
        }
        (Json::Object(expected), Json::Object(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .all(|(key, expected)| found.get(key).is_some_and(|found| same(expected, found)))
        }
        _ => expected == found,
    }
}

/// Whether a value is the recorded one; `{"$decimal": "…"}` is a number that no double holds.
pub(crate) fn same_value(expected: &Json, found: &Value<'_>) -> bool {
    match (expected, found) {
        (Json::Number(expected), Value::Number(found)) => expected.as_f64() == Some(found.to_f64()),
        (Json::Object(expected), Value::Number(found)) => {
            match expected.get("$decimal").and_then(Json::as_str) {
                Some(decimal) => same_decimal(decimal, found),
                None => false,
            }
        }
        (Json::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .zip(found.iter())
                    .all(|(expected, found)| same_value(expected, &found))
        }
        (Json::Object(expected), Value::Object(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .all(|(key, expected)| found.get(key).is_some_and(|found| same_value(expected, &found)))
        }
        (Json::String(expected), Value::Text(found)) => expected == &**found,
        (Json::Bool(expected), Value::Boolean(found)) => expected == found,
        (Json::Null, Value::Null) => true,
        _ => false,
    }
}

/// Whether a number is exactly the recorded one.
pub(crate) fn same_decimal(expected: &str, found: &Number) -> bool {
    // What is computed may be beyond what can be written as a literal.
    Number::parse(expected).map_or_else(
        || found.to_string() == expected.replace(".0E", "E"),
        |expected| expected == *found,
    )
}

/// Whether values are the same but for numbers within texts, of which the recorded ones are spelled as equal constants
/// of the expression are: `n1E+3` for `"n" + (1e3 + 0)`.
pub(crate) fn same_but_number_forms(expected: &Json, found: &Value<'_>, expression: &str) -> bool {
    match (expected, found) {
        (Json::String(expected), Value::Text(found)) => {
            let (expected, found) = (pieces(expected), pieces(found));
            expected.len() == found.len()
                && expected.iter().zip(&found).all(|(expected, found)| {
                    expected == found || is_form_of_constant(expected, found, expression)
                })
        }
        (Json::Array(expected), Value::Array(found)) => {
            expected.len() == found.len()
                && expected
                    .iter()
                    .zip(found.iter())
                    .all(|(expected, found)| same_but_number_forms(expected, &found, expression))
        }
        _ => same_value(expected, found),
    }
}

fn is_form_of_constant(expected: &str, found: &str, expression: &str) -> bool {
    let constants = pieces(expression).into_iter().filter_map(Number::parse);
    let found = Number::parse(found);
    constants
        .into_iter()
        .any(|constant| found.as_ref() == Some(&constant) && constant.to_string() == expected)
}

/// A text cut into numbers and what is between them.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest
            .find(|character: char| character.is_ascii_digit())
            .unwrap_or(rest.len());
        let (between, number) = rest.split_at(start);
        let is_part = |character: char| character.is_ascii_digit() || "+-.eE".contains(character);
        let end = number
            .find(|character| !is_part(character))
            .unwrap_or(number.len());
        let (number, behind) = number.split_at(end);
        pieces.extend([between, number]);
        rest = behind;
    }
    pieces
}

/// Whether numbers are the same but for the last digits, where the reference computes with doubles.
pub(crate) fn nearly_same(expected: &Json, found: &Value<'_>) -> bool {
    match (expected.as_f64(), found) {
        (Some(expected), Value::Number(found)) => {
            (expected - found.to_f64()).abs() <= expected.abs() * 4.0 * f64::EPSILON
        }
        _ => false,
    }
}

/// What differs between a decision and the recorded one; obligations and advice have no order.
pub(crate) fn decision_difference(expected: &Json, found: &AuthorizationDecision) -> Option<String> {
    let found = written(found);
    let (Some(wanted), Some(given)) = (expected.as_object(), found.as_object()) else {
        return Some(format!("expected {expected}, found {found}"));
    };
    let equal = wanted.len() == given.len()
        && wanted.iter().all(|(key, wanted)| match (given.get(key), wanted) {
            (Some(Json::Array(given)), Json::Array(wanted)) if key != "resource" => {
                same_multiset(wanted, given)
            }
            (Some(given), wanted) => same(wanted, given),
            (None, _) => false,
        });
    if equal {
        None
    } else {
        Some(format!("expected {expected}, found {found}"))
    }
}

/// A decision as it is recorded: without what is empty.
fn written(decision: &AuthorizationDecision) -> Json {
    let mut written = Map::new();
    written.insert("decision".to_owned(), json!(decision.decision));
    for (name, constraints) in [
        ("obligations", &decision.obligations),
        ("advice", &decision.advice),
    ] {
        if !constraints.is_empty() {
            written.insert(name.to_owned(), Json::Array(constraints.clone()));
        }
    }
    if let Some(resource) = &decision.resource {
        written.insert("resource".to_owned(), resource.clone());
    }
    Json::Object(written)
}

fn same_multiset(expected: &[Json], found: &[Json]) -> bool {
    let mut left: Vec<&Json> = found.iter().collect();
    expected.len() == found.len()
        && expected.iter().all(
            |expected| match left.iter().position(|found| same(expected, found)) {
                Some(position) => {
                    left.swap_remove(position);
                    true
                }
                None => false,
            },
        )
}
