//! Several layered servers in one process.

use rmcp::model::Tool;
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, SaplLayer, pre_enforce};
use sapl_mcp_tests::{Answer, Behaviour, Log, Mode, Pdp, Revision, Server, Wire, tool};

use crate::enforced::{CONTENT, call, listed};

const REVISION: Revision = Revision::November2025;

/// A server with a tool of this definition, served under a layer whose decision point permits what has this tag.
async fn serving(tool: Tool, content: &str, permitted: &'static str) -> Wire {
    let pdp = Pdp::new(&Log::new(), move |subscription| {
        let tags = subscription.resource()["tags"].as_array().unwrap();
        Answer::Now(match tags.iter().any(|tag| tag == permitted) {
            true => AuthorizationDecision::permit(),
            false => AuthorizationDecision::deny(),
        })
    });
    let layer = SaplLayer::builder(pdp).build().unwrap();
    let server = Server::new(&Log::new())
        .tool(tool, Behaviour::text(content))
        .shared();
    Wire::serving(layer.layer(server), Mode::Json).await
}

#[tokio::test]
async fn tools_of_one_name_have_each_the_rule_of_their_server() {
    let of = |tag: &str| tool("t").enforce(pre_enforce().tags([tag.to_owned()]).stealth());
    let cases = [
        (
            serving(of("one"), "content of one", "one").await,
            Some("content of one"),
        ),
        (
            serving(of("two"), "content of two", "two").await,
            Some("content of two"),
        ),
        (serving(of("one"), "content of three", "two").await, None),
        (
            serving(tool("t"), "content of four", "none").await,
            Some("content of four"),
        ),
    ];
    for _ in 0..2 {
        for (wire, content) in &cases {
            let reply = call(*wire, REVISION, "sam", "t").await;
            match content {
                Some(content) => assert!(reply.contains(content), "{reply:?}"),
                None => assert!(!reply.contains("content of"), "{reply:?}"),
            }
            assert_eq!(
                listed(*wire, REVISION, "sam").await.len(),
                usize::from(content.is_some())
            );
        }
    }
}

#[tokio::test]
async fn one_server_under_two_layers_answers_by_the_layer_that_is_asked() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t").enforce(pre_enforce()), Behaviour::text(CONTENT))
        .shared();
    let under = |decision| {
        let layer = SaplLayer::builder(Pdp::decides(&log, decision)).build().unwrap();
        Wire::serving(layer.layer(server.clone()), Mode::Json)
    };
    let open = under(AuthorizationDecision::permit()).await;
    let closed = under(AuthorizationDecision::deny()).await;
    for _ in 0..2 {
        assert!(call(open, REVISION, "sam", "t").await.contains(CONTENT));
        assert!(!call(closed, REVISION, "sam", "t").await.contains(CONTENT));
    }
}
