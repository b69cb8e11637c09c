use sapl_cli::serve::{MAX_SUBSCRIPTIONS, ServeOptions};
use serde_json::json;

use crate::client::{Served, asking};

const STREAMS: [&str; 2] = ["multi-decide", "multi-decide-all"];

fn many(count: usize) -> String {
    let entries = (0..count).map(|id| format!(r#""{id}":{{"subject":1,"action":"read","resource":2}}"#));
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

#[tokio::test]
async fn every_id_has_its_decision() {
    let served = Served::new(ServeOptions::default()).await;
    let body = format!(r#"{{"two":{},"one":{}}}"#, asking("write"), asking("read"));
    let reply = served.post("multi-decide-all-once", body).await;
    assert_eq!(
        (reply.status(), reply.body.as_str()),
        (200, r#"{"two":{"decision":"DENY"},"one":{"decision":"PERMIT"}}"#)
    );
    assert_eq!(reply.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn nothing_asked_is_indeterminate_under_an_empty_id() {
    let served = Served::new(ServeOptions::default()).await;
    let reply = served.post("multi-decide-all-once", "{}").await;
    assert_eq!(reply.body, r#"{"":{"decision":"INDETERMINATE"}}"#);
    for (endpoint, data) in [
        (
            "multi-decide",
            r#"{"subscriptionId":"","decision":{"decision":"INDETERMINATE"}}"#,
        ),
        ("multi-decide-all", r#"{"":{"decision":"INDETERMINATE"}}"#),
    ] {
        // The reply ends, and so does the stream.
        let reply = served.post(endpoint, "{}").await;
        assert_eq!(
            reply.header("content-type"),
            Some("text/event-stream;charset=UTF-8")
        );
        assert_eq!(reply.body, format!("data:{data}\n\n"));
    }
}

#[tokio::test]
async fn one_bad_entry_makes_all_of_the_request_bad() {
    let served = Served::new(ServeOptions::default()).await;
    let good = asking("read");
    for body in [
        format!(r#"{{"":{good}}}"#),
        format!(r#"{{"a":{good},"a":{good}}}"#),
        format!(r#"{{"a":{good},"b":{{"subject":1,"action":1}}}}"#),
        format!(r#"{{"a":{good},"b":null}}"#),
        "null".to_owned(),
        "[]".to_owned(),
        format!("[{good}]"),
        r#"{"subjects":[1],"actions":[1],"resources":[1],"authorizationSubscriptions":[]}"#.to_owned(),
    ] {
        for endpoint in ["multi-decide-all-once", STREAMS[0], STREAMS[1]] {
            let reply = served.post(endpoint, &body).await;
            reply.assert_error(400, "Bad Request", &format!("/api/pdp/{endpoint}"));
        }
    }
}

#[tokio::test]
async fn unknown_members_of_an_entry_are_ignored() {
    let served = Served::new(ServeOptions::default()).await;
    let body = r#"{"a":{"x":1,"subject":1,"action":"read","resource":1}}"#;
    let reply = served.post("multi-decide-all-once", body).await;
    assert_eq!(reply.json(), json!({"a": {"decision": "PERMIT"}}));
}

#[tokio::test]
async fn entries_end_at_their_limit() {
    let served = Served::new(ServeOptions::default()).await;
    let reply = served
        .post("multi-decide-all-once", many(MAX_SUBSCRIPTIONS))
        .await;
    assert_eq!(
        reply.json().as_object().map(serde_json::Map::len),
        Some(MAX_SUBSCRIPTIONS)
    );
    for endpoint in ["multi-decide-all-once", STREAMS[0], STREAMS[1]] {
        let reply = served.post(endpoint, many(MAX_SUBSCRIPTIONS + 1)).await;
        assert_eq!(reply.status(), 400);
    }
    for endpoint in STREAMS {
        let mut client = served.client().await;
        client.post(endpoint, many(MAX_SUBSCRIPTIONS)).await;
        assert!(client.head().await.starts_with("HTTP/1.1 200 "));
    }
}
