use std::time::Duration;

use sapl_cli::serve::ServeOptions;
use tokio::time::timeout;

use crate::client::{Served, asking};

#[tokio::test]
async fn a_connection_takes_one_request_after_the_other_and_several_at_once() {
    let served = Served::new(ServeOptions::default()).await;
    let mut client = served.client().await;
    for action in ["read", "write"] {
        client.post("decide-once", asking(action)).await;
        assert_eq!(client.reply().await.status(), 200);
    }
    client.post("decide-once", "{").await;
    assert_eq!(client.reply().await.status(), 400);
    for action in ["read", "write"] {
        client.post("decide-once", asking(action)).await;
    }
    assert!(client.reply().await.body.contains("PERMIT"));
    assert!(client.reply().await.body.contains("DENY"));
}

#[tokio::test]
async fn http_2_is_not_spoken_and_an_upgrade_is_ignored() {
    let served = Served::new(ServeOptions::default()).await;
    let mut client = served.client().await;
    let upgrade =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
    client.post_with("decide-once", upgrade, asking("read")).await;
    assert_eq!(client.reply().await.status(), 200);
    let mut client = served.client().await;
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await;
    assert!(!client.is_answered().await);
}

#[tokio::test]
async fn what_is_no_http_is_refused_and_the_connection_closed() {
    let served = Served::new(ServeOptions::default()).await;
    for bytes in [
        "nonsense\r\n\r\n".to_owned(),
        "\u{0}\u{1}\u{2}\u{3}\r\n\r\n".to_owned(),
        "POST /api/pdp/decide-once HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n".to_owned(),
        "POST /api/pdp/decide-once HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n12"
            .to_owned(),
        format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "a".repeat(1_000_000)),
        format!("GET / HTTP/1.1\r\nHost: localhost\r\nA: {}\r\n\r\n", "a".repeat(1_000_000)),
    ] {
        let mut client = served.client().await;
        client.send(&bytes).await;
        let head = client.head().await;
        assert!(head.starts_with("HTTP/1.1 4"), "{head}");
    }
    assert_eq!(served.post("decide-once", asking("read")).await.status(), 200);
}

#[tokio::test]
async fn a_body_that_is_cut_off_decides_nothing() {
    let served = Served::new(ServeOptions::default()).await;
    let mut client = served.client().await;
    client
        .send("POST /api/pdp/decide-once HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{\"subject\":")
        .await;
    drop(client);
    assert_eq!(served.post("decide-once", asking("read")).await.status(), 200);
}

#[tokio::test]
async fn connections_end_at_their_number_and_further_ones_wait() {
    let served = Served::new(ServeOptions::default().with_max_connections(2)).await;
    let mut first = served.client().await;
    let mut second = served.client().await;
    for client in [&mut first, &mut second] {
        client.post("decide-once", asking("read")).await;
        assert_eq!(client.reply().await.status(), 200);
    }
    let mut third = served.client().await;
    third.post("decide-once", asking("read")).await;
    let waited = timeout(Duration::from_millis(50), third.head()).await;
    assert!(waited.is_err());
    drop(first);
    assert_eq!(third.reply().await.status(), 200);
}

#[tokio::test]
async fn any_number_can_be_given_as_the_most() {
    let options = ServeOptions::default()
        .with_max_connections(usize::MAX)
        .with_max_streams(usize::MAX);
    let served = Served::new(options).await;
    assert_eq!(served.post("decide-once", asking("read")).await.status(), 200);
}

#[tokio::test]
async fn a_stop_closes_idle_connections() {
    let served = Served::new(ServeOptions::default()).await;
    let mut idle = served.client().await;
    idle.post("decide-once", asking("read")).await;
    idle.reply().await;
    let fresh = served.client().await;
    served.server.stop().await;
    assert!(idle.is_closed().await);
    drop(fresh);
}
