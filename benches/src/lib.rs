//! What the benchmarks share: the demo's callers, a request without a network, and a count of allocations.

mod allocations;
mod request;

pub use allocations::{COUNTING, allocations};
pub use request::{Caller, caller, request};
