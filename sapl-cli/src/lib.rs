//! The command `sapl`: check, format, test and explain policies, decide, and serve a policy decision point over HTTP.
//!
//! The server is a library too, so that tests can have one in their own process: see [`serve`].

mod check;
mod command;
mod decide;
mod decide_once;
mod explain;
mod failure;
mod fmt;
mod folder;
mod format;
mod functions;
pub mod serve;
mod subscription;
mod test;
mod text;

pub use check::CheckArguments;
pub use command::{Command, Sapl};
pub use decide::DecideArguments;
pub use decide_once::DecideOnceArguments;
pub use explain::ExplainArguments;
pub use fmt::FmtArguments;
pub use format::Format;
pub use functions::FunctionsArguments;
pub use subscription::SubscriptionSource;
pub use test::TestArguments;
