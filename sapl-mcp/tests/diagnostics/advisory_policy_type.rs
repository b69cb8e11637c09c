use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

const POLICY: &[u8] = b"policy";

struct Server;

#[tool_router]
impl Server {
    #[pre_enforce(advisory_policy = POLICY)]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
