//! The algorithms that tokens may be signed with.

use jsonwebtoken::Algorithm;

/// A signature algorithm of [RFC 7518 §3.1](https://www.rfc-editor.org/rfc/rfc7518#section-3.1) or
/// [RFC 8037](https://www.rfc-editor.org/rfc/rfc8037) with a public key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum JwtAlgorithm {
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// EdDSA with Ed25519. Headers may say `EdDSA` or, as RFC 9864 has it, `Ed25519`.
    EdDsa,
}

impl JwtAlgorithm {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Es256,
        Self::Es384,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::EdDsa,
    ];

    /// The name in the `alg` of a header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(super) const fn algorithm(self) -> Algorithm {
        match self {
            Self::Es256 => Algorithm::ES256,
            Self::Es384 => Algorithm::ES384,
            Self::Rs256 => Algorithm::RS256,
            Self::Rs384 => Algorithm::RS384,
            Self::Rs512 => Algorithm::RS512,
            Self::Ps256 => Algorithm::PS256,
            Self::Ps384 => Algorithm::PS384,
            Self::Ps512 => Algorithm::PS512,
            Self::EdDsa => Algorithm::EdDSA,
        }
    }
}

/// The algorithm that an `alg` names, if it is one that could be accepted at all.
pub(super) fn named(alg: &str) -> Option<Algorithm> {
    match alg {
        // Only a verifier with a shared secret accepts it.
        "HS256" => Some(Algorithm::HS256),
        "Ed25519" => Some(Algorithm::EdDSA),
        alg => JwtAlgorithm::ALL
            .into_iter()
            .find(|one| one.name() == alg)
            .map(JwtAlgorithm::algorithm),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_algorithm_is_found_by_its_exact_name() {
        for algorithm in JwtAlgorithm::ALL {
            assert_eq!(named(algorithm.name()), Some(algorithm.algorithm()));
            assert_eq!(named(&algorithm.name().to_ascii_lowercase()), None);
        }
        assert_eq!(named("Ed25519"), Some(Algorithm::EdDSA));
        for none in [
            "", "none", "None", "HS384", "HS512", "ES512", "ES256K", "Ed448", "RSA1_5", "ES256 ",
        ] {
            assert_eq!(named(none), None, "{none}");
        }
    }
}
