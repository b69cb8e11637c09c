//! What the end-to-end tests are made of: a server that writes down what reaches it, a decision point that answers
//! as it is told, constraint handlers of every kind that write down when they ran, and clients on both sides of
//! rmcp: its own, and one that shows every byte.
//!
//! Everything that happens is one line of a [`Log`], in the order in which it happened.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what is broken here ends the test"
)]

mod client;
mod everything;
mod log;
mod pdp;
mod person;
mod questions;
mod recording;
mod replay;
mod revision;
mod server;
mod steps;
mod wire;
mod world;

pub use client::{McpClient, error_of};
pub use everything::Everything;
pub use log::Log;
pub use pdp::{Answer, Asked, Pdp};
pub use person::{Person, Said, accept, accept_with, cancel, decline};
pub use questions::{DENY_QUERY, MAX_ENTRIES, Question, many};
pub use recording::{Recording, Step, Unreadable};
pub use replay::{Heard, Pieces, Replay};
pub use revision::Revision;
pub use server::{Behaviour, Component, Received, Server, object, prompt, resource, template, tool};
pub use steps::{step, step_with, steps, steps_builder};
pub use wire::{Ask, Opened, Reply, Wire};
pub use world::{Mode, USERS, World, claims, token};
