//! One walk of rmcp's own client over each transport and revision.

use std::sync::Arc;

use sapl_mcp::{EnforceExt as _, SaplLayer, gate, post_enforce, pre_enforce};
use sapl_mcp_tests::{
    Behaviour, Log, McpClient, Mode, Pdp, Revision, Server, World, prompt, resource, template, tool,
};
use serde_json::json;

fn server(log: &Log) -> Server {
    let content = || Behaviour::text("content");
    Server::new(log)
        .tool(tool("open"), content())
        .tool(tool("pre").enforce(pre_enforce()), content())
        .tool(tool("post").enforce(post_enforce()), content())
        .tool(tool("stealth").enforce(pre_enforce().stealth()), content())
        .tool(tool("gated").enforce(gate()), content())
        .prompt(prompt("open"), content())
        .prompt(prompt("stealth").enforce(pre_enforce().stealth()), content())
        .resource(resource("data://open"), content())
        .resource(
            resource("data://stealth").enforce(pre_enforce().stealth()),
            content(),
        )
        .template(template("data://pre/{id}").enforce(pre_enforce()), content())
        .paged(2)
}

/// What this client can use, and what it sees in lists.
async fn walk(client: &McpClient) -> String {
    let mut used = Vec::new();
    let mut note = |name: &str, answer: String| {
        used.push(
            match answer.contains("content") && !answer.contains("not found") {
                true => name.to_owned(),
                false => format!("no {name}"),
            },
        );
    };
    // `content` stands in every result of a tool.
    for name in ["open", "pre", "post", "stealth", "gated", "absent"] {
        let called = client.call(name, json!({})).await;
        let text = called.map(|result| json!(result.content)[0]["text"].to_string());
        note(name, format!("{text:?}"));
    }
    for name in ["open", "stealth", "absent"] {
        let got = client.prompt(name, json!({})).await;
        note(
            &format!("prompt {name}"),
            format!(
                "{:?}",
                got.map(|got| json!(got.messages)[0]["content"]["text"].to_string())
            ),
        );
    }
    for uri in ["data://open", "data://stealth", "data://pre/1", "data://absent"] {
        let read = client.read(uri).await;
        note(
            uri,
            format!(
                "{:?}",
                read.map(|read| json!(read.contents)[0]["text"].to_string())
            ),
        );
    }
    let names = |names: Vec<String>| names.join(",");
    let peer = client.peer();
    let tools = peer
        .list_all_tools()
        .await
        .unwrap()
        .into_iter()
        .map(|tool| tool.name.to_string());
    let prompts = peer
        .list_all_prompts()
        .await
        .unwrap()
        .into_iter()
        .map(|prompt| prompt.name);
    let resources = peer
        .list_all_resources()
        .await
        .unwrap()
        .into_iter()
        .map(|resource| resource.uri);
    format!(
        "{} | {} | {} | {}",
        used.join(", "),
        names(tools.collect()),
        names(prompts.collect()),
        names(resources.collect()),
    )
}

const PERMITTED: &str = "open, pre, post, stealth, gated, no absent, prompt open, prompt stealth, no prompt absent, \
                         data://open, data://stealth, data://pre/1, no data://absent \
                         | open,pre,post,stealth,gated | open,stealth | data://open,data://stealth";
const DENIED: &str = "open, no pre, no post, no stealth, no gated, no absent, prompt open, no prompt stealth, \
                      no prompt absent, data://open, no data://stealth, no data://pre/1, no data://absent \
                      | open,pre,post | open | data://open";

#[tokio::test]
async fn by_http_in_each_form() {
    for mode in [Mode::Json, Mode::Sse, Mode::Sessions] {
        let log = Log::new();
        let world = World::with(&log, server(&log), Pdp::role(&log, "ANALYST"), mode, |builder| {
            builder
        })
        .await;
        for revision in Revision::ALL {
            let mara = McpClient::connect(world.wire, "mara", revision).await;
            let sam = McpClient::connect(world.wire, "sam", revision).await;
            for _ in 0..2 {
                assert_eq!(walk(&mara).await, PERMITTED, "{mode:?} {revision:?}");
                assert_eq!(walk(&sam).await, DENIED, "{mode:?} {revision:?}");
            }
        }
    }
}

#[tokio::test]
async fn in_one_process() {
    let log = Log::new();
    let layer = SaplLayer::builder(Pdp::role(&log, "ANALYST")).build().unwrap();
    let server = server(&log).shared();
    for revision in Revision::ALL {
        for (role, expected) in [("ANALYST", PERMITTED), ("INTERN", DENIED)] {
            let service = layer
                .enforce_stdio(json!({"role": role}))
                .layer(Arc::clone(&server));
            let client = McpClient::in_process(service, revision).await;
            assert_eq!(walk(&client).await, expected, "{revision:?}");
        }
        // Nobody says who it is.
        let client = McpClient::in_process(layer.layer(Arc::clone(&server)), revision).await;
        assert_eq!(walk(&client).await, DENIED, "{revision:?}");
        // Nothing is enforced for the one user of a subprocess.
        let client = McpClient::in_process(layer.for_stdio(Arc::clone(&server)), revision).await;
        assert_eq!(walk(&client).await, PERMITTED, "{revision:?}");
    }
}
