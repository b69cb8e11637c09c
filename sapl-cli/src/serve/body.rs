//! What is sent back.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use http::header::{ALLOW, CACHE_CONTROL, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use http_body::{Frame, SizeHint};
use serde::Serialize;

use super::clock::timestamp;
use super::events::Events;

/// The body of a reply.
pub(super) enum Body {
    /// All of it, with its length.
    Whole(Option<Bytes>),
    /// All of it, without its length, as a node sends errors.
    Chunked(Option<Bytes>),
    /// Events as they come.
    Events(Box<Events>),
}

/// Why a request has no decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    BadRequest,
    Unauthorized,
    Forbidden,
    NotFound,
    MethodNotAllowed { allowed: &'static str },
    Timeout,
    TooLarge,
    Busy,
}

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A reply of JSON.
pub(super) fn json(body: impl Into<Bytes>) -> Response<Body> {
    let mut response = Response::new(Body::Whole(Some(body.into())));
    response.headers_mut().insert(CONTENT_TYPE, JSON);
    response
}

/// A reply of server-sent events.
pub(super) fn event_stream(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let content_type = HeaderValue::from_static("text/event-stream;charset=UTF-8");
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

impl Refusal {
    /// The reply, which tells when, what and where, and no reason.
    pub(super) fn reply(self, path: &str) -> Response<Body> {
        let (status, error) = self.status();
        let body = ErrorBody {
            timestamp: timestamp(SystemTime::now()),
            status: status.as_u16(),
            error,
            path,
        };
        let body = serde_json::to_vec(&body).unwrap_or_default();
        let mut response = Response::new(Body::Chunked(Some(body.into())));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        let never = HeaderValue::from_static("must-revalidate,no-cache,no-store");
        headers.insert(CACHE_CONTROL, never);
        headers.insert(CONTENT_TYPE, JSON);
        match self {
            Self::MethodNotAllowed { allowed } => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            // The rest of the body is never read, so that nothing can follow it.
            Self::TooLarge | Self::Timeout => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            Self::Busy => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
            }
            _ => {}
        }
        response
    }

    const fn status(self) -> (StatusCode, &'static str) {
        match self {
            Self::BadRequest => (StatusCode::BAD_REQUEST, "Bad Request"),
            Self::Unauthorized => (StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::Forbidden => (StatusCode::FORBIDDEN, "Forbidden"),
            Self::NotFound => (StatusCode::NOT_FOUND, "Not Found"),
            Self::MethodNotAllowed { .. } => (StatusCode::METHOD_NOT_ALLOWED, "Method Not Allowed"),
            Self::Timeout => (StatusCode::REQUEST_TIMEOUT, "Request Timeout"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "Content Too Large"),
            Self::Busy => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        }
    }
}

#[derive(Serialize)]
struct ErrorBody<'a> {
    timestamp: String,
    status: u16,
    error: &'static str,
    path: &'a str,
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let data = match self.get_mut() {
            Self::Whole(bytes) | Self::Chunked(bytes) => Poll::Ready(bytes.take()),
            Self::Events(events) => events.poll_next(context),
        };
        data.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Whole(bytes) => SizeHint::with_exact(bytes.as_ref().map_or(0, |bytes| bytes.len() as u64)),
            Self::Chunked(_) | Self::Events(_) => SizeHint::default(),
        }
    }
}
