//! `signature`: whether a message was signed by the owner of a key.
//!
//! A signature is hexadecimal digits or Base64, of ECDSA in DER. A signature that is none of the algorithm at all is an
//! error, one that does not fit the message is false.

use rsa::pkcs1v15;
use rsa::signature::Verifier;
use rsa::traits::PublicKeyParts as _;
use sha2::{Digest, Sha256, Sha384, Sha512};

use super::arguments::{Outcome, text};
use super::encoding::{base64, unhex};
use super::keys::PublicKey;
use super::white_space::strip;
use super::{Function, Parameter};
use crate::value::{ErrorKind, Value};

const NAME: &str = "signature";

const SIGNED: &[Parameter] = &[
    Parameter::text("message"),
    Parameter::text("signature"),
    Parameter::text("publicKeyPem"),
];

macro_rules! valid {
    ($name:literal, $verify:expr, $doc:literal) => {
        Function::new(NAME, $name, SIGNED, $doc, |arguments| {
            valid(arguments, $verify).unwrap_or_else(Value::error)
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    valid!(
        "isValidEcdsaP256",
        p256,
        "whether it is a signature by ECDSA with P-256 and SHA-256"
    ),
    valid!(
        "isValidEcdsaP384",
        p384,
        "whether it is a signature by ECDSA with P-384 and SHA-384"
    ),
    valid!(
        "isValidEcdsaP521",
        p521,
        "whether it is a signature by ECDSA with P-521 and SHA-512"
    ),
    valid!("isValidEd25519", ed25519, "whether it is a signature by Ed25519"),
    valid!(
        "isValidRsaSha256",
        rsa::<Sha256>,
        "whether it is a signature by RSA (PKCS #1 1.5) with SHA-256"
    ),
    valid!(
        "isValidRsaSha384",
        rsa::<Sha384>,
        "whether it is a signature by RSA (PKCS #1 1.5) with SHA-384"
    ),
    valid!(
        "isValidRsaSha512",
        rsa::<Sha512>,
        "whether it is a signature by RSA (PKCS #1 1.5) with SHA-512"
    ),
];

const NO_SIGNATURE: ErrorKind = ErrorKind::Function("not a signature of this algorithm");
const OTHER_KEY: ErrorKind = ErrorKind::Function("the key is of another algorithm or curve");

type Verify = fn(&PublicKey, &[u8], &[u8]) -> Result<bool, ErrorKind>;

fn valid<'a>(arguments: &[Value<'a>], verify: Verify) -> Outcome<'a> {
    let key = PublicKey::from_pem(text(arguments, 2)?)?;
    let signature = strip(text(arguments, 1)?);
    let signature = unhex(signature)
        .filter(|_| !signature.contains('_'))
        .or_else(|| base64(signature))
        .ok_or(NO_SIGNATURE)?;
    Ok(verify(&key, text(arguments, 0)?.as_bytes(), &signature)?.into())
}

fn p256(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<bool, ErrorKind> {
    let PublicKey::P256(key) = key else {
        return Err(OTHER_KEY);
    };
    let signature = p256::ecdsa::Signature::from_der(signature).map_err(|_| NO_SIGNATURE)?;
    Ok(p256::ecdsa::VerifyingKey::from(*key)
        .verify(message, &signature)
        .is_ok())
}

fn p384(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<bool, ErrorKind> {
    let PublicKey::P384(key) = key else {
        return Err(OTHER_KEY);
    };
    let signature = p384::ecdsa::Signature::from_der(signature).map_err(|_| NO_SIGNATURE)?;
    Ok(p384::ecdsa::VerifyingKey::from(*key)
        .verify(message, &signature)
        .is_ok())
}

fn p521(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<bool, ErrorKind> {
    let PublicKey::P521(key) = key else {
        return Err(OTHER_KEY);
    };
    let signature = p521::ecdsa::Signature::from_der(signature).map_err(|_| NO_SIGNATURE)?;
    let key = p521::ecdsa::VerifyingKey::from_affine(*key.as_affine()).map_err(|_| OTHER_KEY)?;
    Ok(key.verify(message, &signature).is_ok())
}

fn ed25519(key: &PublicKey, message: &[u8], signature: &[u8]) -> Result<bool, ErrorKind> {
    let PublicKey::Ed25519(key) = key else {
        return Err(OTHER_KEY);
    };
    let signature = ed25519_dalek::Signature::from_slice(signature).map_err(|_| NO_SIGNATURE)?;
    Ok(key.verify_strict(message, &signature).is_ok())
}

fn rsa<D: Digest + rsa::pkcs8::AssociatedOid>(
    key: &PublicKey,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, ErrorKind> {
    let PublicKey::Rsa(key) = key else {
        return Err(OTHER_KEY);
    };
    if signature.len() != key.size() {
        return Err(NO_SIGNATURE);
    }
    let signature = pkcs1v15::Signature::try_from(signature).map_err(|_| NO_SIGNATURE)?;
    let key = pkcs1v15::VerifyingKey::<D>::new(rsa::RsaPublicKey::clone(key));
    Ok(key.verify(message, &signature).is_ok())
}
