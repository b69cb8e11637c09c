//! `jwt`: the token among the secrets of a subscription, and whether it is valid.
//!
//! As SAPL's documentation of the finder has it: `<jwt.token>` gives an object with `header`, `payload`, `valid` and
//! `validity`, and is told anew when the token becomes valid or expires. Keys are those of `whitelist` in the variable `jwt`
//! of `pdp.json`, and those of its `publicKeyServer` for a decision point that may fetch them. Issuer, audience and revocation
//! are not looked at: policies have the payload.

use std::sync::Arc;

use super::steps::{constant, instant, steps};
use super::{AttributeCall, AttributeFinder, AttributeStream};
use crate::function::encoding::{base64, base64_url};
use crate::function::keys::PublicKey;
use crate::value::{ErrorKind, Number, Object, Text, Value};
#[cfg(feature = "http")]
pub(super) use server::KeyServer;
#[cfg(feature = "http")]
pub use server::{JWT_KEY_INTERVAL, JWT_KEY_TIMEOUT, MAX_JWT_KEY_BYTES, MAX_UNKNOWN_JWT_KEYS};
use token::Token;
use validity::{Lifetime, Longest, Validity};

#[cfg(feature = "http")]
mod server;
mod signature;
mod token;
mod validity;

/// The finder of `jwt`.
#[derive(Debug, Default)]
pub(super) struct Jwt {
    #[cfg(feature = "http")]
    pub(super) server: Option<KeyServer>,
}

/// The variable that holds the configuration, and the secret that holds the token unless the configuration says otherwise.
const JWT: &str = "jwt";

/// What there is to say of a token before time is looked at.
enum Checked {
    Settled(Validity),
    Trusted(Lifetime),
    /// Signed with a key of that name, which is not at hand.
    #[cfg_attr(
        not(feature = "http"),
        expect(dead_code, reason = "only who may fetch keys looks at them")
    )]
    Unknown(Lifetime, Text<'static>),
}

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
                return Some(constant(Value::error(ErrorKind::Argument {
                    position: 1,
                    expected: "a text",
                    found: other.kind(),
                })));
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
        Some(match checked(&token, &configuration) {
            Checked::Settled(validity) => constant(shown(Some(&token), validity)),
            Checked::Trusted(lifetime) => lived(call, token, lifetime, &configuration),
            #[cfg(feature = "http")]
            Checked::Unknown(lifetime, key) => match &self.server {
                Some(server) => server.asked(call, token, lifetime, &key, configuration),
                None => constant(shown(Some(&token), Validity::Untrusted)),
            },
            #[cfg(not(feature = "http"))]
            Checked::Unknown(..) => constant(shown(Some(&token), Validity::Untrusted)),
        })
    }
}

/// How a trusted token becomes valid and expires.
fn lived(
    call: Arc<AttributeCall>,
    token: Token,
    lifetime: Lifetime,
    configuration: &Object<'_>,
) -> AttributeStream {
    let skew = seconds(configuration, "clockSkewSeconds");
    let longest = Longest::of(configuration);
    let is_never_valid = match instant(call.now()) {
        Some(now) => lifetime.is_never_valid(now, longest),
        None => true,
    };
    if is_never_valid {
        return constant(shown(Some(&token), Validity::NeverValid));
    }
    steps(call, move |now| {
        let (validity, next) = lifetime.at(now, skew);
        (shown(Some(&token), validity), next)
    })
}

fn checked(token: &Token, configuration: &Object<'_>) -> Checked {
    let Some(lifetime) = Lifetime::of(&token.claims) else {
        return Checked::Settled(Validity::Malformed);
    };
    if token.header.contains_key("crit") {
        return Checked::Settled(Validity::Incompatible);
    }
    let name = match token.header.get("kid") {
        Some(Value::Text(name)) if !name.trim().is_empty() => name,
        _ => return Checked::Settled(Validity::Incomplete),
    };
    let key = match configuration.get("whitelist") {
        Some(Value::Object(keys)) => keys.get(&name),
        _ => None,
    };
    match key.as_ref().and_then(Value::as_text).and_then(public_key) {
        Some(key) if token.is_signed_by(&key) => Checked::Trusted(lifetime),
        Some(_) => Checked::Settled(Validity::Untrusted),
        None => Checked::Unknown(lifetime, name),
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
