use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

struct Server;

#[tool_router]
impl Server {
    #[pre_enforce(subject, action, resource, environment, secrets, tags, finalize, listing, input_required,
        output_schema, required_scopes)]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
