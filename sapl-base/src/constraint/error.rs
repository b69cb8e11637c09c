//! What can go wrong with a constraint. All of it is for logs and audit records, none of it for clients.

use std::{error::Error, fmt};

use super::{ConstraintRecord, DeniedConstraints};

/// Why a handler, or the factory that was to make it, failed.
///
/// Anything that can be displayed becomes one by `?` or `into()`.
///
/// ```
/// use sapl_base::constraint::HandlerError;
///
/// fn level(text: &str) -> Result<u8, HandlerError> {
///     Ok(text.parse()?)
/// }
/// assert_eq!(level("x").unwrap_err().message(), "invalid digit found in string");
/// ```
pub struct HandlerError(String);

/// What a closure that handles a constraint may return: the value itself, or a `Result` of it.
pub trait Outcome<T> {
    /// The value, or why there is none.
    ///
    /// # Errors
    /// When the closure returned an error.
    fn outcome(self) -> Result<T, HandlerError>;
}

/// An obligation that could not be fulfilled, so that access is denied.
#[derive(Clone, Debug)]
pub struct ObligationFailed {
    constraint: String,
    message: String,
}

/// A decision that can't be enforced, so that access is denied.
///
/// Its on-decision handlers can still be run, so that a policy's "log the denied attempt" works:
/// [`Unresolved::denied`].
#[derive(Debug)]
pub struct Unresolved {
    reason: String,
    denied: DeniedConstraints,
}

impl HandlerError {
    /// An error with this message.
    pub fn new(message: impl fmt::Display) -> Self {
        Self(message.to_string())
    }

    /// The message, for logs and audit records.
    pub fn message(&self) -> &str {
        &self.0
    }

    pub(crate) fn into_message(self) -> String {
        self.0
    }
}

impl<E: fmt::Display> From<E> for HandlerError {
    fn from(error: E) -> Self {
        Self::new(error)
    }
}

impl fmt::Debug for HandlerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("HandlerError").field(&self.0).finish()
    }
}

macro_rules! outcome {
    ($($value:ty),*) => {$(
        impl Outcome<$value> for $value {
            fn outcome(self) -> Result<$value, HandlerError> {
                Ok(self)
            }
        }
    )*};
}

outcome!((), bool, serde_json::Value, super::ComponentError);

impl<T, E: Into<HandlerError>> Outcome<T> for Result<T, E> {
    fn outcome(self) -> Result<T, HandlerError> {
        self.map_err(Into::into)
    }
}

impl ObligationFailed {
    pub(super) fn new(record: &ConstraintRecord, message: &str) -> Self {
        Self {
            constraint: record.to_string(),
            message: message.to_owned(),
        }
    }

    pub(super) fn out_of_order(message: &str) -> Self {
        Self {
            constraint: String::from("the bundle"),
            message: message.to_owned(),
        }
    }

    /// What went wrong, without saying with which constraint.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for ObligationFailed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.constraint, self.message)
    }
}

impl Error for ObligationFailed {}

impl Unresolved {
    pub(super) const fn new(reason: String, denied: DeniedConstraints) -> Self {
        Self { reason, denied }
    }

    /// Which constraint could not be resolved and why.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The handlers that still run, best effort.
    pub const fn denied(&mut self) -> &mut DeniedConstraints {
        &mut self.denied
    }

    /// The reason and the handlers that still run, best effort.
    pub fn into_parts(self) -> (String, DeniedConstraints) {
        (self.reason, self.denied)
    }
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl Error for Unresolved {}
