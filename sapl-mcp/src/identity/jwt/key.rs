//! One key that signatures are checked with, and the algorithms that it is for.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey, crypto::rust_crypto::DEFAULT_PROVIDER};
use serde_json::{Map, Value};

use super::{
    algorithm::{JwtAlgorithm, named},
    compact::Compact,
};

/// The shortest RSA key that is used, in bits ([RFC 7518 §3.3](https://www.rfc-editor.org/rfc/rfc7518#section-3.3)).
pub const MIN_RSA_KEY_BITS: usize = 2048;

/// The longest RSA key that is used, in bits: checking a signature takes longer the longer the key is.
pub const MAX_RSA_KEY_BITS: usize = 4096;

/// The shortest shared secret for HS256, in bytes ([RFC 7518 §3.2](https://www.rfc-editor.org/rfc/rfc7518#section-3.2)).
pub(super) const MIN_SECRET_BYTES: usize = 32;

const P256: &[Algorithm] = &[Algorithm::ES256];
const P384: &[Algorithm] = &[Algorithm::ES384];
const ED25519: &[Algorithm] = &[Algorithm::EdDSA];
const RSA: &[Algorithm] = &[
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

/// A key of known type, with the algorithms that agree with it.
#[derive(Clone)]
pub(super) struct VerificationKey {
    pub(super) id: Option<Box<str>>,
    key: DecodingKey,
    algorithms: Box<[Algorithm]>,
}

/// Why a member of a key set is not used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Unusable(pub(super) &'static str);

impl VerificationKey {
    /// A PEM block `PUBLIC KEY` with a key for `algorithm`, and for no other.
    pub(super) fn from_pem(pem: &[u8], algorithm: JwtAlgorithm) -> Option<Self> {
        // A certificate holds a key too, but one that nobody checked the certificate of.
        let text = str::from_utf8(pem).ok()?.trim_start();
        if !text.starts_with("-----BEGIN PUBLIC KEY-----") {
            return None;
        }
        let (pem, algorithm) = (text.as_bytes(), algorithm.algorithm());
        let key = match algorithm {
            Algorithm::ES256 | Algorithm::ES384 => DecodingKey::from_ec_pem(pem).ok()?,
            Algorithm::EdDSA => DecodingKey::from_ed_pem(pem).ok()?,
            _ => {
                let key = DecodingKey::from_rsa_pem(pem).ok()?;
                let components = DEFAULT_PROVIDER.key_utils.rsa_pub_components_from_public_key;
                let (modulus, exponent) = components(key.try_get_as_bytes().ok()?).ok()?;
                check_rsa(&modulus, &exponent).ok()?;
                key
            }
        };
        Self::checked(None, key, [algorithm].into()).ok()
    }

    /// A secret that both sides know, of at least [`MIN_SECRET_BYTES`].
    pub(super) fn from_secret(secret: &[u8]) -> Option<Self> {
        (secret.len() >= MIN_SECRET_BYTES).then(|| Self {
            id: None,
            key: DecodingKey::from_secret(secret),
            algorithms: [Algorithm::HS256].into(),
        })
    }

    /// A member of a key set: a public key that is meant for signatures (RFC 7517 §4).
    pub(super) fn from_jwk(jwk: &Map<String, Value>) -> Result<Self, Unusable> {
        let id = match jwk.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.as_str().into()),
            Some(_) => return Err(Unusable("its `kid` is not a text")),
        };
        check_use(jwk)?;
        let (key, family) = material(jwk)?;
        let algorithms = match jwk.get("alg") {
            None => family.into(),
            Some(alg) => {
                let algorithm = alg.as_str().and_then(named);
                let agreed = algorithm.filter(|algorithm| family.contains(algorithm));
                [agreed.ok_or(Unusable("its `alg` does not agree with its type"))?].into()
            }
        };
        Self::checked(id, key, algorithms)
    }

    pub(super) fn is_for(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// Whether the signature of `token` was made with the other half of this key.
    pub(super) fn fits(&self, token: &Compact<'_>, algorithm: Algorithm) -> bool {
        // The provider is named, not the process's default: that one panics where another crate of the build switches a
        // second provider on.
        self.is_for(algorithm)
            && (DEFAULT_PROVIDER.verifier_factory)(&algorithm, &self.key)
                .is_ok_and(|verifier| verifier.verify(token.signed(), token.signature()).is_ok())
    }

    /// Reads the point of a key on a curve.
    fn checked(
        id: Option<Box<str>>,
        key: DecodingKey,
        algorithms: Box<[Algorithm]>,
    ) -> Result<Self, Unusable> {
        let edwards = algorithms.contains(&Algorithm::EdDSA);
        // The provider cuts a longer one off, and panics on a shorter one.
        if edwards && key.try_get_as_bytes().map_or(0, <[u8]>::len) != 32 {
            return Err(Unusable("it is not an Ed25519 key"));
        }
        let reads = |algorithm| (DEFAULT_PROVIDER.verifier_factory)(algorithm, &key).is_ok();
        if !algorithms.iter().all(reads) {
            return Err(Unusable("it is not a point on its curve"));
        }
        Ok(Self { id, key, algorithms })
    }
}

/// What a key is published for, where that is said.
fn check_use(jwk: &Map<String, Value>) -> Result<(), Unusable> {
    if jwk.get("use").is_some_and(|purpose| purpose != "sig") {
        return Err(Unusable("its `use` is not `sig`"));
    }
    let verifies = |operations: &Value| {
        operations
            .as_array()
            .is_some_and(|operations| operations.iter().any(|one| one == "verify"))
    };
    match jwk.get("key_ops") {
        Some(operations) if !verifies(operations) => Err(Unusable("its `key_ops` has no `verify`")),
        _ => Ok(()),
    }
}

/// The key itself, and the algorithms of its type.
fn material(jwk: &Map<String, Value>) -> Result<(DecodingKey, &'static [Algorithm]), Unusable> {
    // Whoever publishes it has no secret any more.
    if jwk.contains_key("d") || jwk.contains_key("k") {
        return Err(Unusable("it is not a public key"));
    }
    let text = |name| jwk.get(name).and_then(Value::as_str);
    let bytes = |name| {
        text(name)
            .and_then(|value| BASE64_URL_SAFE_NO_PAD.decode(value).ok())
            .ok_or(Unusable("a parameter is missing or not base64url"))
    };
    match (text("kty"), text("crv")) {
        (Some("EC"), Some("P-256")) => point(&bytes("x")?, &bytes("y")?, 32).map(|key| (key, P256)),
        (Some("EC"), Some("P-384")) => point(&bytes("x")?, &bytes("y")?, 48).map(|key| (key, P384)),
        (Some("RSA"), None) => {
            let (modulus, exponent) = (bytes("n")?, bytes("e")?);
            check_rsa(&modulus, &exponent)?;
            Ok((DecodingKey::from_rsa_raw_components(&modulus, &exponent), RSA))
        }
        (Some("OKP"), Some("Ed25519")) => Ok((DecodingKey::from_ed_der(&bytes("x")?), ED25519)),
        _ => Err(Unusable("its type or curve is not supported")),
    }
}

fn point(x: &[u8], y: &[u8], length: usize) -> Result<DecodingKey, Unusable> {
    if x.len() != length || y.len() != length {
        return Err(Unusable("a coordinate has the wrong length"));
    }
    Ok(DecodingKey::from_ec_der(&[&[4], x, y].concat()))
}

fn check_rsa(modulus: &[u8], exponent: &[u8]) -> Result<(), Unusable> {
    let leading = |bytes: &[u8]| bytes.first().map_or(0, |first| first.leading_zeros() as usize);
    let bits = (modulus.len() * 8).saturating_sub(leading(modulus));
    if !(MIN_RSA_KEY_BITS..=MAX_RSA_KEY_BITS).contains(&bits) || leading(modulus) == 8 {
        return Err(Unusable("an RSA key must have 2048 to 4096 bits"));
    }
    let odd = |bytes: &[u8]| bytes.last().is_some_and(|last| last % 2 == 1);
    if !odd(modulus) || !odd(exponent) || exponent.len() > 4 || leading(exponent) == 8 || exponent == [1] {
        return Err(Unusable("it is not an RSA key"));
    }
    Ok(())
}
