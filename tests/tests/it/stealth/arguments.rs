//! Arguments that fit, and arguments that don't: a validation error would tell that the component exists.

use sapl_mcp_tests::{Mode, Revision};
use serde_json::{Value, json};

use super::{BOUND_TOOL, INSTANCE, POST_TOOL, PROMPT, RESOURCE, TOOL, assert_same, worlds};

/// Parameters of `tools/call` and `prompts/get` in all shapes.
fn shapes() -> Vec<Value> {
    let mut deep = json!(1);
    for _ in 0..60 {
        deep = json!([deep]);
    }
    let arguments = [
        json!({"limit": 1, "topic": "x"}),
        json!({}),
        json!({"limit": "x", "topic": 5}),
        json!({"limit": 1.5, "topic": null}),
        json!({"limit": 1, "topic": "x", "more": {"than": ["expected"]}}),
        json!({"limit": deep}),
        json!({"limit": "x".repeat(100_000)}),
        json!({"": null}),
        json!([1]),
        json!([]),
        json!("text"),
        json!(7),
        json!(true),
        json!(null),
    ];
    let mut shapes: Vec<Value> = arguments
        .into_iter()
        .map(|arguments| json!({"name": "NAME", "arguments": arguments}))
        .collect();
    shapes.extend([
        json!({"name": "NAME"}),
        json!({"name": "NAME", "arguments": {"limit": 1}, "_meta": {"progressToken": 1}}),
        json!({"name": "NAME", "arguments": {"limit": 1}, "_meta": {"io.sapl/enforcement": null}}),
        json!({"name": "NAME", "arguments": {"limit": 1}, "_meta": 5}),
        json!({"name": "NAME", "arguments": {"limit": 1}, "task": {"ttl": 60000}}),
        json!({"name": "NAME", "arguments": {"limit": 1}, "inputResponses": {"a": {}}, "requestState": "state"}),
        json!({"name": "NAME", "arguments": {"limit": 1}, "inputResponses": 5}),
        json!({"name": " NAME", "arguments": {"limit": 1}}),
        json!({"name": "NAME\u{0}", "arguments": {"limit": 1}}),
        json!({"name": ["NAME"], "arguments": {"limit": 1}}),
        json!({"names": "NAME"}),
    ]);
    shapes
}

#[tokio::test]
async fn arguments_of_any_shape_answer_alike() {
    for world in worlds(Mode::Json).await {
        for revision in Revision::ALL {
            for params in shapes() {
                for names in [TOOL, POST_TOOL, BOUND_TOOL] {
                    assert_same(&world, false, revision, "tools/call", names, &params).await;
                }
                assert_same(&world, false, revision, "prompts/get", PROMPT, &params).await;
            }
        }
    }
}

#[tokio::test]
async fn uris_of_any_shape_answer_alike() {
    for world in worlds(Mode::Json).await {
        let spellings = [
            "NAME",
            "NAME/",
            "NAME?x=1",
            "NAME#part",
            "NAME/..",
            "NAME/.",
            "NAME%20",
            "NAME%2F",
            "NAME%2f..",
            "NAME%ZZ",
            "NAME%",
            "NAME%FF",
            "NAME//",
            " NAME",
            "NAME ",
            "NAME\u{0}",
            "NAME\n",
            "x:NAME",
            "NAME/a/b/c",
        ];
        for revision in Revision::ALL {
            for names in [RESOURCE, INSTANCE] {
                for uri in spellings {
                    assert_same(
                        &world,
                        false,
                        revision,
                        "resources/read",
                        names,
                        &json!({"uri": uri}),
                    )
                    .await;
                }
                for params in [
                    json!({"uri": "NAME", "arguments": {"id": 1}}),
                    json!({"uri": "NAME", "inputResponses": {}, "requestState": "x"}),
                    json!({"uri": ["NAME"]}),
                    json!({"name": "NAME"}),
                ] {
                    assert_same(&world, false, revision, "resources/read", names, &params).await;
                }
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn other_spellings_of_a_uri_answer_alike() {
    for world in worlds(Mode::Json).await {
        for (secret, absent) in [
            ("DATA://secret", "DATA://absent"),
            ("data://SECRET", "data://ABSENT"),
            ("data://%73ecret", "data://%61bsent"),
            ("data://vaults/%37", "data://absent/%37"),
            ("data://vaults/x/../7", "data://absent/x/../7"),
            ("data://vaults/./7", "data://absent/./7"),
            ("data://vaults/7%2F8", "data://absent/7%2F8"),
            ("data://vaults/%ff", "data://absent/%ff"),
            ("Data://vaults/7", "Data://absent/7"),
        ] {
            assert_same(
                &world,
                false,
                Revision::November2025,
                "resources/read",
                (secret, absent),
                &json!({"uri": "NAME"}),
            )
            .await;
        }
        assert_eq!(world.server.received(), []);
    }
}
