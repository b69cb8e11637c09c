//! Sessions of one user that another one uses with a valid token of his own.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Ask, Behaviour, Log, Mode, Pdp, Reply, Revision, Server, World, tool};
use serde_json::json;

const REVISION: Revision = Revision::November2025;
const UNKNOWN: &str = "6b1f0c52-93ad-4c0e-8a5e-3f1d2b7c9e04";

async fn world() -> World {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::text("done"));
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    World::with(&log, server, pdp, Mode::Sessions, |builder| builder).await
}

fn call(user: &str, session: &str) -> Ask {
    Ask::new(REVISION, user, "tools/call", json!({"name": "t"})).session(session)
}

async fn sent(world: &World, method: &str, session: &str, body: &str) -> Reply {
    let head = format!(
        "{method} /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json, \
         text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
         MCP-Protocol-Version: 2025-11-25\r\nAuthorization: Bearer sam-token\r\n\
         Mcp-Session-Id: {session}\r\n",
        body.len()
    );
    world.wire.send(&head, body).await
}

/// What sam sends in mara's session is answered as in one that nobody has, and mara's goes on.
async fn assert_foreign(method: &str, body: &str) {
    let world = world().await;
    let session = world.wire.open("mara", REVISION).await;
    let foreign = sent(&world, method, &session, body).await;
    assert_eq!(foreign, sent(&world, method, UNKNOWN, body).await);
    assert_eq!(world.server.received(), []);
    assert!(world.wire.ask(&call("mara", &session)).await.contains("done"));
}

#[tokio::test]
async fn a_request_runs_in_the_session_of_another() {
    assert_foreign(
        "POST",
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}"#,
    )
    .await;
}

#[tokio::test]
async fn a_question_of_the_server_is_answered_by_another() {
    assert_foreign("POST", r#"{"jsonrpc":"2.0","id":0,"result":{"action":"accept"}}"#).await;
}

#[tokio::test]
async fn a_stream_is_read_by_another() {
    assert_foreign("GET", "").await;
}

#[tokio::test]
async fn a_session_is_ended_by_another() {
    assert_foreign("DELETE", "").await;
}

#[tokio::test]
async fn a_colliding_id_steals_the_reply_of_another() {
    let world = world().await;
    let (maras, sams) = (
        world.wire.open("mara", REVISION).await,
        world.wire.open("sam", REVISION).await,
    );
    // Every request of this client has the same id.
    let (mara, sam) = (call("mara", &maras), call("sam", &sams));
    let (mara, sam) = tokio::join!(world.wire.ask(&mara), world.wire.ask(&sam));
    for reply in [mara, sam] {
        assert_eq!(reply.body.matches("done").count(), 1, "{reply:?}");
    }
    let records = world.audit.records().into_iter();
    let mut subjects: Vec<_> = records.filter_map(|record| record.subject).collect();
    subjects.sort();
    assert_eq!(subjects, ["mara", "sam"]);
}
