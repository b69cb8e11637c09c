//! The parts of the command that are about policies, as they are run.

#![expect(clippy::unwrap_used, reason = "tests")]

mod check;
#[path = "../common/mod.rs"]
mod common;
mod documentation;
mod explain;
mod fmt;
mod follow;
mod functions;
mod test;

/// A policy with a condition and an obligation.
const ADULTS: &str = "policy \"adults\"\npermit\n  subject.age >= 18;\nobligation { type: \"log\" }\n";
