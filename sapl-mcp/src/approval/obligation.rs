//! The obligation `requireApproval`.

use std::{fmt, time::Duration};

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::{Digest, duration};

/// The type of the obligation.
pub const REQUIRE_APPROVAL: &str = "requireApproval";

/// How long a person has for an answer where the obligation does not say: 5 minutes.
pub const DEFAULT_APPROVAL_EXPIRY: Duration = Duration::from_secs(5 * 60);

/// The longest time that an obligation may leave a person for an answer: 1 hour.
pub const MAX_APPROVAL_EXPIRY: Duration = Duration::from_secs(60 * 60);

/// The longest time for which an approval is remembered, also within a session: 24 hours.
pub const MAX_APPROVAL_MEMORY: Duration = Duration::from_secs(24 * 60 * 60);

/// What the obligations of one decision want, taken together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) message: Option<String>,
    /// Who is to be asked; none for the person at the other end.
    pub(crate) approver: Option<String>,
    pub(crate) expires_in: Duration,
    pub(crate) editable: bool,
    pub(crate) remember: Option<Remember>,
    /// Of the obligations as they were written.
    pub(crate) digest: Digest,
}

/// For how long an approval holds beyond the operation that it was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Remember {
    /// Within the session alone.
    pub(crate) in_session: bool,
    pub(crate) at_most: Duration,
}

/// Why the obligations can't be fulfilled by anybody's approval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unusable {
    /// One is not as it should be.
    Malformed(String),
    /// They want different approvers.
    DifferentApprovers,
}

/// As it is written in a policy.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Written {
    #[serde(rename = "type")]
    _type: String,
    #[serde(default, deserialize_with = "given")]
    message: Option<String>,
    #[serde(default, deserialize_with = "given")]
    approver: Option<String>,
    #[serde(default, deserialize_with = "given")]
    expires_in: Option<String>,
    #[serde(default)]
    editable: bool,
    #[serde(default, deserialize_with = "given")]
    remember: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct For {
    r#for: String,
}

impl Wanted {
    /// Whether a constraint is one of these obligations, be it sound or not.
    pub(crate) fn is(constraint: &Value) -> bool {
        constraint
            .get("type")
            .is_some_and(|of_type| of_type == REQUIRE_APPROVAL)
    }

    /// What the obligations of a decision want: none of them where there is none.
    ///
    /// Several want one question, and the strictest of what they say.
    ///
    /// # Errors
    /// When one of them is malformed, or when they want different approvers.
    pub(crate) fn of(obligations: &[Value]) -> Result<Option<Box<Self>>, Unusable> {
        let written: Vec<&Value> = obligations.iter().filter(|one| Self::is(one)).collect();
        let Some((first, others)) = written.split_first() else {
            return Ok(None);
        };
        let mut wanted = Self::read(first)?;
        for other in others {
            wanted.and(Self::read(other)?)?;
        }
        wanted.digest = Digest::of_set(&written);
        Ok(Some(Box::new(wanted)))
    }

    fn read(obligation: &Value) -> Result<Self, Unusable> {
        let written =
            Written::deserialize(obligation).map_err(|error| Unusable::Malformed(error.to_string()))?;
        let expires_in = match &written.expires_in {
            Some(text) => bounded("expiresIn", text, MAX_APPROVAL_EXPIRY)?,
            None => DEFAULT_APPROVAL_EXPIRY,
        };
        Ok(Self {
            message: written.message,
            approver: written.approver,
            expires_in,
            editable: written.editable,
            remember: written.remember.map(|value| Remember::read(&value)).transpose()?,
            digest: Digest::of_set(&[obligation]),
        })
    }

    /// Both at once.
    fn and(&mut self, other: Self) -> Result<(), Unusable> {
        if self.approver != other.approver {
            return Err(Unusable::DifferentApprovers);
        }
        match (&mut self.message, other.message) {
            (Some(message), Some(more)) => {
                message.push('\n');
                message.push_str(&more);
            }
            (none, more) => *none = none.take().or(more),
        }
        self.expires_in = self.expires_in.min(other.expires_in);
        self.editable &= other.editable;
        self.remember = match (self.remember, other.remember) {
            (Some(one), Some(other)) => Some(Remember {
                in_session: one.in_session || other.in_session,
                at_most: one.at_most.min(other.at_most),
            }),
            _ => None,
        };
        Ok(())
    }
}

impl Remember {
    fn read(value: &Value) -> Result<Self, Unusable> {
        if value == "session" {
            return Ok(Self {
                in_session: true,
                at_most: MAX_APPROVAL_MEMORY,
            });
        }
        let For { r#for } = For::deserialize(value).map_err(|_| {
            Unusable::Malformed(String::from(
                "`remember` is neither \"session\" nor an object with a duration `for`",
            ))
        })?;
        Ok(Self {
            in_session: false,
            at_most: bounded("for", &r#for, MAX_APPROVAL_MEMORY)?,
        })
    }
}

/// What is there is a value: `null` is none.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

fn bounded(member: &str, text: &str, longest: Duration) -> Result<Duration, Unusable> {
    let malformed = |what: String| Unusable::Malformed(format!("`{member}` {what}"));
    let read = duration::read(text)
        .ok_or_else(|| malformed(String::from("is not a duration as in \"PT15M\" (ISO 8601)")))?;
    match read {
        Duration::ZERO => Err(malformed(String::from("is no time at all"))),
        read if read > longest => Err(malformed(format!("is longer than {} s", longest.as_secs()))),
        read => Ok(read),
    }
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed(what) => write!(f, "an obligation `{REQUIRE_APPROVAL}` is malformed: {what}"),
            Self::DifferentApprovers => f.write_str("the obligations want different approvers"),
        }
    }
}

#[cfg(test)]
mod tests;
