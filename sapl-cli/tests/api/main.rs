//! The HTTP API over sockets, row by row as a SAPL node 4.1.2 was seen to answer.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod client;
mod connections;
mod keys;
mod multi;
mod one_shot;
mod recorded;
mod streams;
mod tls;
