//! Repeated questions are answered from live streams, and never from one that is not alive.
#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod following;
mod limits;
mod scripted;
