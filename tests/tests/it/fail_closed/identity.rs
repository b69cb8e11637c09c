//! Who asks is what the token says, whatever else a client sends.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Ask, Behaviour, Log, Pdp, Revision, Server, World, claims, tool};
use serde_json::json;

async fn world() -> World {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::text("done"));
    World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await
}

#[tokio::test]
async fn forged_headers_and_meta_do_not_change_the_subject() {
    for revision in Revision::ALL {
        let world = world().await;
        let params = json!({
            "name": "t",
            "arguments": {"subject": "mara", "user": "mara", "_meta": {"sub": "mara"}},
            "_meta": {
                "subject": claims("mara"), "user": "mara", "io.sapl/subject": "mara", "io.sapl/enforcement": "x",
                "authorization": "Bearer mara-token", "clientId": "mara",
            },
            "subject": claims("mara"),
            "extensions": {"identity": "mara"},
        });
        let ask = Ask::new(revision, "sam", "tools/call", params)
            .header("X-Agent-Id", "mara")
            .header("X-User", "mara")
            .header("X-Forwarded-User", "mara")
            .header("X-Authorization", "Bearer mara-token")
            .header("Proxy-Authorization", "Bearer mara-token")
            .header("Cookie", "token=mara-token");
        world.wire.ask(&ask).await.result();
        let asked = world.pdp.only();
        assert_eq!(asked.subject(), &claims("sam"), "{revision:?}");
        assert_eq!(asked.action(), "call");
        assert_eq!(asked.environment(), None);
        assert_eq!(asked.resource()["tags"], json!([]));
        assert_eq!(asked.resource()["name"], "t");
        assert_eq!(world.audit.records()[0].subject.as_deref(), Some("sam"));
    }
}

#[tokio::test]
async fn a_request_without_a_good_token_reaches_nothing() {
    let world = world().await;
    let call = |user| Ask::new(Revision::November2025, user, "tools/call", json!({"name": "t"}));
    for ask in [
        call("sam").anonymous(),
        call("nobody"),
        call("sam")
            .anonymous()
            .header("Authorization", "Basic c2FtOnBhc3N3b3Jk"),
        call("sam").header("Authorization", "Bearer mara-token"),
        call("sam")
            .anonymous()
            .header("Authorization", "Bearer mara-token, Bearer sam-token"),
    ] {
        let reply = world.wire.ask(&ask).await;
        assert_eq!(reply.status, 401, "{reply:?}");
        assert!(
            reply
                .header("www-authenticate")
                .is_some_and(|challenge| challenge.starts_with("Bearer"))
        );
    }
    assert_eq!(world.log.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_session_serves_its_owner_and_is_unknown_to_anybody_else() {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::text("done"));
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    let world = World::with(&log, server, pdp, sapl_mcp_tests::Mode::Sessions, |builder| {
        builder
    })
    .await;
    let session = world.wire.open("mara", Revision::November2025).await;
    let call =
        |user| Ask::new(Revision::November2025, user, "tools/call", json!({"name": "t"})).session(&session);
    assert_eq!(
        world.wire.ask(&call("mara")).await.result()["content"][0]["text"],
        "done"
    );
    // They may call the tool, but not in a session of mara's, whatever they send there.
    let response = r#"{"jsonrpc":"2.0","id":0,"result":{}}"#;
    let request = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t"}}"#;
    let notification = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#;
    for (method, body, status) in [
        ("POST", request, 404),
        ("POST", response, 404),
        ("POST", notification, 404),
        ("GET", "", 404),
        ("DELETE", "", 202),
    ] {
        let send = async |user: &str, session: &str| {
            let head = format!(
                "{method} /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAccept: application/json, \
                 text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 MCP-Protocol-Version: 2025-11-25\r\nAuthorization: Bearer {user}-token\r\n\
                 Mcp-Session-Id: {session}\r\n",
                body.len()
            );
            world.wire.send(&head, body).await
        };
        for stranger in ["sam", "felix"] {
            let foreign = send(stranger, &session).await;
            assert_eq!(foreign.status, status, "{method} {body}: {foreign:?}");
            for unknown in ["6b1f0c52-93ad-4c0e-8a5e-3f1d2b7c9e04", "x"] {
                assert_eq!(foreign, send(stranger, unknown).await, "{method} {body}");
            }
        }
    }
    assert_eq!(world.server.received().len(), 1);
    // Nothing of it touched the session.
    assert_eq!(
        world.wire.ask(&call("mara")).await.result()["content"][0]["text"],
        "done"
    );
}
