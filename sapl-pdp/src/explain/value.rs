//! Values, for people and for JSON.

use std::fmt;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::Value as Json;

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum ExplainedValue {
    /// A value that JSON can say.
    Value(Json),
    /// No value.
    Undefined,
    /// An error.
    Error(ExplainedError),
}

/// What went wrong in an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ExplainedError {
    /// What went wrong.
    pub message: String,
    /// The line, from 1; 0 when the place is unknown.
    pub line: u32,
    /// The column, from 1; 0 when the place is unknown.
    pub column: u32,
}

/// One member: `value`, `undefined` (true) or `error`.
impl Serialize for ExplainedValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Value(value) => map.serialize_entry("value", value)?,
            Self::Undefined => map.serialize_entry("undefined", &true)?,
            Self::Error(error) => map.serialize_entry("error", error)?,
        }
        map.end()
    }
}

impl fmt::Display for ExplainedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value(value) => value.fmt(f),
            Self::Undefined => f.write_str("undefined"),
            Self::Error(error) if error.line == 0 => write!(f, "error: {}", error.message),
            Self::Error(error) => {
                write!(f, "error: {} (at {}:{})", error.message, error.line, error.column)
            }
        }
    }
}
