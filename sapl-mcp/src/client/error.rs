//! Why a call through the guard gave no result.

use std::fmt;

use rmcp::ServiceError;
use sapl_base::text::printable;

use super::ApprovalRequest;

/// Why a call through the guard gave no result.
///
/// Displayed, it is one line, in which nothing deceives whoever reads it. The fields are as they came: a reason can quote
/// arguments, and so what a model or a server wrote. What a server says to the person who is asked is in
/// [`ApprovalRequest::reason`] alone.
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
                write!(f, "the call of `{}` is denied: {}", line(tool), line(reason))
            }
            Self::ApprovalRequired(asked) => {
                let (tool, reason) = (line(asked.request().tool()), line(&asked.inner.reason));
                write!(f, "the call of `{tool}` needs approval: {reason}")
            }
            Self::Withheld { tool, reason } => {
                write!(f, "the result of `{}` is withheld: {}", line(tool), line(reason))
            }
            Self::Failed(error) => f.write_str(&line(&error.to_string())),
            Self::Unfinished { tool } => write!(f, "the call of `{}` has no result yet", line(tool)),
            Self::Listing { reason } => {
                write!(f, "the tools of the server can't be listed: {}", line(reason))
            }
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

/// A text on one line, with what is not seen or moves other text written out.
fn line(text: &str) -> String {
    printable(text).replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_one_line_in_which_nothing_deceives() {
        let error = GuardError::Denied {
            tool: "t\u{202e}".to_owned(),
            reason: "no\u{1b}[2J\nthe call is allowed".to_owned(),
        };
        assert_eq!(
            error.to_string(),
            r"the call of `t\u{202e}` is denied: no\u{1b}[2J\nthe call is allowed"
        );
    }
}
