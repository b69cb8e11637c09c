//! What holds for a server of any build.

use rmcp::ServerHandler;
use sapl_mcp::SaplLayer;
use sapl_mcp_tests::{Ask, Log, Mode, Pdp, Reply, Revision, Wire};
use serde_json::json;

/// What only a permit gives: no other part of a reply says so.
pub(crate) const CONTENT: &str = "what is behind the rule";

/// What the tool without a rule, the one with a rule, and the one that is stealth give.
pub(crate) const CONTENTS: [(&str, &str); 3] = [
    ("open", "content of open"),
    ("ruled", "content of ruled"),
    ("hidden", "content of hidden"),
];

/// The server under a layer that permits analysts.
pub(crate) async fn serve<S: ServerHandler + Clone>(server: S) -> Wire {
    let layer = SaplLayer::builder(Pdp::role(&Log::new(), "ANALYST"))
        .build()
        .unwrap();
    Wire::serving(layer.layer(server), Mode::Json).await
}

/// All of the enforcement that can be seen from outside, for a server with the tools of [`CONTENTS`] and none else: on
/// each revision, in lists and in calls, before anything was listed and after.
pub(crate) async fn assert_enforced<S: ServerHandler + Clone>(server: S) {
    let wire = serve(server).await;
    for revision in Revision::ALL {
        for (name, content) in CONTENTS {
            let reply = call(wire, revision, "mara", name).await;
            assert!(reply.contains(content), "{revision:?} {name}: {reply:?}");
            assert_eq!(
                call(wire, revision, "sam", name).await.contains("content of"),
                name == "open",
                "{revision:?} {name}"
            );
        }
        let denied = call(wire, revision, "sam", "ruled").await.result();
        assert_eq!(
            (&denied["isError"], &denied["content"][0]["text"]),
            (&json!(true), &json!("Access denied"))
        );
        let hidden = call(wire, revision, "sam", "hidden").await;
        let unknown = call(wire, revision, "sam", "absent").await;
        assert_eq!(hidden, unknown.naming("absent", "hidden"), "{revision:?}");

        assert_eq!(
            listed(wire, revision, "mara").await,
            ["hidden", "open", "ruled"],
            "{revision:?}"
        );
        assert_eq!(
            listed(wire, revision, "sam").await,
            ["open", "ruled"],
            "{revision:?}"
        );
    }
}

pub(crate) async fn call(wire: Wire, revision: Revision, user: &str, tool: &str) -> Reply {
    let params = json!({"name": tool, "arguments": {}});
    wire.ask(&Ask::new(revision, user, "tools/call", params)).await
}

/// The names in the list of tools, all pages, in alphabetical order.
pub(crate) async fn listed(wire: Wire, revision: Revision, user: &str) -> Vec<String> {
    let (mut names, mut cursor) = (Vec::new(), None);
    loop {
        let params = match &cursor {
            Some(cursor) => json!({"cursor": cursor}),
            None => json!({}),
        };
        let reply = wire.ask(&Ask::new(revision, user, "tools/list", params)).await;
        assert!(!reply.contains("io.sapl"), "no marker: {reply:?}");
        let page = reply.result();
        let tools = page["tools"].as_array().unwrap();
        names.extend(tools.iter().map(|tool| tool["name"].as_str().unwrap().to_owned()));
        match page["nextCursor"].as_str() {
            Some(next) => cursor = Some(next.to_owned()),
            None => break,
        }
    }
    names.sort();
    names
}
