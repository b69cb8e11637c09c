//! Signed tokens (JSON Web Tokens).

mod claims;
mod compact;
#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::Arc,
    time::{Duration, SystemTime},
};

use jsonwebtoken::{Algorithm, DecodingKey, crypto::rust_crypto::DEFAULT_PROVIDER};

use self::{claims::Claims, compact::Compact};
use super::{
    Identity, IdentityConfigError, MAX_TOKEN_BYTES, TokenError, TokenVerifier, remembered::RememberedTokens,
};

/// By how much the clock of the issuer may differ from ours where `exp` and `nbf` are checked.
pub const CLOCK_LEEWAY: Duration = Duration::from_secs(5);

/// Verifies JSON Web Tokens ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)) signed with ES256.
///
/// A token is good when all of this holds:
///
/// 1. It has at most [`MAX_TOKEN_BYTES`] and three parts in canonical base64url.
/// 2. Its header says `alg` ES256, has no `crit`, and a `typ` that is absent, `JWT` or `at+jwt`.
/// 3. The signature was made with the given key. Keys or links to keys in the header are not looked at.
/// 4. `iss` is the given issuer, and `aud` is the given audience or an array that holds it.
/// 5. `exp` is there and lies ahead, and `nbf`, where it is there, does not; both with [`CLOCK_LEEWAY`].
///
/// The identity's claims are the whole payload, its scopes come from `scope` (else `scp`), its client from `client_id`
/// (else `azp`).
///
/// A good token is remembered until it ends, so only its first use costs a signature check. About
/// [`MAX_REMEMBERED_TOKENS`](super::MAX_REMEMBERED_TOKENS) tokens are remembered, older ones making room for new ones.
///
/// ```
/// use sapl_mcp::JwtVerifier;
///
/// let key = "-----BEGIN PUBLIC KEY-----
/// MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEEVs/o5+uQbTjL3chynL4wXgUg2R9
/// q9UU8I5mEovUf86QZ7kOBIjJwqnzD1omageEHWwHdBO6B+dFabmdT9POxg==
/// -----END PUBLIC KEY-----";
/// let verifier = JwtVerifier::es256(key, "https://idp.example.com", "https://analytics.example.com/mcp")?;
/// # Ok::<_, sapl_mcp::IdentityConfigError>(())
/// ```
pub struct JwtVerifier {
    key: DecodingKey,
    issuer: Box<str>,
    audience: Box<str>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    remembered: RememberedTokens,
}

impl JwtVerifier {
    /// A verifier for tokens that `issuer` signed for `audience` with the private half of `public_key_pem` (a PEM block
    /// `PUBLIC KEY` with a P-256 key).
    ///
    /// # Errors
    /// The key is not such a key, or the issuer or audience is empty.
    pub fn es256(
        public_key_pem: impl AsRef<[u8]>,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        let unusable = IdentityConfigError::PublicKey { algorithm: "ES256" };
        let pem = str::from_utf8(public_key_pem.as_ref()).map_err(|_| unusable.clone())?;
        // A certificate holds a key too, but one that nobody checked the certificate of.
        if !pem.trim_start().starts_with("-----BEGIN PUBLIC KEY-----") {
            return Err(unusable);
        }
        let key = DecodingKey::from_ec_pem(pem.as_bytes()).map_err(|_| unusable.clone())?;
        // Reads the point, which fails on any other curve.
        (DEFAULT_PROVIDER.verifier_factory)(&Algorithm::ES256, &key).map_err(|_| unusable)?;

        let (issuer, audience) = (issuer.into(), audience.into());
        for (setting, value) in [("issuer", &issuer), ("audience", &audience)] {
            if value.is_empty() {
                return Err(IdentityConfigError::Empty { setting });
            }
        }
        Ok(Self {
            key,
            issuer,
            audience,
            clock: Box::new(SystemTime::now),
            remembered: RememberedTokens::new(),
        })
    }

    /// Takes the time from `clock` instead of the system's, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    fn check(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::invalid("it is too long"));
        }
        let compact = Compact::parse(token).map_err(TokenError::invalid)?;
        compact.check_header("ES256").map_err(TokenError::invalid)?;
        self.check_signature(&compact)?;
        let claims = compact
            .payload()
            .and_then(Claims::read)
            .map_err(TokenError::invalid)?;
        let now = (self.clock)();
        let validity = claims
            .check(&self.issuer, &self.audience, now, CLOCK_LEEWAY)
            .map_err(TokenError::invalid)?;
        let identity = Arc::new(claims.into_identity(token));
        self.remembered.insert(&identity, validity, now);
        Ok(identity)
    }

    fn check_signature(&self, compact: &Compact<'_>) -> Result<(), TokenError> {
        // The provider is named, not the process's default: that one panics where another crate of the build switches a
        // second provider on.
        let verifier = (DEFAULT_PROVIDER.verifier_factory)(&Algorithm::ES256, &self.key)
            .map_err(TokenError::unavailable)?;
        verifier
            .verify(compact.signed(), compact.signature())
            .map_err(|_| TokenError::invalid("the signature does not fit the token and the key"))
    }
}

impl TokenVerifier for JwtVerifier {
    async fn verify(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        match self.known(token) {
            Some(identity) => Ok(identity),
            None => self.check(token),
        }
    }

    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        self.remembered.get(token, (self.clock)())
    }
}

impl fmt::Debug for JwtVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JwtVerifier")
            .field("issuer", &self.issuer)
            .field("audience", &self.audience)
            .finish_non_exhaustive()
    }
}
