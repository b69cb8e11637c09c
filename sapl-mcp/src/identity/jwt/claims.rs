//! What a token claims, and whether that makes it good for us.

use std::time::{Duration, SystemTime};

use serde_json::{Map, Value};

use super::{
    super::claims::{self, Validity, is_for, numeric_date},
    compact::Flaw,
};
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
        self.require("aud", audience, |claim| is_for(claim, audience))?;
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
        claims::identity(token, self.all, scope_claim, Some(self.expires_at))
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
