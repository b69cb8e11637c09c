use std::time::Duration;

use serde_json::json;

use super::*;
use crate::ComponentKind;

fn request(arguments: Value, editable: bool) -> ApprovalRequest {
    ApprovalRequest {
        title: APPROVAL_TITLE,
        code: "ABCD-1234".to_owned(),
        message: Some("Really?".to_owned()),
        kind: ComponentKind::Tool,
        name: "t".to_owned(),
        uri: None,
        answers: JsonObject::new(),
        arguments: arguments.as_object().cloned().unwrap(),
        subject: Some("mara".to_owned()),
        client: None,
        expires_in: Duration::from_secs(300),
        editable,
    }
}

fn shown(request: &ApprovalRequest) -> Value {
    serde_json::to_value(form(request, "What is asked".to_owned())).unwrap()
}

fn answer(action: ElicitationAction, content: Option<Value>) -> ElicitResult {
    let mut answer = ElicitResult::new(action);
    answer.content = content;
    answer
}

fn accepted(content: Value, may_edit: bool) -> Filled {
    read(answer(ElicitationAction::Accept, Some(content)), may_edit)
}

#[test]
fn a_form_asks_for_a_yes_under_the_reserved_title() {
    let form = shown(&request(json!({"a": 1}), false));
    assert_eq!(form["mode"], "form");
    let schema = &form["requestedSchema"];
    assert_eq!(schema["title"], APPROVAL_TITLE);
    assert_eq!(schema["required"], json!(["approve"]));
    assert_eq!(schema["properties"]["approve"]["type"], "boolean");
    assert_eq!(schema["properties"]["approve"]["default"], false);
    assert!(schema["properties"].get("arguments").is_none());
    assert_eq!(form["message"], "What is asked");
}

#[test]
fn arguments_can_be_edited_where_that_is_allowed_and_they_are_no_longer_than_the_limit() {
    let edit =
        |request: &ApprovalRequest| shown(request)["requestedSchema"]["properties"]["arguments"].clone();
    let short = edit(&request(json!({"a": 1}), true));
    assert_eq!(short["default"], r#"{"a":1}"#);
    let with_bytes = |bytes: usize| json!({"a": "x".repeat(bytes - r#"{"a":""}"#.len())});
    let longest = edit(&request(with_bytes(MAX_EDITED_ARGUMENTS_BYTES), true));
    assert_eq!(longest["type"], "string");
    let longer = edit(&request(with_bytes(MAX_EDITED_ARGUMENTS_BYTES + 1), true));
    assert_eq!(longer, Value::Null);
}

#[test]
fn editable_arguments_hide_nothing() {
    let tricky = json!({"a": "x\u{202e}y\u{7f}z\u{200b}\u{1f600}ä"});
    let edit =
        &shown(&request(tricky.clone(), true))["requestedSchema"]["properties"]["arguments"]["default"];
    assert_eq!(edit, r#"{"a":"x\u202ey\u007fz\u200b\ud83d\ude00ä"}"#);
    let read: Value = serde_json::from_str(edit.as_str().unwrap()).unwrap();
    assert_eq!(read, tricky);
}

#[test]
fn only_accept_with_a_true_approve_is_a_yes() {
    let yes = || Some(json!({"approve": true}));
    assert_eq!(
        read(answer(ElicitationAction::Accept, yes()), false),
        Filled::Accepted { edited: None }
    );
    assert_eq!(
        read(answer(ElicitationAction::Decline, yes()), false),
        Filled::Declined
    );
    assert_eq!(
        read(answer(ElicitationAction::Cancel, yes()), false),
        Filled::Cancelled
    );
    assert_eq!(accepted(json!({"approve": false}), false), Filled::Declined);
    for content in [
        None,
        Some(json!({})),
        Some(json!(true)),
        Some(json!([true])),
        Some(json!({"approve": "true"})),
        Some(json!({"approve": 1})),
        Some(json!({"Approve": true})),
        Some(json!({"approve": null})),
    ] {
        let read = read(answer(ElicitationAction::Accept, content.clone()), false);
        assert!(matches!(read, Filled::Unreadable(_)), "{content:?}: {read:?}");
    }
}

#[test]
fn edited_arguments_are_an_object_no_longer_than_the_limit_and_only_where_allowed() {
    let edited = |text: &str, may_edit| accepted(json!({"approve": true, "arguments": text}), may_edit);
    let Filled::Accepted { edited: Some(read) } = edited(r#" {"a": [1]} "#, true) else {
        panic!()
    };
    assert_eq!(Value::from(read), json!({"a": [1]}));
    for text in ["", "null", "[]", "1", "{", "{} {}", r#"{"a": 1,}"#] {
        assert!(matches!(edited(text, true), Filled::Unreadable(_)), "{text}");
    }
    assert!(matches!(edited("{}", false), Filled::Unreadable(_)));
    assert!(matches!(
        accepted(json!({"approve": true, "arguments": {}}), true),
        Filled::Unreadable(_)
    ));
    let with_bytes = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
    assert!(matches!(
        edited(&with_bytes(MAX_EDITED_ARGUMENTS_BYTES), true),
        Filled::Accepted { .. }
    ));
    assert!(matches!(
        edited(&with_bytes(MAX_EDITED_ARGUMENTS_BYTES + 1), true),
        Filled::Unreadable(_)
    ));
    // A no needs no arguments.
    assert_eq!(
        accepted(json!({"approve": false, "arguments": "nonsense"}), true),
        Filled::Declined
    );
}
