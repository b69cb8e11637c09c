use proptest::prelude::*;
use rmcp::model::{
    Annotations, ContentBlock, GetPromptResult, ImageContent, MetaObject, PromptMessage, Role, TextContent,
};
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

fn image(role: Role) -> PromptMessage {
    PromptMessage::new(
        role,
        ContentBlock::Image(ImageContent::new("data", "image/png").with_meta(meta())),
    )
}

#[test]
fn anything_else_is_the_description_and_the_messages_as_json_and_read_back() {
    let text = |role: &str, text: &str| json!({"role": role, "content": {"type": "text", "text": text, "annotations": {"lastModified": CANARY}}});
    let picture =
        json!({"role": "user", "content": {"type": "image", "data": "data", "mimeType": "image/png"}});
    for (messages, value) in [
        (vec![], json!([])),
        (vec![image(Role::User)], json!([picture])),
        (
            vec![message(Role::User, "a"), message(Role::Assistant, "b")],
            json!([text("user", "a"), text("assistant", "b")]),
        ),
    ] {
        let result = of(messages);
        let whole = json!({"description": CANARY, "messages": value});
        assert_eq!(value_of(&result), whole);
        assert_eq!(
            serde_json::to_value(rebuild(result.clone(), whole).unwrap()).unwrap(),
            json!({"resultType": "complete", "description": CANARY, "messages": value})
        );
        let described = rebuild(result, json!({"messages": value})).unwrap();
        assert_eq!(described.description, None);
    }
}

#[test]
fn messages_that_can_not_be_read_back_are_unfit() {
    for value in [
        json!(null),
        json!([]),
        json!("text"),
        json!({"messages": null}),
        json!({"messages": [{"role": "user"}]}),
        json!({"messages": [{"role": "nobody", "content": {"type": "text", "text": "a"}}]}),
        json!({"messages": [{"role": "user", "content": {"type": "text", "text": "a"}, "extra": 1}]}),
        json!({"messages": [], "resultType": "complete"}),
    ] {
        let unfit = rebuild(of(vec![image(Role::User)]), value.clone());
        assert!(matches!(unfit, Err(Unfit::Unreadable(_))), "{value}");
    }
}

proptest! {
    #[test]
    fn a_rebuilt_prompt_holds_nothing_but_role_and_value(text in "\\PC{0,20}") {
        let rebuilt = rebuild(of(vec![message(Role::User, CANARY)]), json!(text)).unwrap();
        prop_assert!(!serde_json::to_string(&rebuilt).unwrap().contains(CANARY));
        prop_assert_eq!(value_of(&rebuilt), json!(text));
    }

    #[test]
    fn messages_come_back_as_they_were_but_for_metadata(
        texts in proptest::collection::vec(("\\PC{0,6}", any::<bool>(), any::<bool>()), 0..4),
    ) {
        let messages = |with_meta: bool| {
            let made = texts.iter().map(move |(text, is_text, is_user)| {
                let meta = with_meta.then(meta);
                let content = match is_text {
                    true => {
                        let mut block = TextContent::new(text);
                        block.meta = meta;
                        ContentBlock::Text(block)
                    }
                    false => {
                        let mut block = ImageContent::new(text, "image/png");
                        block.meta = meta;
                        ContentBlock::Image(block)
                    }
                };
                PromptMessage::new(if *is_user { Role::User } else { Role::Assistant }, content)
            });
            // One text by itself is another form.
            made.chain([PromptMessage::new(Role::User, ContentBlock::image("", ""))]).collect::<Vec<_>>()
        };
        let mut result = GetPromptResult::new(messages(true));
        result.meta = Some(meta());
        let value = value_of(&result);
        prop_assert!(!value.to_string().contains(CANARY));
        let rebuilt = rebuild(result, value).unwrap();
        prop_assert_eq!((rebuilt.messages, rebuilt.meta), (messages(false), None));
    }
}
