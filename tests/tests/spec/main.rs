//! The executable specification: a model of enforcement that can be read, and the real thing held to it.
//!
//! - [`model`]: what `docs/enforcement.md` says, as a pure function from a server and what goes wrong to a reply and
//!   everything that happens.
//! - [`model_based`]: random servers, run both ways.
//! - [`engine`]: random decisions and values, for the constraint engine alone.
//! - [`matrix`]: everything that can go wrong, everywhere, one by one.
//! - [`indistinguishable`]: what is hidden answers like what is not there.
//! - [`non_interference`]: what somebody may not see makes no difference to him.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may end this way"
)]

mod engine;
mod generate;
mod indistinguishable;
mod matrix;
mod model;
mod model_based;
mod non_interference;
mod real;
