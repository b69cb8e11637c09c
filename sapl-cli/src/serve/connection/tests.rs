//! What time does to a connection. The clock is a virtual one.

use std::time::Duration;

use sapl_pdp::{Configuration, EmbeddedPdp};
use tokio::io::{DuplexStream, duplex};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::*;
use crate::serve::{BODY_TIMEOUT, DEFAULT_KEEP_ALIVE};

const MOMENT: Duration = Duration::from_millis(10);

const ASKED: &str = r#"{"subject":"mara","action":"read","resource":"report"}"#;

struct Connected {
    near: DuplexStream,
    api: Arc<Api>,
    serving: JoinHandle<()>,
    start: Instant,
}

fn configuration(verdict: &str) -> Configuration {
    Configuration::from_texts(None, [("a.sapl", format!("policy \"a\" {verdict}"))]).unwrap()
}

/// A connection whose sides hold so many bytes that the other has not read.
fn connected(held: usize) -> Connected {
    let (near, far) = duplex(held);
    let api = Arc::new(Api {
        pdp: Arc::new(EmbeddedPdp::new(&configuration("permit")).unwrap()),
        keys: None,
        only_loopback_names: true,
        keep_alive: DEFAULT_KEEP_ALIVE,
        streams: Arc::new(Semaphore::new(1)),
        stop: CancellationToken::new(),
    });
    Connected {
        near,
        serving: tokio::spawn(serve(Arc::clone(&api), far)),
        api,
        start: Instant::now(),
    }
}

fn request(endpoint: &str) -> String {
    let length = ASKED.len();
    format!("POST /api/pdp/{endpoint} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n{ASKED}")
}

impl Connected {
    async fn send(&mut self, text: &str) {
        self.near.write_all(text.as_bytes()).await.unwrap();
    }

    /// All that comes until this text has come.
    async fn until(&mut self, end: &str) -> String {
        let mut text = Vec::new();
        while !text.ends_with(end.as_bytes()) {
            text.push(self.near.read_u8().await.unwrap());
        }
        String::from_utf8(text).unwrap()
    }

    /// All that comes until the connection is closed, and when that is.
    async fn rest(&mut self) -> (String, Duration) {
        let mut text = String::new();
        self.near.read_to_string(&mut text).await.unwrap();
        (text, self.start.elapsed())
    }
}

fn assert_soon_after(elapsed: Duration, limit: Duration) {
    assert!(
        elapsed >= limit && elapsed < limit + LINGER + MOMENT,
        "{elapsed:?} for {limit:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_head_that_never_ends_is_not_waited_for() {
    let mut client = connected(65_536);
    client
        .send("POST /api/pdp/decide-once HTTP/1.1\r\nHost: localhost\r\n")
        .await;
    let (text, elapsed) = client.rest().await;
    assert_eq!(text, "");
    assert_soon_after(elapsed, HEADER_TIMEOUT);
    assert!(client.serving.await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_head_that_drips_is_not_waited_for_either() {
    let mut client = connected(65_536);
    client.send("POST /api/pdp/decide-once HTTP/1.1\r\n").await;
    while client.near.write_all(b"A: b\r\n").await.is_ok() {
        sleep(Duration::from_secs(1)).await;
    }
    assert_soon_after(client.start.elapsed(), HEADER_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn a_head_that_ends_in_time_is_answered() {
    let mut client = connected(65_536);
    let request = request("decide-once");
    let (start, rest) = request.split_at(40);
    client.send(start).await;
    sleep(HEADER_TIMEOUT - MOMENT).await;
    client.send(rest).await;
    assert!(client.until("}").await.ends_with(r#"{"decision":"PERMIT"}"#));
}

#[tokio::test(start_paused = true)]
async fn an_idle_connection_is_kept_for_a_while() {
    let mut client = connected(65_536);
    for _ in 0..3 {
        client.send(&request("decide-once")).await;
        client.until("}").await;
        sleep(HEADER_TIMEOUT - MOMENT).await;
    }
    client.send(&request("decide-once")).await;
    client.until("}").await;
    client.start = Instant::now();
    let (text, elapsed) = client.rest().await;
    assert_eq!(text, "");
    assert_soon_after(elapsed, HEADER_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn a_body_that_stalls_or_drips_is_refused_in_time() {
    for drips in [false, true] {
        let mut client = connected(65_536);
        client
            .send("POST /api/pdp/decide-once HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n")
            .await;
        while drips && client.start.elapsed() + MOMENT < BODY_TIMEOUT {
            client.send(" ").await;
            sleep(Duration::from_secs(1)).await;
        }
        let (text, elapsed) = client.rest().await;
        assert!(text.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{text}");
        assert_soon_after(elapsed, BODY_TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_that_ends_in_time_is_decided_on() {
    let mut client = connected(65_536);
    let request = request("decide-once");
    let (head, body) = request.split_at(request.len() - 1);
    client.send(head).await;
    sleep(BODY_TIMEOUT - MOMENT).await;
    client.send(body).await;
    assert!(client.until("}").await.ends_with(r#"{"decision":"PERMIT"}"#));
}

#[tokio::test(start_paused = true)]
async fn keep_alives_come_on_a_fixed_clock_whatever_is_decided_in_between() {
    let mut client = connected(65_536);
    client.send(&request("decide")).await;
    client.until("PERMIT\"}\n\n").await;
    for (round, verdict) in (1_u32..).zip(["deny", "permit", "suspend"]) {
        sleep(DEFAULT_KEEP_ALIVE * round - client.start.elapsed() - MOMENT).await;
        client.api.pdp.replace(&configuration(verdict)).unwrap();
        client.until(&format!("{}\"}}\n\n", verdict.to_uppercase())).await;
        client.until(": keep-alive\n\n").await;
        let late = client.start.elapsed() - DEFAULT_KEEP_ALIVE * round;
        assert!(late < MOMENT, "{late:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn attributes_are_waited_for_and_followed() {
    let mut client = connected(65_536);
    let policy = "policy \"a\" permit <time.toggle(1000, 2000)>;";
    let toggling = Configuration::from_texts(None, [("a.sapl", policy)]).unwrap();
    client.api.pdp.replace(&toggling).unwrap();
    client.send(&request("decide-once")).await;
    client.until(r#"{"decision":"PERMIT"}"#).await;
    client.send(&request("decide")).await;
    client.until("PERMIT\"}\n\n").await;
    let began = Instant::now();
    client.until("DENY\"}\n\n").await;
    client.until("PERMIT\"}\n\n").await;
    let elapsed = began.elapsed();
    assert!(elapsed.abs_diff(Duration::from_secs(3)) < MOMENT, "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stream_lives_on_for_days() {
    let mut client = connected(65_536);
    client.send(&request("decide")).await;
    for _ in 0..10_000 {
        client.until(": keep-alive\n\n").await;
    }
    client.api.pdp.replace(&configuration("deny")).unwrap();
    client.until("DENY\"}\n\n").await;
}

#[tokio::test(start_paused = true)]
async fn who_reads_nothing_of_a_stream_is_let_go() {
    let mut client = connected(1024);
    client.send(&request("decide")).await;
    client.until("PERMIT\"}\n\n").await;
    assert_eq!(client.api.streams.available_permits(), 0);
    (&mut client.serving).await.unwrap();
    assert_eq!(client.api.streams.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn who_is_gone_holds_no_stream() {
    let mut client = connected(65_536);
    client.send(&request("decide")).await;
    client.until("PERMIT\"}\n\n").await;
    drop(client.near);
    client.serving.await.unwrap();
    assert_eq!(client.api.streams.available_permits(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stop_waits_for_a_request_under_way_but_not_for_ever() {
    for ends in [true, false] {
        let mut client = connected(65_536);
        let request = request("decide-once");
        let (start, rest) = request.split_at(request.len() - 1);
        client.send(start).await;
        sleep(MOMENT).await;
        client.api.stop.cancel();
        client.start = Instant::now();
        sleep(DRAIN_TIMEOUT - MOMENT).await;
        if ends {
            client.send(rest).await;
            assert!(client.until("}").await.ends_with(r#"{"decision":"PERMIT"}"#));
        }
        let (_, elapsed) = client.rest().await;
        assert!(elapsed < DRAIN_TIMEOUT + LINGER + MOMENT, "{elapsed:?}");
        client.serving.await.unwrap();
    }
}
