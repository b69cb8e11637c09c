//! Tokens for client credentials.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::{FutureExt, future::join_all};
use sapl_base::{
    AuthorizationDecision, PolicyDecisionPoint,
    http::{ClientCredentials, HttpPdp},
};
use tokio::{runtime, task, time};

use crate::support::{Log, Server, assert_nothing_secret, config, indeterminate, ok, reply, subscription};

const CLIENT_SECRET: &str = "battery staple";

/// What the answer of a token endpoint may have.
const MAX_TOKEN_RESPONSE: usize = 64 * 1024;

/// An answer of a token endpoint with so many bytes.
fn sized(length: usize) -> String {
    let frame = r#"{"access_token":"a","token_type":"Bearer","x":""}"#.len();
    let rest = "x".repeat(length - frame);
    format!(r#"{{"access_token":"a","token_type":"Bearer","x":"{rest}"}}"#)
}

/// A token endpoint that numbers its tokens: `token-1`, `token-2` …
async fn authorization_server(expires_in: u32) -> Server {
    let issued = AtomicUsize::new(0);
    Server::answering_with(move |_| {
        let number = 1 + issued.fetch_add(1, Ordering::SeqCst);
        ok(format!(
            r#"{{"access_token":"token-{number}","token_type":"Bearer","expires_in":{expires_in}}}"#
        ))
    })
    .await
}

/// A node that takes some tokens and no others.
async fn node(accepts: impl Fn(&str) -> bool + Send + Sync + 'static) -> Server {
    Server::answering_with(move |request| {
        if accepts(token(request)) {
            ok(r#"{"decision":"PERMIT"}"#)
        } else {
            reply("401 Unauthorized", "", "")
        }
    })
    .await
}

fn token(request: &str) -> &str {
    request
        .lines()
        .find_map(|line| line.strip_prefix("authorization: Bearer "))
        .unwrap()
}

fn tokens(node: &Server) -> Vec<String> {
    node.requests()
        .iter()
        .map(|request| token(request).to_owned())
        .collect()
}

fn pdp(node: &Server, issuer: &Server) -> HttpPdp {
    let credentials = ClientCredentials::new(format!("{}/token", issuer.url()), "mcp-server", CLIENT_SECRET)
        .scope("sapl")
        .audience("node");
    HttpPdp::new(config(&node.url()).client_credentials(credentials)).unwrap()
}

async fn permits(pdp: &HttpPdp) {
    let decision = pdp.decide_once(&subscription()).await;
    assert_eq!(decision, AuthorizationDecision::permit());
}

/// Lets the time go by at once.
async fn pass(time: Duration) {
    time::pause();
    time::advance(time).await;
    time::resume();
}

#[tokio::test]
async fn one_token_serves_all_who_wait_for_it_and_all_who_come_later() {
    let issuer = authorization_server(3600).await;
    let node = node(|_| true).await;
    let pdp = pdp(&node, &issuer);
    join_all((0..20).map(|_| permits(&pdp))).await;
    permits(&pdp.clone()).await;
    let requests = issuer.requests();
    assert_eq!(requests.len(), 1);
    assert!(requests[0].starts_with("POST /token HTTP/1.1\r\n"));
    assert!(requests[0].contains("\r\ncontent-type: application/x-www-form-urlencoded\r\n"));
    // `mcp-server:battery+staple`
    assert!(requests[0].contains("\r\nauthorization: Basic bWNwLXNlcnZlcjpiYXR0ZXJ5K3N0YXBsZQ==\r\n"));
    assert!(requests[0].ends_with("\r\n\r\ngrant_type=client_credentials&scope=sapl&audience=node"));
    assert!(tokens(&node).iter().all(|token| token == "token-1"));
}

#[tokio::test]
async fn a_token_is_replaced_ahead_of_its_end() {
    let issuer = authorization_server(3600).await;
    let node = node(|_| true).await;
    let pdp = pdp(&node, &issuer);
    permits(&pdp).await;
    pass(Duration::from_secs(3600 - 31)).await;
    permits(&pdp).await;
    assert_eq!(issuer.requests().len(), 1);
    pass(Duration::from_secs(2)).await;
    // Who comes now is served by the old one while the new one is on its way.
    permits(&pdp).await;
    assert_eq!(tokens(&node), ["token-1"; 3]);
    while issuer.requests().len() < 2 {
        task::yield_now().await;
    }
    for _ in 0..500 {
        task::yield_now().await;
    }
    permits(&pdp).await;
    assert_eq!(tokens(&node).pop().unwrap(), "token-2");
    assert_eq!(issuer.requests().len(), 2);
}

#[tokio::test]
async fn an_expired_token_is_never_sent() {
    let issuer = authorization_server(10).await;
    let node = node(|_| true).await;
    let pdp = pdp(&node, &issuer);
    permits(&pdp).await;
    pass(Duration::from_secs(11)).await;
    permits(&pdp).await;
    assert_eq!(tokens(&node), ["token-1", "token-2"]);
}

#[tokio::test]
async fn a_401_is_answered_with_one_new_token() {
    let issuer = authorization_server(3600).await;
    let node = node(|token| token != "token-1").await;
    let pdp = pdp(&node, &issuer);
    permits(&pdp).await;
    assert_eq!(tokens(&node), ["token-1", "token-2"]);
    permits(&pdp).await;
    assert_eq!(issuer.requests().len(), 2);
}

#[tokio::test]
async fn a_node_that_refuses_every_token_is_not_asked_for_ever() {
    let issuer = authorization_server(3600).await;
    let node = node(|_| false).await;
    let pdp = pdp(&node, &issuer);
    let log = indeterminate(&pdp).await;
    assert!(
        log.contains("status 401 (the credentials are missing or wrong)"),
        "{log}"
    );
    // The first question took two tries; the second knows that a new token does not help.
    assert_eq!(tokens(&node), ["token-1", "token-2", "token-2"]);
    assert_eq!(issuer.requests().len(), 2);
    pass(Duration::from_secs(5)).await;
    indeterminate(&pdp).await;
    assert_eq!(issuer.requests().len(), 3);
}

#[tokio::test]
async fn a_fixed_token_that_is_refused_is_not_sent_twice() {
    let node = node(|_| false).await;
    let pdp = HttpPdp::new(config(&node.url()).token("fixed")).unwrap();
    indeterminate(&pdp).await;
    assert_eq!(tokens(&node), ["fixed", "fixed"]);
}

#[tokio::test]
async fn without_a_token_nothing_is_asked() {
    let elsewhere = authorization_server(3600).await;
    let location = format!("location: {}\r\n", elsewhere.url());
    let huge = format!(
        r#"{{"access_token":"{}","token_type":"Bearer"}}"#,
        "a".repeat(64 * 1024)
    );
    for (raw, cause) in [
        (
            reply(
                "400 Bad Request",
                "",
                format!(r#"{{"error":"invalid_client","x":"{CLIENT_SECRET}"}}"#),
            ),
            "no access token: the token endpoint answered 400: invalid_client",
        ),
        (
            reply("503 Unavailable", "", CLIENT_SECRET),
            "the token endpoint answered 503",
        ),
        (
            reply("307 Temporary", &location, ""),
            "the token endpoint answered 307",
        ),
        (
            reply("200 OK", "content-type: text/html\r\n", "{}"),
            "is no application/json",
        ),
        (
            ok(format!(r#"{{"access_token":"{CLIENT_SECRET}"}}"#)),
            "is malformed",
        ),
        (
            ok(huge),
            "the token endpoint can't be asked: the answer is too large",
        ),
        (
            b"nonsense\r\n\r\n".to_vec(),
            "the token endpoint can't be asked: the connection broke",
        ),
    ] {
        let issuer = Server::answering(raw).await;
        let node = node(|_| true).await;
        let log = indeterminate(&pdp(&node, &issuer)).await;
        assert!(log.contains(cause), "{log}");
        assert!(!log.contains(CLIENT_SECRET), "{log}");
        assert_eq!(node.connections(), 0);
        // The second question came within the pause after the failure.
        assert_eq!(issuer.requests().len(), 1);
    }
    assert_eq!(elsewhere.connections(), 0);
}

#[tokio::test]
async fn an_answer_with_a_token_may_have_64_kibibytes() {
    let issuer = Server::answering(ok(sized(MAX_TOKEN_RESPONSE))).await;
    let node = node(|_| true).await;
    permits(&pdp(&node, &issuer)).await;
}

#[tokio::test]
async fn after_a_pause_the_token_endpoint_is_asked_again() {
    let attempts = AtomicUsize::new(0);
    let issuer = Server::answering_with(move |_| match attempts.fetch_add(1, Ordering::SeqCst) {
        0 => reply("503 Unavailable", "", ""),
        _ => ok(r#"{"access_token":"a","token_type":"Bearer"}"#),
    })
    .await;
    let node = node(|_| true).await;
    let pdp = pdp(&node, &issuer);
    indeterminate(&pdp).await;
    pass(Duration::from_secs(1)).await;
    permits(&pdp).await;
}

#[tokio::test]
async fn a_token_endpoint_that_says_nothing_costs_no_more_than_the_time_out() {
    let paused = Arc::new(AtomicUsize::new(0));
    let issuer = Server::start(move |mut connection| {
        let paused = Arc::clone(&paused);
        async move {
            connection.request().await?;
            if paused.fetch_add(1, Ordering::SeqCst) == 0 {
                time::pause();
            }
            std::future::pending().await
        }
    })
    .await;
    let node = node(|_| true).await;
    let start = time::Instant::now();
    let pdp = pdp(&node, &issuer);
    let log = Log::start();
    let decision = pdp.decide_once(&subscription()).await;
    assert_eq!(decision, AuthorizationDecision::indeterminate());
    let log = log.take();
    assert!(
        log.contains("no answer within 5s") || log.contains("it took too long"),
        "{log}"
    );
    assert_nothing_secret(&log);
    assert!(start.elapsed() < Duration::from_secs(6));
    assert_eq!(node.connections(), 0);
}

#[tokio::test]
async fn who_gives_up_takes_the_token_from_nobody() {
    let issuer = authorization_server(3600).await;
    let node = node(|_| true).await;
    let pdp = pdp(&node, &issuer);
    let subscription = subscription();
    let first = pdp.decide_once(&subscription);
    assert!(first.now_or_never().is_none());
    permits(&pdp).await;
    assert_eq!(issuer.requests().len(), 1);
}

#[test]
fn a_request_for_a_token_that_ends_with_its_runtime_holds_up_nobody() {
    let servers = runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let asked = Arc::new(AtomicUsize::new(0));
    let issuer = servers.block_on(Server::start(move |mut connection| {
        let asked = Arc::clone(&asked);
        async move {
            connection.request().await?;
            if asked.fetch_add(1, Ordering::SeqCst) == 0 {
                std::future::pending().await
            }
            connection
                .write(ok(r#"{"access_token":"a","token_type":"Bearer"}"#))
                .await
        }
    }));
    let node = servers.block_on(node(|_| true));
    let pdp = pdp(&node, &issuer);
    let runtime = || {
        runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    first.block_on(async {
        let subscription = subscription();
        tokio::select! {
            _ = pdp.decide_once(&subscription) => panic!("nobody answered"),
            () = async { while issuer.requests().is_empty() { task::yield_now().await } } => {}
        }
    });
    drop(first);
    runtime().block_on(permits(&pdp));
}

#[tokio::test]
async fn an_early_replacement_that_fails_leaves_the_token_in_use() {
    let attempts = AtomicUsize::new(0);
    let issuer = Server::answering_with(move |_| match attempts.fetch_add(1, Ordering::SeqCst) {
        0 => ok(r#"{"access_token":"a","token_type":"Bearer","expires_in":100}"#),
        _ => reply("503 Unavailable", "", ""),
    })
    .await;
    let node = node(|_| true).await;
    let pdp = pdp(&node, &issuer);
    let log = Log::start();
    permits(&pdp).await;
    pass(Duration::from_secs(80)).await;
    for _ in 0..3 {
        permits(&pdp).await;
        while issuer.requests().len() < 2 {
            task::yield_now().await;
        }
        for _ in 0..500 {
            task::yield_now().await;
        }
    }
    assert_eq!(issuer.requests().len(), 2);
    let log = log.take();
    assert!(log.contains("could not be replaced ahead of its end"), "{log}");
    pass(Duration::from_secs(21)).await;
    indeterminate(&pdp).await;
    assert_eq!(tokens(&node), ["a"; 4]);
}
