//! Enforced schemas, as one more condition of a policy or set.

#![cfg(feature = "jsonschema")]
#![expect(clippy::unwrap_used, reason = "a test may end this way")]

use sapl_pdp::{EmbeddedPdp, Input};

const SETTINGS: &str = r#"{"algorithm": {"votingMode": "PRIORITY_PERMIT", "defaultDecision": "ABSTAIN", "errorHandling": "PROPAGATE"},
    "variables": {"shape": {"type": "object"}, "schemas": [{"$id": "http://example.com/x", "type": "string"}, 5, {"$id": 7}]}}"#;

/// The decision on a subscription without environment, or the message of a refusal.
fn decision(document: &str) -> Result<String, String> {
    let subscription = r#"{"subject": {"name": "eve", "age": 30}, "action": "read", "resource": 5.00}"#;
    decision_on(document, subscription)
}

fn decision_on(document: &str, subscription: &str) -> Result<String, String> {
    let pdp = EmbeddedPdp::from_texts(Some(SETTINGS), [("a.sapl", document)]);
    let pdp = pdp.map_err(|problem| problem.to_string())?;
    let input = Input::from_json(subscription).unwrap();
    Ok(pdp.decision_on(&input).decision.to_string())
}

fn with_policy(schema: &str) -> Result<String, String> {
    decision(&format!("{schema} policy \"p\" permit"))
}

#[test]
fn a_policy_applies_to_what_complies() {
    for (schema, decision) in [
        (r#"subject enforced schema {"type": "object"}"#, "PERMIT"),
        (r#"subject enforced schema {"type": "string"}"#, "NOT_APPLICABLE"),
        (r#"subject schema {"type": "string"}"#, "PERMIT"),
        (r#"resource enforced schema {"const": 5}"#, "PERMIT"),
        (
            r#"resource enforced schema {"type": ["string", "integer"]}"#,
            "PERMIT",
        ),
        (r#"subject enforced schema {"type": undefined}"#, "PERMIT"),
        (
            r#"subject schema {"type": "object"} subject enforced schema {"type": "string"}"#,
            "NOT_APPLICABLE",
        ),
        (
            r#"subject enforced schema {"type": "string"} subject enforced schema {"type": "object"}"#,
            "PERMIT",
        ),
        (
            r#"subject enforced schema {"type": "object"} action enforced schema {"type": "object"}"#,
            "NOT_APPLICABLE",
        ),
    ] {
        assert_eq!(with_policy(schema).as_deref(), Ok(decision), "{schema}");
    }
}

#[test]
fn a_schema_is_a_condition_like_others() {
    for (document, expected) in [
        (
            r#"subject enforced schema {"type": "string"} policy "p" permit subject.age / 0 > 1;"#,
            "NOT_APPLICABLE",
        ),
        (
            r#"subject enforced schema {"type": "object"} policy "p" permit subject.age / 0 > 1;"#,
            "INDETERMINATE",
        ),
        (
            r#"subject enforced schema {"type": "object"} set "s" first or deny for subject.age / 0 > 1 policy "p" permit"#,
            "INDETERMINATE",
        ),
        (
            r#"subject enforced schema {"type": "string"} set "s" first or deny for subject.age / 0 > 1 policy "p" permit"#,
            "NOT_APPLICABLE",
        ),
        (
            r#"subject enforced schema {"type": "string"} set "s" first or deny for true policy "p" permit"#,
            "NOT_APPLICABLE",
        ),
        (
            r#"environment enforced schema {} set "s" first or deny for subject.age > 100 policy "p" permit"#,
            "NOT_APPLICABLE",
        ),
    ] {
        assert_eq!(decision(document).as_deref(), Ok(expected), "{document}");
    }
}

#[test]
fn a_schema_on_what_is_not_there_is_an_error() {
    for schema in ["{}", r#"{"type": "object"}"#, r#"{"not": {}}"#] {
        let schema = format!("environment enforced schema {schema}");
        assert_eq!(with_policy(&schema).as_deref(), Ok("INDETERMINATE"), "{schema}");
    }
}

#[test]
fn the_schemas_of_a_set_see_its_variables_and_those_of_a_policy_do_not() {
    let of = |rest: &str| decision(&format!("subject enforced schema shape {rest}"));
    let variable = r#"var shape = {"type": "string"};"#;
    assert_eq!(
        of(&format!(r#"set "s" first or deny {variable} policy "p" permit"#)).as_deref(),
        Ok("NOT_APPLICABLE")
    );
    assert_eq!(
        of(&format!(r#"policy "p" permit {variable}"#)).as_deref(),
        Ok("PERMIT")
    );
}

#[test]
fn schemas_refer_to_those_of_the_variable_schemas() {
    let schema = r#"subject enforced schema {"$ref": "http://example.com/x"}"#;
    assert_eq!(with_policy(schema).as_deref(), Ok("NOT_APPLICABLE"));
    let schema = r#"action enforced schema {"$ref": "http://example.com/x"}"#;
    assert_eq!(with_policy(schema).as_deref(), Ok("PERMIT"));
}

#[test]
fn a_schema_may_name_its_draft() {
    let items = r#""items": [{"type": "string"}]"#;
    let draft = format!(r#"{{"$schema": "http://json-schema.org/draft-07/schema#", {items}}}"#);
    let on = |schema: &str| {
        let document = format!("subject enforced schema {schema} policy \"p\" permit");
        decision_on(&document, r#"{"subject": [5], "action": 1, "resource": 1}"#)
    };
    assert_eq!(on(&draft).as_deref(), Ok("NOT_APPLICABLE"));
    // Since 2020-12 this is no array.
    assert!(on(&format!("{{{items}}}")).is_err());
}

#[test]
fn what_can_not_be_enforced_is_refused() {
    for (schema, message) in [
        ("5", "must be an object, this is a number"),
        ("true", "must be an object"),
        ("unknown", "must be an object"),
        ("1 / 0", "always an error: division by zero"),
        ("subject", "must be constant"),
        ("{type: @}", "must be constant"),
        (r##"{"$ref": "#/nope"}"##, "can't be enforced"),
        (r#"{"$ref": "http://example.com/unknown"}"#, "can't be enforced"),
        (
            r#"{"properties": {"zzz": {"pattern": "("}}}"#,
            "can't be enforced",
        ),
        (r#"{"patternProperties": {"(?=a)": {}}}"#, "can't be enforced"),
        (
            r#"{"properties": {"age": {"minimum": "x"}}}"#,
            "can't be enforced",
        ),
        (r#"{"$schema": "http://example.com/none"}"#, "can't be enforced"),
    ] {
        let refused = with_policy(&format!("subject enforced schema {schema}"));
        let problem = refused.expect_err(schema);
        assert!(
            problem.contains(message) && problem.contains("a.sapl:1:25"),
            "{problem}"
        );
    }
}

#[test]
fn patterns_are_those_of_policies_with_a_strict_end() {
    let complies = |pattern: &str, text: &str| {
        let schema = serde_json::json!({"pattern": pattern});
        let subscription = serde_json::json!({"subject": text, "action": 1, "resource": 1});
        decision_on(
            &format!("subject enforced schema {schema} policy \"p\" permit"),
            &subscription.to_string(),
        )
    };
    for (pattern, text, expected) in [
        ("b", "abc", "PERMIT"),
        ("a$", "a\n", "NOT_APPLICABLE"),
        (r"^\p{Letter}++$", "ab", "PERMIT"),
        ("^(a+)+$", &("a".repeat(40) + "b"), "NOT_APPLICABLE"),
    ] {
        assert_eq!(complies(pattern, text).as_deref(), Ok(expected), "{pattern}");
    }
}

#[test]
fn a_pattern_that_is_given_up_does_not_count_as_a_mismatch() {
    for schema in [
        r#"{"pattern": P}"#,
        r#"{"not": {"pattern": P}}"#,
        r#"{"if": {"pattern": P}, "else": {}}"#,
    ] {
        let schema = schema.replace('P', r#""^(?:(?:a|aa)(?=[ab]))+$""#);
        let subscription = serde_json::json!({"subject": "a".repeat(40) + "b", "action": 1, "resource": 1});
        let found = decision_on(
            &format!("subject enforced schema {schema} policy \"p\" permit"),
            &subscription.to_string(),
        );
        assert_eq!(found.as_deref(), Ok("INDETERMINATE"), "{schema}");
    }
}
