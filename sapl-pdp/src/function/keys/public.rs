//! Public keys of RSA, of the NIST curves and of Ed25519.

use rsa::pkcs8::spki::{DecodePublicKey, EncodePublicKey};
use rsa::traits::PublicKeyParts as _;
use rsa::{BigUint, RsaPublicKey};

use super::pem;
use crate::function::encoding::{base64_url, base64_url_unpadded};
use crate::value::{ErrorKind, Object, Text, Value};

/// The longest RSA key, in bits; longer ones take too long to verify with.
pub(crate) const MAX_RSA_BITS: usize = RsaPublicKey::MAX_SIZE;

const NO_KEY: ErrorKind = ErrorKind::Function("not a public key of RSA, P-256, P-384, P-521 or Ed25519");
const NO_JWK: ErrorKind =
    ErrorKind::Function("not a JWK with a public key of RSA, P-256, P-384, P-521 or Ed25519");

/// A public key.
pub(crate) enum PublicKey {
    Rsa(Box<RsaPublicKey>),
    P256(p256::PublicKey),
    P384(p384::PublicKey),
    P521(p521::PublicKey),
    Ed25519(ed25519_dalek::VerifyingKey),
}

impl PublicKey {
    /// Reads a `SubjectPublicKeyInfo` of RFC 5280 in PEM.
    pub(crate) fn from_pem(text: &str) -> Result<Self, ErrorKind> {
        Self::from_der(&pem::decode(text)?)
    }

    /// Reads a `SubjectPublicKeyInfo` of RFC 5280 in DER.
    pub(crate) fn from_der(der: &[u8]) -> Result<Self, ErrorKind> {
        if let Ok(key) = RsaPublicKey::from_public_key_der(der) {
            return Ok(Self::Rsa(Box::new(key)));
        }
        if let Ok(key) = p256::PublicKey::from_public_key_der(der) {
            return Ok(Self::P256(key));
        }
        if let Ok(key) = p384::PublicKey::from_public_key_der(der) {
            return Ok(Self::P384(key));
        }
        if let Ok(key) = p521::PublicKey::from_public_key_der(der) {
            return Ok(Self::P521(key));
        }
        match ed25519_dalek::VerifyingKey::from_public_key_der(der) {
            Ok(key) => Ok(Self::Ed25519(key)),
            Err(_) => Err(NO_KEY),
        }
    }

    pub(crate) fn to_pem(&self) -> Result<String, ErrorKind> {
        let der = match self {
            Self::Rsa(key) => key.to_public_key_der(),
            Self::P256(key) => key.to_public_key_der(),
            Self::P384(key) => key.to_public_key_der(),
            Self::P521(key) => key.to_public_key_der(),
            Self::Ed25519(key) => key.to_public_key_der(),
        };
        let der = der.map_err(|_| NO_KEY)?;
        Ok(pem::encode("PUBLIC KEY", der.as_bytes()))
    }

    /// The name of the algorithm as Java has it.
    pub(crate) const fn algorithm(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "RSA",
            Self::P256(_) | Self::P384(_) | Self::P521(_) => "EC",
            Self::Ed25519(_) => "EdDSA",
        }
    }

    /// How long it is, in bits.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::Rsa(key) => key.n().bits(),
            Self::P256(_) | Self::Ed25519(_) => 256,
            Self::P384(_) => 384,
            Self::P521(_) => 521,
        }
    }

    /// The name of the elliptic curve as SEC 2 has it.
    pub(crate) const fn curve(&self) -> Option<&'static str> {
        match self {
            Self::P256(_) => Some("secp256r1"),
            Self::P384(_) => Some("secp384r1"),
            Self::P521(_) => Some("secp521r1"),
            Self::Rsa(_) | Self::Ed25519(_) => None,
        }
    }

    /// The key as a JWK of RFC 7517; coordinates are without leading zeros, as SAPL has them.
    pub(crate) fn to_jwk<'a>(&self) -> Object<'a> {
        use p256::elliptic_curve::sec1::ToEncodedPoint as _;
        let point = |curve: &'static str, x: Option<&[u8]>, y: Option<&[u8]>| {
            let coordinate = |bytes: Option<&[u8]>| {
                let bytes = bytes.unwrap_or_default();
                let zeros = bytes.iter().take_while(|&&byte| byte == 0).count();
                base64_url_unpadded(bytes.get(zeros..).unwrap_or_default())
            };
            vec![
                ("kty", "EC".to_owned()),
                ("crv", curve.to_owned()),
                ("x", coordinate(x)),
                ("y", coordinate(y)),
            ]
        };
        let members = match self {
            Self::Rsa(key) => vec![
                ("kty", "RSA".to_owned()),
                ("n", base64_url_unpadded(&key.n().to_bytes_be())),
                ("e", base64_url_unpadded(&key.e().to_bytes_be())),
            ],
            Self::P256(key) => {
                let encoded = key.to_encoded_point(false);
                point("P-256", encoded.x().map(|x| &x[..]), encoded.y().map(|y| &y[..]))
            }
            Self::P384(key) => {
                let encoded = key.to_encoded_point(false);
                point("P-384", encoded.x().map(|x| &x[..]), encoded.y().map(|y| &y[..]))
            }
            Self::P521(key) => {
                let encoded = key.to_encoded_point(false);
                point("P-521", encoded.x().map(|x| &x[..]), encoded.y().map(|y| &y[..]))
            }
            Self::Ed25519(key) => vec![
                ("kty", "OKP".to_owned()),
                ("crv", "Ed25519".to_owned()),
                ("x", base64_url_unpadded(key.as_bytes())),
            ],
        };
        members
            .into_iter()
            .map(|(name, value)| (Text::from(name), Value::from(value)))
            .collect()
    }

    /// The key of a JWK.
    pub(crate) fn from_jwk(jwk: &Object<'_>) -> Result<Self, ErrorKind> {
        Self::of_jwk(jwk).ok_or(NO_JWK)
    }

    fn of_jwk(jwk: &Object<'_>) -> Option<Self> {
        let text = |name: &str| match jwk.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let bytes = |name: &str| base64_url(&text(name)?);
        match &*text("kty")? {
            "RSA" => {
                let number = |name| Some(BigUint::from_bytes_be(&bytes(name)?));
                let key = RsaPublicKey::new_with_max_size(number("n")?, number("e")?, MAX_RSA_BITS).ok()?;
                Some(Self::Rsa(Box::new(key)))
            }
            "EC" => {
                let point = |size: usize| {
                    let mut point = vec![4];
                    for name in ["x", "y"] {
                        let coordinate = bytes(name)?;
                        let zeros = coordinate.iter().take_while(|&&byte| byte == 0).count();
                        let digits = coordinate.get(zeros..)?;
                        point.resize(point.len() + size.checked_sub(digits.len())?, 0);
                        point.extend_from_slice(digits);
                    }
                    Some(point)
                };
                match &*text("crv")? {
                    "P-256" => p256::PublicKey::from_sec1_bytes(&point(32)?).ok().map(Self::P256),
                    "P-384" => p384::PublicKey::from_sec1_bytes(&point(48)?).ok().map(Self::P384),
                    "P-521" => p521::PublicKey::from_sec1_bytes(&point(66)?).ok().map(Self::P521),
                    _ => None,
                }
            }
            "OKP" if &*text("crv")? == "Ed25519" => {
                let key = <[u8; 32]>::try_from(bytes("x")?).ok()?;
                ed25519_dalek::VerifyingKey::from_bytes(&key)
                    .ok()
                    .map(Self::Ed25519)
            }
            _ => None,
        }
    }
}
