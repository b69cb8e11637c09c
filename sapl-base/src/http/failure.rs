//! Why there is no decision, for the log.

use std::{fmt, time::Duration};

use http::StatusCode;

use super::{HttpError, endpoint::Endpoint, oauth::NoToken};

/// Why a decision point gave no decision. Its text is fit for the log: what a server wrote is cut and escaped, and
/// left out where it may repeat a secret.
#[derive(Debug)]
pub(super) enum NoDecision {
    /// The request brought no answer.
    Http(HttpError),
    /// There is no token to ask with.
    Token(NoToken),
    /// The answer was not complete in time.
    Timeout(Duration),
    /// The answer has another status than 200.
    Status { status: StatusCode, body: String },
    /// The answer is of another kind than asked for.
    ContentType { expected: &'static str },
    /// The answer is no decision.
    Malformed(String),
    /// Some of the subscriptions asked have no decision in the answer.
    Missing { missing: usize, asked: usize },
    /// The subscription can't be written as JSON.
    Unwritable,
}

impl NoDecision {
    /// Tells the log that what was asked is INDETERMINATE.
    pub(super) fn log(&self, endpoint: Endpoint) {
        tracing::warn!(
            endpoint = endpoint.name(),
            cause = %self,
            "the PDP gave no decision, which makes it INDETERMINATE"
        );
    }
}

impl From<HttpError> for NoDecision {
    fn from(error: HttpError) -> Self {
        Self::Http(error)
    }
}

impl From<NoToken> for NoDecision {
    fn from(error: NoToken) -> Self {
        Self::Token(error)
    }
}

impl fmt::Display for NoDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http(error) => error.fmt(f),
            Self::Token(error) => write!(f, "no access token: {error}"),
            Self::Timeout(limit) => write!(f, "no answer within {limit:?}"),
            Self::Status { status, body } => {
                write!(f, "status {}{}", status.as_u16(), hint(*status))?;
                if body.is_empty() {
                    return Ok(());
                }
                write!(f, ": {body}")
            }
            Self::ContentType { expected } => write!(f, "the answer's content type is not {expected}"),
            Self::Malformed(reason) => write!(f, "malformed answer: {reason}"),
            Self::Missing { missing, asked } => {
                write!(f, "the answer leaves out {missing} of {asked} subscriptions")
            }
            Self::Unwritable => f.write_str("the subscription can't be written as JSON"),
        }
    }
}

/// What a status of a SAPL node means, where its answer does not say.
fn hint(status: StatusCode) -> &'static str {
    match status {
        StatusCode::UNAUTHORIZED => " (the credentials are missing or wrong)",
        StatusCode::NOT_FOUND => " (nothing there: is `base_url` the node's address without `/api/pdp`?)",
        StatusCode::PAYLOAD_TOO_LARGE => " (a node takes 65,536 bytes unless it is configured otherwise)",
        status if status.is_redirection() => " (redirects are not followed)",
        _ => "",
    }
}
