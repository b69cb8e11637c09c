//! What an audit record tells of a person's approval.

use std::fmt;

use serde::Serialize;

use crate::written_by_name::written_by_name;

/// What became of the approval that an obligation required.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct AuditApproval {
    /// How it ended.
    pub outcome: ApprovalOutcome,
    /// How a person was asked; none when nobody could be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub way: Option<ApprovalWay>,
    /// The name of the approver that was to be asked, where the obligation has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
    /// Who accepted; cut after [`MAX_SUBJECT_CHARS`](crate::MAX_SUBJECT_CHARS) characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
}

/// How a person was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalWay {
    /// By an elicitation while the call waited.
    Elicitation,
    /// By a result that requires input, as of revision 2026-07-28.
    InputRequired,
    /// By an [`Approver`](crate::Approver) of the server.
    Approver,
    /// Not again: an earlier approval of the same was remembered.
    Remembered,
}

/// How an approval ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApprovalOutcome {
    /// A person is being asked.
    Asked,
    /// A person agreed. Whether the component then ran is told by the outcome of the whole record.
    Accepted,
    /// A person said no.
    Declined,
    /// A person turned away from the question.
    Cancelled,
    /// Nobody answered in time.
    TimedOut,
    /// The one to be asked has gone.
    Disconnected,
    /// Nobody could be asked, or the answer is no good; the reason of the record says why.
    Refused,
}

impl AuditApproval {
    pub(crate) fn new(outcome: ApprovalOutcome, approver: Option<&str>) -> Self {
        Self {
            outcome,
            way: None,
            approver: approver.map(str::to_owned),
            by: None,
        }
    }
}

impl ApprovalWay {
    /// The name in lower case, with underscores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Elicitation => "elicitation",
            Self::InputRequired => "input_required",
            Self::Approver => "approver",
            Self::Remembered => "remembered",
        }
    }
}

impl ApprovalOutcome {
    /// The name in lower case, with underscores.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Cancelled => "cancelled",
            Self::TimedOut => "timed_out",
            Self::Disconnected => "disconnected",
            Self::Refused => "refused",
        }
    }
}

/// As in "accepted by mara (elicitation)".
impl fmt::Display for AuditApproval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.outcome.as_str())?;
        if let Some(by) = &self.by {
            write!(f, " by {}", by.escape_debug())?;
        }
        match (self.way, &self.approver) {
            (Some(way), Some(approver)) => write!(f, " ({way} {})", approver.escape_debug()),
            (Some(way), None) => write!(f, " ({way})"),
            (None, Some(approver)) => write!(f, " ({})", approver.escape_debug()),
            (None, None) => Ok(()),
        }
    }
}

written_by_name!(ApprovalWay ApprovalOutcome);

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_known_is_told() {
        let mut approval = AuditApproval::new(ApprovalOutcome::Refused, None);
        assert_eq!(approval.to_string(), "refused");
        assert_eq!(
            serde_json::to_value(&approval).unwrap(),
            json!({"outcome": "refused"})
        );
        approval.outcome = ApprovalOutcome::Accepted;
        approval.way = Some(ApprovalWay::Approver);
        approval.approver = Some("desk".to_owned());
        approval.by = Some("sa\nm".to_owned());
        assert_eq!(approval.to_string(), r"accepted by sa\nm (approver desk)");
        assert_eq!(
            serde_json::to_value(&approval).unwrap(),
            json!({"outcome": "accepted", "way": "approver", "approver": "desk", "by": "sa\nm"})
        );
    }
}
