//! Advisory policies: SAPL documents by which a server advises clients about calls of its tools.
//!
//! A server publishes one in a tool's `_meta`; a client reads it there and may decide by it. Both sides hold a document
//! to the same bounds, so that what is published can be read.

#[cfg(feature = "embedded")]
pub(crate) mod compiled;

use std::fmt;

use rmcp::model::MetaObject;
use serde_json::json;

#[cfg(feature = "embedded")]
pub(crate) use compiled::compile;

/// The key in a tool's `_meta` of the advisory policy: `{"version": 1, "policy": "…"}`.
pub const ADVISORY_KEY: &str = "io.sapl/advisory";

/// The version of what stands under [`ADVISORY_KEY`].
pub const ADVISORY_VERSION: u64 = 1;

/// How long an advisory policy may be, in bytes: 16 KiB.
pub const MAX_ADVISORY_POLICY_BYTES: usize = 16 * 1024;

/// How often an advisory policy may have the operator `=~`, wherever in its text. A regular expression that is compiled takes
/// megabytes, and a client keeps those of each tool.
pub const MAX_ADVISORY_PATTERNS: usize = 4;

/// Why a document is no advisory policy.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdvisoryPolicyError {
    /// There is nothing in it.
    Empty,
    /// It is longer than [`MAX_ADVISORY_POLICY_BYTES`].
    TooLong {
        /// Its length.
        bytes: usize,
    },
    /// It has the operator `=~` more often than [`MAX_ADVISORY_PATTERNS`].
    TooManyPatterns {
        /// How often.
        patterns: usize,
    },
    /// It does not compile as SAPL: the diagnostic, with its line and column. Only builds with the feature `embedded`
    /// can tell.
    NotSapl(String),
    /// It reads attributes. Who decides by it has none for it: what it may look at is the subscription. Only builds with
    /// the feature `embedded` can tell.
    ReadsAttributes,
}

/// Whether a document can be published.
pub(crate) fn check(document: &str) -> Result<(), AdvisoryPolicyError> {
    #[cfg(feature = "embedded")]
    return compile(document).map(|_| ());
    #[cfg(not(feature = "embedded"))]
    return fits(document);
}

/// Puts a document into the `_meta` of a tool, beside what else is there.
pub(crate) fn publish(meta: &mut Option<MetaObject>, document: &str) {
    let advisory = json!({"version": ADVISORY_VERSION, "policy": document});
    meta.get_or_insert_default()
        .0
        .insert(ADVISORY_KEY.to_owned(), advisory);
}

/// Whether a document keeps to the bounds that its text shows.
pub(crate) fn fits(document: &str) -> Result<(), AdvisoryPolicyError> {
    if document.trim().is_empty() {
        return Err(AdvisoryPolicyError::Empty);
    }
    let bytes = document.len();
    if bytes > MAX_ADVISORY_POLICY_BYTES {
        return Err(AdvisoryPolicyError::TooLong { bytes });
    }
    let patterns = document.matches("=~").count();
    if patterns > MAX_ADVISORY_PATTERNS {
        return Err(AdvisoryPolicyError::TooManyPatterns { patterns });
    }
    Ok(())
}

impl fmt::Display for AdvisoryPolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("it is empty"),
            Self::TooLong { bytes } => {
                write!(
                    f,
                    "it has {bytes} bytes, and may have {MAX_ADVISORY_POLICY_BYTES}"
                )
            }
            Self::TooManyPatterns { patterns } => {
                write!(f, "it has `=~` {patterns} times, and may have {MAX_ADVISORY_PATTERNS}")
            }
            Self::NotSapl(diagnostic) => f.write_str(diagnostic),
            Self::ReadsAttributes => f.write_str(
                "it reads attributes, and clients have none for it: look at the subscription, which has the time in \
                 its environment where a client gives it",
            ),
        }
    }
}

impl std::error::Error for AdvisoryPolicyError {}

#[cfg(test)]
mod tests;
