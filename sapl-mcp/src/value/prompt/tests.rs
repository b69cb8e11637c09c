use proptest::prelude::*;
use rmcp::model::{Annotations, ContentBlock, GetPromptResult, MetaObject, PromptMessage, Role, TextContent};
use serde_json::json;

use super::{rebuild, value_of};
use crate::value::Unfit;

const CANARY: &str = "canary";

fn of(messages: Vec<PromptMessage>) -> GetPromptResult {
    let mut result = GetPromptResult::new(messages).with_description(CANARY);
    result.meta = Some(meta());
    result
}

fn meta() -> MetaObject {
    let mut meta = MetaObject::new();
    meta.insert("note".to_owned(), CANARY.into());
    meta
}

fn message(role: Role, text: &str) -> PromptMessage {
    let mut annotations = Annotations::default();
    annotations.last_modified = Some(CANARY.to_owned());
    let text = TextContent::new(text)
        .with_meta(meta())
        .with_annotations(annotations);
    PromptMessage::new(role, ContentBlock::Text(text))
}

#[test]
fn one_text_message_is_a_string_and_keeps_its_role() {
    let result = of(vec![message(Role::Assistant, "{\"a\": 1}")]);
    assert_eq!(value_of(&result), json!("{\"a\": 1}"));
    assert_eq!(
        serde_json::to_value(rebuild(result, json!("b")).unwrap()).unwrap(),
        json!({
            "resultType": "complete",
            "messages": [{"role": "assistant", "content": {"type": "text", "text": "b"}}],
        })
    );
}

#[test]
fn a_value_that_is_no_string_is_written_as_json() {
    let rebuilt = rebuild(of(vec![message(Role::User, "a")]), json!({"a": null})).unwrap();
    assert_eq!(value_of(&rebuilt), json!("{\"a\":null}"));
}

#[test]
fn anything_else_is_the_result_as_json_and_not_rebuilt() {
    for messages in [
        vec![],
        vec![PromptMessage::new(
            Role::User,
            ContentBlock::image("data", "image/png"),
        )],
        vec![message(Role::User, "a"), message(Role::Assistant, "b")],
    ] {
        let result = of(messages);
        let value = value_of(&result);
        assert_eq!(value, serde_json::to_value(&result).unwrap());
        assert!(matches!(rebuild(result, value), Err(Unfit::Form(_))));
    }
}

proptest! {
    #[test]
    fn a_rebuilt_prompt_holds_nothing_but_role_and_value(text in "\\PC{0,20}") {
        let rebuilt = rebuild(of(vec![message(Role::User, CANARY)]), json!(text)).unwrap();
        prop_assert!(!serde_json::to_string(&rebuilt).unwrap().contains(CANARY));
        prop_assert_eq!(value_of(&rebuilt), json!(text));
    }
}
