//! A configuration that can't be used.

use std::fmt;

use crate::http::{InvalidUrl, TlsSettingsError};

/// A wrong setting, by its name: that of the field, or of the environment variable that it came from.
///
/// Its text never holds a credential.
#[derive(Debug)]
pub struct PdpConfigError {
    field: &'static str,
    problem: PdpConfigProblem,
}

/// What is wrong with a setting.
#[derive(Debug)]
#[non_exhaustive]
pub enum PdpConfigProblem {
    /// It is empty.
    Empty,
    /// The URL can't be used.
    Url(InvalidUrl),
    /// The URL has a query, which would stand in the middle of the addresses made of it.
    Query,
    /// Another way to authenticate is given as well.
    Conflict {
        /// The other setting.
        with: &'static str,
    },
    /// It is not given although the other half is.
    Missing {
        /// The setting that is given.
        beside: &'static str,
    },
    /// It is no bearer token: letters, digits and `-._~+/`, with `=` at the end (RFC 6750, 2.1). A line break at its
    /// end and a scheme before it are the usual reasons.
    NoToken,
    /// It holds a control character, or a user name holds a colon (RFC 7617, 2).
    Characters,
    /// The time is zero or longer than [`PdpConfig::MAX_TIMEOUT`](super::PdpConfig::MAX_TIMEOUT).
    Timeout,
    /// It is no number of seconds.
    NoSeconds,
    /// It is none of `true`, `false`, `1` and `0`.
    NoBoolean,
    /// It is no Unicode text.
    NoUnicode,
    /// A certificate or key can't be used.
    Tls(TlsSettingsError),
}

impl PdpConfigError {
    pub(in crate::http) const fn new(field: &'static str, problem: PdpConfigProblem) -> Self {
        Self { field, problem }
    }

    /// The name of the setting, or of the environment variable.
    pub const fn field(&self) -> &'static str {
        self.field
    }

    /// What is wrong with it.
    pub const fn problem(&self) -> &PdpConfigProblem {
        &self.problem
    }

    /// The same in other names.
    pub(super) fn renamed(self, name: impl Fn(&'static str) -> &'static str) -> Self {
        let problem = match self.problem {
            PdpConfigProblem::Conflict { with } => PdpConfigProblem::Conflict { with: name(with) },
            PdpConfigProblem::Missing { beside } => PdpConfigProblem::Missing { beside: name(beside) },
            other => other,
        };
        Self::new(name(self.field), problem)
    }
}

impl From<InvalidUrl> for PdpConfigProblem {
    fn from(reason: InvalidUrl) -> Self {
        Self::Url(reason)
    }
}

impl fmt::Display for PdpConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` can't be used: {}", self.field, self.problem)
    }
}

impl fmt::Display for PdpConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url(reason) => return reason.fmt(f),
            Self::Tls(error) => return error.fmt(f),
            Self::Conflict { with } => {
                return write!(
                    f,
                    "`{with}` is given as well, and only one way to authenticate can be"
                );
            }
            Self::Missing { beside } => return write!(f, "it is missing although `{beside}` is given"),
            Self::Empty => "it is empty",
            Self::Query => "it has a query",
            Self::NoToken => "it is no bearer token: letters, digits and -._~+/ with = at the end",
            Self::Characters => "it holds a character that can't be sent",
            Self::Timeout => "it has to be more than 0 and at most 300 seconds",
            Self::NoSeconds => "it is no number of seconds",
            Self::NoBoolean => "it is none of true, false, 1 and 0",
            Self::NoUnicode => "it is no Unicode text",
        })
    }
}

impl std::error::Error for PdpConfigError {}
