//! One request to a decision point: authenticated, and its answer checked up to the first byte of the body.

use std::time::Duration;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderValue, Method, Request, StatusCode,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE},
};

use super::{
    HttpClient, ResponseBody,
    config::Prepared,
    credentials::{self, Authenticator},
    endpoint::{Endpoint, Endpoints},
    failure::NoDecision,
    text::quoted,
};

/// How much of an error's body is read, to show its beginning in the log.
const MAX_ERROR_BYTES: usize = 4096;

/// How long an error's body is waited for: the status is told without it.
const ERROR_BODY_WAIT: Duration = Duration::from_millis(250);

/// A line to a decision point.
#[derive(Debug)]
pub(super) struct Exchange {
    client: HttpClient,
    streams: HttpClient,
    endpoints: Endpoints,
    authenticator: Authenticator,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(super) struct Payload {
    pub(super) body: Bytes,
    /// Whether a subscription's secrets are in it, so that nothing that comes back is shown to the log.
    pub(super) secrets: bool,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: ResponseBody,
    pub(super) discretion: Discretion,
}

/// What must not be repeated of a request.
#[derive(Debug)]
pub(super) struct Discretion {
    secrets: bool,
    authorization: Option<HeaderValue>,
}

impl Exchange {
    pub(super) fn new(prepared: Prepared) -> Self {
        Self {
            streams: prepared.client.with_own_connections(),
            client: prepared.client,
            endpoints: prepared.endpoints,
            authenticator: prepared.authenticator,
        }
    }

    /// Sends `payload` and gives an answer that has status 200 and the right content type, its body still to be
    /// read. A 401 for a token that can be replaced is tried once more. Takes no account of time.
    pub(super) async fn open(&self, endpoint: Endpoint, payload: &Payload) -> Result<Answer, NoDecision> {
        let mut authorization = self.authenticator.header().await?;
        let mut response = self.send(endpoint, payload, authorization.as_ref()).await?;
        if response.status() == StatusCode::UNAUTHORIZED
            && let Some(renewed) = self.authenticator.renewed(authorization.as_ref()).await?
        {
            response = self.send(endpoint, payload, Some(&renewed)).await?;
            authorization = Some(renewed);
        }
        if response.status() != StatusCode::OK {
            let (head, body) = response.into_parts();
            let beginning = tokio::time::timeout(ERROR_BODY_WAIT, body.beginning(MAX_ERROR_BYTES)).await;
            let beginning = beginning.unwrap_or_default();
            let discretion = Discretion {
                secrets: payload.secrets,
                authorization,
            };
            return Err(NoDecision::Status {
                status: head.status,
                body: discretion.shown(&String::from_utf8_lossy(&beginning)),
            });
        }
        let expected = endpoint.media_type();
        if !has_media_type(response.headers(), expected) {
            return Err(NoDecision::ContentType { expected });
        }
        Ok(Answer {
            body: response.into_body(),
            discretion: Discretion {
                secrets: payload.secrets,
                authorization,
            },
        })
    }

    async fn send(
        &self,
        endpoint: Endpoint,
        payload: &Payload,
        authorization: Option<&HeaderValue>,
    ) -> Result<http::Response<ResponseBody>, NoDecision> {
        let mut request = Request::new(payload.body.clone());
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.endpoints.address(endpoint).clone();
        let headers = request.headers_mut();
        headers.reserve(4);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static(endpoint.media_type()));
        if let Some(authorization) = authorization {
            headers.insert(AUTHORIZATION, authorization.clone());
        }
        let client = if endpoint.is_stream() {
            &self.streams
        } else {
            &self.client
        };
        Ok(client.send(request).await?)
    }
}

impl Discretion {
    /// What of a server's text the log may show.
    pub(super) fn shown(&self, text: &str) -> String {
        if text.is_empty() {
            String::new()
        } else if self.secrets {
            "[not shown, since the request held secrets]".to_owned()
        } else if self
            .authorization
            .as_ref()
            .is_some_and(|sent| credentials::repeats(text, sent))
        {
            "[not shown, since it repeats a credential]".to_owned()
        } else {
            quoted(text)
        }
    }
}

/// Whether there is one `Content-Type`, and it is `expected`, with whatever parameters.
pub(super) fn has_media_type(headers: &HeaderMap, expected: &str) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let value = value.to_str().unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    essence.eq_ignore_ascii_case(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_and_case_of_a_content_type_do_not_matter() {
        let has = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_TYPE, HeaderValue::from_static(value));
            }
            has_media_type(&headers, "application/json")
        };
        assert!(has(&["application/json"]));
        assert!(has(&["Application/JSON ; charset=UTF-8"]));
        assert!(!has(&[]));
        assert!(!has(&["application/json", "application/json"]));
        assert!(!has(&["application/jsonx"]));
        assert!(!has(&["text/html"]));
        assert!(!has(&["text/html; application/json"]));
    }

    #[test]
    fn a_text_is_shown_unless_it_may_repeat_a_secret() {
        let key = credentials::bearer("sapl_7f3a_c2VjcmV0").unwrap();
        let discretion = |secrets| Discretion {
            secrets,
            authorization: Some(key.clone()),
        };
        assert_eq!(discretion(false).shown("a\nb"), r"a\nb");
        assert!(discretion(true).shown("a\nb").starts_with("[not shown"));
        assert!(
            discretion(false)
                .shown("x sapl_7f3a_c2VjcmV0")
                .starts_with("[not shown")
        );
        assert_eq!(discretion(true).shown(""), "");
    }
}
