//! The keys of an issuer.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use serde_json::Value;

use super::{
    compact::{Compact, Flaw},
    key::VerificationKey,
};

/// How many keys a set may have, unusable ones included. A larger set is refused.
pub const MAX_JWKS_KEYS: usize = 100;

/// With how many keys a signature is tried at most, where several could have made it.
pub const MAX_TRIED_KEYS: usize = 8;

/// The keys that an issuer signs with.
#[derive(Clone)]
pub(in super::super) struct KeySet {
    keys: Arc<[VerificationKey]>,
    /// The one key is used whatever the token calls it.
    any_id: bool,
}

/// What the keys say of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It was made with one of them.
    Good,
    /// It was made with none of them.
    Bad,
    /// There is no key of that id for that algorithm.
    UnknownKey,
}

impl KeySet {
    /// The one key, whatever a token calls it.
    pub(super) fn of(key: VerificationKey) -> Self {
        Self {
            keys: [key].into(),
            any_id: true,
        }
    }

    /// Reads a JWK set ([RFC 7517 §5](https://www.rfc-editor.org/rfc/rfc7517#section-5)).
    ///
    /// Keys that are of another kind or for another purpose are left out, as the RFC has it.
    ///
    /// # Errors
    /// It is not a JWK set, it has more than [`MAX_JWKS_KEYS`], or no key that could be used.
    pub(in super::super) fn read(json: &[u8]) -> Result<Self, Flaw> {
        let set: Value = serde_json::from_slice(json).map_err(|_| "it is not JSON")?;
        let Some(members) = set.get("keys").and_then(Value::as_array) else {
            return Err("it is not a JSON object with an array `keys`".into());
        };
        if members.len() > MAX_JWKS_KEYS {
            return Err(format!("it has more than {MAX_JWKS_KEYS} keys"));
        }
        let usable = |(place, member): (usize, &Value)| {
            let unusable = match member.as_object().map(VerificationKey::from_jwk) {
                Some(Ok(key)) => return Some(key),
                Some(Err(unusable)) => unusable.0,
                None => "it is not a JSON object",
            };
            tracing::debug!(place, reason = unusable, "a key of a set is not used");
            None
        };
        let keys: Arc<[_]> = members.iter().enumerate().filter_map(usable).collect();
        if keys.is_empty() {
            return Err("it has no key that signatures could be checked with".into());
        }
        Ok(Self { keys, any_id: false })
    }

    /// Checks the signature of `token` with the keys of its `kid` and those without one; with all, where it has none.
    pub(super) fn verify(&self, token: &Compact<'_>, algorithm: Algorithm) -> Verdict {
        let id = token.key_id().filter(|_| !self.any_id);
        let could_be = |key: &&VerificationKey| {
            key.is_for(algorithm)
                && (self.any_id || id.is_none() || key.id.is_none() || key.id.as_deref() == id)
        };
        let mut named = false;
        for key in self.keys.iter().filter(could_be).take(MAX_TRIED_KEYS) {
            if key.fits(token, algorithm) {
                return Verdict::Good;
            }
            named |= id.is_none() || key.id.is_some();
        }
        if named { Verdict::Bad } else { Verdict::UnknownKey }
    }
}
