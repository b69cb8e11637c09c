//! Tokens, good and bad, and the keys to them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign, jwk::Jwk};
use serde_json::{Value, json};

pub(crate) const AUDIENCE: &str = "https://analytics.example/mcp";
pub(crate) const NOW: u64 = 1_800_000_000;

/// A key pair of the issuer, or of somebody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Key {
    P384,
    Ed,
    Rsa,
}

impl Key {
    pub(crate) fn algorithm(self) -> Algorithm {
        match self {
            Self::P384 => Algorithm::ES384,
            Self::Ed => Algorithm::EdDSA,
            Self::Rsa => Algorithm::RS256,
        }
    }

    fn private(self) -> EncodingKey {
        match self {
            Self::P384 => EncodingKey::from_ec_pem(include_bytes!("../keys/p384.private.pem")),
            Self::Ed => EncodingKey::from_ed_pem(include_bytes!("../keys/ed.private.pem")),
            Self::Rsa => EncodingKey::from_rsa_pem(include_bytes!("../keys/rsa.private.pem")),
        }
        .unwrap()
    }

    /// The public half, as it is published under this id.
    pub(crate) fn jwk(self, id: &str) -> Value {
        let jwk = Jwk::from_encoding_key(&self.private(), self.algorithm()).unwrap();
        let mut jwk = serde_json::to_value(jwk).unwrap();
        jwk["kid"] = id.into();
        jwk["use"] = "sig".into();
        jwk
    }

    /// Signs header and payload as they are.
    pub(crate) fn sign(self, algorithm: Algorithm, header: &Value, payload: &Value) -> String {
        let message = message(header, payload);
        format!(
            "{message}.{}",
            sign(message.as_bytes(), &self.private(), algorithm).unwrap()
        )
    }
}

pub(crate) fn part(value: &Value) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(value.to_string())
}

pub(crate) fn message(header: &Value, payload: &Value) -> String {
    format!("{}.{}", part(header), part(payload))
}

pub(crate) fn set(keys: &[Value]) -> Value {
    json!({"keys": keys})
}

pub(crate) fn header(algorithm: &str, id: &str) -> Value {
    json!({"alg": algorithm, "typ": "at+jwt", "kid": id})
}

pub(crate) fn claims(issuer: &str) -> Value {
    json!({"iss": issuer, "aud": AUDIENCE, "sub": "mara", "exp": NOW + 600})
}

/// A good token of `issuer`, signed with its Ed25519 key of this id.
pub(crate) fn good(issuer: &str, id: &str) -> String {
    Key::Ed.sign(Algorithm::EdDSA, &header("EdDSA", id), &claims(issuer))
}

pub(crate) fn clock() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(NOW)
}
