//! Signed tokens (JSON Web Tokens).

mod algorithm;
mod claims;
mod compact;
mod key;
mod key_set;
mod keys;
#[cfg(test)]
mod tests;

use std::{fmt, sync::Arc, time::SystemTime};

use jsonwebtoken::Algorithm;
#[cfg(feature = "http")]
use sapl_base::http::TlsSettings;

pub(super) use self::key_set::KeySet;
pub use self::{
    algorithm::JwtAlgorithm,
    key::{MAX_RSA_KEY_BITS, MIN_RSA_KEY_BITS},
    key_set::{MAX_JWKS_KEYS, MAX_TRIED_KEYS},
};
use self::{
    claims::Claims,
    compact::Compact,
    key::{MIN_SECRET_BYTES, VerificationKey},
    keys::Keys,
};
use super::{
    CLOCK_LEEWAY, Identity, IdentityConfigError, MAX_TOKEN_BYTES, TokenError, TokenVerifier,
    remembered::RememberedTokens,
};
#[cfg(feature = "http")]
use super::{
    idp::IdpClient,
    jwks::{Location, RemoteKeys},
};

/// Verifies JSON Web Tokens ([RFC 7519](https://www.rfc-editor.org/rfc/rfc7519)) that an issuer signed.
///
/// A token is good when all of this holds:
///
/// 1. It has at most [`MAX_TOKEN_BYTES`] and three parts in canonical base64url.
/// 2. Its header says an `alg` that is accepted, has no `crit`, and a `typ` that is absent, `JWT` or `at+jwt`.
/// 3. The signature was made with a key of the issuer that agrees with the algorithm in type, curve and purpose. Keys or
///    links to keys in the header are not looked at. `none` is no algorithm, and HMAC is none where keys are public.
/// 4. `iss` is the given issuer, and `aud` is the given audience or an array that holds it
///    ([RFC 8707](https://www.rfc-editor.org/rfc/rfc8707)).
/// 5. `exp` is there and lies ahead, and `nbf`, where it is there, does not; both with [`CLOCK_LEEWAY`].
///
/// The identity's claims are the whole payload, its scopes come from `scope` (else `scp`, or from the claim that
/// [`with_scope_claim`](Self::with_scope_claim) names), its client from `client_id` (else `azp`).
///
/// A good token is remembered until it ends, so only its first use costs a signature check. About
/// [`MAX_REMEMBERED_TOKENS`](super::MAX_REMEMBERED_TOKENS) tokens are remembered, older ones making room for new ones.
/// Where keys are fetched, a token is verified anew when the keys change, and each time they are due to be fetched.
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
    keys: Keys,
    algorithms: Box<[Algorithm]>,
    issuer: Box<str>,
    audience: Box<str>,
    scope_claim: Option<Box<str>>,
    clock: Box<dyn Fn() -> SystemTime + Send + Sync>,
    remembered: RememberedTokens,
}

impl JwtVerifier {
    /// A verifier for tokens that `issuer` signed with ES256 for `audience`: [`public_key`](Self::public_key) with that
    /// algorithm.
    ///
    /// # Errors
    /// As [`public_key`](Self::public_key).
    pub fn es256(
        public_key_pem: impl AsRef<[u8]>,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        Self::public_key(JwtAlgorithm::Es256, public_key_pem, issuer, audience)
    }

    /// A verifier for tokens that `issuer` signed with `algorithm`, and no other, for `audience`, with the private half
    /// of `public_key_pem` (a PEM block `PUBLIC KEY`). What a token calls its key is not looked at.
    ///
    /// # Errors
    /// The key is not one for that algorithm (an RSA key has [`MIN_RSA_KEY_BITS`] to [`MAX_RSA_KEY_BITS`]), or the issuer
    /// or audience is empty.
    pub fn public_key(
        algorithm: JwtAlgorithm,
        public_key_pem: impl AsRef<[u8]>,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        let key = VerificationKey::from_pem(public_key_pem.as_ref(), algorithm).ok_or(
            IdentityConfigError::PublicKey {
                algorithm: algorithm.name(),
            },
        )?;
        Self::new(Keys::Fixed(KeySet::of(key)), issuer.into(), audience.into())
    }

    /// A verifier for tokens that `issuer` signed for `audience` with a key of this JWK set
    /// ([RFC 7517](https://www.rfc-editor.org/rfc/rfc7517), JSON text).
    ///
    /// A token names the key by its `kid`; one without is tried with each key that fits its algorithm, up to
    /// [`MAX_TRIED_KEYS`]. Keys of other kinds or for other purposes are left out.
    ///
    /// ```
    /// use sapl_mcp::JwtVerifier;
    ///
    /// let keys = r#"{"keys": [{"kty": "EC", "crv": "P-256", "kid": "2026-07", "use": "sig",
    ///     "x": "-ee-D6h5zmEiqueOKf9HTUf0iWx5tCSG_ldZymhPACQ", "y": "TJRfy4qsagm-PwU5IovJgdoeGvGeKbrAV4j43zkExGU"}]}"#;
    /// let verifier = JwtVerifier::jwk_set(keys, "https://idp.example.com", "https://analytics.example.com/mcp")?;
    /// # Ok::<_, sapl_mcp::IdentityConfigError>(())
    /// ```
    ///
    /// # Errors
    /// It is not a JWK set, has more than [`MAX_JWKS_KEYS`] or no key that could be used, or the issuer or audience is empty.
    pub fn jwk_set(
        json: impl AsRef<[u8]>,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        let keys = KeySet::read(json.as_ref()).map_err(|reason| IdentityConfigError::KeySet { reason })?;
        Self::new(Keys::Fixed(keys), issuer.into(), audience.into())
    }

    /// A verifier for tokens that are signed with HS256 and a secret of at least 32 bytes, for tests: whoever can verify
    /// such a token can also make one.
    ///
    /// # Errors
    /// The secret is too short, or the issuer or audience is empty.
    pub fn shared_secret_for_tests(
        secret: impl AsRef<[u8]>,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        let key = VerificationKey::from_secret(secret.as_ref()).ok_or(IdentityConfigError::SharedSecret {
            minimum: MIN_SECRET_BYTES,
        })?;
        let verifier = Self::new(Keys::Fixed(KeySet::of(key)), issuer.into(), audience.into())?;
        Ok(Self {
            algorithms: [Algorithm::HS256].into(),
            ..verifier
        })
    }

    fn new(keys: Keys, issuer: Box<str>, audience: Box<str>) -> Result<Self, IdentityConfigError> {
        for (setting, value) in [("issuer", &issuer), ("audience", &audience)] {
            if value.is_empty() {
                return Err(IdentityConfigError::Empty { setting });
            }
        }
        Ok(Self {
            keys,
            algorithms: JwtAlgorithm::ALL.map(JwtAlgorithm::algorithm).into(),
            issuer,
            audience,
            scope_claim: None,
            clock: Box::new(SystemTime::now),
            remembered: RememberedTokens::new(),
        })
    }

    /// Accepts these algorithms only, where the keys would be good for more. All of [`JwtAlgorithm::ALL`] are at first.
    #[must_use]
    pub fn with_algorithms(mut self, algorithms: impl IntoIterator<Item = JwtAlgorithm>) -> Self {
        self.algorithms = algorithms.into_iter().map(JwtAlgorithm::algorithm).collect();
        self
    }

    /// Takes the scopes from the claim `name`, and from no other: a text with spaces between them, or an array.
    #[must_use]
    pub fn with_scope_claim(mut self, name: impl Into<Box<str>>) -> Self {
        self.scope_claim = Some(name.into());
        self
    }

    /// Takes the time from `clock` instead of the system's, for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Box::new(clock);
        self
    }

    async fn check(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        if token.len() > MAX_TOKEN_BYTES {
            return Err(TokenError::invalid("it is too long"));
        }
        let compact = Compact::parse(token).map_err(TokenError::invalid)?;
        let algorithm = compact.algorithm(&self.algorithms).map_err(TokenError::invalid)?;
        let could_be_ours = || self.could_be_ours(&compact);
        let proof = self.keys.verify(&compact, algorithm, could_be_ours).await?;

        let claims = compact
            .payload()
            .and_then(Claims::read)
            .map_err(TokenError::invalid)?;
        let now = (self.clock)();
        let mut validity = claims
            .check(&self.issuer, &self.audience, now, CLOCK_LEEWAY)
            .map_err(TokenError::invalid)?;
        if let Some(until) = proof.good_for.and_then(|time| now.checked_add(time)) {
            validity.end = validity.end.min(until);
        }
        let identity = Arc::new(claims.into_identity(token, self.scope_claim.as_deref()));
        self.remembered.insert(&identity, validity, proof.epoch, now);
        Ok(identity)
    }

    /// Whether the token claims what a good one would. Nobody has signed for it yet.
    fn could_be_ours(&self, token: &Compact<'_>) -> bool {
        let claims = token.payload().and_then(Claims::read);
        claims.is_ok_and(|claims| {
            claims
                .check(&self.issuer, &self.audience, (self.clock)(), CLOCK_LEEWAY)
                .is_ok()
        })
    }
}

/// Keys that the issuer publishes: they are fetched when they are needed first, in a task of the tokio runtime, and kept as
/// the constants beginning with `JWKS` and `UNKNOWN_KEY` say. Dropping the verifier ends the task.
#[cfg(feature = "http")]
impl JwtVerifier {
    /// A verifier for tokens that `issuer` signed for `audience` with a key of the JWK set at `url` (`https`).
    ///
    /// # Errors
    /// The URL is not one, the issuer or audience is empty, or the system has no trusted certificates.
    pub fn jwks(
        url: &str,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        Self::jwks_with(IdpClient::new(&TlsSettings::default())?, url, issuer, audience)
    }

    /// As [`jwks`](Self::jwks), by this client.
    ///
    /// # Errors
    /// As [`jwks`](Self::jwks).
    pub fn jwks_with(
        client: IdpClient,
        url: &str,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        let url = client.url("url", url)?;
        let keys = RemoteKeys::over_http(client, Location::Jwks(url));
        Self::new(Keys::Remote(keys), issuer.into(), audience.into())
    }

    /// A verifier for tokens that `issuer` signed for `audience`. The issuer's metadata, by
    /// [RFC 8414](https://www.rfc-editor.org/rfc/rfc8414) or OpenID Connect Discovery, say where its keys are; they must
    /// name the issuer in the very same characters, and the keys must be at an `https` URL.
    ///
    /// # Errors
    /// The issuer is not an `https` URL without query and fragment, the audience is empty, or the system has no trusted
    /// certificates.
    pub fn discover(
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        Self::discover_with(IdpClient::new(&TlsSettings::default())?, issuer, audience)
    }

    /// As [`discover`](Self::discover), by this client.
    ///
    /// # Errors
    /// As [`discover`](Self::discover).
    pub fn discover_with(
        client: IdpClient,
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
    ) -> Result<Self, IdentityConfigError> {
        let issuer = issuer.into();
        let url = client.url("issuer", &issuer)?;
        if url.query().is_some() {
            return Err(IdentityConfigError::Uri {
                setting: "issuer",
                value: issuer.into(),
                reason: "it has a query",
            });
        }
        let keys = RemoteKeys::over_http(client, Location::of_issuer(&issuer, &url));
        Self::new(Keys::Remote(keys), issuer, audience.into())
    }
}

impl TokenVerifier for JwtVerifier {
    async fn verify(&self, token: &str) -> Result<Arc<Identity>, TokenError> {
        match self.known(token) {
            Some(identity) => Ok(identity),
            None => self.check(token).await,
        }
    }

    fn known(&self, token: &str) -> Option<Arc<Identity>> {
        self.remembered.get(token, self.keys.epoch(), (self.clock)())
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
