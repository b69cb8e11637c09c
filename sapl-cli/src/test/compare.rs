//! Whether a decision is the expected one.

use sapl_base::AuthorizationDecision;
use serde_json::Value as Json;

use super::cases::Expected;

/// What differs, a line each; nothing when the decision is the expected one.
///
/// Obligations and advice are compared without their order, since it means nothing; numbers as doubles.
pub(super) fn differences(expected: &Expected, found: &AuthorizationDecision) -> Vec<String> {
    let mut lines = Vec::new();
    if expected.decision != found.decision {
        let name = |decision| serde_json::to_value(decision).unwrap_or_default();
        let text = |value: Json| value.as_str().unwrap_or_default().to_owned();
        let (wanted, given) = (text(name(expected.decision)), text(name(found.decision)));
        lines.push(format!("decision: expected {wanted}, found {given}"));
    }
    list(
        "obligation",
        &expected.obligations,
        &found.obligations,
        &mut lines,
    );
    list("advice", &expected.advice, &found.advice, &mut lines);
    match (&expected.resource, &found.resource) {
        (Some(wanted), Some(given)) if !same(wanted, given) => {
            lines.push(format!("- resource {wanted}"));
            lines.push(format!("+ resource {given}"));
        }
        (Some(wanted), None) => lines.push(format!("- resource {wanted}")),
        (None, Some(given)) => lines.push(format!("+ resource {given}")),
        _ => {}
    }
    lines
}

/// Tells what is missing by `-`, what is too much by `+`.
fn list(what: &str, expected: &[Json], found: &[Json], lines: &mut Vec<String>) {
    let mut left: Vec<&Json> = found.iter().collect();
    for wanted in expected {
        match left.iter().position(|given| same(wanted, given)) {
            Some(place) => {
                left.remove(place);
            }
            None => lines.push(format!("- {what} {wanted}")),
        }
    }
    lines.extend(left.into_iter().map(|given| format!("+ {what} {given}")));
}

fn same(one: &Json, other: &Json) -> bool {
    match (one, other) {
        (Json::Number(one), Json::Number(other)) => one.as_f64() == other.as_f64(),
        (Json::Array(one), Json::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Json::Object(one), Json::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use sapl_base::Decision;
    use serde_json::json;

    use super::*;

    fn expected(expected: Json) -> Expected {
        serde_json::from_value(expected).unwrap()
    }

    #[test]
    fn the_order_of_constraints_and_the_form_of_numbers_mean_nothing() {
        let mut found = AuthorizationDecision::new(Decision::Permit);
        found.obligations = vec![json!({"a": 1}), json!(2), json!(2)];
        let wanted = expected(json!({"decision": "PERMIT", "obligations": [2.0, {"a": 1.0}, 2]}));
        assert!(differences(&wanted, &found).is_empty());
    }

    #[test]
    fn what_is_missing_and_what_is_too_much_are_told() {
        let mut found = AuthorizationDecision::new(Decision::Deny);
        found.obligations = vec![json!(2)];
        found.advice = vec![json!(1), json!(1)];
        found.resource = Some(json!(null));
        let wanted = expected(json!({"decision": "PERMIT", "obligations": [1, 2], "advice": [1]}));
        assert_eq!(
            differences(&wanted, &found),
            [
                "decision: expected PERMIT, found DENY",
                "- obligation 1",
                "+ advice 1",
                "+ resource null"
            ]
        );
        let wanted =
            expected(json!({"decision": "DENY", "obligations": [2], "advice": [1, 1], "resource": 3}));
        assert_eq!(differences(&wanted, &found), ["- resource 3", "+ resource null"]);
        found.resource = None;
        assert_eq!(differences(&wanted, &found), ["- resource 3"]);
    }
}
