//! What a token endpoint answers, read strictly.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode};
use serde::Deserialize;

use crate::http::{HttpError, credentials, exchange::has_media_type};

/// The most bytes that the answer of a token endpoint may have: 64 KiB.
pub(super) const MAX_RESPONSE_BYTES: usize = 64 * 1024;

/// How long a token is used when the answer does not say how long it lives.
pub(super) const UNSTATED_LIFETIME: Duration = Duration::from_secs(300);

/// The longest that a token is used, whatever the answer says.
pub(super) const MAX_LIFETIME: Duration = Duration::from_secs(24 * 60 * 60);

/// The most characters of an error code that the log shows.
const MAX_CODE_CHARS: usize = 64;

/// A token that has just been issued.
#[derive(Debug)]
pub(super) struct Issued {
    pub(super) header: HeaderValue,
    pub(super) lifetime: Duration,
}

/// Why there is no access token. Holds nothing that the server wrote but an error code of RFC 6749.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct NoToken(String);

/// Reads the answer. Unknown members are ignored; the rest has to be there once and be right.
pub(super) fn read(response: &Response<Bytes>) -> Result<Issued, NoToken> {
    if response.status() != StatusCode::OK {
        return Err(refused(response));
    }
    if !has_media_type(response.headers(), "application/json") {
        return Err(NoToken::new("the token endpoint's answer is no application/json"));
    }
    let body = object(response.body()).ok_or_else(malformed)?;
    let token: Token = serde_json::from_slice(body).map_err(|_| malformed())?;
    if !token.token_type.eq_ignore_ascii_case("Bearer") {
        return Err(NoToken::new("the token endpoint's answer is no bearer token"));
    }
    let lifetime = token.expires_in.map_or(UNSTATED_LIFETIME, Duration::from_secs);
    if lifetime.is_zero() {
        return Err(NoToken::new("the token endpoint's answer has expired already"));
    }
    let header = credentials::bearer(&token.access_token)
        .map_err(|_| NoToken::new("the token endpoint's answer is no bearer token"))?;
    Ok(Issued {
        header,
        lifetime: lifetime.min(MAX_LIFETIME),
    })
}

#[derive(Deserialize)]
struct Token {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
}

/// Its position would be told, but what stands there may be the token.
fn malformed() -> NoToken {
    NoToken::new("the token endpoint's answer is malformed")
}

fn refused(response: &Response<Bytes>) -> NoToken {
    let status = response.status().as_u16();
    let code = object(response.body())
        .and_then(|body| serde_json::from_slice::<Refusal>(body).ok())
        .map(|refusal| refusal.error)
        .filter(|code| {
            code.len() <= MAX_CODE_CHARS && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
        });
    NoToken(match code {
        Some(code) => format!("the token endpoint answered {status}: {code}"),
        None => format!("the token endpoint answered {status}"),
    })
}

/// The text if it is an object: serde would take an array of the members too.
fn object(body: &[u8]) -> Option<&[u8]> {
    body.trim_ascii_start().starts_with(b"{").then_some(body)
}

impl NoToken {
    pub(super) fn new(cause: &str) -> Self {
        Self(cause.to_owned())
    }
}

impl From<HttpError> for NoToken {
    fn from(error: HttpError) -> Self {
        Self(format!("the token endpoint can't be asked: {error}"))
    }
}

impl fmt::Display for NoToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Result<Issued, String> {
        let response = Response::builder()
            .status(status)
            .header("content-type", "application/json;charset=UTF-8")
            .body(Bytes::copy_from_slice(body.as_bytes()))
            .unwrap();
        read(&response).map_err(|error| error.to_string())
    }

    #[test]
    fn a_token_is_taken_with_its_lifetime() {
        let issued = answer(
            200,
            r#"{"access_token":"abc","token_type":"bearer","expires_in":3600,"scope":"x"}"#,
        );
        let issued = issued.unwrap();
        assert_eq!(issued.header, "Bearer abc");
        assert_eq!(issued.lifetime, Duration::from_secs(3600));
        let unstated = answer(200, r#"{"access_token":"abc","token_type":"Bearer"}"#).unwrap();
        assert_eq!(unstated.lifetime, UNSTATED_LIFETIME);
        let day = MAX_LIFETIME.as_secs();
        for (seconds, lifetime) in [(day, day), (day + 1, day)] {
            let text = format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{seconds}}}"#);
            assert_eq!(answer(200, &text).unwrap().lifetime.as_secs(), lifetime);
        }
    }

    #[test]
    fn whatever_is_not_clearly_a_token_is_refused_without_being_repeated() {
        for body in [
            "",
            "hunter2",
            "[]",
            r#"["hunter2","Bearer",3600]"#,
            r#"{"token_type":"Bearer"}"#,
            r#"{"access_token":"hunter2"}"#,
            r#"{"access_token":"hunter2","token_type":"mac"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":"hunter2\r\nX: y","token_type":"Bearer"}"#,
            r#"{"access_token":["hunter2"],"token_type":"Bearer"}"#,
            r#"{"access_token":"hunter2","access_token":"x","token_type":"Bearer"}"#,
            r#"{"access_token":"hunter2","token_type":"Bearer","expires_in":0}"#,
            r#"{"access_token":"hunter2","token_type":"Bearer","expires_in":-1}"#,
            r#"{"access_token":"hunter2","token_type":"Bearer","expires_in":"hunter2"}"#,
            r#"{"access_token":"hunter2","token_type":"Bearer"} x"#,
        ] {
            let error = answer(200, body).unwrap_err();
            assert!(!error.contains("hunter2"), "{body}: {error}");
        }
    }

    #[test]
    fn a_refusal_is_told_by_its_code_alone() {
        assert_eq!(
            answer(401, r#"{"error":"invalid_client","error_description":"hunter2"}"#).unwrap_err(),
            "the token endpoint answered 401: invalid_client"
        );
        for body in ["hunter2", r#"{"error":"hunter2 X"}"#, r#"{"error":1}"#] {
            assert_eq!(answer(400, body).unwrap_err(), "the token endpoint answered 400");
        }
        let with = |length| answer(400, &format!(r#"{{"error":"{}"}}"#, "x".repeat(length))).unwrap_err();
        assert!(with(MAX_CODE_CHARS).ends_with('x'));
        assert!(with(MAX_CODE_CHARS + 1).ends_with("400"));
    }
}
