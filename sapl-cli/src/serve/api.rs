//! From a request to its reply.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http::header::AUTHORIZATION;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use sapl_base::AuthorizationDecision;
use sapl_pdp::{EmbeddedPdp, Input, LiveDecisions};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::body::{Body, Refusal, event_stream, json};
use super::events::{Events, Form, about_nothing};
use super::question::{ByIds, Endpoint, one, several, text};
use super::{ApiKeys, BODY_TIMEOUT, MAX_BODY_BYTES, authority};

/// What all connections of a server share.
pub(super) struct Api {
    pub(super) pdp: Arc<EmbeddedPdp>,
    pub(super) keys: Option<ApiKeys>,
    /// Whether only loopback names are taken for this server.
    pub(super) only_loopback_names: bool,
    pub(super) keep_alive: Duration,
    pub(super) streams: Arc<Semaphore>,
    pub(super) stop: CancellationToken,
}

const UP: Bytes = Bytes::from_static(br#"{"status":"UP"}"#);
const DOWN: Bytes = Bytes::from_static(br#"{"status":"DOWN"}"#);

impl Api {
    /// The reply to a request.
    pub(super) async fn reply<B>(&self, request: Request<B>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let request = Request::from_parts(parts, ());
        match self.answer(&request, &path, body).await {
            Ok(response) => response,
            Err(refusal) => refusal.reply(&path),
        }
    }

    async fn answer<B>(&self, request: &Request<()>, path: &str, body: B) -> Result<Response<Body>, Refusal>
    where
        B: http_body::Body<Data = Bytes> + Unpin,
    {
        if self.only_loopback_names && !authority::is_loopback(request) {
            return Err(Refusal::Forbidden);
        }
        if let "/actuator/health" | "/actuator/health/liveness" | "/actuator/health/readiness" = path {
            return match *request.method() {
                // Whether it runs and answers is one thing, whether with the newest policies another.
                Method::GET | Method::HEAD
                    if path == "/actuator/health" && self.pdp.health().problem.is_some() =>
                {
                    let mut response = json(DOWN);
                    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
                    Ok(response)
                }
                Method::GET | Method::HEAD => Ok(json(UP)),
                _ => Err(Refusal::MethodNotAllowed { allowed: "GET, HEAD" }),
            };
        }
        if !self.admits(request) {
            return Err(Refusal::Unauthorized);
        }
        let endpoint = Endpoint::of_path(path).ok_or(Refusal::NotFound)?;
        if request.method() != Method::POST {
            return Err(Refusal::MethodNotAllowed { allowed: "POST" });
        }
        let body = read(body).await?;
        self.decide(endpoint, text(&body)?).await
    }

    /// Whether the request shows a key, or shows nothing where no key is needed.
    fn admits<B>(&self, request: &Request<B>) -> bool {
        let mut shown = request
            .headers()
            .get_all(AUTHORIZATION)
            .iter()
            .filter(|value| !value.as_bytes().trim_ascii().is_empty());
        let (first, second) = (shown.next(), shown.next());
        match (&self.keys, first, second) {
            (None, None, _) => true,
            (Some(keys), Some(value), None) => value
                .to_str()
                .ok()
                .and_then(|value| value.strip_prefix("Bearer "))
                .is_some_and(|key| keys.contain(key)),
            _ => false,
        }
    }

    async fn decide(&self, endpoint: Endpoint, text: &str) -> Result<Response<Body>, Refusal> {
        match endpoint {
            Endpoint::DecideOnce => {
                let decision = match text.trim_ascii() {
                    "null" => AuthorizationDecision::indeterminate(),
                    text => self.pdp.decide_once_on(one(text)?).await,
                };
                Ok(json(serde_json::to_vec(&decision).unwrap_or_default()))
            }
            Endpoint::MultiDecideAllOnce => {
                let (ids, inputs) = several(text)?;
                let decisions = self.pdp.decide_all_once_on(inputs).await;
                let answer = match ids.is_empty() {
                    true => ByIds::NOTHING,
                    false => ByIds {
                        ids: &ids,
                        decisions: &decisions,
                    },
                };
                Ok(json(serde_json::to_vec(&answer).unwrap_or_default()))
            }
            Endpoint::Decide => self.stream(Form::One, vec![one(text)?]),
            Endpoint::MultiDecide => {
                let (ids, inputs) = several(text)?;
                self.stream(Form::Each(ids), inputs)
            }
            Endpoint::MultiDecideAll => {
                let (ids, inputs) = several(text)?;
                self.stream(Form::All(ids), inputs)
            }
        }
    }

    fn stream(&self, form: Form, inputs: Vec<Input<'static>>) -> Result<Response<Body>, Refusal> {
        if inputs.is_empty() {
            return Ok(event_stream(Body::Chunked(Some(about_nothing(&form)))));
        }
        let room = Arc::clone(&self.streams);
        let room = room.try_acquire_owned().map_err(|_| Refusal::Busy)?;
        let live = LiveDecisions::new(Arc::clone(&self.pdp), inputs);
        let events = Events::new(live, form, self.keep_alive, self.stop.clone(), room);
        Ok(event_stream(Body::Events(Box::new(events))))
    }
}

/// All of a body that is neither too large nor too slow.
async fn read<B>(mut body: B) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes> + Unpin,
{
    if body.size_hint().lower() > MAX_BODY_BYTES as u64 {
        return Err(Refusal::TooLarge);
    }
    let mut whole = BytesMut::new();
    let reading = async {
        while let Some(frame) = body.frame().await {
            // Cut off, or not as HTTP has it.
            let frame = frame.map_err(|_| Refusal::BadRequest)?;
            let Some(data) = frame.data_ref() else { continue };
            if whole.len() + data.len() > MAX_BODY_BYTES {
                return Err(Refusal::TooLarge);
            }
            whole.extend_from_slice(data);
        }
        Ok(whole.freeze())
    };
    timeout(BODY_TIMEOUT, reading)
        .await
        .unwrap_or(Err(Refusal::Timeout))
}
