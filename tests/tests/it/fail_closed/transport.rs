//! Transports that are not HTTP know no identity.

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, SaplLayer, SaplService, Unannotated, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, McpClient, Mode, Pdp, Revision, Server, Wire, prompt, resource, tool};
use serde_json::{Value, json};
use std::sync::Arc;

use crate::common::{assert_denied, text};

fn server(log: &Log) -> Server {
    let stealth = || pre_enforce().stealth();
    Server::new(log)
        .tool(tool("ruled").enforce(pre_enforce()), Behaviour::text("ruled"))
        .tool(tool("hidden").enforce(stealth()), Behaviour::text("hidden"))
        .tool(tool("unruled"), Behaviour::text("unruled"))
        .prompt(prompt("p").enforce(stealth()), Behaviour::text("hidden"))
        .resource(resource("data://r").enforce(stealth()), Behaviour::text("hidden"))
}

async fn connected(
    log: &Log,
    wrap: impl FnOnce(&SaplLayer, Arc<Server>) -> SaplService<Arc<Server>>,
) -> (McpClient, Pdp, Arc<Server>) {
    let pdp = Pdp::decides(log, AuthorizationDecision::permit());
    let layer = SaplLayer::builder(pdp.clone()).build().unwrap();
    let server = server(log).shared();
    let client = McpClient::in_process(wrap(&layer, Arc::clone(&server)), Revision::November2025).await;
    (client, pdp, server)
}

async fn tools(client: &McpClient) -> Vec<String> {
    let tools = client.peer().list_all_tools().await.unwrap();
    tools.into_iter().map(|tool| tool.name.into_owned()).collect()
}

#[tokio::test]
async fn without_an_identity_all_that_is_ruled_is_denied_and_nothing_is_asked() {
    let log = Log::new();
    let (client, pdp, server) = connected(&log, |layer, server| layer.layer(server)).await;
    assert_denied(&client.call("ruled", json!({})).await);
    assert_eq!(
        client.call("hidden", json!({})).await.unwrap_err().message,
        "tool not found"
    );
    assert!(client.prompt("p", json!({})).await.is_err());
    assert!(client.read("data://r").await.is_err());
    assert_eq!(tools(&client).await, ["ruled", "unruled"]);
    assert_eq!(server.received(), []);
    assert_eq!(text(&client.call("unruled", json!({})).await.unwrap()), "unruled");
    assert_eq!(pdp.asked().len(), 0);
}

#[tokio::test]
async fn for_stdio_enforces_nothing_and_sends_no_marker() {
    let log = Log::new();
    let (client, pdp, _) = connected(&log, SaplLayer::for_stdio).await;
    assert_eq!(text(&client.call("ruled", json!({})).await.unwrap()), "ruled");
    assert_eq!(text(&client.call("hidden", json!({})).await.unwrap()), "hidden");
    assert!(client.prompt("p", json!({})).await.is_ok());
    assert!(client.read("data://r").await.is_ok());
    let listed = client.peer().list_all_tools().await.unwrap();
    assert_eq!(listed.len(), 3);
    assert!(listed.iter().all(|tool| tool.meta.is_none()), "{listed:?}");
    assert_eq!(pdp.asked().len(), 0);
}

#[tokio::test]
async fn for_stdio_enforces_what_comes_by_http_all_the_same() {
    let log = Log::new();
    let layer = SaplLayer::builder(Pdp::decides(&log, AuthorizationDecision::deny()))
        .build()
        .unwrap();
    let server = server(&log).shared();
    let wire = Wire::serving(layer.for_stdio(Arc::clone(&server)), Mode::Json).await;
    let client = McpClient::connect(wire, "mara", Revision::November2025).await;
    assert_denied(&client.call("ruled", json!({})).await);
    assert!(client.call("hidden", json!({})).await.is_err());
    assert_eq!(tools(&client).await, ["ruled", "unruled"]);
    assert_eq!(server.received(), []);
}

#[tokio::test]
async fn enforce_stdio_enforces_with_its_subject() {
    let log = Log::new();
    for subject in [json!("operator"), json!({"role": "ADMIN"}), Value::Null] {
        let fixed = subject.clone();
        let (client, pdp, _) = connected(&log, move |layer, server| {
            layer.enforce_stdio(fixed).layer(server)
        })
        .await;
        assert_eq!(text(&client.call("ruled", json!({})).await.unwrap()), "ruled");
        assert_eq!(pdp.only().subject(), &subject);
    }
}

#[tokio::test]
async fn the_subject_of_enforce_stdio_is_nobody_else_by_http() {
    let log = Log::new();
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    let layer = SaplLayer::builder(pdp.clone())
        .build()
        .unwrap()
        .enforce_stdio("operator");
    let wire = Wire::serving(layer.layer(server(&log).shared()), Mode::Json).await;
    let client = McpClient::connect(wire, "sam", Revision::November2025).await;
    client.call("ruled", json!({})).await.unwrap();
    assert_eq!(pdp.only().subject(), &sapl_mcp_tests::claims("sam"));
}

#[tokio::test]
async fn a_layer_that_asks_about_everything_denies_all_of_it_without_an_identity() {
    for treatment in [Unannotated::AskPdp, Unannotated::Deny] {
        let log = Log::new();
        let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
        let layer = SaplLayer::builder(pdp.clone())
            .unannotated(treatment)
            .build()
            .unwrap();
        let server = server(&log).shared();
        let client = McpClient::in_process(layer.layer(Arc::clone(&server)), Revision::November2025).await;
        assert_denied(&client.call("unruled", json!({})).await);
        assert_eq!(server.received(), []);
        assert_eq!(pdp.asked().len(), 0);
    }
}
