use serde_json::{Value as Json, json};

use super::*;
use crate::schema::MAX_STEPS_DOWN;

fn called(name: &str, arguments: &[Json]) -> Value<'static> {
    let arguments: Vec<_> = arguments.iter().map(Value::from_json).collect();
    let function = FUNCTIONS.iter().find(|function| function.name() == name);
    function.map_or(Value::Undefined, |function| {
        function.call(&arguments).into_owned()
    })
}

fn is_compliant(subject: Json, schema: Json) -> Option<bool> {
    called("isCompliant", &[subject, schema]).as_boolean()
}

/// An array in so many others.
fn nested(levels: usize) -> Json {
    (1..levels).fold(json!([]), |inner, _| json!([inner]))
}

#[test]
fn what_is_no_schema_or_unknown_is_an_error() {
    for schema in [
        json!({"minimum": "x"}),
        json!({"pattern": "("}),
        json!({"$ref": "#/$defs/x"}),
        json!({"$ref": "http://unknown.example/x"}),
        json!({"$ref": "file:///etc/passwd"}),
    ] {
        assert_eq!(is_compliant(json!(5), schema.clone()), None, "{schema}");
    }
}

#[test]
fn an_unknown_type_is_that_of_no_value() {
    assert_eq!(is_compliant(json!(5), json!({"type": "bogus"})), Some(false));
    assert_eq!(
        is_compliant(json!(5), json!({"type": ["number", "bogus"]})),
        Some(true)
    );
    assert_eq!(
        is_compliant(json!({"type": "x"}), json!({"const": {"type": "x"}})),
        Some(true)
    );
    assert_eq!(
        is_compliant(json!({}), json!({"properties": {"type": {"type": "string"}}})),
        Some(true)
    );
}

#[test]
fn references_in_circles_end() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"anyOf": [{"$ref": "#"}]}),
        json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"allOf": [{"$ref": "#/$defs/a"}]}}, "$ref": "#/$defs/a"}),
    ] {
        assert!(is_compliant(json!(5), schema.clone()).is_some(), "{schema}");
    }
}

#[test]
fn references_that_multiply_are_an_error() {
    let twice =
        json!({"anyOf": [{"items": {"$ref": "#"}}, {"items": {"$ref": "#"}, "maxItems": 9}], "maxItems": 9});
    assert_eq!(is_compliant(nested(4), twice.clone()), Some(true));
    assert_eq!(is_compliant(nested(60), twice), None);
}

#[test]
fn schemas_and_values_together_end_at_their_limit() {
    let recursive = json!({"type": "array", "items": {"$ref": "#"}});
    assert_eq!(is_compliant(nested(150), recursive), Some(true));
    let wide = |size: usize| {
        let schemas: Vec<Json> = (0..size).map(|_| json!({})).collect();
        is_compliant(json!(5), json!({"anyOf": schemas}))
    };
    // The object, its array and the schemas in it, for a value of one level.
    assert_eq!(wide(MAX_STEPS_DOWN - 2), Some(true));
    assert_eq!(wide(MAX_STEPS_DOWN - 1), None);
}

#[test]
fn deep_schemas_need_little_of_the_stack_of_the_caller() {
    let deep = (0..90).fold(json!({"type": "string"}), |schema, _| json!({"not": schema}));
    let deeper = json!({"items": {"$ref": "#"}, "allOf": [deep]});
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    let run = move || is_compliant(nested(40), deeper);
    assert!(thread.spawn(run).unwrap().join().unwrap().is_some());
}

#[test]
fn a_pattern_that_takes_too_long_is_an_error() {
    let schema = json!({"pattern": "^(?=(a+)+$)(a|aa)+\\1$"});
    let result = called("isCompliant", &[json!("a".repeat(40) + "b"), schema]);
    assert!(matches!(result, Value::Error(_) | Value::Boolean(false)));
}

#[test]
fn violations_are_told_up_to_the_limit() {
    let count = |size: usize| {
        let subject: Vec<Json> = (0..size).map(|_| json!("x")).collect();
        let result = called(
            "validate",
            &[json!(subject), json!({"items": {"type": "integer"}})],
        );
        let errors = result.as_object().and_then(|result| result.get("errors"));
        errors.and_then(|errors| errors.as_array().map(Array::len))
    };
    assert_eq!(count(MAX_FOUND - 1), Some(MAX_FOUND - 1));
    assert_eq!(count(MAX_FOUND + 1), Some(MAX_FOUND));
}
