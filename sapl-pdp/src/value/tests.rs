use serde_json::json;

use super::*;

fn nested(levels: u32) -> Value<'static> {
    let mut value = Value::Null;
    for _ in 0..levels {
        value = Value::Array([value].into_iter().collect());
    }
    value
}

#[test]
fn equality_is_by_value_across_representations() {
    let tree = json!({"a": [1, 2.0, "x"], "b": {"c": null}});
    let borrowed = Value::from_json(&tree);
    let owned = borrowed.clone().into_owned();
    assert_eq!(borrowed, owned);
    assert_eq!(owned.reborrow(), borrowed);
    assert_ne!(
        Value::from_json(&json!([1, 2])),
        Value::from_json(&json!([2, 1])).into_owned()
    );
    assert_ne!(Value::Null, Value::Undefined);
    assert_ne!(Value::from(0_i64), Value::from(false));
    assert_eq!(Value::from_json(&json!(1.0)), Value::from(1_i64));
}

#[test]
fn equality_looks_as_deep_as_its_limit_and_says_when_that_does_not_suffice() {
    assert_eq!(nested(MAX_DEPTH).equals(&nested(MAX_DEPTH)), Ok(true));
    assert_eq!(
        nested(MAX_DEPTH + 1).equals(&nested(MAX_DEPTH + 1)),
        Err(ErrorKind::NestingLimit)
    );
}

#[test]
fn the_text_form_shows_as_deep_as_its_limit() {
    use std::fmt::Write as _;
    let mut text = String::new();
    assert!(write!(text, "{}", Whole(&nested(MAX_DEPTH))).is_ok());
    assert!(write!(text, "{}", Whole(&nested(MAX_DEPTH + 1))).is_err());
    assert!(!nested(MAX_DEPTH).to_string().contains('…'));
    assert!(nested(MAX_DEPTH + 1).to_string().contains("[…]"));
}

#[test]
fn the_text_form_is_that_of_the_language() {
    let tree = json!({"k": "q\"q", "n": [1, null, true]});
    let shown = Value::from_json(&tree).to_string();
    assert_eq!(shown, r#"{"k"="q"q", "n"=[1, null, true]}"#);
    assert_eq!(Value::Undefined.to_string(), "undefined");
    let empty = Value::Array(Array::EMPTY);
    assert_eq!(empty.to_string(), "[]");
}

#[test]
fn a_value_stays_small() {
    assert!(size_of::<Value<'_>>() <= 32);
}
