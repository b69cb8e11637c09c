//! The guard of a client, in front of a real client and a real server.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod approvals;
mod connections;
mod decisions;
mod definitions;
mod lists;
mod records;
mod results;
mod scene;
