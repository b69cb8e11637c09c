//! What was asked of a real node, asked of this server: the replies are the same but for dates, for the order of
//! members within constraints, and for the order of ids.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sapl_cli::serve::{ServeOptions, Server};
use sapl_pdp::EmbeddedPdp;
use serde_json::Value;

use crate::client::{Client, Served, demo, header};

/// The recordings, in the format that `tests/src/recording.rs` describes.
fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/node");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "txt"))
        .collect();
    files.sort();
    files
}

/// All bytes of one side.
fn said(recording: &str, mark: &str) -> String {
    let lines = recording.lines().filter_map(|line| line.strip_prefix(mark));
    let text: String = lines.collect();
    text.replace("\\r", "\r").replace("\\n", "\n")
}

/// The status line, the headers and the body of a reply, as far as they are the same of both.
fn comparable(head: &str, body: &str) -> (String, BTreeMap<&'static str, Option<String>>, Value) {
    let names = [
        "content-type",
        "cache-control",
        "connection",
        "location",
        "www-authenticate",
    ];
    let headers = names.map(|name| (name, header(head, name).map(str::to_owned)));
    let mut body: Value = serde_json::from_str(body).unwrap();
    if let Some(timestamp) = body.get_mut("timestamp") {
        *timestamp = Value::Null;
    }
    (
        head.lines().next().unwrap_or_default().to_owned(),
        headers.into(),
        body,
    )
}

async fn served() -> Served {
    let pdp = Arc::new(EmbeddedPdp::from_dir(demo()).unwrap());
    let server = Server::bind(Arc::clone(&pdp), ServeOptions::default())
        .await
        .unwrap();
    Served { server, pdp }
}

#[tokio::test]
async fn requests_of_one_reply_are_answered_as_the_node_did() {
    let served = served().await;
    let mut compared = 0;
    for path in recordings() {
        let recording = fs::read_to_string(&path).unwrap();
        let (sent, received) = (said(&recording, "> "), said(&recording, "< "));
        if received.contains("text/event-stream") || sent.matches(" HTTP/1.1\r\n").count() > 1 {
            continue;
        }
        let mut client = served.client().await;
        client.send(sent.replace("pdp.example", "localhost")).await;
        let ours = client.reply().await;
        let (head, body) = received.split_once("\r\n\r\n").unwrap();
        let body = match header(head, "transfer-encoding") {
            Some(_) => body.split("\r\n").nth(1).unwrap(),
            None => body,
        };
        assert_eq!(
            comparable(&ours.head, &ours.body),
            comparable(head, body),
            "{}",
            path.display()
        );
        compared += 1;
    }
    assert!(compared >= 15, "{compared}");
}

/// The data of the events up to the first keep-alive comment, sorted, and all other frames.
fn frames(received: &str) -> (Vec<String>, Vec<String>) {
    let (_, body) = received.split_once("\r\n\r\n").unwrap();
    let mut first = Vec::new();
    let mut others = Vec::new();
    for chunk in body.split("\r\n").skip(1).step_by(2) {
        match chunk.strip_prefix("data:") {
            Some(data) if others.is_empty() => {
                let data: Value = serde_json::from_str(data).unwrap();
                first.push(data.to_string());
            }
            None if !chunk.is_empty() => others.push(chunk.to_owned()),
            _ => {}
        }
    }
    first.sort();
    (first, others)
}

#[tokio::test]
async fn streams_begin_and_end_as_those_of_the_node_did() {
    let mut compared = 0;
    for path in recordings() {
        let recording = fs::read_to_string(&path).unwrap();
        let (sent, received) = (said(&recording, "> "), said(&recording, "< "));
        if !received.contains("text/event-stream") {
            continue;
        }
        let served = served().await;
        let (first, others) = frames(&received);
        let mut client = served.client().await;
        client.send(sent.replace("pdp.example", "localhost")).await;
        let head = client.head().await;
        let node = received.split_once("\r\n\r\n").unwrap().0;
        for name in ["content-type", "cache-control", "transfer-encoding"] {
            assert_eq!(header(&head, name), header(node, name));
        }
        let mut ours = Vec::new();
        for _ in &first {
            let frame = client.chunk().await.unwrap();
            let data = frame
                .strip_prefix("data:")
                .and_then(|frame| frame.strip_suffix("\n\n"));
            let data: Value = serde_json::from_str(data.unwrap()).unwrap();
            ours.push(data.to_string());
        }
        ours.sort();
        assert_eq!(ours, first, "{}", path.display());
        if let Some(last) = others.last() {
            let stopping = tokio::spawn(served.server.stop());
            assert_eq!(client.chunk().await.as_ref(), Some(last));
            finish(client).await;
            stopping.await.unwrap();
        } else {
            finish(client).await;
        }
        compared += 1;
    }
    assert_eq!(compared, 4);
}

async fn finish<I: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin>(mut client: Client<I>) {
    assert_eq!(client.chunk().await, None);
}
