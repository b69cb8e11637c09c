//! Where the keys of a verifier come from.

use std::time::Duration;

use jsonwebtoken::Algorithm;

#[cfg(feature = "http")]
use super::super::jwks::{Found, NoKey, RemoteKeys, Search};
use super::{
    super::TokenError,
    compact::Compact,
    key_set::{KeySet, Verdict},
};

/// The keys of a verifier.
pub(super) enum Keys {
    /// They are what they are.
    Fixed(KeySet),
    /// The issuer publishes them.
    #[cfg(feature = "http")]
    Remote(RemoteKeys),
}

/// A signature was found good.
pub(super) struct Proof {
    /// By the keys of this number.
    pub(super) epoch: u64,
    /// That may be relied on for so long; for ever, where it is absent.
    pub(super) good_for: Option<Duration>,
}

impl Keys {
    /// Which keys are in use. What others found good is to be verified anew.
    pub(super) fn epoch(&self) -> u64 {
        match self {
            Self::Fixed(_) => 0,
            #[cfg(feature = "http")]
            Self::Remote(keys) => keys.epoch(),
        }
    }

    /// Checks the signature of `token`. Only for one that `could_be_ours` are keys fetched because it names an unknown one.
    pub(super) async fn verify(
        &self,
        token: &Compact<'_>,
        algorithm: Algorithm,
        could_be_ours: impl Fn() -> bool + Send,
    ) -> Result<Proof, TokenError> {
        match self {
            Self::Fixed(keys) => {
                let _ = could_be_ours;
                judge(keys.verify(token, algorithm))?.ok_or_else(unknown_key)?;
                Ok(Proof {
                    epoch: 0,
                    good_for: None,
                })
            }
            #[cfg(feature = "http")]
            Self::Remote(keys) => {
                let found = remote(keys, token, algorithm, could_be_ours).await?;
                Ok(Proof {
                    epoch: found.epoch,
                    good_for: Some(found.good_for),
                })
            }
        }
    }
}

#[cfg(feature = "http")]
async fn remote(
    keys: &RemoteKeys,
    token: &Compact<'_>,
    algorithm: Algorithm,
    could_be_ours: impl Fn() -> bool + Send,
) -> Result<Found, TokenError> {
    let none = |none| match none {
        NoKey::Absent => unknown_key(),
        NoKey::Unavailable => TokenError::unavailable("the keys of the issuer can't be had"),
    };
    let mut search = Search::default();
    let mut found = keys.keys(&mut search).await.map_err(none)?;
    loop {
        if judge(found.keys.verify(token, algorithm))?.is_some() {
            return Ok(found);
        }
        if !could_be_ours() {
            return Err(unknown_key());
        }
        found = keys.others(&mut search, found.epoch).await.map_err(none)?;
    }
}

/// `None` where the key is not known.
fn judge(verdict: Verdict) -> Result<Option<()>, TokenError> {
    match verdict {
        Verdict::Good => Ok(Some(())),
        Verdict::Bad => Err(TokenError::invalid(
            "the signature does not fit the token and the key",
        )),
        Verdict::UnknownKey => Ok(None),
    }
}

fn unknown_key() -> TokenError {
    TokenError::invalid("there is no key of its `kid` and `alg`")
}
