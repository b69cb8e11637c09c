//! Why a command ends without doing what it was asked.

use std::fmt;

/// Exit code for something wrong with policies, input or the system; clap ends with 2 for wrong arguments.
pub(crate) const FAILED: u8 = 1;

/// A message for standard error.
#[derive(Debug)]
pub(crate) struct Failure(String);

impl Failure {
    pub(crate) fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }
}

/// With `error: ` in front, which diagnostics of policies have by themselves.
impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.0.starts_with("error: ") {
            ""
        } else {
            "error: "
        };
        write!(f, "{mark}{}", self.0)
    }
}

/// A number and a noun in its singular or plural.
pub(crate) fn counted(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}
