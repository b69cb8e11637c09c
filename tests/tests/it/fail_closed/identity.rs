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
async fn within_a_session_each_request_has_the_identity_of_its_own_token() {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::text("done"));
    let pdp = Pdp::role(&log, "ANALYST");
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
    // Whatever becomes of a session in the hands of another: he has no more rights than by himself.
    let reply = world.wire.ask(&call("sam")).await;
    assert!(!reply.contains("done"), "{reply:?}");
    assert_eq!(world.server.received().len(), 1);
}
