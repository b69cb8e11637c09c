//! Why an approval did not come about.

use std::fmt;

use crate::{
    approval::{Full, Unusable},
    audit::ApprovalOutcome,
    request_state::StateError,
};

/// Why there is no approval that lets the component run: for the log and the audit record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The obligations can't be fulfilled by anybody's approval.
    Unusable(Unusable),
    /// A request of this kind can't wait for a person.
    NotHere,
    /// There is nobody who could be asked.
    NotPossible,
    /// There is no approver of the name that the obligation gives.
    UnknownApprover,
    /// The system has no randomness.
    NoKey,
    /// The arguments are too long or too deep to be shown in full.
    NotShown,
    /// Too many calls wait for approvals.
    Full(Full),
    Declined,
    Cancelled,
    TimedOut,
    Disconnected,
    /// The request was cancelled meanwhile.
    RequestCancelled,
    /// The approver failed.
    Approver(String),
    /// The client answered with an error.
    ClientError,
    /// The client's answer is none.
    Unreadable(&'static str),
    /// Other arguments were given, and may not be.
    NotEditable,
    /// The request state can't be sent.
    State(StateError),
    /// The answer came too late.
    Expired,
    /// The caller's token expired while a person was asked.
    TokenExpired,
    /// The component is not under the same rules any more.
    Replaced,
    /// The arguments are not those that were approved.
    OtherArguments,
    /// The second decision wants something else to be approved.
    AnotherApproval,
    /// The approval was used before.
    UsedUp,
    /// The store of approvals failed.
    Store(String),
}

impl Refusal {
    /// How the approval ended with it, where it had come as far as `before`.
    pub(super) const fn outcome(&self, before: ApprovalOutcome) -> ApprovalOutcome {
        match self {
            Self::Declined => ApprovalOutcome::Declined,
            Self::Cancelled => ApprovalOutcome::Cancelled,
            Self::TimedOut | Self::Expired => ApprovalOutcome::TimedOut,
            Self::Disconnected | Self::RequestCancelled => ApprovalOutcome::Disconnected,
            // The person agreed; the operation is denied for something else.
            _ => match before {
                ApprovalOutcome::Accepted => ApprovalOutcome::Accepted,
                _ => ApprovalOutcome::Refused,
            },
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Unusable(unusable) => return unusable.fmt(f),
            Self::Approver(error) => return write!(f, "the approver failed: {error}"),
            Self::Store(error) => return write!(f, "the store of approvals failed: {error}"),
            Self::State(error) => return write!(f, "nobody could be asked for approval: {}", error.as_str()),
            Self::Unreadable(what) => return write!(f, "the answer to the approval is no good: {what}"),
            Self::NotHere => "approval was not possible: nobody is asked for a request of this kind",
            Self::NotPossible => {
                "approval was not possible: the client can't ask its user, and the layer has no default approver"
            }
            Self::UnknownApprover => "approval was not possible: the layer has no approver of that name",
            Self::NoKey => "approval was not possible: the system has no randomness",
            Self::NotShown => {
                "approval was not possible: the arguments are too long or too deep to be shown in full"
            }
            Self::Full(Full::All) => "approval was not possible: too many calls wait for approvals",
            Self::Full(Full::Own) => {
                "approval was not possible: too many calls of the same principal wait for approvals"
            }
            Self::Declined => "the person declined",
            Self::Cancelled => "the person turned away from the question",
            Self::TimedOut => "nobody answered in time whether to approve",
            Self::Disconnected => "the client went away before an answer whether to approve",
            Self::RequestCancelled => "the request was cancelled before an answer whether to approve",
            Self::ClientError => "the client answered the question whether to approve with an error",
            Self::NotEditable => {
                "the answer to the approval has other arguments, and the obligation does not let them be edited"
            }
            Self::Expired => "the answer to the approval came too late",
            Self::TokenExpired => "the token expired while a person was asked for approval",
            Self::Replaced => "the component has other rules than when a person was asked, or is gone",
            Self::OtherArguments => "the arguments are not those that were approved",
            Self::AnotherApproval => "the decision wants another approval than the one that was given",
            Self::UsedUp => "the approval was used before",
        };
        f.write_str(text)
    }
}
