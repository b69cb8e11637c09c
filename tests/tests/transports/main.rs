//! Every transport: streamable HTTP in all of its forms, and connections in one process.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod neutral;
mod resumed;
mod walked;
