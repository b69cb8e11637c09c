//! An executor lets a scripted model call the tools of a server in a child process; a guard decides about each call.
//!
//! `cargo run -p sapl-mcp-examples --example executor`

use std::process::ExitCode;

use sapl_mcp_examples::executor::{Example, main as executor};

#[tokio::main]
async fn main() -> ExitCode {
    executor(Example::Plain, std::env::args_os().skip(1)).await
}
