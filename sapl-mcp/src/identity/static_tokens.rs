//! Tokens that are listed in the program.

use std::{collections::HashMap, fmt, sync::Arc, time::SystemTime};

use serde_json::Value;

use super::{Identity, TokenError, TokenVerifier};

/// A fixed list of tokens, for tests and demos.
///
/// Tokens are found by a keyed hash that differs in every process, so the time of a look-up does not tell how much of a
/// guess was right. An identity with an expiry is refused from then on.
///
/// ```
/// use sapl_mcp::StaticTokens;
/// use serde_json::json;
///
/// let tokens = StaticTokens::new().with("mara-token", json!({"sub": "mara", "role": "ANALYST"}));
/// assert_eq!(format!("{tokens:?}"), "StaticTokens(1)");
/// ```
#[derive(Default, Clone)]
pub struct StaticTokens {
    identities: HashMap<Box<str>, Arc<Identity>>,
}

impl StaticTokens {
    /// No tokens: everybody is refused.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a token with its claims (a JSON object). A token that is there already gets the new claims.
    #[must_use]
    pub fn with(self, token: &str, claims: Value) -> Self {
        self.with_identity(Identity::new(token, claims))
    }

    /// Adds an identity under its own token.
    #[must_use]
    pub fn with_identity(mut self, identity: Identity) -> Self {
        self.identities
            .insert(identity.token().expose().clone(), Arc::new(identity));
        self
    }
}

impl TokenVerifier for StaticTokens {
    async fn verify(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        self.known(token)
            .ok_or_else(|| TokenError::invalid("it is not on the list, or has expired"))
    }

    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        let identity = self.identities.get(token)?;
        match identity.expires_at() {
            Some(end) if end <= SystemTime::now() => None,
            _ => Some(Arc::clone(identity)),
        }
    }
}

impl fmt::Debug for StaticTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StaticTokens({})", self.identities.len())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;

    #[test]
    fn a_listed_token_stands_for_its_claims() {
        let tokens = StaticTokens::new()
            .with("one", json!({"sub": "mara"}))
            .with("two", json!({"sub": "sam"}));
        assert_eq!(tokens.known("one").unwrap().claims(), &json!({"sub": "mara"}));
        assert_eq!(tokens.known("two").unwrap().token().expose().as_ref(), "two");
        assert!(tokens.known("three").is_none());
        assert!(tokens.known("").is_none());
        assert!(tokens.known("on").is_none());
    }

    #[test]
    fn an_expired_identity_is_refused() {
        let ended = Identity::new("old", json!({})).with_expiry(SystemTime::now());
        let valid =
            Identity::new("new", json!({})).with_expiry(SystemTime::now() + Duration::from_secs(3600));
        let tokens = StaticTokens::new().with_identity(ended).with_identity(valid);
        assert!(tokens.known("old").is_none());
        assert!(tokens.known("new").is_some());
    }

    #[test]
    fn the_tokens_are_not_printed() {
        let tokens = StaticTokens::new().with("topsecret", json!({"sub": "mara"}));
        assert!(!format!("{tokens:?} {:?}", tokens.known("topsecret")).contains("topsecret"));
    }
}
