use std::time::Duration;

use sapl_cli::serve::ServeOptions;
use sapl_pdp::Configuration;

use crate::client::{Served, asking, header, permitting};

const SHUTDOWN: &str = "event: shutdown\ndata: SAPL Node stopping\n\n";

async fn served() -> Served {
    Served::new(ServeOptions::default()).await
}

#[tokio::test]
async fn a_stream_is_told_as_what_it_is() {
    let served = served().await;
    for accept in ["", "Accept: application/json\r\n"] {
        let mut client = served.client().await;
        client.post_with("decide", accept, asking("read")).await;
        let head = client.head().await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"));
        assert_eq!(
            header(&head, "content-type"),
            Some("text/event-stream;charset=UTF-8")
        );
        assert_eq!(header(&head, "cache-control"), Some("no-cache"));
        assert_eq!(header(&head, "transfer-encoding"), Some("chunked"));
    }
}

#[tokio::test]
async fn a_decision_is_sent_at_once_and_when_it_is_another() {
    let served = served().await;
    let mut client = served.client().await;
    client.post("decide", asking("read")).await;
    client.head().await;
    assert_eq!(
        client.chunk().await.as_deref(),
        Some("data:{\"decision\":\"PERMIT\"}\n\n")
    );
    // Policies under which nothing changes send nothing.
    let equal = Configuration::from_texts(None, [("b.sapl", "policy \"b\" permit")]).unwrap();
    served.pdp.replace(&equal).unwrap();
    let advised =
        Configuration::from_texts(None, [("a.sapl", "policy \"a\" permit advice {type: \"log\"}")]).unwrap();
    served.pdp.replace(&advised).unwrap();
    assert_eq!(
        client.chunk().await.as_deref(),
        Some("data:{\"decision\":\"PERMIT\",\"advice\":[{\"type\":\"log\"}]}\n\n")
    );
    served.pdp.replace(&permitting("write")).unwrap();
    assert_eq!(
        client.chunk().await.as_deref(),
        Some("data:{\"decision\":\"DENY\"}\n\n")
    );
}

#[tokio::test]
async fn of_several_each_is_sent_and_then_those_that_changed() {
    let served = served().await;
    let mut client = served.client().await;
    let body = format!(r#"{{"one":{},"two":{}}}"#, asking("read"), asking("play"));
    client.post("multi-decide", body).await;
    client.head().await;
    let event = |id: &str, decision: &str| {
        Some(format!(
            "data:{{\"subscriptionId\":\"{id}\",\"decision\":{{\"decision\":\"{decision}\"}}}}\n\n"
        ))
    };
    assert_eq!(client.chunk().await, event("one", "PERMIT"));
    assert_eq!(client.chunk().await, event("two", "DENY"));
    served.pdp.replace(&permitting("write")).unwrap();
    assert_eq!(client.chunk().await, event("one", "DENY"));
    served.pdp.replace(&permitting("play")).unwrap();
    assert_eq!(client.chunk().await, event("two", "PERMIT"));
}

#[tokio::test]
async fn a_snapshot_is_sent_whole_when_any_decision_changed() {
    let served = served().await;
    let mut client = served.client().await;
    let body = format!(r#"{{"two":{},"one":{}}}"#, asking("play"), asking("read"));
    client.post("multi-decide-all", body).await;
    client.head().await;
    let event = |two: &str, one: &str| {
        Some(format!(
            "data:{{\"two\":{{\"decision\":\"{two}\"}},\"one\":{{\"decision\":\"{one}\"}}}}\n\n"
        ))
    };
    assert_eq!(client.chunk().await, event("DENY", "PERMIT"));
    served.pdp.replace(&permitting("write")).unwrap();
    assert_eq!(client.chunk().await, event("DENY", "DENY"));
    served.pdp.replace(&permitting("play")).unwrap();
    assert_eq!(client.chunk().await, event("PERMIT", "DENY"));
}

#[tokio::test]
async fn a_quiet_stream_is_kept_alive_by_comments() {
    let options = ServeOptions::default().with_keep_alive(Duration::from_millis(20));
    let served = Served::new(options).await;
    let mut client = served.client().await;
    client.post("decide", asking("read")).await;
    client.head().await;
    client.chunk().await;
    for _ in 0..3 {
        assert_eq!(client.chunk().await.as_deref(), Some(": keep-alive\n\n"));
    }
}

#[tokio::test]
async fn a_stop_is_announced_on_every_stream_and_ends_it_cleanly() {
    let served = served().await;
    let mut clients = Vec::new();
    for (endpoint, body) in [
        ("decide", asking("read")),
        ("multi-decide", format!(r#"{{"one":{}}}"#, asking("read"))),
        ("multi-decide-all", format!(r#"{{"one":{}}}"#, asking("read"))),
    ] {
        let mut client = served.client().await;
        client.post(endpoint, body).await;
        client.head().await;
        client.chunk().await;
        clients.push(client);
    }
    let address = served.server.address();
    let stopping = tokio::spawn(served.server.stop());
    for client in &mut clients {
        assert_eq!(client.chunk().await.as_deref(), Some(SHUTDOWN));
        assert_eq!(client.chunk().await, None);
        assert!(client.is_closed().await);
    }
    drop(clients);
    stopping.await.unwrap();
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn streams_end_at_their_number_and_leave_room_for_requests() {
    let served = Served::new(ServeOptions::default().with_max_streams(2)).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut client = served.client().await;
        client.post("decide", asking("read")).await;
        assert!(client.head().await.starts_with("HTTP/1.1 200 "));
        open.push(client);
    }
    let refused = served.post("decide", asking("read")).await;
    refused.assert_error(503, "Service Unavailable", "/api/pdp/decide");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(served.post("decide-once", asking("read")).await.status(), 200);
    // Who is gone leaves room.
    drop(open.pop());
    loop {
        let mut client = served.client().await;
        client.post("decide", asking("read")).await;
        if client.head().await.starts_with("HTTP/1.1 200 ") {
            break;
        }
    }
}
