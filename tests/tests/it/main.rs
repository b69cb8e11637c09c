//! End-to-end tests: a real client, a real server, real HTTP, and everything in between.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod advisory;
mod approval;
mod await_points;
mod common;
mod completion;
mod corpus;
mod directory;
mod fail_closed;
mod finalize;
mod gate;
mod handlers;
mod links;
mod listen;
mod listing;
mod manual;
mod mutations;
mod names;
mod post_enforce;
mod prior_art;
mod protocol;
mod results;
mod rounds;
mod skills;
mod stealth;
mod subscribe;
mod tasks;
