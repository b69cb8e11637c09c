//! Decision points on the other side of a connection.

#![expect(clippy::unwrap_used, reason = "what goes wrong ends the test")]

mod demo;
mod replay;
