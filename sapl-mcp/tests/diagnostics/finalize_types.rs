use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

async fn finished(_: &SubscriptionContext, _: &AuthorizationDecision) {}

struct Server;

#[tool_router]
impl Server {
    #[pre_enforce(finalize = finished)]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
