//! Servers of every build: however a server is put together, a rule on one of its components holds.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod dynamic;
mod enforced;
mod hand_written;
mod macros;
mod proxy;
mod routed;
mod several;
mod stacked;
