use rmcp::model::{ContentBlock, ResourceContents};
use serde_json::{Value, json};

use super::{read_back, same, without_meta};
use crate::value::Unfit;

fn blocks(value: &Value) -> Result<Vec<ContentBlock>, Unfit> {
    read_back(value, "blocks")
}

#[test]
fn what_is_understood_is_read_whole() {
    for block in [
        json!({"type": "text", "text": "a"}),
        json!({"type": "text", "text": "a", "annotations": {"priority": 0.3, "audience": ["user"], "lastModified": "now"}}),
        json!({"type": "text", "text": "a", "annotations": {"priority": 1}}),
        json!({"type": "text", "text": "a", "_meta": {"n": 1.10, "deep": [{"null": null}]}}),
        json!({"type": "image", "data": "aGk=", "mimeType": "image/png"}),
        json!({"type": "audio", "data": "aGk=", "mimeType": "audio/wav"}),
        json!({"type": "resource", "resource": {"uri": "data://x", "text": "a", "mimeType": "text/plain"}}),
        json!({"type": "resource", "resource": {"uri": "data://x", "blob": "aGk="}}),
        json!({"type": "resource_link", "uri": "data://x", "name": "x", "size": u64::MAX, "icons": [{"src": "data:,"}]}),
    ] {
        let read = blocks(&json!([block])).unwrap();
        assert_eq!(read.len(), 1, "{block}");
    }
    assert_eq!(blocks(&json!([])).unwrap(), []);
}

#[test]
fn null_stands_for_an_absent_member() {
    let block = json!([{"type": "text", "text": "a", "annotations": null, "_meta": null}]);
    assert_eq!(blocks(&block).unwrap(), [ContentBlock::text("a")]);
    for block in [
        json!({"type": "text", "text": null}),
        json!({"type": "image", "data": null, "mimeType": "image/png"}),
        json!({"type": "resource", "resource": null}),
    ] {
        assert!(blocks(&json!([block])).is_err(), "{block}");
    }
}

#[test]
fn what_would_be_lost_or_is_no_block_is_unreadable() {
    for value in [
        json!({"type": "text", "text": "a"}),
        json!("a"),
        json!(null),
        json!(["a"]),
        json!([null]),
        json!([{"text": "a"}]),
        json!([{"type": "video", "data": "aGk="}]),
        json!([{"type": "text"}]),
        json!([{"type": "text", "text": 1}]),
        json!([{"type": "text", "text": "a", "extra": 1}]),
        json!([{"type": "text", "text": "a", "annotations": {"priority": 1, "extra": 1}}]),
        json!([{"type": "text", "text": "a", "_meta": 1}]),
        json!([{"type": "resource", "resource": {"uri": "data://x", "text": "a", "blob": "aGk="}}]),
        json!([{"type": "resource_link", "uri": "data://x", "name": "x", "size": 1.5}]),
        json!([{"type": "resource_link", "uri": "data://x", "name": "x", "size": -1}]),
    ] {
        assert_eq!(blocks(&value), Err(Unfit::Unreadable("blocks")), "{value}");
    }
}

#[test]
fn numbers_are_the_same_when_they_are_read_as_the_same() {
    assert!(same(&json!(7), &json!(7)));
    assert!(same(&json!(0.3), &json!(0.3_f32)));
    assert!(!same(&json!(7), &json!(8)));
    assert!(!same(&json!(0.3), &json!(0.5)));
}

#[test]
fn metadata_is_no_part_of_a_value() {
    let contents = || {
        ResourceContents::text("a", "data://x").with_meta(serde_json::from_value(json!({"m": 1})).unwrap())
    };
    let mut block = json!(ContentBlock::resource(contents()));
    block["_meta"] = json!({"m": 2});
    let block: ContentBlock = serde_json::from_value(block).unwrap();
    assert_eq!(
        without_meta(&block),
        json!({"type": "resource", "resource": {"uri": "data://x", "mimeType": "text/plain", "text": "a"}})
    );
    assert_eq!(
        without_meta(&contents()),
        json!({"uri": "data://x", "mimeType": "text/plain", "text": "a"})
    );
}
