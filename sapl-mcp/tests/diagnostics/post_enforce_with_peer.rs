use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

struct Server;

#[tool_router]
impl Server {
    #[post_enforce(tags = ["engineering"])]
    #[tool]
    async fn component(&self, _peer: rmcp::Peer<rmcp::RoleServer>) {}
}

fn main() {
    let _ = Server::tool_router();
}
