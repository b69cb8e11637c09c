use proptest::prelude::*;
use rmcp::model::{CacheScope, MetaObject, ReadResourceResult, ResourceContents};
use serde_json::{Value, json};

use super::{is_json, rebuild, value_of};
use crate::value::Unfit;

const CANARY: &str = "canary";

fn meta() -> Option<MetaObject> {
    let mut meta = MetaObject::new();
    meta.insert("note".to_owned(), CANARY.into());
    Some(meta)
}

fn content(mime_type: Option<&str>, text: &str) -> ResourceContents {
    ResourceContents::TextResourceContents {
        uri: "data://x".to_owned(),
        mime_type: mime_type.map(str::to_owned),
        text: text.to_owned(),
        meta: meta(),
    }
}

fn of(contents: Vec<ResourceContents>) -> ReadResourceResult {
    let mut result = ReadResourceResult::new(contents)
        .with_ttl_ms(5)
        .with_cache_scope(CacheScope::Private);
    result.meta = meta();
    result
}

fn rebuilt(mime_type: Option<&str>, before: &str, value: Value) -> Value {
    serde_json::to_value(rebuild(of(vec![content(mime_type, before)]), value).unwrap()).unwrap()
}

#[test]
fn text_is_json_when_the_mime_type_says_so_and_it_parses() {
    let cases = [
        (Some("application/json"), "{\"a\": 1}", json!({"a": 1})),
        (Some("application/json"), "\"a\"", json!("a")),
        (Some("application/json"), "null", json!(null)),
        (Some("application/json"), "{\"a\": ", json!("{\"a\": ")),
        (Some("text/plain"), "{\"a\": 1}", json!("{\"a\": 1}")),
        (None, "{\"a\": 1}", json!("{\"a\": 1}")),
    ];
    for (mime_type, text, value) in cases {
        assert_eq!(value_of(&of(vec![content(mime_type, text)])), value, "{text}");
    }
}

#[test]
fn mime_types_of_json_are_known() {
    for json in [
        "application/json",
        "Application/JSON; charset=utf-8",
        "text/json",
        "application/problem+json",
        "application/vnd.x+JSON ;v=1",
        "image/x+json",
    ] {
        assert!(is_json(Some(json)), "{json}");
    }
    for other in [
        "",
        "json",
        "text/plain",
        "application/jsonl",
        "image/json",
        "application/json+xml",
        "a/json;b/json",
    ] {
        assert!(!is_json(Some(other)), "{other}");
    }
    assert!(!is_json(None));
}

#[test]
fn a_rebuilt_resource_keeps_uri_mime_type_and_caching() {
    assert_eq!(
        rebuilt(Some("application/json"), "{\"a\": 1}", json!({"a": 2})),
        json!({
            "resultType": "complete",
            "ttlMs": 5,
            "cacheScope": "private",
            "contents": [{"uri": "data://x", "mimeType": "application/json", "text": "{\"a\":2}"}],
        })
    );
    assert_eq!(
        rebuilt(None, CANARY, json!("b"))["contents"],
        json!([{"uri": "data://x", "text": "b"}])
    );
}

#[test]
fn what_was_json_stays_json() {
    let text = |mime_type, before, value| rebuilt(mime_type, before, value)["contents"][0]["text"].clone();
    assert_eq!(text(Some("text/json"), "\"a\"", json!("b")), json!("\"b\""));
    assert_eq!(text(Some("text/json"), "{", json!("b")), json!("b"));
    assert_eq!(text(Some("text/plain"), "\"a\"", json!("b")), json!("b"));
    assert_eq!(text(Some("text/plain"), "a", json!([1, null])), json!("[1,null]"));
}

fn blob(uri: &str) -> ResourceContents {
    ResourceContents::blob("AAAA", uri).with_meta(meta().unwrap())
}

#[test]
fn anything_else_is_the_contents_as_json_and_read_back() {
    let (text, binary) = (
        |text: &str| json!({"uri": "data://x", "text": text}),
        json!({"uri": "data://y", "blob": "AAAA"}),
    );
    for (contents, value) in [
        (vec![], json!([])),
        (vec![blob("data://y")], json!([binary])),
        (
            vec![content(None, "a"), content(None, "b")],
            json!([text("a"), text("b")]),
        ),
        (
            vec![content(None, "a"), blob("data://y")],
            json!([text("a"), binary]),
        ),
    ] {
        let result = of(contents);
        let whole = json!({"contents": value});
        assert_eq!(value_of(&result), whole);
        assert_eq!(
            serde_json::to_value(rebuild(result, whole).unwrap()).unwrap(),
            json!({"resultType": "complete", "ttlMs": 5, "cacheScope": "private", "contents": value})
        );
    }
}

#[test]
fn contents_that_can_not_be_read_back_are_unfit() {
    for value in [
        json!(null),
        json!([]),
        json!("text"),
        json!({"contents": null}),
        json!({"contents": [{"uri": "data://x"}]}),
        json!({"contents": [{"uri": "data://x", "text": "a", "blob": "AAAA"}]}),
        json!({"contents": [], "ttlMs": 5}),
    ] {
        let unfit = rebuild(of(vec![blob("data://x")]), value.clone());
        assert!(matches!(unfit, Err(Unfit::Unreadable(_))), "{value}");
    }
}

proptest! {
    #[test]
    fn a_rebuilt_resource_gives_its_value_back(text in "\\PC{0,20}|[\\[\\]{}\":,1a]{0,8}", json: bool) {
        let mime_type = json.then_some("application/json");
        let result = of(vec![content(mime_type, &text)]);
        let value = value_of(&result);
        let rebuilt = rebuild(result, value.clone()).unwrap();
        prop_assert!(!serde_json::to_string(&rebuilt).unwrap().contains(CANARY));
        prop_assert_eq!(value_of(&rebuilt), value);
    }

    #[test]
    fn contents_come_back_as_they_were_but_for_metadata(
        parts in proptest::collection::vec(("\\PC{0,6}", proptest::option::of("[a-z/]{0,6}"), any::<bool>()), 0..4),
    ) {
        let contents = |with_meta: bool| {
            let made = parts.iter().map(move |(text, mime_type, is_text)| {
                let (uri, mime_type) = (format!("data://{text}"), mime_type.clone());
                let meta = if with_meta { meta() } else { None };
                match is_text {
                    true => ResourceContents::TextResourceContents { uri, mime_type, text: text.clone(), meta },
                    false => ResourceContents::BlobResourceContents { uri, mime_type, blob: text.clone(), meta },
                }
            });
            // One text by itself is another form.
            made.chain([ResourceContents::blob("", "data://last")]).collect::<Vec<_>>()
        };
        let result = of(contents(true));
        let value = value_of(&result);
        prop_assert!(!value.to_string().contains(CANARY));
        let rebuilt = rebuild(result, value).unwrap();
        prop_assert_eq!((rebuilt.contents, rebuilt.meta), (contents(false), None));
    }
}
