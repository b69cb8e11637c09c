//! The way to an identity provider.

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{Request, Response, Uri};
use sapl_base::http::{Cleartext, HttpClient, HttpError, TlsSettings, checked_url};

use super::IdentityConfigError;

/// How long an identity provider may take to answer, unless it is said otherwise.
pub const DEFAULT_IDP_TIMEOUT: Duration = Duration::from_secs(5);

/// How verifiers talk to an identity provider: by `https`, following no redirect, and not for long.
///
/// The default is right for a provider with a certificate that the system trusts. Another is for a private certificate
/// authority, or for a provider without TLS:
///
/// ```no_run
/// use sapl_mcp::{
///     IdpClient, JwtVerifier,
///     http::{Cleartext, TlsSettings},
/// };
///
/// let client = IdpClient::new(&TlsSettings::default().private_ca_file("ca.pem"))?;
/// let verifier = JwtVerifier::discover_with(client, "https://idp.internal", "https://analytics.internal/mcp")?;
///
/// let local = IdpClient::new(&TlsSettings::default())?.with_cleartext(Cleartext::Allowed);
/// let verifier = JwtVerifier::discover_with(local, "http://localhost:8080/realms/a", "https://analytics.internal/mcp")?;
/// # Ok::<_, sapl_mcp::IdentityConfigError>(())
/// ```
#[derive(Clone)]
pub struct IdpClient {
    http: HttpClient,
    cleartext: Cleartext,
    timeout: Duration,
}

impl IdpClient {
    /// A client that trusts as `tls` says.
    ///
    /// # Errors
    /// A certificate can't be used, or the system has no trusted ones.
    pub fn new(tls: &TlsSettings) -> Result<Self, IdentityConfigError> {
        let http = HttpClient::new(tls).map_err(|error| IdentityConfigError::Tls {
            reason: error.to_string(),
        })?;
        Ok(Self {
            http,
            cleartext: Cleartext::Refused,
            timeout: DEFAULT_IDP_TIMEOUT,
        })
    }

    /// Says whether `http` will do as well: whoever is on the way can then make keys, and so tokens, of his own.
    #[must_use]
    pub fn with_cleartext(mut self, cleartext: Cleartext) -> Self {
        self.http = self.http.with_cleartext(cleartext);
        self.cleartext = cleartext;
        self
    }

    /// Sets how long all requests for one purpose may take together, [`DEFAULT_IDP_TIMEOUT`] at first.
    #[must_use]
    pub const fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(super) const fn timeout(&self) -> Duration {
        self.timeout
    }

    /// A URL that this client may talk to.
    pub(super) fn url(&self, setting: &'static str, value: &str) -> Result<Uri, IdentityConfigError> {
        checked_url(value, self.cleartext)
            .map_err(|reason| IdentityConfigError::ProviderUrl { setting, reason })
    }

    /// The document at `url`.
    #[cfg(feature = "jwt")]
    pub(super) async fn get(&self, url: &Uri, max_bytes: usize) -> Result<Response<Bytes>, HttpError> {
        let mut request = Request::new(Bytes::new());
        *request.uri_mut() = url.clone();
        request.headers_mut().insert(
            http::header::ACCEPT,
            http::HeaderValue::from_static("application/json, */*;q=0.1"),
        );
        self.http.fetch(request, max_bytes, self.timeout).await
    }

    /// Sends a request.
    pub(super) async fn send(
        &self,
        request: Request<Bytes>,
        max_bytes: usize,
    ) -> Result<Response<Bytes>, HttpError> {
        self.http.fetch(request, max_bytes, self.timeout).await
    }
}

impl fmt::Debug for IdpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IdpClient")
            .field("cleartext", &self.cleartext)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
