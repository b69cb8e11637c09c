//! What the guides say holds.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod links;
mod migrating;
mod troubleshooting;
