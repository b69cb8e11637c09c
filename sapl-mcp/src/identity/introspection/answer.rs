//! What an introspection endpoint says of a token (RFC 7662 §2.2).

use std::time::SystemTime;

use serde_json::{Map, Value};

use super::super::{
    CLOCK_LEEWAY, Identity, TokenError,
    claims::{self, Validity, is_for, numeric_date},
};

/// What is said of an active token.
#[derive(Debug)]
pub(super) struct Answer {
    claims: Map<String, Value>,
    expires_at: Option<SystemTime>,
}

impl Answer {
    /// Reads an answer about a token that is active.
    pub(super) fn read(body: &[u8]) -> Result<Self, TokenError> {
        let malformed = |what| TokenError::unavailable(format!("the introspection endpoint's answer {what}"));
        let mut claims: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| malformed("is not a JSON object"))?;
        match claims.remove("active") {
            Some(Value::Bool(true)) => {}
            Some(Value::Bool(false)) => return Err(TokenError::invalid("it is not active")),
            _ => return Err(malformed("has no `active` that is true or false")),
        }
        let expires_at = match claims.get("exp") {
            None | Some(Value::Null) => None,
            Some(date) => {
                Some(numeric_date(date).ok_or_else(|| malformed("has an `exp` that is not a date"))?)
            }
        };
        Ok(Self { claims, expires_at })
    }

    /// Whether the token is one for us that is in force; the answer is for how long that may be relied on, `until` at most.
    pub(super) fn check(
        &self,
        issuer: Option<&str>,
        audience: Option<&str>,
        until: SystemTime,
        now: SystemTime,
    ) -> Result<Validity, TokenError> {
        let claim = |name| self.claims.get(name).filter(|claim| !claim.is_null());
        if let Some(issuer) = issuer
            && claim("iss").is_some_and(|claim| claim.as_str() != Some(issuer))
        {
            return Err(TokenError::invalid("its `iss` is another"));
        }
        if let Some(audience) = audience
            && !claim("aud").is_some_and(|claim| is_for(claim, audience))
        {
            return Err(TokenError::invalid("its `aud` is missing or another"));
        }
        let start = match claim("nbf") {
            None => None,
            Some(date) => {
                let date =
                    numeric_date(date).ok_or_else(|| TokenError::invalid("its `nbf` is not a date"))?;
                date.checked_sub(CLOCK_LEEWAY)
            }
        };
        let in_force = Validity {
            start,
            end: self
                .expires_at
                .and_then(|end| end.checked_add(CLOCK_LEEWAY))
                .unwrap_or(now + CLOCK_LEEWAY),
        };
        if in_force.ended(now) {
            return Err(TokenError::invalid("it has expired"));
        }
        if !in_force.started(now) {
            return Err(TokenError::invalid("it is not in force yet"));
        }
        Ok(Validity {
            start,
            end: self.expires_at.map_or(until, |_| in_force.end.min(until)),
        })
    }

    pub(super) fn into_identity(self, token: &str) -> Identity {
        claims::identity(token, self.claims, None, self.expires_at)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::TokenErrorKind;

    const NOW: u64 = 1_800_000_000;

    fn at(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    fn judge(answer: &Value) -> Result<Validity, TokenErrorKind> {
        let answer = Answer::read(answer.to_string().as_bytes()).map_err(|error| error.kind())?;
        answer
            .check(Some("https://idp"), Some("mcp"), at(NOW + 30), at(NOW))
            .map_err(|error| error.kind())
    }

    #[test]
    fn answers_are_judged() {
        use TokenErrorKind::{Invalid, Unavailable};

        let leeway = CLOCK_LEEWAY.as_secs();
        let with = |name: &str, value: Value| {
            let mut answer = json!({"active": true, "aud": "mcp", "sub": "mara"});
            answer[name] = value;
            answer
        };
        for (answer, expected) in [
            (with("sub", json!("sam")), Ok(NOW + 30)),
            (with("iss", json!("https://idp")), Ok(NOW + 30)),
            (with("aud", json!(["x", "mcp"])), Ok(NOW + 30)),
            (with("exp", json!(NOW + 10)), Ok(NOW + 10 + leeway)),
            (with("exp", json!(NOW + 600)), Ok(NOW + 30)),
            (with("exp", json!(NOW - leeway + 1)), Ok(NOW + 1)),
            (with("exp", json!(null)), Ok(NOW + 30)),
            (with("nbf", json!(NOW + leeway)), Ok(NOW + 30)),
            (with("active", json!(false)), Err(Invalid)),
            (with("exp", json!(NOW - leeway)), Err(Invalid)),
            (with("nbf", json!(NOW + leeway + 1)), Err(Invalid)),
            (with("nbf", json!("now")), Err(Invalid)),
            (with("iss", json!("https://evil")), Err(Invalid)),
            (with("iss", json!(["https://idp"])), Err(Invalid)),
            (with("aud", json!("other")), Err(Invalid)),
            (with("aud", json!(["other"])), Err(Invalid)),
            (with("aud", json!(null)), Err(Invalid)),
            (with("exp", json!("2030-01-01")), Err(Unavailable)),
            (with("active", json!("true")), Err(Unavailable)),
            (with("active", json!(1)), Err(Unavailable)),
            (with("active", json!(null)), Err(Unavailable)),
            (json!({}), Err(Unavailable)),
            (json!([]), Err(Unavailable)),
            (json!(true), Err(Unavailable)),
        ] {
            let judged = judge(&answer).map(|validity| validity.end);
            assert_eq!(judged, expected.map(at), "{answer}");
        }
        assert!(Answer::read(b"{\"active\": true").is_err());
        assert!(Answer::read(b"").is_err());
    }

    #[test]
    fn without_an_issuer_and_an_audience_any_active_token_will_do() {
        let answer = Answer::read(br#"{"active": true, "iss": "x", "aud": "y"}"#).unwrap();
        assert!(answer.check(None, None, at(NOW + 30), at(NOW)).is_ok());
    }
}
