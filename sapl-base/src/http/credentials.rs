//! The `Authorization` header, in each of its forms.
//!
//! A SAPL node compares the names of the schemes with case: they are capitalised.

use std::collections::HashSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::HeaderValue;

use super::{
    PdpConfigProblem,
    oauth::{NoToken, TokenSource},
};

/// What a request is authenticated with.
#[derive(Debug)]
pub(super) enum Authenticator {
    /// Nothing.
    None,
    /// A header made once: an API key, another bearer token, or Basic.
    Fixed(HeaderValue),
    /// Tokens that come and go.
    Tokens(TokenSource),
}

impl Authenticator {
    /// The header for a request now.
    pub(super) async fn header(&self) -> Result<Option<HeaderValue>, NoToken> {
        match self {
            Self::None => Ok(None),
            Self::Fixed(header) => Ok(Some(header.clone())),
            Self::Tokens(tokens) => tokens.header().await.map(Some),
        }
    }

    /// The header for a second try after `refused` was answered with 401; `None` where there is no better one.
    pub(super) async fn renewed(
        &self,
        refused: Option<&HeaderValue>,
    ) -> Result<Option<HeaderValue>, NoToken> {
        match (self, refused) {
            (Self::Tokens(tokens), Some(refused)) => tokens.renewed(refused).await,
            _ => Ok(None),
        }
    }
}

/// How much of a credential has to turn up in a text for it to be kept out of the log; of a shorter one, all.
const TELLTALE_BYTES: usize = 8;

/// Whether `text` repeats the credential that was sent, or any piece of it that is long enough to tell.
pub(super) fn repeats(text: &str, sent: &HeaderValue) -> bool {
    let sent = sent.to_str().unwrap_or_default();
    let credential = sent.split_once(' ').map_or(sent, |(_, credential)| credential);
    if shares_a_piece(text, credential) {
        return true;
    }
    if !sent.starts_with("Basic ") {
        return false;
    }
    let decoded = STANDARD.decode(credential).unwrap_or_default();
    String::from_utf8_lossy(&decoded)
        .split_once(':')
        .is_some_and(|(_, password)| shares_a_piece(text, password))
}

fn shares_a_piece(text: &str, credential: &str) -> bool {
    let (text, credential) = (text.as_bytes(), credential.as_bytes());
    let length = credential.len().min(TELLTALE_BYTES);
    if length == 0 {
        return false;
    }
    let pieces: HashSet<&[u8]> = credential.windows(length).collect();
    text.windows(length).any(|piece| pieces.contains(piece))
}

/// `Bearer`, for what may stand behind it (RFC 6750, 2.1).
pub(super) fn bearer(token: &str) -> Result<HeaderValue, PdpConfigProblem> {
    if token.is_empty() {
        return Err(PdpConfigProblem::Empty);
    }
    let body = token.trim_end_matches('=');
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    if body.is_empty() || !body.bytes().all(allowed) {
        return Err(PdpConfigProblem::NoToken);
    }
    sensitive(&format!("Bearer {token}")).ok_or(PdpConfigProblem::NoToken)
}

/// `Basic`, for a user name and password that were checked (RFC 7617).
pub(super) fn basic(username: &str, password: &str) -> HeaderValue {
    let encoded = STANDARD.encode(format!("{username}:{password}"));
    // Base64 is always a header's value.
    sensitive(&format!("Basic {encoded}")).unwrap_or(HeaderValue::from_static("Basic"))
}

pub(super) fn check_username(username: &str) -> Result<(), PdpConfigProblem> {
    if username.contains(':') {
        return Err(PdpConfigProblem::Characters);
    }
    check_password(username)
}

pub(super) fn check_password(password: &str) -> Result<(), PdpConfigProblem> {
    if password.is_empty() {
        return Err(PdpConfigProblem::Empty);
    }
    if password.chars().any(char::is_control) {
        return Err(PdpConfigProblem::Characters);
    }
    Ok(())
}

/// Marked as sensitive, so that HTTP/2 neither indexes it nor `Debug` prints it.
fn sensitive(text: &str) -> Option<HeaderValue> {
    let mut value = HeaderValue::from_str(text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemes_are_capitalised_and_the_values_not_printed() {
        let key = bearer("sapl_1_a").unwrap();
        assert_eq!(key, "Bearer sapl_1_a");
        assert_eq!(format!("{key:?}"), "Sensitive");
        // RFC 7617, 2 and 2.1.
        assert_eq!(
            basic("Aladdin", "open sesame"),
            "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
        );
        assert_eq!(basic("test", "123£"), "Basic dGVzdDoxMjPCow==");
    }

    #[test]
    fn a_text_that_repeats_a_credential_is_noticed() {
        let key = bearer("sapl_7f3a_c2VjcmV0").unwrap();
        assert!(repeats("bad token: sapl_7f3a_c2VjcmV0", &key));
        assert!(repeats("bad token: sapl_7f3…", &key));
        // Its secret without its id, or a piece of it.
        assert!(repeats("no key 7f3a has the secret c2VjcmV0", &key));
        assert!(repeats("…a_c2Vjcm…", &key));
        assert!(!repeats("bad token", &key));
        let user = basic("mara", "open sesame");
        assert!(repeats("mara:open sesame", &user));
        assert!(repeats("…pen sesame is wrong", &user));
        assert!(repeats("pw", &basic("mara", "pw")));
        assert!(repeats("Basic bWFyYTpvcGVuIHNlc2FtZQ==", &user));
        assert!(!repeats("mara may not", &user));
    }
}
