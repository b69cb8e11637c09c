//! Values of an operation that panic when they are dropped.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, SubscriptionContext, post_enforce, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Pdp, Server, World, prompt, resource, tool};
use serde_json::json;

use crate::common::{call, text};

/// A transaction that nobody ended.
struct Unended;

impl Drop for Unended {
    fn drop(&mut self) {
        panic!("a transaction was not ended");
    }
}

fn begin(context: &SubscriptionContext) -> serde_json::Value {
    context.slot::<Unended>().set(Unended);
    json!("resource")
}

async fn ended(_: &AuthorizationDecision, _: &SubscriptionContext) {}

#[tokio::test]
async fn a_slot_that_panics_when_it_is_dropped_leaves_no_request_unanswered() {
    for rule in [pre_enforce(), post_enforce()] {
        for rule in [rule.clone(), rule.finalize(ended)] {
            let log = Log::new();
            let tool = tool("t").enforce(rule.resource_fn(begin).shared());
            let server = Server::new(&log).tool(tool, Behaviour::text("done"));
            let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
            assert_eq!(text(&call(&world, json!({})).await.unwrap()), "done");
            assert_eq!(world.audit.records().len(), 1);
        }
    }
}

#[tokio::test]
async fn a_slot_that_panics_when_it_is_dropped_leaves_no_list_unanswered() {
    let log = Log::new();
    let rule = pre_enforce()
        .stealth()
        .resource_fn(begin)
        .finalize(ended)
        .shared();
    let server = Server::new(&log)
        .tool(tool("t").enforce(rule), Behaviour::text("done"))
        .prompt(prompt("p").enforce(rule), Behaviour::text("done"))
        .resource(resource("data://r").enforce(rule), Behaviour::text("done"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    let client = world.client("mara").await;
    let listed = async {
        let peer = client.peer();
        assert_eq!(peer.list_all_tools().await.unwrap().len(), 1);
        assert_eq!(peer.list_all_prompts().await.unwrap().len(), 1);
        assert_eq!(peer.list_all_resources().await.unwrap().len(), 1);
    };
    let answered = tokio::time::timeout(std::time::Duration::from_secs(5), listed).await;
    answered.expect("an answer");
}
