//! What is asked and answered when all goes well.

use std::sync::Arc;

use sapl_base::{
    AuthorizationDecision, MAX_DECISION_BYTES, PolicyDecisionPoint,
    http::{Cleartext, HttpClient, HttpErrorKind, HttpPdp},
};
use serde_json::{Value, json};

use crate::support::{
    KEY, SECRET, Server, config, indeterminate, ok, pdp, reply, subscription, with_secrets,
};

fn head_and_body(request: &str) -> (&str, Value) {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    (head, serde_json::from_str(body).unwrap())
}

#[tokio::test]
async fn a_decision_comes_back_whole() {
    let server = Server::answering(ok(
        r#"{"decision":"PERMIT","obligations":[{"type":"limitResults","maxLimit":5}],"resource":null}"#,
    ))
    .await;
    let decision = pdp(&server.url()).decide_once(&with_secrets()).await;
    assert_eq!(
        decision,
        AuthorizationDecision::permit()
            .with_obligation(json!({"type": "limitResults", "maxLimit": 5}))
            .with_resource(Value::Null)
    );
    let requests = server.requests();
    let (head, body) = head_and_body(&requests[0]);
    assert!(
        head.starts_with("POST /api/pdp/decide-once HTTP/1.1\r\n"),
        "{head}"
    );
    for header in [
        "content-type: application/json",
        "accept: application/json",
        &format!("authorization: Bearer {KEY}"),
        &format!("host: 127.0.0.1:{}", server.port()),
    ] {
        assert!(head.lines().any(|line| line == header), "{head}");
    }
    assert!(!head.contains("accept-encoding"), "{head}");
    assert_eq!(
        body,
        json!({
            "subject": "mara",
            "action": "read",
            "resource": {"name": "report"},
            "secrets": {"password": SECRET}
        })
    );
}

#[tokio::test]
async fn a_decision_point_goes_where_an_embedded_one_went() {
    let server = Server::answering(ok(r#"{"decision":"PERMIT"}"#)).await;
    let pdp: Arc<dyn PolicyDecisionPoint> = Arc::new(pdp(&server.url()));
    assert_eq!(
        pdp.decide_once(&subscription()).await,
        AuthorizationDecision::permit()
    );
}

#[tokio::test]
async fn each_kind_of_credential_is_sent_as_a_node_reads_it() {
    let server = Server::answering(ok(r#"{"decision":"PERMIT"}"#)).await;
    let configs = [
        (config(&server.url()), None),
        (config(&server.url()).token(KEY), Some(format!("Bearer {KEY}"))),
        (
            config(&server.url()).username("Aladdin").password("open sesame"),
            Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==".to_owned()),
        ),
    ];
    for (config, expected) in configs {
        let pdp = HttpPdp::new(config).unwrap();
        assert_eq!(
            pdp.decide_once(&subscription()).await,
            AuthorizationDecision::permit()
        );
        let request = server.requests().pop().unwrap();
        let sent = request
            .lines()
            .find_map(|line| line.strip_prefix("authorization: "));
        assert_eq!(sent, expected.as_deref());
    }
}

#[tokio::test]
async fn a_node_behind_a_path_prefix_is_asked_there() {
    let server = Server::answering(ok(r#"{"decision":"DENY"}"#)).await;
    let pdp = HttpPdp::new(config(&format!("{}/sapl/", server.url()))).unwrap();
    assert_eq!(
        pdp.decide_once(&subscription()).await,
        AuthorizationDecision::deny()
    );
    assert!(server.requests()[0].starts_with("POST /sapl/api/pdp/decide-once "));
}

#[tokio::test]
async fn an_answer_may_have_one_mebibyte_and_not_a_byte_more() {
    let sized = |length: usize| {
        let frame = r#"{"decision":"PERMIT","x":""}"#.len();
        format!(r#"{{"decision":"PERMIT","x":"{}"}}"#, "a".repeat(length - frame))
    };
    let chunked = |body: &str| {
        format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n\
             {:x}\r\n{body}\r\n0\r\n\r\n",
            body.len()
        )
    };
    let edge = sized(MAX_DECISION_BYTES);
    for raw in [ok(&edge), chunked(&edge).into_bytes()] {
        let server = Server::answering(raw).await;
        let decision = pdp(&server.url()).decide_once(&subscription()).await;
        assert_eq!(decision, AuthorizationDecision::permit());
    }
    let beyond = sized(MAX_DECISION_BYTES + 1);
    for raw in [ok(&beyond), chunked(&beyond).into_bytes()] {
        let server = Server::answering(raw).await;
        let log = indeterminate(&pdp(&server.url())).await;
        assert!(log.contains("the answer is too large"), "{log}");
    }
}

#[tokio::test]
async fn an_error_is_shown_to_500_characters_on_one_line() {
    let body = format!("no\r\nWARN all is well\u{1b}[2J{}", "x".repeat(10_000));
    let server = Server::answering(reply("500 Oops", "", body)).await;
    let log = crate::support::Log::start();
    let decision = pdp(&server.url()).decide_once(&subscription()).await;
    assert_eq!(decision, AuthorizationDecision::indeterminate());
    let log = log.take();
    assert_eq!(log.lines().count(), 1, "{log}");
    assert!(
        log.contains(r"status 500: no\r\nWARN all is well\u{1b}[2Jxxx"),
        "{log}"
    );
    assert!(log.len() < 700, "{log}");
}

#[test]
fn runtimes_of_either_flavour_and_several_of_them_will_do() {
    let serving = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let server = serving.block_on(Server::answering(ok(r#"{"decision":"PERMIT"}"#)));
    let pdp = pdp(&server.url());
    for _ in 0..2 {
        let current = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let many = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        for runtime in [current, many] {
            let decision = runtime.block_on(pdp.decide_once(&subscription()));
            assert_eq!(decision, AuthorizationDecision::permit());
        }
    }
}

#[tokio::test]
async fn the_client_talks_cleartext_only_when_allowed_and_tls_only_when_it_has_it() {
    let server = Server::answering(ok("{}")).await;
    let get = |url: &str| http::Request::get(url).body(bytes::Bytes::new()).unwrap();
    let second = std::time::Duration::from_secs(1);
    let client = HttpClient::without_tls().unwrap();
    let response = client.fetch(get(&server.url()), 2, second).await.unwrap();
    assert_eq!(response.body(), "{}");
    let error = client.fetch(get(&server.url()), 1, second).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::TooLarge);
    let error = client
        .fetch(get("https://127.0.0.1"), 2, second)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Url);
    let strict = client.clone().with_cleartext(Cleartext::Refused);
    let url = format!("{}/?key={SECRET}", server.url()).replace(' ', "+");
    let error = strict.fetch(get(&url), 2, second).await.unwrap_err();
    assert_eq!(error.kind(), HttpErrorKind::Url);
    assert_eq!(
        error.to_string(),
        "the address is not talked to: it is http:// and cleartext is not allowed"
    );
}
