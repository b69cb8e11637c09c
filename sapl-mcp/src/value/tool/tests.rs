use std::sync::Arc;

use proptest::prelude::*;
use rmcp::model::{
    Annotations, AudioContent, CallToolResult, ContentBlock, EmbeddedResource, ImageContent, JsonObject,
    MetaObject, Resource, ResourceContents, ResultType, TextContent,
};
use serde_json::{Value, json};

use super::{rebuild, value_of};
use crate::value::{
    Unfit,
    schema::{OutputSchema, Schemas},
};

const CANARY: &str = "canary";

fn schema(schema: Value) -> Arc<JsonObject> {
    Arc::new(schema.as_object().unwrap().clone())
}

fn wrapping() -> Arc<JsonObject> {
    schema(json!({
        "type": "object",
        "properties": {"result": {"type": "array", "items": {"type": "object"}}},
        "required": ["result"],
    }))
}

fn meta() -> MetaObject {
    let mut meta = MetaObject::new();
    meta.insert("note".to_owned(), CANARY.into());
    meta
}

/// A text block with something in every other field.
fn text(text: &str) -> ContentBlock {
    let mut annotations = Annotations::default();
    annotations.last_modified = Some(CANARY.to_owned());
    ContentBlock::Text(
        TextContent::new(text)
            .with_meta(meta())
            .with_annotations(annotations),
    )
}

fn of_blocks(blocks: Vec<ContentBlock>) -> CallToolResult {
    CallToolResult::success(blocks).with_meta(Some(meta()))
}

fn structured(content: Value) -> CallToolResult {
    let mut result = of_blocks(vec![text(CANARY), ContentBlock::image(CANARY, "image/png")]);
    result.structured_content = Some(content);
    result
}

fn rebuilt(result: CallToolResult, value: Value, schema: Option<&Arc<JsonObject>>) -> Result<Value, Unfit> {
    rebuild(
        result,
        value,
        schema.map(OutputSchema::declared),
        &Schemas::default(),
    )
    .map(|result| serde_json::to_value(result).unwrap())
}

#[test]
fn structured_content_is_the_value_and_becomes_one_text_block() {
    let result = structured(json!({"a": 1}));
    assert_eq!(value_of(&result, None), json!({"a": 1}));
    assert_eq!(
        rebuilt(result, json!({"a": 2}), None).unwrap(),
        json!({
            "resultType": "complete",
            "content": [{"type": "text", "text": "{\"a\":2}"}],
            "structuredContent": {"a": 2},
            "isError": false,
        })
    );
}

#[test]
fn without_a_schema_structured_content_is_whatever_the_value_is() {
    for value in [json!(null), json!([1]), json!("text")] {
        let rebuilt = rebuilt(structured(json!({"a": 1})), value.clone(), None).unwrap();
        assert_eq!(rebuilt["structuredContent"], value);
    }
}

#[test]
fn a_list_is_taken_out_of_its_wrapper_and_put_back() {
    let (result, schema) = (structured(json!({"result": [{"a": 1}, {"a": 2}]})), wrapping());
    assert_eq!(value_of(&result, Some(&schema)), json!([{"a": 1}, {"a": 2}]));
    let rebuilt = rebuilt(result, json!([{"a": 1}]), Some(&schema)).unwrap();
    assert_eq!(rebuilt["structuredContent"], json!({"result": [{"a": 1}]}));
    assert_eq!(rebuilt["content"][0]["text"], json!("{\"result\":[{\"a\":1}]}"));
}

#[test]
fn content_that_is_no_wrapping_is_taken_as_a_whole() {
    let several = schema(json!({"type": "object", "properties": {"result": {}, "total": {}}}));
    let untyped = schema(json!({"properties": {"result": {}}}));
    let only_result = json!({"result": [1]});
    assert_eq!(value_of(&structured(only_result.clone()), None), only_result);
    assert_eq!(
        value_of(&structured(only_result.clone()), Some(&several)),
        only_result
    );
    assert_eq!(
        value_of(&structured(only_result.clone()), Some(&untyped)),
        only_result
    );
    for content in [
        json!({"result": [], "more": 1}),
        json!({}),
        json!([]),
        json!(null),
    ] {
        assert_eq!(value_of(&structured(content.clone()), Some(&wrapping())), content);
    }
    let more = structured(json!({"result": [], "more": CANARY}));
    let rebuilt = rebuilt(more, json!({"result": []}), Some(&wrapping())).unwrap();
    assert_eq!(rebuilt["structuredContent"], json!({"result": []}));
}

#[test]
fn a_value_that_breaks_the_declared_schema_is_unfit() {
    let (result, schema) = (structured(json!({"result": []})), wrapping());
    let unfit = rebuilt(result.clone(), json!([CANARY]), Some(&schema)).unwrap_err();
    assert_eq!(
        unfit,
        Unfit::Schema {
            location: "/properties/result/items".into(),
            keyword: "type"
        }
    );
    assert!(!unfit.to_string().contains(CANARY));
    assert!(rebuilt(result, json!(null), Some(&schema)).is_err());
}

#[test]
fn null_never_fits_a_declared_schema() {
    let anything = schema(json!({}));
    assert_eq!(
        rebuilt(structured(json!({})), json!(null), Some(&anything)),
        Err(Unfit::Null)
    );
}

#[test]
fn deleted_properties_fit_the_relaxed_schema_alone() {
    let strict = schema(json!({
        "type": "object", "required": ["name", "ssn"],
        "properties": {"name": {"type": "string"}, "ssn": {"type": "string"}},
    }));
    let schemas = Schemas::default();
    let rebuilt = |schema, value| {
        rebuild(
            structured(json!({"name": "a", "ssn": "b"})),
            value,
            Some(schema),
            &schemas,
        )
    };
    assert!(rebuilt(OutputSchema::declared(&strict), json!({"name": "a"})).is_err());
    assert!(rebuilt(OutputSchema::relaxed(&strict), json!({"name": "a"})).is_ok());
    assert!(rebuilt(OutputSchema::relaxed(&strict), json!({"name": 1})).is_err());
}

#[test]
fn an_error_stays_one_and_is_not_held_to_the_schema() {
    let mut result = structured(json!({"code": 1}));
    result.is_error = Some(true);
    let rebuilt = rebuilt(result, json!({"code": 2}), Some(&wrapping())).unwrap();
    assert_eq!(
        (&rebuilt["isError"], &rebuilt["structuredContent"]),
        (&json!(true), &json!({"code": 2}))
    );
}

#[test]
fn text_that_is_a_json_object_or_array_is_that_json() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    let cases = [
        (" {\"a\": [1]} ", json!({"a": [1]})),
        ("[1, 2]", json!([1, 2])),
        ("{\"a\": 1, \"a\": 2}", json!({"a": 2})),
        ("{\"a\": 1", json!("{\"a\": 1")),
        ("{} {}", json!("{} {}")),
        ("1", json!("1")),
        ("null", json!("null")),
        ("\"a\"", json!("\"a\"")),
        ("", json!("")),
        ("plain", json!("plain")),
        (&deep, json!(deep)),
    ];
    for (content, value) in cases {
        assert_eq!(
            value_of(&of_blocks(vec![text(content)]), None),
            value,
            "{content}"
        );
    }
}

#[test]
fn a_text_block_becomes_a_string_as_it_stands_or_compact_json() {
    let cases = [
        (json!({"a": [1, null]}), "{\"a\":[1,null]}"),
        (json!("a \"b\"\n"), "a \"b\"\n"),
        (json!(null), "null"),
        (json!(1.5), "1.5"),
    ];
    for (value, written) in cases {
        for before in ["plain", "{\"a\": 1}"] {
            let rebuilt = rebuilt(of_blocks(vec![text(before)]), value.clone(), Some(&wrapping())).unwrap();
            assert_eq!(rebuilt["content"], json!([{"type": "text", "text": written}]));
            assert_eq!(rebuilt.get("structuredContent"), None);
        }
    }
}

#[test]
fn an_empty_result_is_an_empty_array_of_blocks() {
    assert_eq!(value_of(&of_blocks(Vec::new()), None), json!([]));
    let empty = rebuilt(of_blocks(Vec::new()), json!([]), None).unwrap();
    assert_eq!(
        empty,
        json!({"resultType": "complete", "content": [], "isError": false})
    );
    let new = json!([{"type": "text", "text": "new"}]);
    assert_eq!(
        rebuilt(of_blocks(Vec::new()), new.clone(), None).unwrap()["content"],
        new
    );
    assert!(rebuilt(of_blocks(Vec::new()), json!(["new"]), None).is_err());
}

fn others() -> Vec<Vec<ContentBlock>> {
    let image = ContentBlock::Image(ImageContent::new("data", "image/png"));
    vec![
        vec![image.clone()],
        vec![ContentBlock::audio("data", "audio/wav")],
        vec![ContentBlock::embedded_text("data://x", "text")],
        vec![ContentBlock::resource(ResourceContents::blob("data", "data://x"))],
        vec![ContentBlock::resource_link(Resource::new("data://x", "x"))],
        vec![ContentBlock::text("a"), ContentBlock::text("b")],
        vec![ContentBlock::text("{}"), image],
    ]
}

#[test]
fn anything_else_is_an_array_of_blocks_and_read_back() {
    for blocks in others() {
        let value = serde_json::to_value(&blocks).unwrap();
        let result = of_blocks(blocks);
        assert_eq!(value_of(&result, None), value);
        let rebuilt = rebuilt(result, value.clone(), None).unwrap();
        assert_eq!(
            rebuilt,
            json!({"resultType": "complete", "content": value, "isError": false})
        );
    }
}

#[test]
fn blocks_that_can_not_be_read_back_are_unfit() {
    for blocks in others() {
        for value in [
            json!(null),
            json!("text"),
            json!({"type": "text", "text": "a"}),
            json!([{"type": "text"}]),
        ] {
            let unfit = rebuilt(of_blocks(blocks.clone()), value, None);
            assert!(matches!(unfit, Err(Unfit::Unreadable(_))));
        }
    }
}

#[test]
fn what_handlers_add_to_a_block_is_kept_and_what_they_could_not_see_is_not() {
    let result = of_blocks(vec![text("a"), text("b")]);
    let annotated =
        |text: &str| json!({"type": "text", "text": text, "annotations": {"lastModified": CANARY}});
    let mut value = value_of(&result, None);
    assert_eq!(value, json!([annotated("a"), annotated("b")]));
    value[0] = json!({"type": "text", "text": "c", "_meta": {"watermark": 1}});
    let rebuilt = rebuilt(result, value, None).unwrap();
    assert_eq!(
        rebuilt["content"],
        json!([{"type": "text", "text": "c", "_meta": {"watermark": 1}}, annotated("b")])
    );
    assert_eq!(rebuilt.get("_meta"), None);
}

#[test]
fn only_the_mark_of_a_complete_result_is_kept() {
    for result_type in [ResultType::COMPLETE, ResultType::TASK] {
        let mut result = of_blocks(vec![text("a")]);
        result.result_type = Some(result_type);
        assert_eq!(
            rebuilt(result, json!("b"), None).unwrap()["resultType"],
            json!("complete")
        );
    }
    let mut result = of_blocks(vec![text("a")]);
    result.result_type = None;
    assert_eq!(rebuilt(result, json!("b"), None).unwrap().get("resultType"), None);
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        // Fractions that a text holds exactly: reading others back may be off by the last bit.
        any::<i32>().prop_map(|eighths| Value::from(f64::from(eighths) / 8.0)),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map("[a-c]|result", inner, 0..4)
                .prop_map(|object| Value::Object(object.into_iter().collect())),
        ]
    })
}

/// A block of any kind, with metadata that holds the canary, and nothing else that does.
fn any_block() -> impl Strategy<Value = ContentBlock> {
    let annotations = || {
        proptest::option::of(
            (
                any::<f32>().prop_filter("finite", |priority| priority.is_finite()),
                "\\PC{0,4}",
            )
                .prop_map(|(priority, modified)| {
                    let mut annotations = Annotations::default();
                    annotations.priority = Some(priority);
                    annotations.last_modified = Some(modified);
                    annotations
                }),
        )
    };
    let contents = || {
        ("\\PC{0,6}", proptest::option::of("[a-z/]{0,6}"), any::<bool>()).prop_map(
            |(text, mime_type, is_text)| {
                let contents = match is_text {
                    true => ResourceContents::text(text, "data://x"),
                    false => ResourceContents::blob(text, "data://x"),
                };
                let contents = contents.with_meta(meta());
                match mime_type {
                    Some(mime_type) => contents.with_mime_type(mime_type),
                    None => contents,
                }
            },
        )
    };
    let string = || "\\PC{0,6}";
    prop_oneof![
        (string(), annotations()).prop_map(|(text, annotations)| {
            let mut block = TextContent::new(text).with_meta(meta());
            block.annotations = annotations;
            ContentBlock::Text(block)
        }),
        (string(), string(), annotations()).prop_map(|(data, mime_type, annotations)| {
            let mut block = ImageContent::new(data, mime_type).with_meta(meta());
            block.annotations = annotations;
            ContentBlock::Image(block)
        }),
        (string(), string(), annotations()).prop_map(|(data, mime_type, annotations)| {
            let mut block = AudioContent::new(data, mime_type).with_meta(meta());
            block.annotations = annotations;
            ContentBlock::Audio(block)
        }),
        (contents(), annotations()).prop_map(|(contents, annotations)| {
            let mut block = EmbeddedResource::new(contents).with_meta(meta());
            block.annotations = annotations;
            ContentBlock::Resource(block)
        }),
        (string(), string(), any::<Option<u64>>(), annotations()).prop_map(
            |(uri, name, size, annotations)| {
                let mut link = Resource::new(uri, name).with_meta(meta());
                link.size = size;
                link.annotations = annotations;
                ContentBlock::ResourceLink(link)
            }
        ),
    ]
}

/// The same without metadata.
fn bare(mut block: ContentBlock) -> ContentBlock {
    match &mut block {
        ContentBlock::Text(text) => text.meta = None,
        ContentBlock::Image(image) => image.meta = None,
        ContentBlock::Audio(audio) => audio.meta = None,
        ContentBlock::ResourceLink(link) => link.meta = None,
        ContentBlock::Resource(embedded) => {
            embedded.meta = None;
            if let ResourceContents::TextResourceContents { meta, .. }
            | ResourceContents::BlobResourceContents { meta, .. } = &mut embedded.resource
            {
                *meta = None;
            }
        }
        other => panic!("unknown: {other:?}"),
    }
    block
}

fn any_result() -> impl Strategy<Value = CallToolResult> {
    let block = prop_oneof![
        Just(text(CANARY)),
        any_json().prop_map(|value| text(&value.to_string())),
        any_block(),
    ];
    (
        proptest::collection::vec(block, 0..3),
        proptest::option::of(any_json()),
        any::<Option<bool>>(),
    )
        .prop_map(|(blocks, content, is_error)| {
            let mut result = of_blocks(blocks);
            result.structured_content = content;
            result.is_error = is_error;
            result
        })
}

proptest! {
    #[test]
    fn a_rebuilt_result_holds_nothing_but_the_value(result in any_result(), value in any_json(), wraps: bool) {
        let schema = wrapping();
        let schema = wraps.then(|| OutputSchema::declared(&schema));
        let is_error = result.is_error;
        if let Ok(rebuilt) = rebuild(result, value, schema, &Schemas::default()) {
            prop_assert_eq!(rebuilt.is_error, is_error);
            prop_assert!(!serde_json::to_string(&rebuilt).unwrap().contains(CANARY));
        }
    }

    #[test]
    fn an_unchanged_value_gives_an_equal_value_back(result in any_result(), wraps: bool) {
        let schema = wrapping();
        let value = value_of(&result, wraps.then_some(&*schema));
        let rebuilt = rebuild(result, value.clone(), None, &Schemas::default()).unwrap();
        // Without a schema nothing is wrapped, so the value is found where it was put.
        prop_assert_eq!(value_of(&rebuilt, None), value);
    }

    #[test]
    fn blocks_of_every_kind_come_back_as_they_were_but_for_metadata(
        mut blocks in proptest::collection::vec(any_block(), 0..4),
    ) {
        // One text by itself is another form.
        blocks.push(ContentBlock::image("", ""));
        let result = of_blocks(blocks.clone());
        let value = value_of(&result, None);
        prop_assert!(!value.to_string().contains(CANARY));
        let rebuilt = rebuild(result, value, None, &Schemas::default()).unwrap();
        prop_assert_eq!(rebuilt.content, blocks.into_iter().map(bare).collect::<Vec<_>>());
        prop_assert_eq!(rebuilt.meta, None);
    }
}
