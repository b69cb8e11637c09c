//! What many tests do.

use rmcp::model::{CallToolResult, ContentBlock, ErrorData};
use sapl_mcp::AuthorizationDecision;
use sapl_mcp_tests::{Behaviour, Log, Pdp, Server, World, tool};
use serde_json::Value;

/// The answer of a tool.
pub(crate) type Called = Result<CallToolResult, ErrorData>;

/// A world with the tool `t`, under a plain rule, and this decision for everybody.
pub(crate) async fn decided(decision: AuthorizationDecision, behaviour: Behaviour) -> World {
    ruled(sapl_mcp::pre_enforce(), decision, behaviour).await
}

/// A world with the tool `t`, under this rule, and this decision for everybody.
pub(crate) async fn ruled(
    rule: sapl_mcp::Rule,
    decision: AuthorizationDecision,
    behaviour: Behaviour,
) -> World {
    let log = Log::new();
    let server = Server::new(&log).tool(sapl_mcp::EnforceExt::enforce(tool("t"), rule.shared()), behaviour);
    let pdp = Pdp::decides(&log, decision);
    World::new(&log, server, pdp).await
}

/// The call of `t` by rmcp's own client.
pub(crate) async fn call(world: &World, arguments: Value) -> Called {
    world.client("mara").await.call("t", arguments).await
}

/// The result has one text block, and this is it.
pub(crate) fn text(result: &CallToolResult) -> &str {
    match result.content.as_slice() {
        [ContentBlock::Text(block)] => &block.text,
        other => panic!("not one text: {other:?}"),
    }
}

/// The plain denial of a tool, and not one word more.
pub(crate) fn assert_denied(called: &Called) {
    let result = called.as_ref().unwrap();
    assert_eq!(result.is_error, Some(true), "{result:?}");
    assert_eq!(text(result), "Access denied");
    assert_eq!(result.structured_content, None);
    assert_eq!(result.meta, None);
}

/// The structured content of a result that is no error.
pub(crate) fn value(called: &Called) -> &Value {
    let result = called.as_ref().unwrap();
    assert_ne!(result.is_error, Some(true), "{result:?}");
    result.structured_content.as_ref().unwrap()
}
