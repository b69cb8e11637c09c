//! Access tokens for client credentials (RFC 6749, 4.4).

mod response;
mod source;

use std::fmt;

use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};

use super::{Cleartext, PdpConfigError, PdpConfigProblem, TlsSettings, credentials, url::checked_url};
use crate::Secret;
pub(super) use source::{NoToken, TokenSource};

/// An identity at an authorization server, whose token endpoint gives out bearer tokens for it.
///
/// The client authenticates itself with `Basic` (RFC 6749, 2.3.1). Tokens are kept until shortly before they expire;
/// one request at a time is made for a new one, however many decisions wait for it.
///
/// ```
/// use sapl_base::http::{ClientCredentials, PdpConfig};
///
/// let credentials = ClientCredentials::new("https://id.example/oauth2/token", "mcp-server", "secret").scope("sapl");
/// let config = PdpConfig::new("https://pdp.example").client_credentials(credentials);
/// config.check()?;
/// # Ok::<(), sapl_base::http::PdpConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct ClientCredentials {
    token_endpoint: String,
    client_id: String,
    client_secret: Secret<String>,
    scope: Option<String>,
    audience: Option<String>,
    tls: Option<TlsSettings>,
}

impl ClientCredentials {
    /// The client `client_id` at the authorization server with this token endpoint.
    pub fn new(
        token_endpoint: impl Into<String>,
        client_id: impl Into<String>,
        client_secret: impl Into<String>,
    ) -> Self {
        Self {
            token_endpoint: token_endpoint.into(),
            client_id: client_id.into(),
            client_secret: Secret::new(client_secret.into()),
            scope: None,
            audience: None,
            tls: None,
        }
    }

    /// The scopes to ask for, separated by spaces.
    pub fn scope(mut self, scope: impl Into<String>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// The audience to ask for, which some authorization servers need.
    pub fn audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Whom to trust as the token endpoint; without it, whoever is trusted as the decision point. A private
    /// certificate authority there and a public one here need it.
    pub fn tls(mut self, tls: TlsSettings) -> Self {
        self.tls = Some(tls);
        self
    }

    pub(super) const fn tls_settings(&self) -> Option<&TlsSettings> {
        self.tls.as_ref()
    }

    /// The request for a token, made once.
    pub(super) fn request(&self, cleartext: Cleartext) -> Result<TokenRequest, PdpConfigError> {
        let endpoint = "client_credentials.token_endpoint";
        let url = checked_url(&self.token_endpoint, cleartext)
            .map_err(|reason| PdpConfigError::new(endpoint, reason.into()))?;
        for (field, value) in [
            ("client_credentials.client_id", Some(&self.client_id)),
            (
                "client_credentials.client_secret",
                Some(self.client_secret.expose()),
            ),
            ("client_credentials.scope", self.scope.as_ref()),
            ("client_credentials.audience", self.audience.as_ref()),
        ] {
            if value.is_some_and(String::is_empty) {
                return Err(PdpConfigError::new(field, PdpConfigProblem::Empty));
            }
        }
        let mut form = "grant_type=client_credentials".to_owned();
        for (name, value) in [("scope", &self.scope), ("audience", &self.audience)] {
            if let Some(value) = value {
                form.push('&');
                form.push_str(name);
                form.push('=');
                push_form_encoded(&mut form, value);
            }
        }
        Ok(TokenRequest {
            url,
            authorization: credentials::basic(
                &form_encoded(&self.client_id),
                &form_encoded(self.client_secret.expose()),
            ),
            form: form.into(),
        })
    }
}

/// Never prints the secret, nor a URL that is refused, since it may hold one.
impl fmt::Debug for ClientCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let token_endpoint = match checked_url(&self.token_endpoint, Cleartext::Allowed) {
            Ok(_) => self.token_endpoint.split('?').next().unwrap_or_default(),
            Err(_) => "[refused]",
        };
        f.debug_struct("ClientCredentials")
            .field("token_endpoint", &token_endpoint)
            .field("client_id", &self.client_id)
            .field("client_secret", &self.client_secret)
            .field("scope", &self.scope)
            .field("audience", &self.audience)
            .field("tls", &self.tls)
            .finish()
    }
}

/// The request for a token.
#[derive(Debug)]
pub(super) struct TokenRequest {
    url: Uri,
    authorization: HeaderValue,
    form: Bytes,
}

impl TokenRequest {
    pub(super) const fn url(&self) -> &Uri {
        &self.url
    }

    fn http(&self) -> Request<Bytes> {
        let mut request = Request::new(self.form.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.url.clone();
        let headers = request.headers_mut();
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded"),
        );
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(AUTHORIZATION, self.authorization.clone());
        request
    }
}

fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    push_form_encoded(&mut encoded, text);
    encoded
}

/// `application/x-www-form-urlencoded` (WHATWG URL, 5.2).
fn push_form_encoded(encoded: &mut String, text: &str) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F',
    ];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            b'*' | b'-' | b'.' | b'_' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => encoded.extend(['%', digit(byte >> 4), digit(byte & 0xf)]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_is_that_of_rfc_6749() {
        let credentials = ClientCredentials::new("https://id.example/token?tenant=1", "my id:ü", "a+b%&=")
            .scope("read write")
            .audience("https://pdp.example/");
        let request = credentials.request(Cleartext::Refused).unwrap().http();
        assert_eq!(request.method(), Method::POST);
        assert_eq!(request.uri(), "https://id.example/token?tenant=1");
        assert_eq!(
            request.headers()[CONTENT_TYPE],
            "application/x-www-form-urlencoded"
        );
        assert_eq!(
            request.body(),
            "grant_type=client_credentials&scope=read+write&audience=https%3A%2F%2Fpdp.example%2F"
        );
        assert_eq!(
            request.headers()[AUTHORIZATION],
            credentials::basic("my+id%3A%C3%BC", "a%2Bb%25%26%3D")
        );
    }
}
