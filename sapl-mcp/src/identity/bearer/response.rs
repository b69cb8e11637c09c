//! The answers that the bearer layer gives by itself, and the body that can hold them or the server's.

use std::{
    pin::Pin,
    task::{Context, Poll},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use http::{
    HeaderValue, Response, StatusCode,
    header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, WWW_AUTHENTICATE},
};
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::time::{Sleep, sleep};

use super::metadata::{ProtectedResource, is_scope};
use crate::identity::{IdentityConfigError, TokenErrorKind};

/// How long a stream outlives the expiry of its token: as long as a token is accepted behind it, so that no reply to one
/// is cut off at its start.
const EXPIRY_LEEWAY: Duration = Duration::from_secs(5);

const METADATA_CACHING: HeaderValue = HeaderValue::from_static("public, max-age=300");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// One text for every flaw of a token: what is wrong is for the log, not for whoever tries tokens.
const INVALID_TOKEN: &str =
    r#"Bearer error="invalid_token", error_description="the access token is not valid""#;

const INSUFFICIENT_SCOPE: &str =
    r#"Bearer error="insufficient_scope", error_description="the access token lacks a scope""#;

/// The challenges of [RFC 6750 §3](https://www.rfc-editor.org/rfc/rfc6750#section-3), written when the layer is
/// configured.
#[derive(Debug, Clone)]
pub(super) struct Challenges {
    no_token: HeaderValue,
    invalid_token: HeaderValue,
    /// What goes behind every challenge.
    metadata: String,
}

impl Default for Challenges {
    fn default() -> Self {
        Self {
            no_token: HeaderValue::from_static("Bearer"),
            invalid_token: HeaderValue::from_static(INVALID_TOKEN),
            metadata: String::new(),
        }
    }
}

impl Challenges {
    /// Challenges that say where the metadata of `resource` is (RFC 9728 §5.1).
    pub(super) fn for_resource(resource: &ProtectedResource) -> Result<Self, IdentityConfigError> {
        let url = resource.metadata_url();
        let header = |text: String| {
            HeaderValue::try_from(text).map_err(|_| IdentityConfigError::Uri {
                setting: "resource",
                value: url.to_owned(),
                reason: "it does not fit into a header",
            })
        };
        Ok(Self {
            no_token: header(format!("Bearer resource_metadata=\"{url}\""))?,
            invalid_token: header(format!("{INVALID_TOKEN}, resource_metadata=\"{url}\""))?,
            metadata: format!(", resource_metadata=\"{url}\""),
        })
    }

    /// The answer to a request without credentials: a challenge without an error code.
    pub(super) fn no_token<R>(&self) -> Response<BearerAuthBody<R>> {
        self.unauthorized(&self.no_token, "a bearer token is required\n")
    }

    /// The answer to a request whose token is not accepted.
    pub(super) fn refused<R>(&self, kind: TokenErrorKind) -> Response<BearerAuthBody<R>> {
        match kind {
            TokenErrorKind::Invalid => {
                self.unauthorized(&self.invalid_token, "the bearer token is not valid\n")
            }
            TokenErrorKind::Unavailable => answer(kind.status(), "the bearer token could not be verified\n"),
        }
    }

    /// The answer to a request whose token would have to grant all of these scopes (RFC 6750 §3.1).
    pub(super) fn insufficient<R>(&self, scopes: &[String]) -> Response<BearerAuthBody<R>> {
        let mut challenge = INSUFFICIENT_SCOPE.to_owned();
        // A scope that no token can have is the rule's mistake, and would break the header.
        if scopes.iter().all(|scope| is_scope(scope)) {
            challenge = format!("{challenge}, scope=\"{}\"", scopes.join(" "));
        }
        challenge.push_str(&self.metadata);
        let challenge =
            HeaderValue::try_from(challenge).unwrap_or(HeaderValue::from_static(INSUFFICIENT_SCOPE));
        let mut response = answer(StatusCode::FORBIDDEN, "the bearer token lacks a scope\n");
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        response
    }

    fn unauthorized<R>(&self, challenge: &HeaderValue, text: &'static str) -> Response<BearerAuthBody<R>> {
        let mut response = answer(StatusCode::UNAUTHORIZED, text);
        response.headers_mut().insert(WWW_AUTHENTICATE, challenge.clone());
        response
    }
}

/// The answer of a layer that is set up wrongly.
pub(super) fn misconfigured<R>() -> Response<BearerAuthBody<R>> {
    answer(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the server is set up wrongly\n",
    )
}

/// The metadata document.
pub(super) fn metadata<R>(document: Bytes) -> Response<BearerAuthBody<R>> {
    respond(
        StatusCode::OK,
        document,
        [(CONTENT_TYPE, JSON), (CACHE_CONTROL, METADATA_CACHING)],
    )
}

fn answer<R>(status: StatusCode, text: &'static str) -> Response<BearerAuthBody<R>> {
    respond(
        status,
        Bytes::from_static(text.as_bytes()),
        [(CONTENT_TYPE, TEXT), (CACHE_CONTROL, NO_STORE)],
    )
}

fn respond<R>(
    status: StatusCode,
    content: Bytes,
    headers: [(HeaderName, HeaderValue); 2],
) -> Response<BearerAuthBody<R>> {
    let mut response = Response::new(BearerAuthBody {
        state: State::Own {
            content: Some(content),
        },
    });
    *response.status_mut() = status;
    response.headers_mut().extend(headers);
    response
}

pin_project! {
    /// The body of a response: the inner service's, or a short text of the layer.
    ///
    /// A stream of the inner service ends soon after the token that it was asked for with has expired.
    #[derive(Debug)]
    pub struct BearerAuthBody<R> {
        #[pin]
        state: State<R>,
    }
}

pin_project! {
    #[derive(Debug)]
    #[project = StateProjection]
    enum State<R> {
        Inner { #[pin] body: R, end: Option<Pin<Box<Sleep>>> },
        Own { content: Option<Bytes> },
    }
}

impl<R> BearerAuthBody<R> {
    /// A body that ends when the inner one does.
    pub(super) const fn inner(body: R) -> Self {
        Self {
            state: State::Inner { body, end: None },
        }
    }
}

impl<R: Body> BearerAuthBody<R> {
    /// A body that ends with the token, unless its length is known: then it is a finished reply.
    pub(super) fn until(body: R, expires_at: Option<SystemTime>) -> Self {
        let end = expires_at
            .filter(|_| body.size_hint().exact().is_none())
            .and_then(|end| end.checked_add(EXPIRY_LEEWAY))
            .map(|end| end.duration_since(SystemTime::now()).unwrap_or_default())
            .map(|left| Box::pin(sleep(left)));
        Self {
            state: State::Inner { body, end },
        }
    }
}

impl<R: Body<Data = Bytes>> Body for BearerAuthBody<R> {
    type Data = Bytes;
    type Error = R::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let mut state = self.project().state;
        match state.as_mut().project() {
            StateProjection::Inner { body, end } => {
                // A stream that is always ready ends too, so this comes first.
                if let Some(end) = end
                    && end.as_mut().poll(context).is_ready()
                {
                    state.set(State::Own { content: None });
                    return Poll::Ready(None);
                }
                body.poll_frame(context)
            }
            StateProjection::Own { content } => {
                Poll::Ready(content.take().map(|content| Ok(Frame::data(content))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.state {
            State::Inner { body, .. } => body.is_end_stream(),
            State::Own { content } => content.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.state {
            State::Inner { body, .. } => body.size_hint(),
            State::Own { content } => {
                SizeHint::with_exact(content.as_ref().map_or(0, |content| content.len() as u64))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::{StreamExt as _, stream};
    use http_body_util::{BodyExt as _, Full, StreamBody};
    use tokio::time::{Instant, interval, timeout};

    use super::*;

    const HOUR: Duration = Duration::from_secs(3600);

    fn in_an_hour() -> Option<SystemTime> {
        Some(SystemTime::now() + HOUR)
    }

    /// How many seconds it takes until the body ends.
    async fn lasts<R: Body<Data = Bytes> + Unpin>(mut body: BearerAuthBody<R>) -> u64 {
        let start = Instant::now();
        while body.frame().await.is_some() {}
        assert!(body.is_end_stream());
        // The two clocks are read one after the other.
        (start.elapsed() + Duration::from_millis(500)).as_secs()
    }

    #[cfg(any(feature = "http", feature = "jwt"))]
    #[test]
    fn a_stream_lasts_as_long_as_its_token_is_accepted() {
        assert_eq!(EXPIRY_LEEWAY, crate::identity::CLOCK_LEEWAY);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_with_its_token_whether_it_is_silent_or_not() {
        let silent = || StreamBody::new(stream::pending::<Result<Frame<Bytes>, Infallible>>());
        let ends_after = (HOUR + EXPIRY_LEEWAY).as_secs();
        assert_eq!(
            lasts(BearerAuthBody::until(silent(), in_an_hour())).await,
            ends_after
        );
        let ticks = stream::unfold(interval(Duration::from_secs(60)), |mut ticks| async {
            ticks.tick().await;
            Some((
                Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"tick"))),
                ticks,
            ))
        });
        let chatty = StreamBody::new(ticks.boxed());
        assert_eq!(
            lasts(BearerAuthBody::until(chatty, in_an_hour())).await,
            ends_after
        );
        let busy = StreamBody::new(stream::repeat_with(|| {
            Ok::<_, Infallible>(Frame::data(Bytes::new()))
        }));
        let long_gone = Some(SystemTime::UNIX_EPOCH);
        assert_eq!(lasts(BearerAuthBody::until(busy, long_gone)).await, 0);
        let mut endless = BearerAuthBody::until(silent(), None);
        assert!(timeout(1000 * HOUR, endless.frame()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_finished_reply_is_not_cut_off() {
        let reply = Full::new(Bytes::from_static(b"done"));
        let body = BearerAuthBody::until(reply, Some(SystemTime::UNIX_EPOCH));
        assert_eq!(body.collect().await.unwrap().to_bytes(), "done");
    }
}
