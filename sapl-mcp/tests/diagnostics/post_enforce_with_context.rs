use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

struct Server;

#[tool_router]
impl Server {
    #[post_enforce]
    #[tool]
    async fn component(&self, _context: rmcp::service::RequestContext<rmcp::RoleServer>) {}
}

fn main() {
    let _ = Server::tool_router();
}
