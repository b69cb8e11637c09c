use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

fn named(name: &str) -> &str {
    name
}

struct Server;

#[tool_router]
impl Server {
    #[pre_enforce(resource = named)]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
