//! Whose a session, a task or a state is.

use std::hash::{BuildHasher, RandomState};

use serde::Serialize;
use serde_json::Value;

use crate::identity::Identity;

/// Who it is, as a digest of 128 bits under a key of this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Principal([u64; 2]);

/// What makes callers the same.
///
/// Another token of the same issuer, subject and client is the same principal, so that what belongs to it outlives the
/// renewal of a token. Where the claims name no subject, only the very same token is.
///
/// It is written as JSON where it has to be the same in other processes. It may hold a token: only digests of it are kept.
#[derive(Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Whose<'a> {
    Subject {
        issuer: Option<&'a str>,
        subject: &'a str,
        client: Option<&'a str>,
    },
    Token(&'a str),
    /// Everybody at the other end of a transport, as the layer was told.
    Fixed(&'a Value),
    /// Everybody without a token.
    Anonymous,
    /// Everybody at the other end of a transport that knows no identity.
    Unknown,
}

impl Principal {
    pub(crate) fn new(whose: &Whose<'_>, key: &RandomState) -> Self {
        Self([key.hash_one((0_u8, whose)), key.hash_one((1_u8, whose))])
    }

    pub(crate) fn of(identity: &Identity, key: &RandomState) -> Self {
        Self::new(&Whose::of(identity), key)
    }
}

impl<'a> Whose<'a> {
    pub(crate) fn of(identity: &'a Identity) -> Self {
        let claims = identity.claims();
        let token = Self::Token(identity.token().expose());
        let subject = claims.get("sub").and_then(Value::as_str);
        let Some(subject) = subject.filter(|subject| !subject.is_empty()) else {
            return token;
        };
        let issuer = match claims.get("iss") {
            None => None,
            Some(Value::String(issuer)) => Some(issuer.as_str()),
            Some(_) => return token,
        };
        let claimed = |name| claims.get(name).and_then(Value::as_str);
        let client = identity
            .client_id()
            .or_else(|| claimed("client_id"))
            .or_else(|| claimed("azp"));
        Self::Subject {
            issuer,
            subject,
            client,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn same(a: &Identity, b: &Identity) -> bool {
        let key = RandomState::new();
        Principal::of(a, &key) == Principal::of(b, &key)
    }

    fn identity(token: &str, claims: Value) -> Identity {
        Identity::new(token, claims)
    }

    #[test]
    fn another_token_of_the_same_issuer_subject_and_client_is_the_same_principal() {
        let claims = |exp: u64| json!({"iss": "i", "sub": "mara", "azp": "app", "exp": exp, "jti": exp});
        assert!(same(&identity("a", claims(1)), &identity("b", claims(2))));
        let by_verifier = identity("c", json!({"iss": "i", "sub": "mara"})).with_client_id("app");
        assert!(same(&identity("a", claims(1)), &by_verifier));
    }

    #[test]
    fn another_issuer_subject_or_client_is_another_principal() {
        let mara = identity("a", json!({"iss": "i", "sub": "mara", "client_id": "app"}));
        for other in [
            json!({"iss": "j", "sub": "mara", "client_id": "app"}),
            json!({"sub": "mara", "client_id": "app"}),
            json!({"iss": ["i"], "sub": "mara", "client_id": "app"}),
            json!({"iss": "i", "sub": "sam", "client_id": "app"}),
            json!({"iss": "i", "sub": "Mara", "client_id": "app"}),
            json!({"iss": "i", "sub": ["mara"], "client_id": "app"}),
            json!({"iss": "i", "client_id": "app"}),
            json!({"iss": "i", "sub": "mara", "client_id": "other"}),
            json!({"iss": "i", "sub": "mara"}),
            json!({"iss": "i", "sub": "maraapp"}),
            json!({}),
            json!(null),
        ] {
            assert!(!same(&mara, &identity("a", other.clone())), "{other}");
        }
    }

    #[test]
    fn without_a_subject_only_the_same_token_is_the_same_principal() {
        let claims = json!({"iss": "i", "client_id": "app"});
        assert!(same(
            &identity("a", claims.clone()),
            &identity("a", claims.clone())
        ));
        assert!(!same(&identity("a", claims.clone()), &identity("b", claims)));
        // An empty subject names nobody.
        let empty = json!({"iss": "i", "sub": ""});
        assert!(!same(&identity("a", empty.clone()), &identity("b", empty)));
        // A token that reads as a subject is none.
        assert!(!same(
            &identity("a", json!({})),
            &identity("b", json!({"sub": "a"}))
        ));
    }
}
