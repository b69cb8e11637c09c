//! A reply whose connection broke, and which is fetched by the id of the last event that arrived.

use std::sync::Arc;

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, post_enforce, pre_enforce};
use sapl_mcp_tests::{Answer, Behaviour, Log, Mode, Pdp, Revision, Server, World, tool};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::Notify,
};

const CALL: &str = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"t"}}"#;

/// A request on a connection that stays open.
async fn open(
    world: &World,
    method: &str,
    user: &str,
    session: &str,
    last: Option<&str>,
    body: &str,
) -> TcpStream {
    let mut stream = TcpStream::connect(world.wire.address()).await.unwrap();
    let last = last
        .map(|id| format!("Last-Event-ID: {id}\r\n"))
        .unwrap_or_default();
    let length = body.len();
    let request = format!(
        "{method} /mcp HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {user}-token\r\nAccept: \
         application/json, text/event-stream\r\nContent-Type: application/json\r\nMCP-Protocol-Version: \
         2025-11-25\r\nMcp-Session-Id: {session}\r\n{last}Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// What arrives, up to this text.
async fn read_to(stream: &mut TcpStream, end: &str) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 1024]);
    while !text.contains(end) {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "it ends before {end}: {text}");
        text += std::str::from_utf8(&buffer[..count]).unwrap();
    }
    text
}

/// The id of the last event.
fn last_id(events: &str) -> String {
    let mut ids = events.lines().filter_map(|line| line.strip_prefix("id:"));
    ids.next_back()
        .unwrap_or_else(|| panic!("no id: {events}"))
        .trim()
        .to_owned()
}

/// The call of `t` by mara, whose connection breaks while the decision is waited for, and what is fetched then.
async fn resumed(post: bool, decision: AuthorizationDecision) -> (World, String) {
    let log = Log::new();
    let rule = if post { post_enforce() } else { pre_enforce() };
    let server = Server::new(&log).tool(tool("t").enforce(rule), Behaviour::text("the content"));
    let decided = Arc::new(Notify::new());
    let pdp = Pdp::always(&log, Answer::When(Arc::clone(&decided), decision));
    let world = World::with(&log, server, pdp, Mode::Sessions, |builder| builder).await;
    let session = world.wire.open("mara", Revision::November2025).await;

    let mut first = open(&world, "POST", "mara", &session, None, CALL).await;
    let id = last_id(&read_to(&mut first, "id:").await.replace("\r\n", "\n"));
    log.wait_for("decide").await;
    drop(first);

    // Whoever else knows both ids gets what an unknown session gets.
    let mut foreign = open(&world, "GET", "sam", &session, Some(&id), "").await;
    let answer = read_to(&mut foreign, "\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");

    let mut second = open(&world, "GET", "mara", &session, Some(&id), "").await;
    decided.notify_one();
    let fetched = read_to(&mut second, r#""id":7"#).await;
    (world, fetched)
}

#[tokio::test]
async fn what_was_permitted_is_fetched_by_whom_it_is_for() {
    for post in [false, true] {
        let (world, fetched) = resumed(post, AuthorizationDecision::permit()).await;
        assert!(fetched.contains("the content"), "{fetched}");
        assert_eq!(world.audit.records().len(), 1);
    }
}

#[tokio::test]
async fn what_was_denied_is_fetched_as_the_denial() {
    for post in [false, true] {
        let (world, fetched) = resumed(post, AuthorizationDecision::deny()).await;
        assert!(
            fetched.contains("Access denied") && !fetched.contains("the content"),
            "{fetched}"
        );
        assert_eq!(world.server.received().len(), usize::from(post));
    }
}
