//! Signatures of RFC 7518 and RFC 8037.

use rsa::pkcs8::AssociatedOid;
use rsa::signature::Verifier as _;
use rsa::{RsaPublicKey, pkcs1v15, pss};
use sha2::digest::{Digest, FixedOutputReset};
use sha2::{Sha256, Sha384, Sha512};

use crate::function::keys::PublicKey;

/// Whether a message is signed with the other half of a key, by the algorithm of that name. Algorithms of shared secrets are
/// none of those.
pub(super) fn is_valid(algorithm: &str, key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    match (algorithm, key) {
        ("RS256", PublicKey::Rsa(key)) => pkcs1::<Sha256>(key, message, signature),
        ("RS384", PublicKey::Rsa(key)) => pkcs1::<Sha384>(key, message, signature),
        ("RS512", PublicKey::Rsa(key)) => pkcs1::<Sha512>(key, message, signature),
        ("PS256", PublicKey::Rsa(key)) => pss::<Sha256>(key, message, signature),
        ("PS384", PublicKey::Rsa(key)) => pss::<Sha384>(key, message, signature),
        ("PS512", PublicKey::Rsa(key)) => pss::<Sha512>(key, message, signature),
        ("ES256", PublicKey::P256(key)) => {
            p256::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
                p256::ecdsa::VerifyingKey::from(key)
                    .verify(message, &signature)
                    .is_ok()
            })
        }
        ("ES384", PublicKey::P384(key)) => {
            p384::ecdsa::Signature::from_slice(signature).is_ok_and(|signature| {
                p384::ecdsa::VerifyingKey::from(key)
                    .verify(message, &signature)
                    .is_ok()
            })
        }
        ("ES512", PublicKey::P521(key)) => {
            let key = p521::ecdsa::VerifyingKey::from_affine(*key.as_affine());
            match (key, p521::ecdsa::Signature::from_slice(signature)) {
                (Ok(key), Ok(signature)) => key.verify(message, &signature).is_ok(),
                _ => false,
            }
        }
        ("EdDSA", PublicKey::Ed25519(key)) => ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
        _ => false,
    }
}

fn pkcs1<D: Digest + AssociatedOid>(key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
    pkcs1v15::Signature::try_from(signature).is_ok_and(|signature| {
        let key = pkcs1v15::VerifyingKey::<D>::new(key.clone());
        key.verify(message, &signature).is_ok()
    })
}

fn pss<D: Digest + FixedOutputReset>(key: &RsaPublicKey, message: &[u8], signature: &[u8]) -> bool {
    pss::Signature::try_from(signature).is_ok_and(|signature| {
        let key = pss::VerifyingKey::<D>::new(key.clone());
        key.verify(message, &signature).is_ok()
    })
}
