//! Who is calling, as a validated token tells.

mod bearer;
#[cfg(any(feature = "http", feature = "jwt"))]
mod claims;
mod config_error;
#[cfg(feature = "http")]
mod idp;
#[cfg(feature = "http")]
mod introspection;
#[cfg(all(feature = "http", feature = "jwt"))]
mod jwks;
#[cfg(feature = "jwt")]
mod jwt;
mod principal;
#[cfg(any(feature = "http", feature = "jwt"))]
mod remembered;
mod static_tokens;
mod verifier;

#[cfg(all(feature = "http", feature = "jwt"))]
pub use self::jwks::{
    DEFAULT_JWKS_LIFETIME, JWKS_GRACE, MAX_JWKS_BACKOFF, MAX_JWKS_BYTES, MAX_JWKS_LIFETIME, MAX_JWKS_WAIT,
    MAX_METADATA_BYTES, MIN_JWKS_BACKOFF, MIN_JWKS_LIFETIME, UNKNOWN_KEY_INTERVAL,
};
#[cfg(feature = "jwt")]
pub use self::jwt::{
    JwtAlgorithm, JwtVerifier, MAX_JWKS_KEYS, MAX_RSA_KEY_BITS, MAX_TRIED_KEYS, MIN_RSA_KEY_BITS,
};
pub(crate) use self::{
    bearer::ScopeChallenge,
    principal::{Principal, Whose},
};
pub use self::{
    bearer::{
        BearerAuth, BearerAuthBody, BearerAuthFuture, BearerAuthLayer, MAX_SESSION_ID_BYTES, MAX_SESSIONS,
        MAX_SESSIONS_PER_PRINCIPAL, SESSION_IDLE,
    },
    config_error::IdentityConfigError,
    static_tokens::StaticTokens,
    verifier::{MAX_TOKEN_BYTES, TokenError, TokenErrorKind, TokenVerifier},
};
#[cfg(any(feature = "http", feature = "jwt"))]
pub use self::{claims::CLOCK_LEEWAY, remembered::MAX_REMEMBERED_TOKENS};
#[cfg(feature = "http")]
pub use self::{
    idp::{DEFAULT_IDP_TIMEOUT, IdpClient},
    introspection::{
        DEFAULT_INTROSPECTION_MEMORY, Introspection, MAX_INTROSPECTION_BYTES, MAX_INTROSPECTION_MEMORY,
        MAX_INTROSPECTIONS,
    },
};

use std::{fmt, sync::Arc, time::SystemTime};

use rmcp::{RoleServer, service::RequestContext};
use sapl_base::Secret;
use serde_json::Value;

/// The caller of a request: what a validated token says.
///
/// It comes from a token that a verifier accepted, and from nowhere else: no header, argument or `_meta` of a
/// request makes or changes one.
#[derive(Clone)]
pub struct Identity {
    token: Secret<Box<str>>,
    client_id: Option<Box<str>>,
    scopes: Box<[String]>,
    claims: Arc<Value>,
    expires_at: Option<SystemTime>,
}

impl Identity {
    /// The identity that `token` stands for, with its claims (a JSON object).
    pub fn new(token: impl Into<Box<str>>, claims: Value) -> Self {
        Self {
            token: Secret::new(token.into()),
            client_id: None,
            scopes: Box::default(),
            claims: Arc::new(claims),
            expires_at: None,
        }
    }

    /// Sets the OAuth client that the token was issued to.
    #[must_use]
    pub fn with_client_id(mut self, client_id: impl Into<Box<str>>) -> Self {
        self.client_id = Some(client_id.into());
        self
    }

    /// Sets the scopes that the token grants.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the time from which on the token is no longer valid.
    #[must_use]
    pub fn with_expiry(mut self, expires_at: SystemTime) -> Self {
        self.expires_at = Some(expires_at);
        self
    }

    /// The identity that the layer in front found for this request, for manual use inside of a handler.
    pub fn from_context(context: &RequestContext<RoleServer>) -> Option<Arc<Self>> {
        Self::from_parts(context.extensions.get::<http::request::Parts>()?)
    }

    /// The identity of an HTTP request.
    pub(crate) fn from_parts(parts: &http::request::Parts) -> Option<Arc<Self>> {
        parts.extensions.get::<Arc<Self>>().cloned()
    }

    /// The token as it was sent.
    pub fn token(&self) -> &Secret<Box<str>> {
        &self.token
    }

    /// The OAuth client that the token was issued to.
    pub fn client_id(&self) -> Option<&str> {
        self.client_id.as_deref()
    }

    /// The scopes that the token grants.
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }

    /// The claims, a JSON object.
    pub fn claims(&self) -> &Value {
        &self.claims
    }

    /// The claims, shared: a subscription takes them as its subject without a clone.
    pub fn shared_claims(&self) -> &Arc<Value> {
        &self.claims
    }

    /// From when on the token is no longer valid.
    pub fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("client_id", &self.client_id)
            .field("scopes", &self.scopes)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
