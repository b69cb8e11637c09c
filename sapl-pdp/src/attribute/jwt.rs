//! `jwt`: the token among the secrets of a subscription, and whether it is valid.
//!
//! As SAPL's documentation of the finder has it: `<jwt.token>` gives an object with `header`, `payload`, `valid` and
//! `validity`, and is told anew when the token becomes valid or expires. Keys are those of `whitelist` in the variable `jwt`
//! of `pdp.json`. Issuer, audience and revocation are not looked at: policies have the payload.

use std::sync::Arc;

use super::steps::{constant, steps};
use super::{AttributeCall, AttributeFinder, AttributeStream};
use crate::function::encoding::{base64, base64_url};
use crate::function::keys::PublicKey;
use crate::value::{Number, Object, Text, Value};
use token::Token;
use validity::{Lifetime, Validity};

mod signature;
mod token;
mod validity;

/// The finder of `jwt`.
#[derive(Debug)]
pub(super) struct Jwt;

/// The variable that holds the configuration, and the secret that holds the token unless the configuration says otherwise.
const JWT: &str = "jwt";

impl AttributeFinder for Jwt {
    fn library(&self) -> &'static str {
        JWT
    }

    fn find(&self, call: Arc<AttributeCall>) -> Option<AttributeStream> {
        if call.name() != "token" || call.entity().is_some() {
            return None;
        }
        let configuration = match call.variables().get(JWT) {
            Some(Value::Object(configuration)) => configuration,
            _ => Object::default(),
        };
        let secret = match call.arguments() {
            [] => match configuration.get("secretsKey") {
                Some(Value::Text(name)) => name,
                _ => Text::from(JWT),
            },
            [Value::Text(name)] => name.clone(),
            [other] => {
                let (position, expected, found) = (1, "a text", other.kind());
                let error = crate::value::ErrorKind::Argument {
                    position,
                    expected,
                    found,
                };
                return Some(constant(Value::error(error)));
            }
            _ => return None,
        };
        let secrets = call.subscription_secrets().expose();
        let Some(Value::Text(text)) = secrets.get(&secret) else {
            return Some(constant(shown(None, Validity::MissingToken)));
        };
        let Some(token) = Token::read(&text) else {
            return Some(constant(shown(None, Validity::Malformed)));
        };
        let lifetime = match trusted(&token, &configuration) {
            Ok(lifetime) => lifetime,
            Err(validity) => return Some(constant(shown(Some(&token), validity))),
        };
        let skew = seconds(&configuration, "clockSkewSeconds");
        let longest = seconds(&configuration, "maxTokenLifetimeSeconds");
        let now = super::steps::instant(call.now())?;
        if lifetime.is_never_valid(now, longest) {
            return Some(constant(shown(Some(&token), Validity::NeverValid)));
        }
        Some(steps(call, move |now| {
            let (validity, next) = lifetime.at(now, skew);
            (shown(Some(&token), validity), next)
        }))
    }
}

/// When the token is valid, if it is one to be trusted.
fn trusted(token: &Token, configuration: &Object<'_>) -> Result<Lifetime, Validity> {
    let lifetime = Lifetime::of(&token.claims).ok_or(Validity::Malformed)?;
    if token.header.contains_key("crit") {
        return Err(Validity::Incompatible);
    }
    let key = match token.header.get("kid") {
        Some(Value::Text(key)) if !key.trim().is_empty() => key,
        _ => return Err(Validity::Incomplete),
    };
    let Some(Value::Object(keys)) = configuration.get("whitelist") else {
        return Err(Validity::Untrusted);
    };
    let key = match keys.get(&key) {
        Some(Value::Text(key)) => public_key(&key),
        _ => None,
    };
    match key {
        Some(key) if token.is_signed_by(&key) => Ok(lifetime),
        _ => Err(Validity::Untrusted),
    }
}

/// A key as a `SubjectPublicKeyInfo` in Base64, or Base64 for URLs. It is never a secret that signatures are made with, so
/// that nobody who knows a public key can sign.
fn public_key(text: &str) -> Option<PublicKey> {
    let der = base64(text).or_else(|| base64_url(text))?;
    PublicKey::from_der(&der).ok()
}

fn seconds(configuration: &Object<'_>, name: &str) -> i64 {
    let value = configuration.get(name);
    let number = value.as_ref().and_then(Value::as_number);
    number.and_then(Number::to_i64).unwrap_or(0)
}

fn shown(token: Option<&Token>, validity: Validity) -> Value<'static> {
    let (header, payload) = match token {
        Some(token) => (token.header.clone(), token.payload.clone()),
        None => (Object::default(), Object::default()),
    };
    let members = [
        ("header", Value::Object(header)),
        ("payload", Value::Object(payload)),
        ("valid", Value::from(validity == Validity::Valid)),
        ("validity", Value::from(validity.name())),
    ];
    let members = members.into_iter().map(|(name, value)| (Text::from(name), value));
    Value::Object(members.collect())
}
