//! What the benchmarks share: cases of growing size, the demo's questions and callers, a request without a network,
//! what a client posts, a count of allocations, and what many measurements come down to.

mod allocations;
pub mod cases;
pub mod demo;
mod input;
mod request;
mod request_body;
mod spread;
mod turns;

pub use allocations::{COUNTING, allocations};
pub use input::input;
pub use request::{Caller, caller, request};
pub use request_body::request_body;
pub use spread::Spread;
pub use turns::Turns;
