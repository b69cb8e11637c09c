use sapl_mcp::prelude::*;

#[post_enforce]
struct Server;

fn main() {
    let _ = Server;
}
