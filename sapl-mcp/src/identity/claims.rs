//! Claims that mean the same wherever they come from.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::Identity;

/// By how much the clock of the issuer may differ from ours where `exp` and `nbf` are checked.
pub const CLOCK_LEEWAY: Duration = Duration::from_secs(5);

/// From when until when a token is in force, leeway included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Validity {
    /// In force from this time on; from ever, where it is absent.
    pub(super) start: Option<SystemTime>,
    /// No longer in force from this time on.
    pub(super) end: SystemTime,
}

impl Validity {
    pub(super) fn started(&self, now: SystemTime) -> bool {
        self.start.is_none_or(|start| start <= now)
    }

    pub(super) fn ended(&self, now: SystemTime) -> bool {
        self.end <= now
    }
}

/// Seconds since 1970, possibly with a fraction (RFC 7519 §2).
pub(super) fn numeric_date(date: &Value) -> Option<SystemTime> {
    let since = match date.as_u64() {
        Some(seconds) => Duration::from_secs(seconds),
        None => Duration::try_from_secs_f64(date.as_f64()?).ok()?,
    };
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// Whether `aud` is `audience`, or an array that holds it.
pub(super) fn is_for(aud: &Value, audience: &str) -> bool {
    match aud {
        Value::Array(audiences) => audiences.iter().any(|one| one.as_str() == Some(audience)),
        one => one.as_str() == Some(audience),
    }
}

/// The identity with these claims, and the scopes in `scope_claim` or, without one, in the usual claims.
pub(super) fn identity(
    token: &str,
    claims: Map<String, Value>,
    scope_claim: Option<&str>,
    expires_at: Option<SystemTime>,
) -> Identity {
    let scopes = match scope_claim {
        Some(name) => claims.get(name),
        None => claims.get("scope").or_else(|| claims.get("scp")),
    };
    let scopes = scopes.map(scopes_of).unwrap_or_default();
    let client = claims.get("client_id").or_else(|| claims.get("azp"));
    let client: Option<Box<str>> = client.and_then(Value::as_str).map(Into::into);
    let mut identity = Identity::new(token, Value::Object(claims)).with_scopes(scopes);
    identity.client_id = client;
    identity.expires_at = expires_at;
    identity
}

/// One string with spaces between the scopes, or an array of strings. Anything else grants no scope.
fn scopes_of(claim: &Value) -> Vec<String> {
    match claim {
        Value::Array(scopes) => scopes
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        Value::String(scopes) => scopes.split_ascii_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
