//! From settings to a request.

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{HeaderName, HeaderValue, Method, Request};
use sapl_base::http::{Cleartext, checked_url};

use super::super::{AttributeCall, MAX_VALUE_SIZE};
use crate::value::{ErrorKind, Number, Object, Value};

/// A request, and how its answer is read.
pub(super) struct Settings {
    pub(super) request: Request<Bytes>,
    pub(super) accept: String,
    pub(super) max_bytes: usize,
}

const JSON: &str = "application/json";

const NO_SETTINGS: ErrorKind = ErrorKind::Attribute("the settings of a request must be an object");
const NO_URL: ErrorKind = ErrorKind::Attribute("the settings of a request make no URL");
const NO_PARAMETERS: ErrorKind = ErrorKind::Attribute("the parameters of a URL must be an object of scalars");
const NO_HEADER: ErrorKind = ErrorKind::Attribute("not a header that a request may have");
const NO_BODY: ErrorKind = ErrorKind::Attribute("the body of a request has no JSON form");
const NO_MEDIA_TYPE: ErrorKind = ErrorKind::Attribute("a media type must be a text");
const NO_STREAM: ErrorKind = ErrorKind::Attribute("event streams are not supported");
const NO_SIZE: ErrorKind = ErrorKind::Attribute("the size of an answer must be a positive number");

/// Headers that say how a request is sent, which is not for policies to say.
const RESERVED: &[&str] = &[
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

type Outcome<T> = Result<T, ErrorKind>;

impl Settings {
    /// The request of a call; `None` when there is no such attribute.
    pub(super) fn of(call: &AttributeCall) -> Option<Outcome<Self>> {
        let method = match call.name() {
            "get" => Method::GET,
            "post" => Method::POST,
            "put" => Method::PUT,
            "patch" => Method::PATCH,
            "delete" => Method::DELETE,
            _ => return None,
        };
        let settings = match (call.entity(), call.arguments()) {
            (_, [Value::Object(settings)]) => settings.clone(),
            (_, [_]) => return Some(Err(NO_SETTINGS)),
            (Some(_), []) => Object::default(),
            _ => return None,
        };
        Some(Self::read(method, call, &settings))
    }

    fn read(method: Method, call: &AttributeCall, settings: &Object<'_>) -> Outcome<Self> {
        let base = match call.entity() {
            Some(url) => Some(url.reborrow()),
            None => settings.get("baseUrl"),
        };
        let Some(Value::Text(base)) = base else {
            return Err(NO_URL);
        };
        let mut url = base.to_string();
        match settings.get("path") {
            None => {}
            Some(Value::Text(path)) => url.push_str(&path),
            Some(_) => return Err(NO_URL),
        }
        push_parameters(&mut url, settings.get("urlParameters"))?;
        // Whether cleartext will do is for the client to say.
        let url = checked_url(&url, Cleartext::Allowed).map_err(|_| NO_URL)?;
        let accept = media_type(settings.get("accept"))?;
        if accept.eq_ignore_ascii_case("text/event-stream") {
            return Err(NO_STREAM);
        }
        let content_type = media_type(settings.get("contentType"))?;
        let mut request = Request::builder().method(method).uri(url);
        let body = match settings.get("body") {
            None => Bytes::new(),
            Some(Value::Text(text)) => Bytes::from(text.to_string()),
            Some(value) => {
                let json = value.to_json().map_err(|_| NO_BODY)?;
                Bytes::from(json.to_string())
            }
        };
        if let Some(headers) = request.headers_mut() {
            headers.insert(ACCEPT, header_value(&accept, false)?);
            if !body.is_empty() {
                headers.insert(CONTENT_TYPE, header_value(&content_type, false)?);
            }
            let key = settings.get("secretsKey");
            let subscription = secret_headers(call.subscription_secrets().expose(), key.as_ref());
            let configuration = secret_headers(call.secrets().expose(), key.as_ref());
            // Each replaces those before it.
            for (source, is_secret) in [
                (subscription, true),
                (settings.get("headers"), false),
                (configuration, true),
            ] {
                put_headers(headers, source.as_ref(), is_secret)?;
            }
        }
        Ok(Self {
            request: request.body(body).map_err(|_| NO_URL)?,
            accept,
            max_bytes: max_bytes(settings.get("maxResponseBytes"))?,
        })
    }
}

/// Whether an answer of this media type is read as JSON.
pub(super) fn is_json(media_type: &str) -> bool {
    media_type.eq_ignore_ascii_case(JSON)
}

fn media_type(value: Option<Value<'_>>) -> Outcome<String> {
    match value {
        None => Ok(JSON.to_owned()),
        Some(Value::Text(text)) => Ok(text.to_string()),
        Some(_) => Err(NO_MEDIA_TYPE),
    }
}

fn max_bytes(value: Option<Value<'_>>) -> Outcome<usize> {
    let Some(value) = value else {
        return Ok(MAX_VALUE_SIZE);
    };
    let number = value.as_number().and_then(Number::to_i64);
    match number.and_then(|number| usize::try_from(number).ok()) {
        None | Some(0) => Err(NO_SIZE),
        Some(bytes) => Ok(bytes.min(MAX_VALUE_SIZE)),
    }
}

fn push_parameters(url: &mut String, parameters: Option<Value<'_>>) -> Outcome<()> {
    let parameters = match parameters {
        None => return Ok(()),
        Some(Value::Object(parameters)) => parameters,
        Some(_) => return Err(NO_PARAMETERS),
    };
    for (name, value) in parameters.iter() {
        let value = match value {
            Value::Text(text) => text.to_string(),
            Value::Number(_) | Value::Boolean(_) => value.to_string(),
            _ => return Err(NO_PARAMETERS),
        };
        url.push(if url.contains('?') { '&' } else { '?' });
        push_encoded(url, name);
        url.push('=');
        push_encoded(url, &value);
    }
    Ok(())
}

/// Appends a text with all but the unreserved characters of RFC 3986 as `%XX`.
fn push_encoded(url: &mut String, text: &str) {
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push('%');
            for nibble in [byte >> 4, byte & 0xf] {
                let digit = char::from_digit(nibble.into(), 16).unwrap_or_default();
                url.push(digit.to_ascii_uppercase());
            }
        }
    }
}

/// `http.headers` of some secrets, or `http.KEY.headers` when a key is named. A key that is no text names nothing.
fn secret_headers(secrets: &Object<'static>, key: Option<&Value<'_>>) -> Option<Value<'static>> {
    let Some(Value::Object(secrets)) = secrets.get("http") else {
        return None;
    };
    match key {
        None => secrets.get("headers"),
        Some(Value::Text(key)) => match secrets.get(key)? {
            Value::Object(named) => named.get("headers"),
            _ => None,
        },
        Some(_) => None,
    }
}

fn put_headers(headers: &mut http::HeaderMap, source: Option<&Value<'_>>, is_secret: bool) -> Outcome<()> {
    let source = match source {
        None => return Ok(()),
        Some(Value::Object(source)) => source,
        Some(_) => return Err(NO_HEADER),
    };
    for (name, value) in source.iter() {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| NO_HEADER)?;
        if RESERVED.contains(&name.as_str()) {
            return Err(NO_HEADER);
        }
        let values: Vec<HeaderValue> = match &value {
            Value::Array(values) => values
                .iter()
                .map(|value| scalar(&value, is_secret))
                .collect::<Outcome<_>>()?,
            value => vec![scalar(value, is_secret)?],
        };
        headers.remove(&name);
        for value in values {
            headers.try_append(name.clone(), value).map_err(|_| NO_HEADER)?;
        }
    }
    Ok(())
}

fn scalar(value: &Value<'_>, is_secret: bool) -> Outcome<HeaderValue> {
    match value {
        Value::Text(text) => header_value(text, is_secret),
        Value::Number(_) | Value::Boolean(_) => header_value(&value.to_string(), is_secret),
        _ => Err(NO_HEADER),
    }
}

fn header_value(text: &str, is_secret: bool) -> Outcome<HeaderValue> {
    let mut value = HeaderValue::from_str(text).map_err(|_| NO_HEADER)?;
    value.set_sensitive(is_secret);
    Ok(value)
}
