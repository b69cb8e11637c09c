//! What a token claims, and whether that makes it good for us.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::{super::remembered::Validity, compact::Flaw};
use crate::Identity;

/// How much of a claim a log line shows, in characters.
const SHOWN_CHARS: usize = 128;

/// The payload of a token whose signature was checked.
pub(super) struct Claims {
    all: Map<String, Value>,
    expires_at: SystemTime,
    not_before: Option<SystemTime>,
}

impl Claims {
    pub(super) fn read(all: Map<String, Value>) -> Result<Self, Flaw> {
        let expires_at = all.get("exp").ok_or("it has no `exp`")?;
        let expires_at = numeric_date(expires_at).ok_or("its `exp` is not a date")?;
        let not_before = match all.get("nbf") {
            Some(date) => Some(numeric_date(date).ok_or("its `nbf` is not a date")?),
            None => None,
        };
        Ok(Self {
            all,
            expires_at,
            not_before,
        })
    }

    /// Made by `issuer` for `audience` and in force at `now`; the answer is when it is in force at all.
    pub(super) fn check(
        &self,
        issuer: &str,
        audience: &str,
        now: SystemTime,
        leeway: Duration,
    ) -> Result<Validity, Flaw> {
        self.require("iss", issuer, |claim| claim.as_str() == Some(issuer))?;
        self.require("aud", audience, |claim| match claim {
            Value::Array(audiences) => audiences.iter().any(|one| one.as_str() == Some(audience)),
            one => one.as_str() == Some(audience),
        })?;
        let validity = Validity {
            start: self.not_before.and_then(|start| start.checked_sub(leeway)),
            end: self
                .expires_at
                .checked_add(leeway)
                .ok_or("its `exp` is not a date")?,
        };
        if validity.ended(now) {
            return Err("it has expired".into());
        }
        if !validity.started(now) {
            return Err("it is not in force yet".into());
        }
        Ok(validity)
    }

    /// The identity, with the scopes in `scope_claim` or, without one, in the usual claims.
    pub(super) fn into_identity(self, token: &str, scope_claim: Option<&str>) -> Identity {
        let scopes = match scope_claim {
            Some(name) => self.all.get(name),
            None => self.all.get("scope").or_else(|| self.all.get("scp")),
        };
        let scopes = scopes.map(scopes_of).unwrap_or_default();
        let client = self
            .all
            .get("client_id")
            .or_else(|| self.all.get("azp"))
            .and_then(Value::as_str);
        let client: Option<Box<str>> = client.map(Into::into);
        let identity = Identity::new(token, Value::Object(self.all))
            .with_scopes(scopes)
            .with_expiry(self.expires_at);
        match client {
            Some(client) => identity.with_client_id(client),
            None => identity,
        }
    }

    fn require(&self, name: &str, expected: &str, fits: impl FnOnce(&Value) -> bool) -> Result<(), Flaw> {
        let claim = self.all.get(name).ok_or_else(|| format!("it has no `{name}`"))?;
        if fits(claim) {
            return Ok(());
        }
        // The signature is good, so this is the issuer's text. JSON escapes what could break a log line.
        let shown: String = claim.to_string().chars().take(SHOWN_CHARS).collect();
        Err(format!("its `{name}` is {shown}, expected {expected:?}"))
    }
}

/// Seconds since 1970, possibly with a fraction (RFC 7519 §2).
fn numeric_date(date: &Value) -> Option<SystemTime> {
    let since = match date.as_u64() {
        Some(seconds) => Duration::from_secs(seconds),
        None => Duration::try_from_secs_f64(date.as_f64()?).ok()?,
    };
    SystemTime::UNIX_EPOCH.checked_add(since)
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
