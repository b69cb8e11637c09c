//! Where the decision point is, and how to talk to it.

mod environment;
mod error;

use std::{fmt, time::Duration};

use http::Uri;

use super::{
    Cleartext, HttpClient, TlsSettings,
    credentials::{self, Authenticator},
    endpoint::Endpoints,
    oauth::{ClientCredentials, TokenSource},
    url::{InvalidUrl, checked_url},
};
use crate::Secret;
pub use error::{PdpConfigError, PdpConfigProblem};

/// The settings of an [`HttpPdp`](super::HttpPdp).
///
/// | setting | default | |
/// |---|---|---|
/// | [`new`](Self::new) `base_url` | `https://localhost:8443` | the node's address, with the path below which `api/pdp/` lies, if any |
/// | [`token`](Self::token) | none | an API key (`sapl_…`) or another bearer token |
/// | [`username`](Self::username), [`password`](Self::password) | none | Basic authentication |
/// | [`client_credentials`](Self::client_credentials) | none | tokens from an OAuth 2.0 token endpoint |
/// | [`timeout`](Self::timeout) | 5 s | for a whole round trip |
/// | [`allow_insecure_connections`](Self::allow_insecure_connections) | `false` | whether `http://` will do |
/// | [`tls`](Self::tls) | the system's roots | a private certificate authority, a client certificate |
///
/// Of the three ways to authenticate at most one may be given. Everything is checked when the decision point is made
/// (or by [`check`](Self::check)), and an error names the setting.
///
/// ```
/// use std::time::Duration;
///
/// use sapl_base::http::PdpConfig;
///
/// let config = PdpConfig::new("https://pdp.example:8443").token("sapl_7f3a_c2VjcmV0").timeout(Duration::from_secs(2));
/// config.check()?;
/// assert!(!format!("{config:?}").contains("c2VjcmV0"));
///
/// let error = PdpConfig::new("http://localhost:8080").check().unwrap_err();
/// assert_eq!(error.field(), "base_url");
/// # Ok::<(), sapl_base::http::PdpConfigError>(())
/// ```
#[derive(Clone)]
#[must_use]
pub struct PdpConfig {
    base_url: String,
    token: Option<Secret<String>>,
    username: Option<String>,
    password: Option<Secret<String>>,
    client_credentials: Option<ClientCredentials>,
    timeout: Duration,
    allow_insecure_connections: bool,
    tls: TlsSettings,
}

/// What a checked configuration comes down to.
pub(super) struct Prepared {
    pub(super) endpoints: Endpoints,
    pub(super) client: HttpClient,
    pub(super) authenticator: Authenticator,
    pub(super) timeout: Duration,
}

impl PdpConfig {
    /// Where a SAPL node listens if nobody says otherwise.
    pub const DEFAULT_URL: &str = "https://localhost:8443";
    /// How long a round trip may take if nobody says otherwise.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);
    /// The longest time-out that can be set: 5 minutes. Whoever waits for a decision holds a request open.
    pub const MAX_TIMEOUT: Duration = Duration::from_secs(300);

    /// The settings for the node at `base_url`, with defaults for the rest.
    pub fn new(base_url: impl Into<String>) -> Self {
        Self {
            base_url: base_url.into(),
            token: None,
            username: None,
            password: None,
            client_credentials: None,
            timeout: Self::DEFAULT_TIMEOUT,
            allow_insecure_connections: false,
            tls: TlsSettings::default(),
        }
    }

    /// Authenticates with an API key of the node (`sapl_<id>_<secret>`) or another bearer token.
    pub fn token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(Secret::new(token.into()));
        self
    }

    /// Authenticates as a user, together with [`password`](Self::password).
    pub fn username(mut self, username: impl Into<String>) -> Self {
        self.username = Some(username.into());
        self
    }

    /// The user's password.
    pub fn password(mut self, password: impl Into<String>) -> Self {
        self.password = Some(Secret::new(password.into()));
        self
    }

    /// Authenticates with tokens that an authorization server issues for client credentials.
    pub fn client_credentials(mut self, credentials: ClientCredentials) -> Self {
        self.client_credentials = Some(credentials);
        self
    }

    /// How long a round trip may take, from connecting to the last byte: more than nothing, at most
    /// [`MAX_TIMEOUT`](Self::MAX_TIMEOUT).
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Whether `http://` will do, for the node and for a token endpoint. Whoever can change what travels in
    /// cleartext can turn every decision into a PERMIT.
    pub const fn allow_insecure_connections(mut self, allow: bool) -> Self {
        self.allow_insecure_connections = allow;
        self
    }

    /// Whom to trust, and how to identify oneself.
    pub fn tls(mut self, tls: TlsSettings) -> Self {
        self.tls = tls;
        self
    }

    /// Whether a decision point can be made of it.
    ///
    /// # Errors
    /// When a setting is wrong, contradicts another, or names a file that can't be used.
    pub fn check(&self) -> Result<(), PdpConfigError> {
        self.prepare().map(drop)
    }

    pub(super) fn prepare(&self) -> Result<Prepared, PdpConfigError> {
        let cleartext = if self.allow_insecure_connections {
            Cleartext::Allowed
        } else {
            Cleartext::Refused
        };
        let base = checked_base(&self.base_url, cleartext)?;
        if self.timeout.is_zero() || self.timeout > Self::MAX_TIMEOUT {
            return Err(PdpConfigError::new("timeout", PdpConfigProblem::Timeout));
        }
        self.check_choice()?;
        let tokens = match &self.client_credentials {
            Some(credentials) => Some((credentials, credentials.request(cleartext)?)),
            None => None,
        };
        let tls = is_https(&base)
            || tokens.as_ref().is_some_and(|(credentials, request)| {
                credentials.tls_settings().is_none() && is_https(request.url())
            });
        let client = client("tls", tls.then_some(&self.tls), cleartext)?;
        let authenticator = match tokens {
            Some((credentials, request)) => {
                let client = match credentials.tls_settings() {
                    Some(tls) => self::client("client_credentials.tls", Some(tls), cleartext)?,
                    None => client.clone(),
                };
                Authenticator::Tokens(TokenSource::new(client, request, self.timeout))
            }
            None => self.fixed()?,
        };
        Ok(Prepared {
            endpoints: Endpoints::below(&base)
                .ok_or_else(|| PdpConfigError::new("base_url", InvalidUrl::Malformed.into()))?,
            client,
            authenticator,
            timeout: self.timeout,
        })
    }

    /// At most one way to authenticate, and that one whole.
    fn check_choice(&self) -> Result<(), PdpConfigError> {
        let ways = [
            ("token", self.token.is_some()),
            ("username", self.username.is_some()),
            ("client_credentials", self.client_credentials.is_some()),
        ];
        let mut given = ways.into_iter().filter(|(_, given)| *given);
        if let (Some((with, _)), Some((field, _))) = (given.next(), given.next()) {
            return Err(PdpConfigError::new(field, PdpConfigProblem::Conflict { with }));
        }
        let half = match (&self.username, &self.password) {
            (Some(_), None) => ("password", "username"),
            (None, Some(_)) => ("username", "password"),
            _ => return Ok(()),
        };
        Err(PdpConfigError::new(
            half.0,
            PdpConfigProblem::Missing { beside: half.1 },
        ))
    }

    fn fixed(&self) -> Result<Authenticator, PdpConfigError> {
        Ok(match (&self.token, &self.username, &self.password) {
            (Some(token), ..) => Authenticator::Fixed(
                credentials::bearer(token.expose())
                    .map_err(|problem| PdpConfigError::new("token", problem))?,
            ),
            (None, Some(username), Some(password)) => {
                credentials::check_username(username)
                    .map_err(|problem| PdpConfigError::new("username", problem))?;
                credentials::check_password(password.expose())
                    .map_err(|problem| PdpConfigError::new("password", problem))?;
                Authenticator::Fixed(credentials::basic(username, password.expose()))
            }
            _ => Authenticator::None,
        })
    }
}

impl Default for PdpConfig {
    /// The node at [`DEFAULT_URL`](Self::DEFAULT_URL), without authentication.
    fn default() -> Self {
        Self::new(Self::DEFAULT_URL)
    }
}

/// Never prints a credential; nor a URL that is refused, since it may hold one.
impl fmt::Debug for PdpConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let base_url = match checked_base(&self.base_url, Cleartext::Allowed) {
            Ok(_) => self.base_url.as_str(),
            Err(_) => "[refused]",
        };
        f.debug_struct("PdpConfig")
            .field("base_url", &base_url)
            .field("token", &self.token)
            .field("username", &self.username)
            .field("password", &self.password)
            .field("client_credentials", &self.client_credentials)
            .field("timeout", &self.timeout)
            .field("allow_insecure_connections", &self.allow_insecure_connections)
            .field("tls", &self.tls)
            .finish()
    }
}

fn checked_base(base_url: &str, cleartext: Cleartext) -> Result<Uri, PdpConfigError> {
    let wrong = |problem| PdpConfigError::new("base_url", problem);
    if base_url.is_empty() {
        return Err(wrong(PdpConfigProblem::Empty));
    }
    if base_url.contains('?') {
        return Err(wrong(PdpConfigProblem::Query));
    }
    checked_url(base_url, cleartext).map_err(|reason| wrong(reason.into()))
}

fn client(
    field: &'static str,
    tls: Option<&TlsSettings>,
    cleartext: Cleartext,
) -> Result<HttpClient, PdpConfigError> {
    let client = match tls {
        Some(tls) => HttpClient::new(tls),
        None => HttpClient::without_tls(),
    };
    client
        .map(|client| client.with_cleartext(cleartext))
        .map_err(|error| PdpConfigError::new(field, PdpConfigProblem::Tls(error)))
}

fn is_https(url: &Uri) -> bool {
    url.scheme() == Some(&http::uri::Scheme::HTTPS)
}

#[cfg(test)]
mod tests;
