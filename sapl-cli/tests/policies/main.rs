//! The parts of the command that are about policies, as they are run.

#![expect(clippy::unwrap_used, reason = "tests")]

mod check;
mod common;
mod documentation;
mod explain;
mod fmt;
mod follow;
mod functions;
mod test;
