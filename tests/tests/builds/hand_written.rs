//! Servers whose handler is written by hand.

use rmcp::model::Tool;
use sapl_mcp::{EnforceExt as _, SaplLayer, gate, post_enforce, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Mode, Pdp, Revision, Server, Wire, tool};

use crate::enforced::{CONTENTS, assert_enforced, call, listed};

/// A server with the tools of [`CONTENTS`] and no rules, whose definitions `mark` can change.
pub(crate) fn server(mark: impl Fn(Tool) -> Tool) -> Server {
    CONTENTS
        .into_iter()
        .fold(Server::new(&Log::new()), |server, (name, content)| {
            server.tool(mark(tool(name)), Behaviour::text(content))
        })
}

pub(crate) fn marked(tool: Tool) -> Tool {
    match &*tool.name {
        "ruled" => tool.enforce(pre_enforce()),
        "hidden" => tool.enforce(pre_enforce().stealth()),
        _ => tool,
    }
}

#[tokio::test]
async fn a_handler_whose_definitions_carry_rules() {
    assert_enforced(server(marked).shared()).await;
    let gated = server(|tool| match &*tool.name {
        "ruled" => tool.enforce(post_enforce()),
        "hidden" => tool.enforce(gate()).enforce(pre_enforce()),
        _ => tool,
    });
    assert_enforced(gated.shared()).await;
}

#[tokio::test]
async fn a_handler_that_does_not_tell_one_definition() {
    assert_enforced(server(marked).without_look_up().shared()).await;
}

#[tokio::test]
async fn a_handler_whose_list_has_pages() {
    for length in 1..=3 {
        assert_enforced(server(marked).paged(length).shared()).await;
        assert_enforced(server(marked).paged(length).without_look_up().shared()).await;
    }
}

#[tokio::test]
async fn a_handler_that_can_not_be_touched() {
    let layer = SaplLayer::builder(Pdp::role(&Log::new(), "ANALYST"))
        .tool("ruled", pre_enforce())
        .tool("hidden", pre_enforce().stealth())
        .build()
        .unwrap();
    for server in [server(|tool| tool), server(|tool| tool).without_look_up()] {
        let wire = Wire::serving(layer.layer(server.shared()), Mode::Json).await;
        let revision = Revision::November2025;
        assert_eq!(listed(wire, revision, "sam").await, ["open", "ruled"]);
        assert_eq!(listed(wire, revision, "mara").await, ["hidden", "open", "ruled"]);
        for (name, content) in CONTENTS {
            assert!(call(wire, revision, "mara", name).await.contains(content));
            assert_eq!(
                call(wire, revision, "sam", name).await.contains(content),
                name == "open"
            );
        }
        let unknown = call(wire, revision, "sam", "absent").await;
        assert_eq!(
            call(wire, revision, "sam", "hidden").await,
            unknown.naming("absent", "hidden")
        );
    }
}
