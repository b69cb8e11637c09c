//! Who says whether a token is good, and for whom.

use std::{error::Error, fmt, sync::Arc};

use http::StatusCode;

use super::Identity;

/// The longest token that is looked at, in bytes. A longer one is refused unread.
pub const MAX_TOKEN_BYTES: usize = 16 * 1024;

/// Tells whom a bearer token stands for.
///
/// One method has to be written:
///
/// ```
/// use std::sync::Arc;
///
/// use sapl_mcp::{Identity, TokenError, TokenVerifier};
/// use serde_json::json;
///
/// struct Vault;
///
/// impl TokenVerifier for Vault {
///     async fn verify(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
///         match token.strip_prefix("vault-") {
///             Some(user) => Ok(Arc::new(Identity::new(token, json!({ "sub": user })))),
///             None => Err(TokenError::invalid("not a token of the vault")),
///         }
///     }
/// }
/// ```
///
/// A verifier answers for the whole of a token: that it is genuine, meant for this server and in force now. A panic counts
/// as [`TokenError::unavailable`].
pub trait TokenVerifier: Send + Sync + 'static {
    /// The identity that `token` stands for. The token must not be logged, nor be part of an error.
    ///
    /// # Errors
    /// The token is not good, or can't be judged now.
    fn verify(&self, token: &str) -> impl Future<Output = Result<Arc<Identity>, TokenError>> + Send;

    /// The identity of a token that is known to be good right now without waiting for anything.
    ///
    /// It is asked before [`verify`](Self::verify), which is spared, together with the future that it costs, when there
    /// is an answer. `None`, the default, says nothing about the token.
    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        let _ = token;
        None
    }
}

impl<V: TokenVerifier> TokenVerifier for Arc<V> {
    fn verify(&self, token: &str) -> impl Future<Output = Result<Arc<Identity>, TokenError>> + Send {
        V::verify(self, token)
    }

    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        V::known(self, token)
    }
}

/// Why a token was not accepted. The client learns the kind, the log the cause.
#[derive(Debug)]
pub struct TokenError {
    kind: TokenErrorKind,
    cause: Box<dyn Error + Send + Sync>,
}

/// What a token error means to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenErrorKind {
    /// The token is malformed, forged, expired, not in force yet, revoked or meant for somebody else.
    Invalid,
    /// The token could not be judged; it may be good.
    Unavailable,
}

impl TokenError {
    /// A token that is not good. `cause` goes to the log, so it must not hold the token.
    pub fn invalid(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: TokenErrorKind::Invalid,
            cause: cause.into(),
        }
    }

    /// A token that can't be judged now. `cause` goes to the log, so it must not hold the token.
    pub fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            kind: TokenErrorKind::Unavailable,
            cause: cause.into(),
        }
    }

    /// What the error means to the client.
    pub const fn kind(&self) -> TokenErrorKind {
        self.kind
    }
}

impl TokenErrorKind {
    /// The error code of [RFC 6750 §3.1](https://www.rfc-editor.org/rfc/rfc6750#section-3.1), if it has one for this.
    pub const fn code(self) -> Option<&'static str> {
        match self {
            Self::Invalid => Some("invalid_token"),
            Self::Unavailable => None,
        }
    }

    /// The HTTP status of the answer.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Invalid => StatusCode::UNAUTHORIZED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        }
    }
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.kind {
            TokenErrorKind::Invalid => "the token is not valid",
            TokenErrorKind::Unavailable => "the token could not be verified",
        };
        write!(f, "{what}: {}", self.cause)
    }
}

impl Error for TokenError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.cause.source()
    }
}
