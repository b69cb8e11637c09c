//! The decision point behind HTTP, against servers on the loopback interface that do whatever servers do.

#![expect(clippy::unwrap_used, reason = "tests")]

mod faults;
mod http2;
mod multi;
mod oauth;
mod once;
mod pool;
mod proxy;
mod stalls;
mod streams;
mod support;
mod tls;
