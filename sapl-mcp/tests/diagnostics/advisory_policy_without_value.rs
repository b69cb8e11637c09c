use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

struct Server;

#[tool_router]
impl Server {
    #[post_enforce(advisory_policy)]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
