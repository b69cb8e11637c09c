use sapl_mcp::prelude::*;

#[pre_enforce(tags = ["pii"])]
async fn component() {}

fn main() {
    drop(component());
}
