//! Why a call through the guard gave no result.

use std::fmt;

use rmcp::ServiceError;

use super::ApprovalRequest;

/// Why a call through the guard gave no result.
#[derive(Debug)]
#[non_exhaustive]
pub enum GuardError {
    /// The call was not made: a policy, the server's advice or a person said no.
    Denied {
        /// The name of the tool.
        tool: String,
        /// Why.
        reason: String,
    },
    /// The call was not made: a person has to agree, and there is no [`Approver`](super::Approver).
    ApprovalRequired(ApprovalRequest),
    /// The call was made, but its result can't be held to the decision, so nobody gets it.
    Withheld {
        /// The name of the tool.
        tool: String,
        /// Why.
        reason: String,
    },
    /// The call was allowed and failed.
    Failed(ServiceError),
    /// The server asked for input that nobody here can give, or goes on as a task: see
    /// [`Guard::attempt`](super::Guard::attempt).
    Unfinished {
        /// The name of the tool.
        tool: String,
    },
    /// The tools of the server can't be listed, so nothing is known of the tool, and the call was not made.
    Listing {
        /// What is wrong.
        reason: String,
    },
}

impl fmt::Display for GuardError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { tool, reason } => {
                write!(f, "the call of `{}` is denied: {reason}", tool.escape_debug())
            }
            Self::ApprovalRequired(asked) => {
                let tool = asked.request().tool().escape_debug();
                write!(f, "the call of `{tool}` needs approval: {}", asked.reason())
            }
            Self::Withheld { tool, reason } => {
                write!(f, "the result of `{}` is withheld: {reason}", tool.escape_debug())
            }
            Self::Failed(error) => error.fmt(f),
            Self::Unfinished { tool } => {
                write!(f, "the call of `{}` has no result yet", tool.escape_debug())
            }
            Self::Listing { reason } => write!(f, "the tools of the server can't be listed: {reason}"),
        }
    }
}

impl std::error::Error for GuardError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Failed(error) => Some(error),
            _ => None,
        }
    }
}
