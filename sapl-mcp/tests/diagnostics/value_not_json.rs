use rmcp::{tool, tool_router};
use sapl_mcp::prelude::*;

struct NotJson;

impl NotJson {
    fn new() -> Self {
        Self
    }
}

struct Server;

#[tool_router]
impl Server {
    #[pre_enforce(environment = NotJson::new())]
    #[tool]
    async fn component(&self) {}
}

fn main() {
    let _ = Server::tool_router();
}
