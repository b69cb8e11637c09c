//! Answers that are none.

use std::sync::{Arc, Mutex};

use sapl_base::{AuthorizationDecision, PolicyDecisionPoint};
use tokio::net::TcpListener;

use crate::support::{
    KEY, Log, SECRET, Server, assert_nothing_secret, indeterminate, ok, pdp, reply, subscription,
};

#[tokio::test]
async fn a_refused_connection_is_indeterminate() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let log = indeterminate(&pdp(&url)).await;
    assert!(log.contains("cause=no connection: tcp connect error"), "{log}");
}

#[tokio::test]
async fn a_connection_reset_in_the_middle_of_the_body_is_indeterminate() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        let whole = ok(r#"{"decision":"PERMIT"}                    "#);
        connection.write(&whole[..whole.len() - 4]).await?;
        connection.stream.set_zero_linger()
    })
    .await;
    let log = indeterminate(&pdp(&server.url())).await;
    assert!(log.contains("cause=the connection broke"), "{log}");
}

#[tokio::test]
async fn a_connection_closed_too_early_is_indeterminate() {
    for cut in [0, 10, 60, 1] {
        let server = Server::start(move |mut connection| async move {
            connection.request().await?;
            let whole = ok(r#"{"decision":"PERMIT"}"#);
            let end = if cut == 1 { whole.len() - 1 } else { cut };
            connection.write(&whole[..end]).await
        })
        .await;
        let log = indeterminate(&pdp(&server.url())).await;
        assert!(log.contains("cause=the connection broke"), "{cut}: {log}");
    }
}

/// Each raw answer, and what the log says of it.
fn unusable() -> Vec<(&'static str, Vec<u8>, &'static str)> {
    let deep = format!(r#"{{"decision":"PERMIT","resource":{}}}"#, "[".repeat(100_000));
    let json = "content-type: application/json\r\n";
    let gzip = [&[0x1f, 0x8b, 8, 0][..], &[0; 600]].concat();
    let permit = r#"{"decision":"PERMIT"}"#;
    vec![
        ("no content type", reply("200 OK", "", permit), "content type is not application/json"),
        ("html", reply("200 OK", "content-type: text/html\r\n", permit), "content type is not"),
        ("events", reply("200 OK", "content-type: text/event-stream\r\n", permit), "content type is not"),
        (
            "two content types",
            reply("200 OK", "content-type: application/json\r\ncontent-type: text/html\r\n", permit),
            "content type is not",
        ),
        ("invalid UTF-8", ok(b"{\"decision\":\"PERMIT\",\"resource\":\"\xff\"}"), "malformed"),
        ("an invalid key", ok(b"{\"decision\":\"PERMIT\",\"\xc3\":1}"), "malformed"),
        ("duplicate keys", ok(r#"{"decision":"DENY","decision":"PERMIT"}"#), "malformed"),
        ("duplicate obligations", ok(r#"{"decision":"PERMIT","obligations":[1],"obligations":[]}"#), "malformed"),
        ("deep nesting", ok(deep), "malformed"),
        ("trailing bytes", ok(r#"{"decision":"PERMIT"}{}"#), "malformed"),
        ("a second decision", ok("{\"decision\":\"PERMIT\"}\n{\"decision\":\"DENY\"}"), "malformed"),
        ("an unknown decision", ok(r#"{"decision":"PERMITTED"}"#), "malformed"),
        ("a decision in small letters", ok(r#"{"decision":"permit"}"#), "malformed"),
        ("no object", ok("null"), "malformed"),
        ("nothing", ok(""), "malformed"),
        ("half an object", ok(r#"{"decision":"PERMIT""#), "malformed"),
        ("an event", ok("data:{\"decision\":\"PERMIT\"}\n\n"), "malformed"),
        ("a secret for a decision", ok(format!(r#"{{"decision":"{SECRET} {KEY}"}}"#)), "malformed"),
        ("201", reply("201 Created", json, permit), "status 201"),
        ("204", reply("204 No Content", json, ""), "status 204"),
        ("400", reply("400 Bad Request", json, permit), "status 400"),
        ("401", reply("401 Unauthorized", json, permit), "status 401 (the credentials"),
        ("403", reply("403 Forbidden", json, permit), "status 403"),
        ("404", reply("404 Not Found", json, permit), "status 404 (nothing there"),
        ("413", reply("413 Payload Too Large", json, permit), "status 413 (a node takes 65,536 bytes"),
        ("429", reply("429 Too Many Requests", "retry-after: 0\r\n", permit), "status 429"),
        ("500", reply("500 Internal Server Error", json, permit), "status 500"),
        ("503", reply("503 Service Unavailable", "retry-after: 0\r\n", permit), "status 503"),
        (
            "gzip",
            reply("200 OK", "content-type: application/json\r\ncontent-encoding: gzip\r\n", gzip),
            "the answer is compressed",
        ),
        (
            "two codings",
            reply("200 OK", "content-type: application/json\r\ncontent-encoding: identity\r\ncontent-encoding: br\r\n", permit),
            "the answer is compressed",
        ),
        ("gzip that is not said to be", ok(b"\x1f\x8b\x08\0\0\0\0\0\0\xff"), "malformed"),
        (
            "gzip on the way",
            [
                b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: gzip, chunked\r\n\r\n".as_slice(),
                b"a\r\n\x1f\x8b\x08\0\0\0\0\0\0\xff\r\n0\r\n\r\n",
            ]
            .concat(),
            "malformed",
        ),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.6\r\n\r\n".to_vec(), "the connection broke"),
        ("HTTP/2 without being asked", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), "the connection broke"),
        (
            "two lengths",
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 21\r\ncontent-length: 22\r\n\r\n{\"decision\":\"PERMIT\"} ".to_vec(),
            "the connection broke",
        ),
        (
            "a header without an end",
            [b"HTTP/1.1 200 OK\r\nx: ".as_slice(), &vec![b'a'; 4 << 20]].concat(),
            "the connection broke",
        ),
        (
            "a chunk of no size",
            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n".to_vec(),
            "the connection broke",
        ),
    ]
}

#[tokio::test]
async fn whatever_is_no_decision_is_indeterminate_and_says_why() {
    for (case, raw, cause) in unusable() {
        let server = Server::answering(raw).await;
        let log = indeterminate(&pdp(&server.url())).await;
        assert!(log.contains(cause), "{case}: {log}");
        assert_eq!(server.requests().len(), 2, "{case}: nothing is asked twice");
    }
}

#[tokio::test]
async fn an_interim_answer_is_none() {
    let raw = [
        b"HTTP/1.1 103 Early Hints\r\n\r\n".to_vec(),
        ok(r#"{"decision":"PERMIT"}"#),
    ]
    .concat();
    let server = Server::answering(raw).await;
    let decision = pdp(&server.url()).decide_once(&subscription()).await;
    assert_eq!(decision, AuthorizationDecision::permit());
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_secrets_are_not_posted_again() {
    let elsewhere = Server::answering(ok(r#"{"decision":"PERMIT"}"#)).await;
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let location = format!("location: {}/api/pdp/decide-once\r\n", elsewhere.url());
        let server = Server::answering(reply(status, &location, "")).await;
        let log = indeterminate(&pdp(&server.url())).await;
        assert!(log.contains("(redirects are not followed)"), "{log}");
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn an_error_that_repeats_the_request_is_not_shown() {
    let server = Server::answering_with(|request| reply("500 Oops", "", request)).await;
    let log = indeterminate(&pdp(&server.url())).await;
    assert!(log.contains("not shown, since the request held secrets"), "{log}");
    let log = Log::start();
    pdp(&server.url()).decide_once(&subscription()).await;
    let log = log.take();
    assert_nothing_secret(&log);
    assert!(log.contains("not shown, since it repeats a credential"), "{log}");
}

#[tokio::test]
async fn a_failure_does_not_outlast_itself() {
    let answers = Arc::new(Mutex::new(vec![
        ok(r#"{"decision":"PERMIT"}"#),
        reply("503 Service Unavailable", "", "later"),
    ]));
    let server = Server::answering_with(move |_| answers.lock().unwrap().pop().unwrap()).await;
    let pdp = pdp(&server.url());
    let first = pdp.decide_once(&subscription()).await;
    assert_eq!(first, AuthorizationDecision::indeterminate());
    let second = pdp.decide_once(&subscription()).await;
    assert_eq!(second, AuthorizationDecision::permit());
}
