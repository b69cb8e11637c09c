use sapl_cli::serve::{MAX_BODY_BYTES, ServeOptions};
use sapl_pdp::Configuration;

use crate::client::{Served, asking};

const PERMIT: &str = r#"{"decision":"PERMIT"}"#;
const DENY: &str = r#"{"decision":"DENY"}"#;

async fn served() -> Served {
    Served::new(ServeOptions::default()).await
}

#[tokio::test]
async fn a_decision_is_json_without_what_it_does_not_have() {
    let served = served().await;
    let reply = served.post("decide-once", asking("read")).await;
    assert_eq!((reply.status(), reply.body.as_str()), (200, PERMIT));
    assert_eq!(reply.header("content-type"), Some("application/json"));
    assert_eq!(reply.header("content-length"), Some("21"));
    assert_eq!(reply.header("cache-control"), None);
    let all = "policy \"a\" deny obligation 1 advice 2 transform null";
    let all = Configuration::from_texts(None, [("a.sapl", all)]).unwrap();
    served.pdp.replace(&all).unwrap();
    let reply = served.post("decide-once", asking("read")).await;
    assert_eq!(
        reply.body,
        r#"{"decision":"DENY","obligations":[1],"advice":[2],"resource":null}"#
    );
}

#[tokio::test]
async fn content_type_and_accept_do_not_matter() {
    let served = served().await;
    for headers in [
        "",
        "Content-Type: application/json\r\n",
        "Content-Type: text/plain;charset=UTF-16\r\nAccept: text/html\r\n",
        "Content-Type: nonsense\r\nAccept: nonsense\r\n",
    ] {
        let mut client = served.client().await;
        client.post_with("decide-once", headers, asking("read")).await;
        let reply = client.reply().await;
        assert_eq!((reply.status(), reply.body.as_str()), (200, PERMIT), "{headers}");
    }
}

#[tokio::test]
async fn what_can_be_understood_is_decided_on() {
    let served = served().await;
    let with = |member: &str| format!(r#"{{"subject":1,"action":"read","resource":2,{member}}}"#);
    for (body, decision) in [
        (with(r#""unknown": [1]"#), PERMIT),
        (with(r#""action": "write""#), DENY),
        (
            r#"{"subject":1,"action":"write","resource":2,"action":"read"}"#.to_owned(),
            PERMIT,
        ),
        (
            r#"{"subject":null,"action":"read","resource":2}"#.to_owned(),
            PERMIT,
        ),
        (with(r#""environment": null"#), PERMIT),
        (with(r#""secrets": {}"#), PERMIT),
        (with(r#""secrets": {"a": 1}"#), PERMIT),
        (with(r#""environment": 1e999"#), PERMIT),
        (with(r#""environment": 123456789012345678901234567890"#), PERMIT),
        (format!("\u{feff}{}", asking("read")), PERMIT),
        (format!(" \r\n\t{} \n", asking("read")), PERMIT),
        (
            with(&format!(
                r#""environment": {}{}"#,
                "[".repeat(400),
                "]".repeat(400)
            )),
            PERMIT,
        ),
        ("null".to_owned(), r#"{"decision":"INDETERMINATE"}"#),
        (" null\n".to_owned(), r#"{"decision":"INDETERMINATE"}"#),
    ] {
        let reply = served.post("decide-once", &body).await;
        assert_eq!((reply.status(), reply.body.as_str()), (200, decision), "{body}");
    }
}

#[tokio::test]
async fn nested_duplicates_and_long_numbers_are_decided_on_as_they_are_written() {
    let served = served().await;
    let policy = "policy \"a\" permit subject.n == 123456789012345678901234567890; subject.last == 2; \
                  resource == 0.10000000000000000000000000001;";
    let policy = Configuration::from_texts(None, [("a.sapl", policy)]).unwrap();
    served.pdp.replace(&policy).unwrap();
    let asked = |number: &str| {
        format!(
            r#"{{"subject":{{"n":{number},"last":1,"last":2}},"action":1,"resource":0.10000000000000000000000000001}}"#
        )
    };
    let reply = served
        .post("decide-once", asked("123456789012345678901234567890"))
        .await;
    assert_eq!(reply.body, PERMIT);
    let reply = served
        .post("decide-once", asked("123456789012345678901234567891"))
        .await;
    assert_eq!(reply.body, DENY);
}

#[tokio::test]
async fn what_is_no_subscription_is_a_bad_request_at_every_endpoint() {
    let served = served().await;
    let bodies: [&[u8]; 19] = [
        b"",
        b" ",
        b"[]",
        b"\"text\"",
        b"1",
        b"{\"action\":1,\"resource\":1}",
        b"{\"subject\":1,\"resource\":1}",
        b"{\"subject\":1,\"action\":1}",
        b"{\"subject\":1,\"action\":1,\"resource\":1,\"secrets\":null}",
        b"{\"subject\":1,\"action\":1,\"resource\":1,\"secrets\":1}",
        b"{\"subject\":1,\"action\":1,\"resource\":1",
        b"{\"subject\":1,\"action\":1,\"resource\":1} x",
        b"{\"subject\":NaN,\"action\":1,\"resource\":1}",
        b"{\"subject\":\"\xff\",\"action\":1,\"resource\":1}",
        b"{\"subject\":01,\"action\":1,\"resource\":1}",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xabV*.M\xcaJM.Q\xb2",
        // A node takes it.
        b"{\"subject\":\"\\ud800\",\"action\":1,\"resource\":1}",
        b"{\"subject\":1 /* a */,\"action\":1,\"resource\":1}",
        b"{'subject':1,'action':1,'resource':1}",
    ];
    for endpoint in [
        "decide-once",
        "multi-decide-all-once",
        "decide",
        "multi-decide",
        "multi-decide-all",
    ] {
        for body in bodies {
            let reply = served.post(endpoint, body).await;
            reply.assert_error(400, "Bad Request", &format!("/api/pdp/{endpoint}"));
        }
        if endpoint != "decide-once" {
            assert_eq!(served.post(endpoint, "null").await.status(), 400);
        }
    }
}

#[tokio::test]
async fn nesting_ends_at_its_limit() {
    let served = served().await;
    let nested = |levels: usize| {
        let value = format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        format!(r#"{{"subject":{value},"action":"read","resource":2}}"#)
    };
    // The subscription itself is a level.
    for (levels, status) in [(499, 200), (500, 400), (600, 400), (30_000, 400)] {
        assert_eq!(
            served.post("decide-once", nested(levels)).await.status(),
            status,
            "{levels}"
        );
    }
}

#[tokio::test]
async fn deep_subscriptions_do_not_break_policies_that_look_at_all_of_them() {
    let served = served().await;
    let deep = format!("{}{}", "[".repeat(499), "]".repeat(499));
    let objects = format!("{}1{}", "{\"a\":".repeat(499), "}".repeat(499));
    for expression in [
        "subject == subject",
        "subject == {}",
        "(\"\" + subject) == \"\"",
        "(subject..a) == []",
        "(subject..[0]) == []",
        "subject in [subject]",
        "(subject |- { @..a : filter.remove }) == 1",
    ] {
        let policy = format!("policy \"a\" permit {expression};");
        let policy = Configuration::from_texts(None, [("a.sapl", policy)]).unwrap();
        served.pdp.replace(&policy).unwrap();
        for subject in [&deep, &objects] {
            let body = format!(r#"{{"subject":{subject},"action":1,"resource":1}}"#);
            assert_eq!(
                served.post("decide-once", body).await.status(),
                200,
                "{expression}"
            );
        }
    }
    let policy = Configuration::from_texts(None, [("a.sapl", "policy \"a\" permit transform subject")]);
    served.pdp.replace(&policy.unwrap()).unwrap();
    let body = format!(r#"{{"subject":{deep},"action":1,"resource":1}}"#);
    let reply = served.post("decide-once", body).await;
    assert_eq!(reply.body, r#"{"decision":"INDETERMINATE"}"#);
}

#[tokio::test]
async fn a_body_ends_at_its_limit_declared_or_in_chunks() {
    let served = served().await;
    for (length, status) in [(MAX_BODY_BYTES, 200), (MAX_BODY_BYTES + 1, 413)] {
        let mut body = asking("read").into_bytes();
        body.resize(length, b' ');
        let declared = served.post("decide-once", &body).await;
        let mut client = served.client().await;
        client
            .send(
                "POST /api/pdp/decide-once HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
            )
            .await;
        for piece in body.chunks(10_000) {
            client.send(format!("{:x}\r\n", piece.len())).await;
            client.send([piece, b"\r\n"].concat()).await;
        }
        client.send("0\r\n\r\n").await;
        let chunked = client.reply().await;
        for reply in [declared, chunked] {
            assert_eq!(reply.status(), status);
            if status == 413 {
                assert!(reply.head.starts_with("HTTP/1.1 413 Payload Too Large\r\n"));
                reply.assert_error(413, "Content Too Large", "/api/pdp/decide-once");
            }
        }
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_before_it_is_sent() {
    let served = served().await;
    let mut client = served.client().await;
    client
        .send("POST /api/pdp/decide-once HTTP/1.1\r\nHost: localhost\r\nContent-Length: 65537\r\n\r\n")
        .await;
    let reply = client.reply().await;
    assert_eq!((reply.status(), reply.header("connection")), (413, Some("close")));
    assert!(client.is_closed().await);
}

#[tokio::test]
async fn other_methods_are_not_allowed() {
    let served = served().await;
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        let mut client = served.client().await;
        client
            .send(format!(
                "{method} /api/pdp/decide HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            ))
            .await;
        let reply = client.reply().await;
        reply.assert_error(405, "Method Not Allowed", "/api/pdp/decide");
        assert_eq!(reply.header("allow"), Some("POST"));
    }
}

#[tokio::test]
async fn other_paths_are_not_found() {
    let served = served().await;
    for path in [
        "decide-once/",
        "decide-twice",
        "",
        "Decide",
        "decide%2Donce",
        "../pdp/decide",
    ] {
        let reply = served.post(path, asking("read")).await;
        reply.assert_error(404, "Not Found", &format!("/api/pdp/{path}"));
    }
    for target in ["/", "/api/pdp", "//api/pdp/decide", "/actuator", "/actuator/env"] {
        let mut client = served.client().await;
        client
            .send(format!(
                "POST {target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            ))
            .await;
        assert_eq!(client.reply().await.status(), 404, "{target}");
    }
}

#[tokio::test]
async fn health_is_told_to_everybody() {
    let keys = sapl_cli::serve::ApiKeys::parse("sapl_a_b").unwrap();
    let served = Served::new(ServeOptions::default().with_api_keys(keys)).await;
    for path in ["health", "health/liveness", "health/readiness"] {
        let mut client = served.client().await;
        client
            .send(format!(
                "GET /actuator/{path} HTTP/1.1\r\nHost: localhost\r\n\r\n"
            ))
            .await;
        let reply = client.reply().await;
        assert_eq!((reply.status(), reply.body.as_str()), (200, r#"{"status":"UP"}"#));
        client
            .send(format!(
                "POST /actuator/{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n"
            ))
            .await;
        assert_eq!(client.reply().await.status(), 405);
    }
}
