//! Ways to learn of what one may not use.

use sapl_mcp::{EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Ask, Behaviour, Log, Mode, Pdp, Revision, Server, World, tool};
use serde_json::json;

use super::{ASKS, LISTS, params};
use crate::stealth;

#[tokio::test]
async fn a_denial_that_looks_like_not_found_leaves_auditors_without_a_record() {
    let world = stealth::world(Mode::Json).await;
    for (method, name) in ASKS {
        world.ask("sam", method, params(name)).await.error();
    }
    let records = world.audit.records();
    assert_eq!(records.len(), 4);
    for record in records {
        assert_eq!(record.outcome, sapl_mcp::AuditOutcome::Denied);
        assert_eq!(record.decision, Some(sapl_mcp::Decision::Deny));
        assert!(record.stealth && record.reason.is_some(), "{record:?}");
    }
}

#[tokio::test]
async fn many_stealth_components_make_all_of_them_vanish() {
    let log = Log::new();
    let mut server = Server::new(&log);
    let names: Vec<&'static str> = (0..300)
        .map(|n| &*Box::leak(format!("tool-{n}").into_boxed_str()))
        .collect();
    for name in &names {
        server = server.tool(tool(name).enforce(pre_enforce().stealth()), Behaviour::text("t"));
    }
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    assert_eq!(
        world
            .client("mara")
            .await
            .peer()
            .list_all_tools()
            .await
            .unwrap()
            .len(),
        300
    );
    assert_eq!(
        world
            .client("sam")
            .await
            .peer()
            .list_all_tools()
            .await
            .unwrap()
            .len(),
        0
    );
    assert_eq!(log.lines(), ["decide 300", "decide 300"]);
}

#[tokio::test]
async fn the_length_or_order_of_a_list_tells_what_is_hidden() {
    let world = stealth::world(Mode::Json).await;
    let log = Log::new();
    let visible = Server::new(&log)
        .tool(tool("open_tool").enforce(pre_enforce()), Behaviour::text("open"))
        .tool(tool("unruled_tool"), Behaviour::text("open"));
    let without = World::new(&log, visible, Pdp::role(&log, "ANALYST")).await;
    for revision in Revision::ALL {
        let ask = Ask::new(revision, "sam", "tools/list", json!({}));
        assert_eq!(world.wire.ask(&ask).await, without.wire.ask(&ask).await);
    }
}

#[tokio::test]
async fn a_shared_cache_keeps_the_list_of_one_for_another() {
    let world = stealth::world(Mode::Json).await;
    for user in ["mara", "sam"] {
        for list in LISTS {
            let reply = world
                .wire
                .ask(&Ask::new(Revision::July2026, user, list, json!({})))
                .await;
            let result = reply.result();
            assert_eq!(
                (&result["cacheScope"], &result["ttlMs"]),
                (&json!("private"), &json!(0)),
                "{user} {list}"
            );
        }
    }
}

#[tokio::test]
async fn a_denied_name_is_answered_otherwise_than_an_unknown_one() {
    for world in stealth::worlds(Mode::Json).await {
        for revision in Revision::ALL {
            for (method, names) in [
                ("tools/call", stealth::TOOL),
                ("prompts/get", stealth::PROMPT),
                ("resources/read", stealth::RESOURCE),
                ("resources/read", stealth::INSTANCE),
            ] {
                let params = match method {
                    "resources/read" => json!({"uri": "NAME"}),
                    _ => json!({"name": "NAME"}),
                };
                stealth::assert_same(&world, false, revision, method, names, &params).await;
            }
        }
    }
}
