//! `http`: values from web services.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{StreamExt as _, stream};
use http::Uri;
use sapl_base::http::{Cleartext, HttpClient, HttpErrorKind, InvalidUrl, checked_url};

use super::steps::constant;
use super::{AttributeCall, AttributeFinder, AttributeStream};
use crate::json::{self, Dialect};
use crate::value::{ErrorKind, Value};
use request::{Settings, is_json};

mod request;

/// How long a request may take, from connecting to the last byte.
pub const HTTP_ATTRIBUTE_TIMEOUT: Duration = Duration::from_secs(30);

const FAILED: ErrorKind = ErrorKind::Attribute("no answer came from the web service");
const STATUS: ErrorKind = ErrorKind::Attribute("the web service answered with a status that is no success");
const TOO_LARGE: ErrorKind = ErrorKind::Attribute("the answer of the web service is too large");
const NO_JSON: ErrorKind = ErrorKind::Attribute("the answer of the web service is no JSON");
const NO_TEXT: ErrorKind = ErrorKind::Attribute("the answer of the web service is no text");

/// The finder of `http`: `<http.get(settings)>`, `url.<http.get>`, `url.<http.get(settings)>`, and likewise `post`, `put`,
/// `patch` and `delete`.
///
/// Policies, and through them the subscriptions that they put into a URL, make the server send requests. So it talks to those
/// origins only that the host allows, and to none at first; what a service redirects to is not followed. It is no part of a
/// decision point that does not ask for it by [`with_attribute_finder`](crate::EmbeddedPdp::with_attribute_finder).
///
/// Settings are those of SAPL's documentation: `baseUrl`, `path`, `urlParameters`, `headers`, `body`, `accept`, `contentType`,
/// `maxResponseBytes`, `secretsKey`. Headers come from the secrets too: those of `pdp.json` go before those of the settings,
/// those of the subscription behind. An answer of JSON is its value, another one its text. It is asked for again after
/// [`poll_interval`](super::AttributeOptions::poll_interval). A status that is no success, and an answer of more than
/// `maxResponseBytes`, or [`MAX_VALUE_SIZE`](super::MAX_VALUE_SIZE) bytes, is an error. Event streams and web sockets are not supported.
///
/// ```no_run
/// use sapl_base::http::{HttpClient, TlsSettings};
/// use sapl_pdp::EmbeddedPdp;
/// use sapl_pdp::attribute::HttpAttributes;
///
/// # fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HttpClient::new(&TlsSettings::default())?;
/// let web = HttpAttributes::new(client).allow_origin("https://directory.example")?;
/// let pdp = EmbeddedPdp::from_dir("policies")?.with_attribute_finder(web)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpAttributes {
    client: HttpClient,
    origins: Arc<Vec<Origin>>,
}

/// Scheme, host in small letters, and port.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin(String, String, u16);

impl HttpAttributes {
    /// A finder that talks to nobody yet.
    #[must_use]
    pub fn new(client: HttpClient) -> Self {
        Self {
            client,
            origins: Arc::default(),
        }
    }

    /// Lets it talk to an origin: `https://host` or `https://host:port`, any path there included. With `http://` the client
    /// has to [allow cleartext](HttpClient::with_cleartext) as well.
    ///
    /// # Errors
    ///
    /// When it is no such URL, or has a path.
    pub fn allow_origin(mut self, origin: &str) -> Result<Self, InvalidUrl> {
        let url = checked_url(origin, Cleartext::Allowed)?;
        if !matches!(url.path_and_query().map(|path| path.as_str()), None | Some("/")) {
            return Err(InvalidUrl::Malformed);
        }
        let origin = Origin::of(&url).ok_or(InvalidUrl::Malformed)?;
        Arc::make_mut(&mut self.origins).push(origin);
        Ok(self)
    }

    fn is_allowed(&self, url: &Uri) -> bool {
        Origin::of(url).is_some_and(|origin| self.origins.contains(&origin))
    }

    async fn value(self, settings: Settings) -> Value<'static> {
        let answer = self
            .client
            .fetch(settings.request, settings.max_bytes, HTTP_ATTRIBUTE_TIMEOUT);
        let answer = match answer.await {
            Ok(answer) => answer,
            Err(error) if error.kind() == HttpErrorKind::TooLarge => {
                return Value::error(TOO_LARGE);
            }
            Err(error) => {
                tracing::warn!(%error, "a request for an attribute failed");
                return Value::error(FAILED);
            }
        };
        if !answer.status().is_success() {
            return Value::error(STATUS);
        }
        let Ok(text) = std::str::from_utf8(answer.body()) else {
            return Value::error(NO_TEXT);
        };
        if !is_json(&settings.accept) {
            return Value::from(text.to_owned());
        }
        if text.trim_ascii().is_empty() {
            return Value::Undefined;
        }
        match json::parse(text, Dialect::Subscription) {
            Ok(json) => json.to_value(),
            Err(_) => Value::error(NO_JSON),
        }
    }
}

impl AttributeFinder for HttpAttributes {
    fn library(&self) -> &'static str {
        "http"
    }

    fn find(&self, call: Arc<AttributeCall>) -> Option<AttributeStream> {
        let settings = match Settings::of(&call)? {
            Ok(settings) if self.is_allowed(settings.request.uri()) => settings,
            Ok(_) => {
                let refused = ErrorKind::Attribute("the web service is none of those that are allowed");
                return Some(constant(Value::error(refused)));
            }
            Err(error) => return Some(constant(Value::error(error))),
        };
        Some(stream::once(self.clone().value(settings)).boxed())
    }
}

impl Origin {
    fn of(url: &Uri) -> Option<Self> {
        let scheme = url.scheme_str()?.to_ascii_lowercase();
        let port = url.port_u16().or(match &*scheme {
            "https" => Some(443),
            "http" => Some(80),
            _ => None,
        })?;
        let host = url.host()?.trim_end_matches('.').to_ascii_lowercase();
        Some(Self(scheme, host, port))
    }
}

impl fmt::Debug for HttpAttributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpAttributes")
            .field("origins", &self.origins)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
