use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

const LEVEL: u32 = 3;

struct Server;

#[tool_router]
impl Server {
    #[pre_enforce(tags = ["pii", LEVEL])]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
