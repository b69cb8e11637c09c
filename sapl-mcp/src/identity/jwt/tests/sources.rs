//! Verifiers by where their keys come from.

use super::*;
#[cfg(feature = "http")]
use crate::TokenErrorKind;

const P384: [&str; 2] = [
    include_str!("../../../../tests/keys/p384.private.pem"),
    include_str!("../../../../tests/keys/p384.public.pem"),
];
const ED: [&str; 2] = [
    include_str!("../../../../tests/keys/ed.private.pem"),
    include_str!("../../../../tests/keys/ed.public.pem"),
];
const RSA: [&str; 2] = [
    include_str!("../../../../tests/keys/rsa.private.pem"),
    include_str!("../../../../tests/keys/rsa.public.pem"),
];
const RSA_1024_PUBLIC: &str = include_str!("../../../../tests/keys/rsa-1024.public.pem");
const SECRET: [u8; 32] = [7; 32];

/// A key pair for the algorithm, as PEM.
fn pair(algorithm: JwtAlgorithm) -> [&'static str; 2] {
    match algorithm {
        JwtAlgorithm::Es256 => [KEY, PUBLIC_KEY],
        JwtAlgorithm::Es384 => P384,
        JwtAlgorithm::EdDsa => ED,
        _ => RSA,
    }
}

fn encoding_key(algorithm: JwtAlgorithm) -> EncodingKey {
    let pem = pair(algorithm)[0].as_bytes();
    match algorithm {
        JwtAlgorithm::Es256 | JwtAlgorithm::Es384 => EncodingKey::from_ec_pem(pem),
        JwtAlgorithm::EdDsa => EncodingKey::from_ed_pem(pem),
        _ => EncodingKey::from_rsa_pem(pem),
    }
    .unwrap()
}

fn token_by(algorithm: JwtAlgorithm, claims: &Value) -> String {
    let message = format!(
        "{}.{}",
        part(json!({"alg": algorithm.name(), "kid": "k"}).to_string()),
        part(claims.to_string())
    );
    let signature = sign(
        message.as_bytes(),
        &encoding_key(algorithm),
        algorithm.algorithm(),
    )
    .unwrap();
    format!("{message}.{signature}")
}

fn hs256(secret: &[u8]) -> String {
    let message = format!("{}.{}", part(r#"{"alg":"HS256"}"#), part(claims().to_string()));
    let key = EncodingKey::from_secret(secret);
    let signature = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
    format!("{message}.{signature}")
}

fn public_key(algorithm: JwtAlgorithm) -> JwtVerifier {
    let verifier = JwtVerifier::public_key(algorithm, pair(algorithm)[1], ISSUER, AUDIENCE).unwrap();
    verifier.with_clock(|| at(NOW))
}

#[test]
fn each_algorithm_is_verified_with_its_own_key_and_no_other() {
    let tokens = JwtAlgorithm::ALL.map(|algorithm| (algorithm, token_by(algorithm, &claims())));
    for algorithm in JwtAlgorithm::ALL {
        let verifier = public_key(algorithm);
        for (signed_with, token) in &tokens {
            assert_eq!(
                verify(&verifier, token).is_ok(),
                *signed_with == algorithm,
                "{signed_with:?} for {algorithm:?}"
            );
        }
        assert!(verify(&verifier, &hs256(pair(algorithm)[1].as_bytes())).is_err());
    }
}

#[test]
fn a_public_key_of_another_type_or_length_is_refused() {
    for algorithm in JwtAlgorithm::ALL {
        let rsa = pair(algorithm) == RSA;
        for pem in [
            PUBLIC_KEY,
            P384[1],
            ED[1],
            RSA[1],
            RSA_1024_PUBLIC,
            pair(algorithm)[0],
            "",
        ] {
            let verifier = JwtVerifier::public_key(algorithm, pem, ISSUER, AUDIENCE);
            assert_eq!(verifier.is_ok(), pem == pair(algorithm)[1], "{algorithm:?} {pem}");
            if let Err(error) = verifier {
                let name = algorithm.name();
                assert_eq!(error, IdentityConfigError::PublicKey { algorithm: name });
                assert_eq!(error.to_string().contains("2048 to 4096 bits"), rsa, "{error}");
            }
        }
    }
}

#[test]
fn a_set_verifies_by_the_algorithms_that_are_accepted() {
    let jwk = |algorithm: JwtAlgorithm| {
        let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&encoding_key(algorithm), algorithm.algorithm());
        let mut jwk = serde_json::to_value(jwk.unwrap()).unwrap();
        jwk.as_object_mut().unwrap().remove("alg");
        jwk["kid"] = "k".into();
        jwk
    };
    let keys = [
        jwk(JwtAlgorithm::Es256),
        jwk(JwtAlgorithm::EdDsa),
        jwk(JwtAlgorithm::Rs256),
    ];
    let set = || {
        let verifier = JwtVerifier::jwk_set(json!({"keys": keys}).to_string(), ISSUER, AUDIENCE).unwrap();
        verifier.with_clock(|| at(NOW))
    };
    let some = [JwtAlgorithm::EdDsa, JwtAlgorithm::Ps256];
    let (all, some_only, none) = (set(), set().with_algorithms(some), set().with_algorithms([]));
    for algorithm in JwtAlgorithm::ALL {
        let token = token_by(algorithm, &claims());
        assert_eq!(
            verify(&all, &token).is_ok(),
            algorithm != JwtAlgorithm::Es384,
            "{algorithm:?}"
        );
        assert_eq!(
            verify(&some_only, &token).is_ok(),
            some.contains(&algorithm),
            "{algorithm:?}"
        );
        assert!(verify(&none, &token).is_err(), "{algorithm:?}");
    }
    assert!(verify(&all, &hs256(PUBLIC_KEY.as_bytes())).is_err());
    let error = JwtVerifier::jwk_set(r#"{"keys": []}"#, ISSUER, AUDIENCE).unwrap_err();
    assert!(matches!(error, IdentityConfigError::KeySet { .. }), "{error}");
}

#[test]
fn a_shared_secret_verifies_its_own_hs256_alone() {
    let verifier = JwtVerifier::shared_secret_for_tests(SECRET, ISSUER, AUDIENCE).unwrap();
    let verifier = verifier.with_clock(|| at(NOW));
    assert!(verify(&verifier, &hs256(&SECRET)).is_ok());
    assert!(verify(&verifier, &hs256(&[8; 32])).is_err());
    assert!(verify(&verifier, &token(&claims())).is_err());
    assert!(!format!("{verifier:?}").contains("7, 7"));
    let short = JwtVerifier::shared_secret_for_tests(&SECRET[1..], ISSUER, AUDIENCE).unwrap_err();
    assert_eq!(short, IdentityConfigError::SharedSecret { minimum: 32 });
}

#[test]
fn scopes_come_from_the_claim_that_is_named_and_from_no_other() {
    let (verifier, _) = verifier();
    let verifier = verifier.with_scope_claim("permissions");
    let scopes = |claims: &Value| verify(&verifier, &token(claims)).unwrap().scopes().to_vec();
    assert_eq!(scopes(&with("permissions", json!(["a", "b"]))), ["a", "b"]);
    assert_eq!(scopes(&with("permissions", json!("a b"))), ["a", "b"]);
    assert!(scopes(&with("scope", json!("a"))).is_empty());
}

#[cfg(feature = "http")]
#[test]
fn wrong_addresses_are_refused_with_the_name_of_the_setting() {
    use sapl_base::http::{Cleartext, TlsSettings};

    let client = IdpClient::new(&TlsSettings::default()).unwrap();
    let jwks = |url: &str| JwtVerifier::jwks_with(client.clone(), url, ISSUER, AUDIENCE);
    let discover = |issuer: &str| JwtVerifier::discover_with(client.clone(), issuer, AUDIENCE);
    assert!(jwks("https://idp.example/keys?app=1").is_ok());
    assert!(discover("https://idp.example/realms/a").is_ok());
    for url in [
        "",
        "idp.example",
        "http://idp.example",
        "http://localhost",
        "https://u:pass@idp.example",
        "https://a/#b",
    ] {
        for (setting, error) in [
            ("url", jwks(url).unwrap_err()),
            ("issuer", discover(url).unwrap_err()),
        ] {
            assert!(
                error.to_string().contains(&format!("`{setting}`")),
                "{url}: {error}"
            );
            assert!(!error.to_string().contains("pass@"), "{error}");
        }
    }
    assert!(discover("https://idp.example/?a=b").is_err());
    let empty = JwtVerifier::jwks_with(client.clone(), "https://idp.example/keys", ISSUER, "");
    assert_eq!(
        empty.unwrap_err(),
        IdentityConfigError::Empty { setting: "audience" }
    );
    let local = client.with_cleartext(Cleartext::Allowed);
    assert!(JwtVerifier::discover_with(local, "http://localhost:8080/realms/a", AUDIENCE).is_ok());
}

#[cfg(feature = "http")]
#[tokio::test]
async fn a_token_can_not_be_judged_while_keys_can_not_be_had() {
    use sapl_base::http::{Cleartext, TlsSettings};

    let client = IdpClient::new(&TlsSettings::default())
        .unwrap()
        .with_cleartext(Cleartext::Allowed);
    // Nobody listens on port 1.
    let verifier = JwtVerifier::jwks_with(client, "http://127.0.0.1:1/keys", ISSUER, AUDIENCE).unwrap();
    let verifier = verifier.with_clock(|| at(NOW));
    let error = verifier.verify(&token(&claims())).await.unwrap_err();
    assert_eq!(error.kind(), TokenErrorKind::Unavailable);
    // What no key could make good is not asked about.
    let error = verifier.verify("no token").await.unwrap_err();
    assert_eq!(error.kind(), TokenErrorKind::Invalid);
}
