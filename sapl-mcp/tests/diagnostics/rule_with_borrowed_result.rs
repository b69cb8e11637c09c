use sapl_mcp::prelude::*;

fn main() {
    let _ = pre_enforce().resource_fn(|ctx| ctx.name());
}
