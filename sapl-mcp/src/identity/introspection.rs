//! Opaque tokens, which only their issuer can read.

mod answer;
#[cfg(test)]
mod tests;

use std::{
    fmt::{self, Write as _},
    sync::Arc,
    time::{Duration, SystemTime},
};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{
    HeaderValue, Method, Request, Response, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};
use sapl_base::http::TlsSettings;
use tokio::{sync::Semaphore, time::timeout};

use self::answer::Answer;
use super::{
    Identity, IdentityConfigError, IdpClient, MAX_TOKEN_BYTES, TokenError, TokenVerifier,
    remembered::RememberedTokens,
};

/// The largest answer of an introspection endpoint that is read, in bytes.
pub const MAX_INTROSPECTION_BYTES: usize = 64 * 1024;

/// How many questions to an introspection endpoint are under way at most. Further ones wait for their turn, no longer than
/// for an answer.
pub const MAX_INTROSPECTIONS: usize = 64;

/// For how long an active token is not asked about again, unless it is said otherwise.
pub const DEFAULT_INTROSPECTION_MEMORY: Duration = Duration::from_secs(30);

/// The longest time for which an active token is not asked about again: a revocation is noticed that late at most.
pub const MAX_INTROSPECTION_MEMORY: Duration = Duration::from_secs(5 * 60);

/// Asks the issuer about each token, by [RFC 7662](https://www.rfc-editor.org/rfc/rfc7662).
///
/// A token is good when the answer has status 200, is a JSON object of at most [`MAX_INTROSPECTION_BYTES`], and
///
/// 1. its `active` is `true`,
/// 2. `aud` is the audience or an array that holds it, where [one is set](Self::with_audience); it must be there then,
/// 3. `iss`, where it is there, is the issuer, where [one is set](Self::with_issuer),
/// 4. `exp`, where it is there, lies ahead, and `nbf`, where it is there, does not; both with
///    [`CLOCK_LEEWAY`](super::CLOCK_LEEWAY).
///
/// The identity's claims are the answer without `active`, its scopes come from `scope`, its client from `client_id`.
///
/// An active token is not asked about again for a [short time](Self::with_memory). Any other answer is not remembered: a
/// token that is refused costs a question each time, of which at most [`MAX_INTROSPECTIONS`] are under way.
///
/// Set the audience if the issuer has other services than this one: their tokens are active too.
///
/// ```no_run
/// use sapl_mcp::{BearerAuthLayer, Introspection};
///
/// let verifier = Introspection::new("https://idp.example.com/introspect", "analytics", "the client's secret")?
///     .with_audience("https://analytics.example.com/mcp");
/// let layer = BearerAuthLayer::new(verifier);
/// # Ok::<_, sapl_mcp::IdentityConfigError>(())
/// ```
pub struct Introspection {
    client: IdpClient,
    endpoint: Uri,
    authorization: HeaderValue,
    issuer: Option<Box<str>>,
    audience: Option<Box<str>>,
    memory: Duration,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    turns: Semaphore,
    remembered: RememberedTokens,
}

impl Introspection {
    /// Asks `endpoint` (`https`) with the credentials of a client, as HTTP Basic ([RFC 6749
    /// §2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)).
    ///
    /// # Errors
    /// The URL is not one, the client's id or secret is empty, or the system has no trusted certificates.
    pub fn new(endpoint: &str, client_id: &str, client_secret: &str) -> Result<Self, IdentityConfigError> {
        let client = IdpClient::new(&TlsSettings::default())?;
        Self::new_with(client, endpoint, client_id, client_secret)
    }

    /// As [`new`](Self::new), by this client.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn new_with(
        client: IdpClient,
        endpoint: &str,
        client_id: &str,
        client_secret: &str,
    ) -> Result<Self, IdentityConfigError> {
        for (setting, value) in [("client_id", client_id), ("client_secret", client_secret)] {
            if value.is_empty() {
                return Err(IdentityConfigError::Empty { setting });
            }
        }
        let credentials = format!("{}:{}", form_encoded(client_id), form_encoded(client_secret));
        let basic = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        let mut authorization =
            HeaderValue::try_from(basic).map_err(|_| IdentityConfigError::Empty { setting: "client_id" })?;
        authorization.set_sensitive(true);
        Ok(Self {
            endpoint: client.url("endpoint", endpoint)?,
            client,
            authorization,
            issuer: None,
            audience: None,
            memory: DEFAULT_INTROSPECTION_MEMORY,
            clock: Box::new(SystemTime::now),
            turns: Semaphore::new(MAX_INTROSPECTIONS),
            remembered: RememberedTokens::new(),
        })
    }

    /// Accepts tokens for `audience` only ([RFC 8707](https://www.rfc-editor.org/rfc/rfc8707)).
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<Box<str>>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Refuses tokens that the answer says are of another issuer.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<Box<str>>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Sets for how long an active token is not asked about again, [`DEFAULT_INTROSPECTION_MEMORY`] at first and
    /// [`MAX_INTROSPECTION_MEMORY`] at most. Zero asks at every request.
    #[must_use]
    pub fn with_memory(mut self, memory: Duration) -> Self {
        self.memory = memory.min(MAX_INTROSPECTION_MEMORY);
        self
    }

    /// Takes the time from `clock` instead of the system's, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    async fn ask(&self, token: &str) -> Result<Response<Bytes>, TokenError> {
        let mut request = Request::new(Bytes::from(format!(
            "token={}&token_type_hint=access_token",
            form_encoded(token)
        )));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoint.clone();
        request.headers_mut().extend([
            (AUTHORIZATION, self.authorization.clone()),
            (
                CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            ),
            (ACCEPT, HeaderValue::from_static("application/json")),
        ]);
        let asked = async {
            let _turn = self.turns.acquire().await.map_err(TokenError::unavailable)?;
            self.client
                .send(request, MAX_INTROSPECTION_BYTES)
                .await
                .map_err(TokenError::unavailable)
        };
        timeout(self.client.timeout(), asked)
            .await
            .map_err(|_| TokenError::unavailable("the introspection endpoint takes too long"))?
    }

    async fn check(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::invalid("it is too long"));
        }
        // Before the answer, so that what it says is not remembered for longer.
        let asked = (self.clock)();
        let response = self.ask(token).await?;
        if response.status() != http::StatusCode::OK {
            let status = response.status().as_u16();
            return Err(TokenError::unavailable(format!(
                "the introspection endpoint answers {status}"
            )));
        }
        let answer = Answer::read(response.body())?;
        let until = asked.checked_add(self.memory).unwrap_or(asked);
        let now = (self.clock)();
        let validity = answer.check(self.issuer.as_deref(), self.audience.as_deref(), until, now)?;
        let identity = Arc::new(answer.into_identity(token));
        if !validity.ended(now) {
            self.remembered.insert(&identity, validity, 0, now);
        }
        Ok(identity)
    }
}

impl TokenVerifier for Introspection {
    async fn verify(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        match self.known(token) {
            Some(identity) => Ok(identity),
            None => self.check(token).await,
        }
    }

    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        self.remembered.get(token, 0, (self.clock)())
    }
}

/// As a value of `application/x-www-form-urlencoded`.
fn form_encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => encoded.push(byte.into()),
            b' ' => encoded.push('+'),
            // A `String` takes everything.
            byte => _ = write!(encoded, "%{byte:02X}"),
        }
    }
    encoded
}

impl fmt::Debug for Introspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Introspection")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}
