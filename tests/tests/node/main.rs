//! A run against a live SAPL Node, if there is one.
//!
//! ```text
//! SAPL_NODE_URL=http://127.0.0.1:8080 SAPL_NODE_POLICIES=policies SAPL_NODE_RESTART=./restart \
//!     cargo test -p sapl-mcp-tests --test node
//! ```
//!
//! | variable | |
//! |---|---|
//! | `SAPL_NODE_URL` | the node's address; without it nothing runs |
//! | `SAPL_NODE_POLICIES` | the folder that the node reads its policies from: a copy of the demo's |
//! | `SAPL_NODE_RESTART` | a command that stops the node, starts it again, and ends when it answers |
//! | `SAPL_PDP_TOKEN` | the API key, if the node wants one |
//! | `SAPL_PDP_USERNAME`, `SAPL_PDP_PASSWORD` | the user, if it wants one |
//! | `SAPL_PDP_CA` | the certificate authority of an `https` address, if it is a private one |
//!
//! The steps run one after the other, since they change the node. Whatever is not as it should be ends the run.

#![expect(clippy::unwrap_used, clippy::panic, reason = "what goes wrong ends the run")]

mod credentials;
mod demo;
mod once;
mod policies;
mod restart;
mod scene;

use std::{
    io::{self, Write as _},
    time::Instant,
};

use scene::Scene;

#[tokio::main]
async fn main() {
    let Some(scene) = Scene::of_environment() else {
        println!("SKIPPED: SAPL_NODE_URL is not set");
        return;
    };
    println!("{scene}");
    step("each one-shot endpoint answers", once::answers(&scene)).await;
    step("more subscriptions than a request may have", once::splits(&scene)).await;
    step(
        "each stream follows a change of the policies",
        policies::change(&scene),
    )
    .await;
    step(
        "a cache follows a change of the policies",
        policies::change_cached(&scene),
    )
    .await;
    step("wrong credentials have no decision", credentials::wrong(&scene)).await;
    step("the demo's matrix", demo::matrix(&scene)).await;
    step("the demo's matrix with a cache", demo::matrix_cached(&scene)).await;
    step("streams and a cache outlast a restart", restart::restart(&scene)).await;
    println!("all steps passed");
}

/// Says what is being done, before it can fail.
async fn step(what: &str, doing: impl Future<Output = ()>) {
    print!("{what} ... ");
    io::stdout().flush().unwrap();
    let start = Instant::now();
    doing.await;
    println!("ok ({:.1} s)", start.elapsed().as_secs_f64());
}
