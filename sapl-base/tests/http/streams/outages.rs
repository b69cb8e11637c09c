//! Whatever ends a stream, its permit does not survive, and it comes back.

use std::{
    io,
    sync::atomic::{AtomicUsize, Ordering},
};

use sapl_base::{
    Decision, PolicyDecisionPoint,
    http::{ClientCredentials, HttpPdp},
};

use super::{DENY, HEAD, PERMIT, SHUTDOWN, chunk, ending, event_stream, next, next_after_a_pause, streaming};
use crate::support::{KEY, Log, SECRET, Server, assert_nothing_secret, config, ok, pdp, reply, with_secrets};

/// Permits, as the stream says, then is INDETERMINATE. Gives what the log said.
async fn loses_its_permit(server: &Server) -> String {
    let (pdp, subscription) = (pdp(&server.url()), with_secrets());
    let log = Log::start();
    let mut decisions = pdp.decide(&subscription);
    assert_eq!(next(&mut decisions).await.decision, Decision::Permit);
    assert_eq!(log.take(), "");
    assert_eq!(next(&mut decisions).await.decision, Decision::Indeterminate);
    warned_once(&log)
}

/// Is INDETERMINATE from the beginning. Gives what the log said.
async fn never_decides(server: &Server) -> String {
    let (pdp, subscription) = (pdp(&server.url()), with_secrets());
    let log = Log::start();
    let mut decisions = pdp.decide(&subscription);
    assert_eq!(next(&mut decisions).await.decision, Decision::Indeterminate);
    warned_once(&log)
}

fn warned_once(log: &Log) -> String {
    let lines = log.take();
    assert_eq!(lines.matches("WARN").count(), 1, "{lines}");
    assert!(lines.contains("endpoint=\"decide\""), "{lines}");
    assert_nothing_secret(&lines);
    lines
}

#[tokio::test]
async fn a_shutdown_is_an_outage_and_the_next_connection_asks_the_same() {
    let server = ending(&[PERMIT, SHUTDOWN]).await;
    let log = loses_its_permit(&server).await;
    assert!(log.contains("the decision point shuts down"), "{log}");

    let (pdp, subscription) = (pdp(&server.url()), with_secrets());
    let mut decisions = pdp.decide(&subscription);
    for _ in 0..3 {
        assert_eq!(next(&mut decisions).await.decision, Decision::Permit);
        assert_eq!(next(&mut decisions).await.decision, Decision::Indeterminate);
        assert_eq!(
            next_after_a_pause(&mut decisions).await.decision,
            Decision::Permit
        );
        assert_eq!(next(&mut decisions).await.decision, Decision::Indeterminate);
        decisions = pdp.decide(&subscription);
    }
    let requests = server.requests();
    assert!(requests.iter().all(|request| *request == requests[0]));
    assert!(requests[0].starts_with("POST /api/pdp/decide HTTP/1.1\r\n"));
    assert!(requests[0].contains("\r\naccept: text/event-stream\r\n"));
    assert!(requests[0].contains(&format!("\r\nauthorization: Bearer {KEY}\r\n")));
    assert!(requests[0].contains(SECRET));
}

#[tokio::test]
async fn a_clean_end_is_an_outage() {
    let log = loses_its_permit(&ending(&[PERMIT]).await).await;
    assert!(log.contains("the stream ended"), "{log}");
}

#[tokio::test]
async fn a_reset_is_an_outage() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        connection.write(HEAD).await?;
        connection.write(chunk(PERMIT)).await?;
        connection.write("5\r\nda").await
    })
    .await;
    let log = loses_its_permit(&server).await;
    assert!(log.contains("the connection broke"), "{log}");
}

#[tokio::test]
async fn a_malformed_event_is_an_outage_and_is_not_quoted_where_secrets_were_sent() {
    let server = streaming(&[PERMIT, "data:{\"decision\":\"correct horse\"}\n\n", PERMIT]).await;
    let log = loses_its_permit(&server).await;
    assert!(log.contains("an event is no decision"), "{log}");
}

#[tokio::test]
async fn a_refused_connection_is_an_outage() {
    let server = streaming(&[]).await;
    let (pdp, subscription) = (pdp(&server.url()), with_secrets());
    drop(server);
    let log = Log::start();
    let mut decisions = pdp.decide(&subscription);
    assert_eq!(next(&mut decisions).await.decision, Decision::Indeterminate);
    let lines = warned_once(&log);
    assert!(lines.contains("no connection"), "{lines}");
    assert!(lines.contains("retry_in="), "{lines}");
}

#[tokio::test]
async fn an_answer_that_is_no_event_stream_is_an_outage() {
    let redirect = "location: http://127.0.0.1:1/\r\n";
    for (answer, cause) in [
        (reply("307 Temporary Redirect", redirect, ""), "status 307"),
        (reply("400 Bad Request", "", SECRET), "status 400"),
        (reply("401 Unauthorized", "", KEY), "status 401"),
        (reply("404 Not Found", "", ""), "status 404"),
        (reply("413 Payload Too Large", "", ""), "status 413"),
        (
            reply("429 Too Many Requests", "retry-after: 1\r\n", ""),
            "status 429",
        ),
        (
            reply("503 Service Unavailable", "retry-after: 1\r\n", ""),
            "status 503",
        ),
        (
            reply("201 Created", "content-type: text/event-stream\r\n", PERMIT),
            "status 201",
        ),
        (
            reply("200 OK", "content-type: text/html\r\n", PERMIT),
            "content type",
        ),
        (reply("200 OK", "", PERMIT), "content type"),
        (ok(r#"{"decision":"PERMIT"}"#), "content type"),
        (
            reply(
                "200 OK",
                "content-type: text/event-stream\r\ncontent-encoding: gzip\r\n",
                PERMIT,
            ),
            "compressed",
        ),
        (event_stream("{\"decision\":\"PERMIT\"}\n\n"), "the stream ended"),
        (b"nonsense\r\n\r\n".to_vec(), "the connection broke"),
    ] {
        let server = Server::answering(answer).await;
        let log = never_decides(&server).await;
        assert!(log.contains(cause), "{cause}: {log}");
        assert_eq!(server.requests().len(), 1, "{cause}");
    }
}

#[tokio::test]
async fn an_outage_that_lasts_is_told_once() {
    let server = Server::answering(reply("503 Service Unavailable", "", "")).await;
    let (pdp, subscription) = (pdp(&server.url()), with_secrets());
    let log = Log::start();
    let mut decisions = pdp.decide(&subscription);
    assert_eq!(next(&mut decisions).await.decision, Decision::Indeterminate);
    {
        let again = next_after_a_pause(&mut decisions);
        tokio::pin!(again);
        while server.requests().len() < 2 {
            assert!(futures_util::poll!(&mut again).is_pending());
            tokio::task::yield_now().await;
        }
    }
    let lines = warned_once(&log);
    assert!(!lines.contains("status 401"), "{lines}");
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_once() {
    let issued = AtomicUsize::new(0);
    let issuer = Server::answering_with(move |_| {
        let number = 1 + issued.fetch_add(1, Ordering::SeqCst);
        ok(format!(
            r#"{{"access_token":"token-{number}","token_type":"Bearer"}}"#
        ))
    })
    .await;
    let node = Server::start(|mut connection| async move {
        loop {
            if connection.request().await?.contains("Bearer token-2\r\n") {
                connection.write(HEAD).await?;
                connection.write(chunk(DENY)).await?;
                return std::future::pending::<io::Result<()>>().await;
            }
            connection.write(reply("401 Unauthorized", "", "")).await?;
        }
    })
    .await;
    let credentials = ClientCredentials::new(format!("{}/token", issuer.url()), "mcp-server", SECRET);
    let pdp = HttpPdp::new(config(&node.url()).client_credentials(credentials)).unwrap();
    let subscription = with_secrets();
    let mut decisions = pdp.decide(&subscription);
    assert_eq!(next(&mut decisions).await.decision, Decision::Deny);
    assert_eq!((issuer.requests().len(), node.requests().len()), (2, 2));
}
