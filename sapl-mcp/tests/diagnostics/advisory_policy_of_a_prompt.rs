use rmcp::{model::PromptMessage, prompt, prompt_router};
use sapl_mcp::prelude::*;

struct Server;

#[prompt_router]
impl Server {
    #[pre_enforce(advisory_policy = "policy \"a\" permit")]
    #[prompt]
    async fn component(&self) -> Vec<PromptMessage> {
        Vec::new()
    }
}

fn main() {
    let _ = Server::prompt_router();
}
