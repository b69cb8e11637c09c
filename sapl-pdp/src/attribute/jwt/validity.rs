//! When a token is valid.

use super::token::seconds;
use crate::function::time::instant::Instant;
use crate::value::{Object, Value};

/// What there is to say of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Validity {
    Valid,
    Expired,
    Immature,
    NeverValid,
    Untrusted,
    Incompatible,
    Incomplete,
    Malformed,
    MissingToken,
}

impl Validity {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Valid => "VALID",
            Self::Expired => "EXPIRED",
            Self::Immature => "IMMATURE",
            Self::NeverValid => "NEVER_VALID",
            Self::Untrusted => "UNTRUSTED",
            Self::Incompatible => "INCOMPATIBLE",
            Self::Incomplete => "INCOMPLETE",
            Self::Malformed => "MALFORMED",
            Self::MissingToken => "MISSING_TOKEN",
        }
    }
}

/// The times of a token, in seconds from 1970-01-01.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lifetime {
    not_before: Option<i64>,
    expires: Option<i64>,
    issued: Option<i64>,
}

/// How long a token may last, as `maxTokenLifetimeSeconds` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Longest {
    Any,
    Seconds(i64),
    /// There is a limit, but nobody knows which.
    Unreadable,
}

impl Longest {
    /// The limit of a configuration: none when there is none or it is not positive.
    pub(super) fn of(configuration: &Object<'_>) -> Self {
        match configuration.get("maxTokenLifetimeSeconds") {
            None => Self::Any,
            Some(Value::Number(number)) => match number.to_i64() {
                Some(seconds) if seconds > 0 => Self::Seconds(seconds),
                Some(_) => Self::Any,
                None => Self::Unreadable,
            },
            Some(_) => Self::Unreadable,
        }
    }
}

impl Lifetime {
    /// Reads the claims of RFC 7519 that are registered; `None` when one is not what it has to be.
    pub(super) fn of(claims: &Object<'_>) -> Option<Self> {
        let time = |name| match claims.get(name) {
            None | Some(Value::Null) => Some(None),
            Some(Value::Number(number)) => seconds(&number).map(Some),
            Some(_) => None,
        };
        let is_text = |name| matches!(claims.get(name), None | Some(Value::Null | Value::Text(_)));
        let has_subject = matches!(
            claims.get("sub"),
            None | Some(Value::Null | Value::Text(_) | Value::Number(_))
        );
        let has_audience = match claims.get("aud") {
            None | Some(Value::Null | Value::Text(_)) => true,
            Some(Value::Array(names)) => names.iter().all(|name| matches!(name, Value::Text(_))),
            Some(_) => false,
        };
        let lifetime = Self {
            not_before: time("nbf")?,
            expires: time("exp")?,
            issued: time("iat")?,
        };
        (is_text("iss") && is_text("jti") && has_subject && has_audience).then_some(lifetime)
    }

    /// Whether it ends before it begins, or lasts longer than it may; without an end it lasts longer than any limit.
    pub(super) fn is_never_valid(&self, now: Instant, longest: Longest) -> bool {
        let Some(expires) = self.expires else {
            return longest != Longest::Any;
        };
        let lasts = i128::from(expires) - i128::from(self.issued.unwrap_or(now.seconds()));
        let is_too_long = match longest {
            Longest::Any => false,
            Longest::Seconds(seconds) => lasts > i128::from(seconds),
            Longest::Unreadable => true,
        };
        is_too_long || self.not_before.is_some_and(|not_before| not_before > expires)
    }

    /// What it is at some time, with so many seconds for clocks that go wrong, and when that may change.
    pub(super) fn at(&self, now: Instant, skew: i64) -> (Validity, Option<Instant>) {
        // Beyond the calendar is never.
        let from = self
            .not_before
            .map(|from| Instant::new(from.saturating_sub(skew), 0));
        let to = self.expires.map(|to| Instant::new(to.saturating_add(skew), 0));
        let is_past = |bound: Instant| bound <= now;
        let expired = match (self.expires, to) {
            (_, Some(Some(to))) => is_past(to),
            (Some(expires), _) => expires < 0,
            _ => false,
        };
        if expired {
            return (Validity::Expired, None);
        }
        match (self.not_before, from) {
            (_, Some(Some(from))) if !is_past(from) => (Validity::Immature, Some(from)),
            (Some(not_before), Some(None)) if not_before > 0 => (Validity::Immature, None),
            _ => (Validity::Valid, to.flatten()),
        }
    }
}
