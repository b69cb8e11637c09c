//! What a request lacks: the scopes that the layer further in found missing, on their way out.

use std::sync::{Arc, OnceLock};

/// A place in the request where the layer that enforces rules says which scopes a better token would have to grant.
///
/// That layer can't set the status of the HTTP response, and this one can't know the rules.
#[derive(Debug, Default)]
pub(crate) struct ScopeChallenge(OnceLock<Vec<String>>);

impl ScopeChallenge {
    /// The place in a request that came through the bearer layer.
    pub(crate) fn of(parts: &http::request::Parts) -> Option<Arc<Self>> {
        parts.extensions.get::<Arc<Self>>().cloned()
    }

    /// Says that the request needs a token with all of these scopes. The first word counts.
    pub(crate) fn require<'a>(&self, scopes: impl Iterator<Item = &'a String>) {
        let mut all = Vec::new();
        for scope in scopes {
            if !all.contains(scope) {
                all.push(scope.clone());
            }
        }
        let _ = self.0.set(all);
    }

    /// The scopes, if the request was denied for them.
    pub(super) fn required(&self) -> Option<&[String]> {
        self.0.get().map(Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_scope_is_named_once_and_the_first_word_counts() {
        let challenge = ScopeChallenge::default();
        assert_eq!(challenge.required(), None);
        let scopes = ["a", "b", "a"].map(str::to_owned);
        challenge.require(scopes.iter());
        challenge.require(["c".to_owned()].iter());
        assert_eq!(challenge.required().unwrap(), ["a", "b"]);
    }
}
