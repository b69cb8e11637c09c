//! A signed token of RFC 7515 in compact form.

use super::signature::is_valid;
use crate::function::encoding::base64_url;
use crate::function::keys::PublicKey;
use crate::function::time::instant::Instant;
use crate::json::{self, Dialect};
use crate::value::{Number, Object, Value};

/// The longest token that is read, in bytes.
pub(super) const MAX_TOKEN: usize = 1 << 16;

/// The last second of the year 9999: later times stay numbers.
const LAST_SECOND: i64 = 253_402_300_799;

/// A token, taken apart.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) header: Object<'static>,
    /// The payload as it is signed.
    pub(super) claims: Object<'static>,
    /// The payload with its times as timestamps.
    pub(super) payload: Object<'static>,
    algorithm: Box<str>,
    signed: Box<[u8]>,
    signature: Vec<u8>,
}

impl Token {
    /// Reads a token; `None` when it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let text = Some(text.trim()).filter(|text| text.len() <= MAX_TOKEN)?;
        let (signed, signature) = text.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let signature = base64_url(signature).filter(|bytes| !bytes.is_empty())?;
        let header = object(header)?;
        if !is_sound(&header) {
            return None;
        }
        let algorithm = match header.get("alg") {
            Some(Value::Text(algorithm)) if !algorithm.eq_ignore_ascii_case("none") => (*algorithm).into(),
            _ => return None,
        };
        let claims = object(payload)?;
        Some(Self {
            payload: with_timestamps(&claims),
            header,
            claims,
            algorithm,
            signed: signed.as_bytes().into(),
            signature,
        })
    }

    pub(super) fn is_signed_by(&self, key: &PublicKey) -> bool {
        is_valid(&self.algorithm, key, &self.signed, &self.signature)
    }
}

/// The object of a part of a token.
fn object(part: &str) -> Option<Object<'static>> {
    let text = String::from_utf8(base64_url(part)?).ok()?;
    match json::parse(&text, Dialect::Subscription).ok()?.to_value() {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

/// Whether the members of a header that have a meaning are of their kind.
fn is_sound(header: &Object<'_>) -> bool {
    let is_text = |name| matches!(header.get(name), None | Some(Value::Text(_)));
    ["kid", "typ", "cty"].into_iter().all(is_text)
        && match header.get("crit") {
            None => true,
            Some(Value::Array(names)) => names.iter().all(|name| matches!(name, Value::Text(_))),
            Some(_) => false,
        }
}

fn with_timestamps(claims: &Object<'static>) -> Object<'static> {
    let members = claims.members().map(|(name, value)| {
        let value = match &*name {
            "nbf" | "exp" | "iat" => timestamp(&value).unwrap_or(value),
            _ => value,
        };
        (name, value)
    });
    members.collect()
}

fn timestamp(value: &Value<'_>) -> Option<Value<'static>> {
    let seconds = seconds(value.as_number()?)?;
    let is_usual = (0..=LAST_SECOND).contains(&seconds);
    let instant = Instant::new(seconds, 0).filter(|_| is_usual)?;
    Some(Value::from(instant.to_string()))
}

/// Whole seconds, with what is behind their point cut off.
pub(super) fn seconds(number: &Number) -> Option<i64> {
    if let Some(seconds) = number.to_i64() {
        return Some(seconds);
    }
    /// Beyond it, not all whole numbers are doubles.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let seconds = number.to_f64().trunc();
    #[expect(clippy::cast_possible_truncation, reason = "whole and in range")]
    (seconds.abs() < EXACT).then_some(seconds as i64)
}
