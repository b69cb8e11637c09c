//! The one way to the network.

mod body;
mod connect;

use std::{fmt, time::Duration};

use bytes::Bytes;
use http::{
    HeaderValue, Request, Response, Uri,
    header::{CONTENT_ENCODING, USER_AGENT},
    uri::Scheme,
};
use http_body_util::Full;
use hyper_util::{
    client::legacy::Client,
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;

use super::{
    Cleartext, HttpError, HttpErrorKind, TlsSettings, TlsSettingsError,
    url::{self, InvalidUrl},
};
pub use body::ResponseBody;
pub use connect::CONNECT_TIMEOUT;
use connect::Connector;

/// How long an idle connection is kept. A SAPL node closes idle ones after 30 s; who sends in that moment would lose
/// a request.
pub const POOL_IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// The most idle connections that are kept to one host.
pub const MAX_IDLE_CONNECTIONS: usize = 128;

/// How often an HTTP/2 connection is asked whether it still lives, and how long it may take to answer. Requests
/// share such a connection, so a dead one would fail them all for as long as the operating system believes in it.
const PING_INTERVAL: Duration = Duration::from_secs(5);

const PRODUCT: HeaderValue = HeaderValue::from_static(concat!("sapl-base/", env!("CARGO_PKG_VERSION")));

/// A pooled HTTP client that does what it is told and nothing else.
///
/// It talks HTTP/2 where the server offers it over TLS, else HTTP/1.1. It follows no redirects (a 307 would post
/// a request's secrets elsewhere), knows no proxy whatever the environment says, and unpacks no compressed
/// answers. A request is sent once; only a pooled connection that turns out closed before a byte of the request was
/// sent is replaced. Cheap to clone; clones share their connections.
///
/// ```no_run
/// use std::time::Duration;
///
/// use bytes::Bytes;
/// use sapl_base::http::{HttpClient, TlsSettings};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HttpClient::new(&TlsSettings::default())?;
/// let request = http::Request::get("https://id.example/.well-known/jwks.json").body(Bytes::new())?;
/// let response = client.fetch(request, 64 * 1024, Duration::from_secs(5)).await?;
/// assert_eq!(response.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpClient {
    client: Client<Connector, Full<Bytes>>,
    cleartext: Cleartext,
    tls: bool,
    tls_config: ClientConfig,
}

impl HttpClient {
    /// A client for `https`. Certificates that the settings name are read now.
    ///
    /// # Errors
    /// When a certificate or key can't be used, or the system has no trusted roots and no private certificate
    /// authority is given.
    pub fn new(tls: &TlsSettings) -> Result<Self, TlsSettingsError> {
        Ok(Self::build(tls.client_config()?, true))
    }

    /// A client that talks `http` only and loads no roots: for a host that has none and a network that is trusted.
    ///
    /// # Errors
    /// When the TLS library can't be set up.
    pub fn without_tls() -> Result<Self, TlsSettingsError> {
        Ok(Self::build(TlsSettings::trusting_nobody()?, false).with_cleartext(Cleartext::Allowed))
    }

    /// Says whether `http` will do as well. It is refused at first.
    #[must_use]
    pub const fn with_cleartext(mut self, cleartext: Cleartext) -> Self {
        self.cleartext = cleartext;
        self
    }

    /// A client with the same settings whose requests have a connection each, over HTTP/1.1: for answers without an
    /// end. Over HTTP/2 they would share one, use up the streams that the server allows on it, and whoever reads
    /// slowly would hold up the others.
    pub(super) fn with_own_connections(&self) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_max_idle_per_host(0)
            .build(Connector::http1(self.tls_config.clone()));
        Self {
            client,
            ..self.clone()
        }
    }

    fn build(tls_config: ClientConfig, tls: bool) -> Self {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .timer(TokioTimer::new())
            .pool_idle_timeout(POOL_IDLE_TIMEOUT)
            .pool_max_idle_per_host(MAX_IDLE_CONNECTIONS)
            .retry_canceled_requests(true)
            .http2_keep_alive_interval(PING_INTERVAL)
            .http2_keep_alive_timeout(PING_INTERVAL)
            .http2_keep_alive_while_idle(true)
            .build(Connector::new(tls_config.clone()));
        Self {
            client,
            cleartext: Cleartext::Refused,
            tls,
            tls_config,
        }
    }

    /// Sends a request and waits for the head of the answer, whatever its status; the body is read as it comes.
    ///
    /// Connecting is bounded by [`CONNECT_TIMEOUT`], the rest is not: put a time limit around it, or use
    /// [`fetch`](Self::fetch).
    ///
    /// # Errors
    /// When the address is refused, no connection comes about, it breaks, or the answer is compressed.
    pub async fn send(&self, mut request: Request<Bytes>) -> Result<Response<ResponseBody>, HttpError> {
        self.check(request.uri()).map_err(HttpError::url)?;
        request.headers_mut().entry(USER_AGENT).or_insert(PRODUCT);
        let response = self
            .client
            .request(request.map(Full::new))
            .await
            .map_err(|error| HttpError::of_request(&error))?;
        if response
            .headers()
            .get_all(CONTENT_ENCODING)
            .iter()
            .any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity"))
        {
            return Err(HttpError::new(HttpErrorKind::Compressed));
        }
        Ok(response.map(ResponseBody::new))
    }

    /// Sends a request and reads the whole answer, whatever its status: at most `max_bytes` of body, and everything
    /// from connecting to the last byte within `within`.
    ///
    /// # Errors
    /// When [`send`](Self::send) fails, the answer is longer, or it takes longer.
    pub async fn fetch(
        &self,
        request: Request<Bytes>,
        max_bytes: usize,
        within: Duration,
    ) -> Result<Response<Bytes>, HttpError> {
        let round_trip = async {
            let (head, body) = self.send(request).await?.into_parts();
            Ok(Response::from_parts(head, body.collect(max_bytes).await?))
        };
        match tokio::time::timeout(within, round_trip).await {
            Ok(result) => result,
            Err(_) => Err(HttpError::new(HttpErrorKind::Timeout)),
        }
    }

    fn check(&self, url: &Uri) -> Result<(), InvalidUrl> {
        url::check(url, self.cleartext)?;
        if !self.tls && url.scheme() == Some(&Scheme::HTTPS) {
            return Err(InvalidUrl::Scheme);
        }
        Ok(())
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("cleartext", &self.cleartext)
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}
