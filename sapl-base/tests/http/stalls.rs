//! Servers that take their time. The clock is virtual from the moment that the server has gone quiet.

use std::time::Duration;

use sapl_base::http::{CONNECT_TIMEOUT, HttpPdp, PdpConfig};
use tokio::time::{self, Instant};

use crate::support::{Server, config, indeterminate, ok, pdp};

const LIMIT: Duration = PdpConfig::DEFAULT_TIMEOUT;

/// Both ways to ask, each within the time-out.
async fn assert_in_time(pdp: &HttpPdp) {
    let start = Instant::now();
    let log = indeterminate(pdp).await;
    let elapsed = start.elapsed();
    assert!(
        log.contains("no answer within 5s") || log.contains("took too long"),
        "{log}"
    );
    assert!(elapsed >= 2 * LIMIT, "{elapsed:?}");
    // Before the clock is virtual, connecting takes a moment.
    assert!(elapsed < 2 * LIMIT + Duration::from_secs(1), "{elapsed:?}");
}

/// Virtual time, once and for good.
fn stop_the_clock() {
    // Pausing twice panics, and both ways to ask come by here.
    thread_local!(static STOPPED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) });
    if !STOPPED.replace(true) {
        time::pause();
    }
}

/// A server that takes connections and does nothing more.
async fn unresponsive() -> Server {
    Server::start(|connection| async move {
        stop_the_clock();
        let _kept = connection;
        std::future::pending().await
    })
    .await
}

#[tokio::test]
async fn no_answer_at_all() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        stop_the_clock();
        std::future::pending().await
    })
    .await;
    assert_in_time(&pdp(&server.url())).await;
}

#[tokio::test]
async fn a_head_that_does_not_end() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        connection.write("HTTP/1.1 200 OK\r\ncontent-type: appl").await?;
        stop_the_clock();
        std::future::pending().await
    })
    .await;
    assert_in_time(&pdp(&server.url())).await;
}

#[tokio::test]
async fn a_body_that_does_not_end() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        let whole = ok(r#"{"decision":"PERMIT"} "#);
        connection.write(&whole[..whole.len() - 1]).await?;
        stop_the_clock();
        std::future::pending().await
    })
    .await;
    assert_in_time(&pdp(&server.url())).await;
}

#[tokio::test]
async fn a_byte_a_second() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        stop_the_clock();
        for byte in ok(r#"{"decision":"PERMIT"}"#) {
            connection.write([byte]).await?;
            // The clock is virtual by now, so nobody waits.
            time::sleep(Duration::from_secs(1)).await;
        }
        Ok(())
    })
    .await;
    assert_in_time(&pdp(&server.url())).await;
}

#[tokio::test]
async fn a_server_that_does_not_read() {
    let server = unresponsive().await;
    assert_in_time(&pdp(&server.url())).await;
}

#[tokio::test]
async fn a_tls_handshake_that_does_not_begin() {
    let server = unresponsive().await;
    let url = format!("https://127.0.0.1:{}", server.port());
    assert_in_time(&pdp(&url)).await;
}

#[tokio::test]
async fn an_error_whose_body_does_not_end_is_told_by_its_status() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        connection
            .write("HTTP/1.1 503 Unavailable\r\ncontent-length: 100\r\n\r\nlater")
            .await?;
        stop_the_clock();
        std::future::pending().await
    })
    .await;
    let start = Instant::now();
    let log = indeterminate(&pdp(&server.url())).await;
    assert!(log.contains("status 503"), "{log}");
    assert!(start.elapsed() < LIMIT);
}

#[tokio::test]
async fn the_configured_time_out_is_the_one_that_counts() {
    let server = Server::start(|mut connection| async move {
        connection.request().await?;
        stop_the_clock();
        std::future::pending().await
    })
    .await;
    let pdp = HttpPdp::new(config(&server.url()).timeout(Duration::from_secs(200))).unwrap();
    let start = Instant::now();
    let log = indeterminate(&pdp).await;
    assert!(log.contains("no answer within 200s"), "{log}");
    assert!(start.elapsed() >= Duration::from_secs(400));
}

#[tokio::test]
async fn connecting_has_a_limit_of_its_own() {
    let server = unresponsive().await;
    let url = format!("https://127.0.0.1:{}", server.port());
    let pdp = HttpPdp::new(PdpConfig::new(url).timeout(PdpConfig::MAX_TIMEOUT)).unwrap();
    let start = Instant::now();
    let log = indeterminate(&pdp).await;
    assert!(
        log.contains("it took too long: connecting took too long"),
        "{log}"
    );
    let elapsed = start.elapsed();
    assert!(elapsed >= 2 * CONNECT_TIMEOUT && elapsed < 2 * CONNECT_TIMEOUT + Duration::from_secs(1));
}
