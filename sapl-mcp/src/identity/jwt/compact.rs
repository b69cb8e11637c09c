//! The three parts of a signed token (RFC 7515 §7.1).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};

use super::algorithm::named;

/// What is wrong with a token. Nothing of the token's text is part of it.
pub(super) type Flaw = String;

/// A token taken apart. Nothing in it is to be believed before the signature is checked.
pub(super) struct Compact<'a> {
    signed: &'a str,
    payload: &'a str,
    header: Map<String, Value>,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    pub(super) fn parse(token: &'a str) -> Result<Self, Flaw> {
        let three_parts = || "it does not have three parts";
        let (signed, signature) = token.rsplit_once('.').ok_or_else(three_parts)?;
        let (header, payload) = signed.split_once('.').ok_or_else(three_parts)?;
        if payload.contains('.') {
            return Err(three_parts().into());
        }
        let signature = BASE64_URL_SAFE_NO_PAD
            .decode(signature)
            .map_err(|_| "its signature is not base64url")?;
        Ok(Self {
            signed,
            payload,
            header: object(header, "header")?,
            signature,
        })
    }

    /// The algorithm that the header asks for, if it is one of those `accepted` and nothing has to be understood beyond
    /// that.
    pub(super) fn algorithm(&self, accepted: &[Algorithm]) -> Result<Algorithm, Flaw> {
        let algorithm = self.header.get("alg").and_then(Value::as_str).and_then(named);
        let algorithm = algorithm.filter(|algorithm| accepted.contains(algorithm));
        let algorithm = algorithm.ok_or("its `alg` is not one that is accepted")?;
        if self.header.contains_key("crit") {
            return Err("its header has a `crit`, and no extension is understood".into());
        }
        // RFC 8725 §3.11: other kinds of token of the same issuer must not pass for an access token.
        match self.header.get("typ") {
            None => {}
            Some(Value::String(kind)) if is_access_token_type(kind) => {}
            Some(_) => return Err("its `typ` is neither `JWT` nor `at+jwt`".into()),
        }
        if self.header.get("kid").is_some_and(|id| !id.is_string()) {
            return Err("its `kid` is not a text".into());
        }
        Ok(algorithm)
    }

    /// The id of the key that signed it, as the token says.
    pub(super) fn key_id(&self) -> Option<&str> {
        self.header.get("kid").and_then(Value::as_str)
    }

    /// What the signature is over.
    pub(super) fn signed(&self) -> &[u8] {
        self.signed.as_bytes()
    }

    pub(super) const fn signature(&self) -> &Vec<u8> {
        &self.signature
    }

    /// The claims.
    pub(super) fn payload(&self) -> Result<Map<String, Value>, Flaw> {
        object(self.payload, "payload")
    }
}

/// Media types compare without regard to case, and `application/` may be left out (RFC 7515 §4.1.9).
fn is_access_token_type(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    matches!(
        kind.strip_prefix("application/").unwrap_or(&kind),
        "jwt" | "at+jwt"
    )
}

fn object(part: &str, name: &str) -> Result<Map<String, Value>, Flaw> {
    let json = BASE64_URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| format!("its {name} is not base64url"))?;
    serde_json::from_slice(&json).map_err(|_| format!("its {name} is not a JSON object"))
}
