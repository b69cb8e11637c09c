//! The command `sapl`: check policies, decide, and serve a policy decision point over HTTP.
//!
//! The server is a library too, so that tests can have one in their own process: see [`serve`].

mod check;
mod command;
mod decide_once;
mod failure;
mod fmt;
pub mod serve;
mod text;

pub use check::CheckArguments;
pub use command::{Command, Sapl};
pub use decide_once::DecideOnceArguments;
pub use fmt::FmtArguments;
