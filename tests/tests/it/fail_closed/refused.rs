//! What is refused without a decision leaves a record all the same.

use rmcp::model::MetaObject;
use sapl_mcp::{AuditOutcome, AuthorizationDecision, OwnedAuditRecord, Unannotated};
use sapl_mcp_tests::{Behaviour, Log, Mode, Pdp, Server, World, object, tool};
use serde_json::json;

async fn world(server: impl FnOnce(Server) -> Server, unannotated: Unannotated) -> World {
    let log = Log::new();
    let server = server(Server::new(&log));
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.unannotated(unannotated)
    })
    .await
}

/// The one record, of a denial by the layer itself.
fn only_denial(world: &World) -> OwnedAuditRecord {
    let mut records = world.audit.take();
    let record = records.pop().unwrap();
    assert!(records.is_empty());
    assert_eq!(record.outcome, AuditOutcome::Denied);
    assert_eq!(record.decision, None);
    record
}

#[tokio::test]
async fn a_component_without_a_rule_where_such_are_denied_is_recorded() {
    let open = |server: Server| server.tool(tool("t"), Behaviour::text("open"));
    let world = world(open, Unannotated::Deny).await;
    let reply = world.call("mara", "t", json!({})).await;
    assert_eq!(reply.result()["isError"], true);
    let record = only_denial(&world);
    assert_eq!((record.name.as_str(), record.stealth), ("t", false));
    assert!(record.reason.unwrap().contains("no rule"));
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_damaged_rule_is_recorded_and_an_unknown_name_is_not() {
    let mut damaged = tool("t");
    damaged.meta = Some(MetaObject(object(json!({"io.sapl/enforcement": "forged"}))));
    let server = |server: Server| server.tool(damaged, Behaviour::text("secret"));
    let world = world(server, Unannotated::Pass).await;
    let damaged = world.call("mara", "t", json!({})).await;
    let record = only_denial(&world);
    assert_eq!((record.name.as_str(), record.stealth), ("t", true));
    assert!(record.reason.unwrap().contains("damaged"));

    let unknown = world.call("mara", "x", json!({})).await;
    assert!(world.audit.take().is_empty());
    assert_eq!(damaged.error(), unknown.error());
}
