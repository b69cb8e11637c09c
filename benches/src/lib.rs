//! What the benchmarks share: the demo's callers, a request without a network, what a client posts, a count of
//! allocations, and what many measurements come down to.

mod allocations;
mod request;
mod request_body;
mod spread;

pub use allocations::{COUNTING, allocations};
pub use request::{Caller, caller, request};
pub use request_body::request_body;
pub use spread::Spread;
