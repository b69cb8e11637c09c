//! Serves the server that the conformance suite asks for, in one of three ways: without a layer, under a layer with
//! no rule, or under a layer with a rule on every component that would hide it. The layer permits everything.
//!
//! Prints the URL, and serves until it is ended.

#![expect(clippy::print_stdout, reason = "the caller reads the URL")]

use std::{error::Error, sync::Arc};

use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{StreamableHttpService, session::local::LocalSessionManager},
};
use sapl_mcp::{AuthorizationDecision, InputRequired, SaplLayer, decide_fn, pre_enforce};
use sapl_mcp_tests::Everything;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let layer = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit())).build()?;
    let rule = || {
        pre_enforce()
            .stealth()
            .input_required(InputRequired::Pass)
            .shared()
    };
    match std::env::args().nth(1).as_deref() {
        Some("bare") => serve(Arc::new(Everything::new())).await,
        Some("layered") => serve(layer.layer(Arc::new(Everything::new()))).await,
        Some("enforced") => serve(layer.layer(Arc::new(Everything::under(rule())))).await,
        _ => Err("say `bare`, `layered` or `enforced`".into()),
    }
}

async fn serve<S: ServerHandler + Clone>(server: S) -> Result<(), Box<dyn Error>> {
    let mcp = StreamableHttpService::new(
        move || Ok(server.clone()),
        Arc::new(LocalSessionManager::default()),
        Default::default(),
    );
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}/mcp", listener.local_addr()?);
    axum::serve(listener, axum::Router::new().nest_service("/mcp", mcp)).await?;
    Ok(())
}
