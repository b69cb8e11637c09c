use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

struct Server;

#[tool_router]
impl Server {
    #[gate(listing = shown, input_required = pass, output_schema = relaxed, allow_peer_messages)]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
