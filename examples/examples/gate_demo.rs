//! A server behind gates, two users, and the matrix of who may do what.
//!
//! `cargo run --release --example gate_demo` walks through all of it; `… -- --help` tells what else there is.

use std::process::ExitCode;

use sapl_mcp_examples::{analytics::cli, gate::GateDemo};

#[tokio::main]
async fn main() -> ExitCode {
    cli::main::<GateDemo>(std::env::args_os().skip(1)).await
}
