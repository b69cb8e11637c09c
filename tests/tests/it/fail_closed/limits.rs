//! Limits of a look-up, at and one past.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Pdp, Server, World, prompt, resource, template, tool};
use serde_json::json;

/// The longest URI that is looked up.
const MAX_URI_BYTES: usize = 8 * 1024;
/// The most pages that a look-up reads.
const MAX_PAGES: usize = 1_000;

async fn permitted(log: &Log, server: Server) -> World {
    World::new(log, server, Pdp::decides(log, AuthorizationDecision::permit())).await
}

#[tokio::test]
async fn a_uri_that_is_too_long_is_unknown() {
    for (length, found) in [(MAX_URI_BYTES, true), (MAX_URI_BYTES + 1, false)] {
        for rule in [None, Some(pre_enforce())] {
            let log = Log::new();
            let definition = template("data://t/{id}");
            let definition = match rule {
                Some(rule) => definition.enforce(rule),
                None => definition,
            };
            let world = permitted(&log, Server::new(&log).template(definition, Behaviour::text("t"))).await;
            let start = "data://t/";
            let uri = format!("{start}{}", "x".repeat(length - start.len()));
            let reply = world.ask("mara", "resources/read", json!({"uri": uri})).await;
            assert_eq!(reply.message().get("result").is_some(), found, "{length}");
            assert_eq!(world.server.received().len(), usize::from(found));
        }
    }
}

#[tokio::test]
async fn a_component_behind_more_pages_than_are_read_is_unknown() {
    for (before, found) in [(MAX_PAGES - 1, true), (MAX_PAGES, false)] {
        let log = Log::new();
        let mut server = Server::new(&log).paged(1);
        for number in 0..before {
            server = server.prompt(prompt(&format!("p{number}")), Behaviour::text("p"));
        }
        // Without a rule it would pass, if only it were known that it has none.
        let world = permitted(&log, server.prompt(prompt("last"), Behaviour::text("p"))).await;
        let reply = world.ask("mara", "prompts/get", json!({"name": "last"})).await;
        assert_eq!(reply.message().get("result").is_some(), found, "{before}");
        assert_eq!(world.server.received().len(), usize::from(found));
    }
}

#[tokio::test]
async fn a_list_without_an_end_denies_what_is_looked_up_in_it() {
    let log = Log::new();
    let server = Server::new(&log)
        .without_look_up()
        .stuck()
        .tool(tool("t"), Behaviour::text("t"))
        .prompt(prompt("p"), Behaviour::text("p"))
        .resource(resource("data://r"), Behaviour::text("r"));
    let world = permitted(&log, server).await;
    for (method, params) in [
        ("tools/call", json!({"name": "t"})),
        ("prompts/get", json!({"name": "p"})),
        ("resources/read", json!({"uri": "data://r"})),
    ] {
        world.ask("mara", method, params).await.error();
    }
    assert_eq!(world.server.received(), []);
}
