//! The token in the `Authorization` header.

use http::{HeaderMap, header::AUTHORIZATION};

use crate::identity::MAX_TOKEN_BYTES;

/// The bearer token of a request; `None` where it has no credentials, or credentials of another scheme.
///
/// Only the header counts: a token in the query or the body ends up in logs and histories (RFC 6750 §2.2, §2.3).
///
/// # Errors
/// What is wrong, without any part of the token.
pub(super) fn bearer_token(headers: &HeaderMap) -> Result<Option<&str>, &'static str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err("there is more than one `Authorization` header");
    }
    let value = value.as_bytes();
    let (scheme, rest) = value.split_at(
        value
            .iter()
            .position(|byte| !is_scheme_char(*byte))
            .unwrap_or(value.len()),
    );
    if !scheme.eq_ignore_ascii_case(b"Bearer") {
        return Ok(None);
    }
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    let token = rest.get(spaces..).unwrap_or_default();
    if token.is_empty() {
        return Err("there is no token behind `Bearer`");
    }
    if token.len() > MAX_TOKEN_BYTES {
        return Err("the token is too long");
    }
    match str::from_utf8(token) {
        Ok(token) if spaces > 0 && is_b64token(token.as_bytes()) => Ok(Some(token)),
        _ => Err("what stands behind `Bearer` is not one token"),
    }
}

/// A `token` of RFC 9110 §5.6.2, cut down to the characters that schemes are made of.
const fn is_scheme_char(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
}

/// `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="` (RFC 6750 §2.1).
fn is_b64token(token: &[u8]) -> bool {
    let body = token.iter().position(|byte| *byte == b'=').unwrap_or(token.len());
    let (body, padding) = token.split_at(body);
    !body.is_empty()
        && body
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(byte))
        && padding.iter().all(|byte| *byte == b'=')
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn headers(values: &[&[u8]]) -> HeaderMap {
        values
            .iter()
            .map(|value| (AUTHORIZATION, HeaderValue::from_bytes(value).unwrap()))
            .collect()
    }

    fn of(value: &[u8]) -> Result<Option<String>, ()> {
        bearer_token(&headers(&[value]))
            .map(|token| token.map(str::to_owned))
            .map_err(|_| ())
    }

    #[test]
    fn one_well_formed_token_is_found() {
        for value in [
            "Bearer a.b-c_d~e+f/9==",
            "bearer a.b-c_d~e+f/9==",
            "BEARER  a.b-c_d~e+f/9==",
        ] {
            assert_eq!(
                of(value.as_bytes()),
                Ok(Some("a.b-c_d~e+f/9==".to_owned())),
                "{value}"
            );
        }
    }

    #[test]
    fn no_credentials_and_other_schemes_are_none() {
        assert_eq!(bearer_token(&HeaderMap::new()), Ok(None));
        for value in [
            "",
            "Basic dXNlcjpwYXNz",
            "Bearerx abc",
            "Token abc",
            "DPoP abc",
            "abc",
            " Bearer abc",
            "\"Bearer\" x",
        ] {
            assert_eq!(of(value.as_bytes()), Ok(None), "{value}");
        }
    }

    #[test]
    fn anything_else_behind_bearer_is_malformed() {
        let cases: [&[u8]; 16] = [
            b"Bearer",
            b"Bearer ",
            b"Bearer    ",
            b"Bearer\tabc",
            b"Bearer,abc",
            b"Bearer abc def",
            b"Bearer abc ",
            b"Bearer abc,def",
            b"Bearer abc\xc3\xa9",
            b"Bearer \xff\xfe",
            b"Bearer =",
            b"Bearer ab=c",
            b"Bearer \"abc\"",
            b"Bearer=abc",
            b"Bearer/abc",
            b"Bearer~abc",
        ];
        for value in cases {
            assert_eq!(of(value), Err(()), "{}", value.escape_ascii());
        }
    }

    #[test]
    fn two_headers_are_malformed_even_if_they_agree() {
        assert!(bearer_token(&headers(&[b"Bearer abc", b"Bearer abc"])).is_err());
        assert!(bearer_token(&headers(&[b"Bearer abc", b"Basic abc"])).is_err());
        assert!(bearer_token(&headers(&[b"", b"Bearer abc"])).is_err());
    }

    #[test]
    fn the_length_is_limited() {
        let fits = format!("Bearer {}", "a".repeat(MAX_TOKEN_BYTES));
        assert_eq!(of(fits.as_bytes()).unwrap().unwrap().len(), MAX_TOKEN_BYTES);
        assert_eq!(of(format!("{fits}a").as_bytes()), Err(()));
    }
}
