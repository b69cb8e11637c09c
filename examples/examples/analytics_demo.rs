//! An enforced analytics server, four users, and the matrix of who may do what.
//!
//! `cargo run --release --example analytics_demo` walks through all of it; `… -- --help` tells what else there is.

use std::process::ExitCode;

use sapl_mcp_examples::analytics::{AnalyticsDemo, cli};

#[tokio::main]
async fn main() -> ExitCode {
    cli::main::<AnalyticsDemo>(std::env::args_os().skip(1)).await
}
