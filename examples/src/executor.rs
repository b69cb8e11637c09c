//! An executor: it lets a model call the tools of a server, and a guard and a person decide about each call.
//!
//! `cargo run -p sapl-mcp-examples --example executor` starts the server ([`Workshop`]) as a child process on standard
//! input and output, lists its tools, and works off what a model proposes. The model is scripted ([`ScriptedModel`]), so
//! there is no network in it; the server, the protocol and the guard are real. The user's policy is
//! [`default_policy`]: some tools are blocked, some are harmless, and a person is asked about everything else. Without a
//! person to ask, such a call is paused.
//!
//! With `--example executor_advised` the server publishes policies along with its tools ([`advisory_layer`]), and the guard
//! holds each call to the stricter of these and the user's own. They look at who the user is and at the [`Circumstances`]
//! that the executor fills in.

mod advice;
mod child;
mod circumstances;
mod cli;
mod model;
mod policy;
mod report;
mod run;
mod server;

pub use advice::advisory_layer;
pub use child::{Connected, SERVE, connect, serve};
pub use circumstances::Circumstances;
pub use cli::{Example, execute, main};
pub use model::{Model, Proposal, ScriptedModel};
pub use policy::{default_policy, own_policy};
pub use report::{print_tools, said};
pub use run::run;
pub use server::{Effects, Workshop};
