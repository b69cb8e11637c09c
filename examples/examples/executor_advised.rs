//! The executor, with a server that publishes policies along with its tools: the guard holds each call to the stricter of
//! those and the user's own.
//!
//! `cargo run -p sapl-mcp-examples --example executor_advised`

use std::process::ExitCode;

use sapl_mcp_examples::executor::{Example, main as executor};

#[tokio::main]
async fn main() -> ExitCode {
    executor(Example::Advised, std::env::args_os().skip(1)).await
}
