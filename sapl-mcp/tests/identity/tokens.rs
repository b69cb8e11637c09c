//! Tokens that are not good, over HTTP, against keys that are fetched.

use jsonwebtoken::{Algorithm, EncodingKey, crypto::sign};
use sapl_mcp::{CLOCK_LEEWAY, JwtVerifier, MAX_TOKEN_BYTES};
use serde_json::{Value, json};

use super::{
    issuer::{Issuer, Plan, client},
    server::{CHALLENGE, Server},
    token::{AUDIENCE, Key, NOW, claims, clock, good, header, message, part, set},
};

const ISSUER: &str = "https://idp.example";
const LEEWAY: u64 = CLOCK_LEEWAY.as_secs();

async fn world() -> (Issuer, Server) {
    let issuer = Issuer::start().await;
    let keys = [Key::Ed.jwk("ed"), Key::Rsa.jwk("rsa"), Key::P384.jwk("ec")];
    issuer.answers("/keys", Plan::Json(set(&keys)));
    let verifier = JwtVerifier::jwks_with(client(false), &issuer.url("/keys"), ISSUER, AUDIENCE).unwrap();
    (issuer, Server::start(verifier.with_clock(clock)).await)
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims(ISSUER);
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    claims
}

/// With the Ed25519 key.
fn claiming(claims: &Value) -> String {
    Key::Ed.sign(Algorithm::EdDSA, &header("EdDSA", "ed"), claims)
}

fn headed(header: &Value) -> String {
    Key::Ed.sign(Algorithm::EdDSA, header, &claims(ISSUER))
}

fn hs256(secret: &[u8], header: &Value) -> String {
    let message = message(header, &claims(ISSUER));
    let key = EncodingKey::from_secret(secret);
    format!(
        "{message}.{}",
        sign(message.as_bytes(), &key, Algorithm::HS256).unwrap()
    )
}

/// Tokens that must not pass.
fn bad() -> Vec<(&'static str, String)> {
    let good = good(ISSUER, "ed");
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let (first, payload) = signed.split_once('.').unwrap();
    let modulus = Key::Rsa.jwk("rsa")["n"].as_str().unwrap().to_owned();
    vec![
        // Malformed.
        ("one word", "token".into()),
        ("two parts", signed.into()),
        ("four parts", format!("{good}.x")),
        ("an empty header", format!(".{payload}.{signature}")),
        ("an empty payload", format!("{first}..{signature}")),
        ("an empty signature", format!("{signed}.")),
        ("padding", format!("{good}==")),
        ("a header that is no JSON", format!("e30x.{payload}.{signature}")),
        (
            "a header that is no object",
            format!("{}.{payload}.{signature}", part(&json!("EdDSA"))),
        ),
        ("a payload that is no object", headless(&json!([claims(ISSUER)]))),
        ("encrypted (five parts)", format!("{good}.x.y")),
        (
            "past the limit",
            format!("{good}{}", "A".repeat(MAX_TOKEN_BYTES + 1 - good.len())),
        ),
        (
            "at the limit, but bad",
            format!("{good}{}", "A".repeat(MAX_TOKEN_BYTES - good.len())),
        ),
        ("a deep payload", deep()),
        // Swapped algorithms.
        (
            "none",
            format!("{}.{payload}.", part(&json!({"alg": "none", "kid": "ed"}))),
        ),
        (
            "none with the signature",
            format!("{}.{payload}.{signature}", part(&json!({"alg": "none"}))),
        ),
        ("NoNe", format!("{}.{payload}.", part(&json!({"alg": "NoNe"})))),
        (
            "HS256 with the public key",
            hs256(include_bytes!("../keys/rsa.public.pem"), &header("HS256", "rsa")),
        ),
        (
            "HS256 with the modulus",
            hs256(modulus.as_bytes(), &header("HS256", "rsa")),
        ),
        ("HS256 with an empty secret", hs256(b"", &header("HS256", "ed"))),
        (
            "HS256 without an id",
            hs256(modulus.as_bytes(), &json!({"alg": "HS256"})),
        ),
        ("HS512", headed(&header("HS512", "ed"))),
        ("no algorithm", headed(&json!({"kid": "ed"}))),
        ("an algorithm in another case", headed(&header("eddsa", "ed"))),
        (
            "an algorithm in a list",
            headed(&json!({"alg": ["EdDSA"], "kid": "ed"})),
        ),
        ("RS256 said, EdDSA signed", headed(&header("RS256", "ed"))),
        ("RS256 by the id of another type", headed(&header("RS256", "rsa"))),
        (
            "PS256 where RS256 is published",
            Key::Rsa.sign(Algorithm::PS256, &header("PS256", "rsa"), &claims(ISSUER)),
        ),
        (
            "RS512 where RS256 is published",
            Key::Rsa.sign(Algorithm::RS512, &header("RS512", "rsa"), &claims(ISSUER)),
        ),
        ("EdDSA by the id of the EC key", headed(&header("EdDSA", "ec"))),
        (
            "ES256 by the P-384 key",
            Key::P384.sign(Algorithm::ES384, &header("ES256", "ec"), &claims(ISSUER)),
        ),
        // Keys.
        ("an unknown id", headed(&header("EdDSA", "other"))),
        ("an id in another case", headed(&header("EdDSA", "ED"))),
        ("an empty id", headed(&header("EdDSA", ""))),
        ("an id that is a path", headed(&header("EdDSA", "../../keys"))),
        (
            "an id that is no text",
            headed(&json!({"alg": "EdDSA", "kid": 1})),
        ),
        ("a key of its own", own_key()),
        (
            "critical extensions",
            headed(&json!({"alg": "EdDSA", "kid": "ed", "crit": ["b64"], "b64": false})),
        ),
        (
            "another type",
            headed(&json!({"alg": "EdDSA", "kid": "ed", "typ": "logout+jwt"})),
        ),
        ("one bit of the signature", flipped(&good)),
        (
            "the signature of other claims",
            format!("{first}.{}.{signature}", part(&with("sub", json!("sam")))),
        ),
        // Claims.
        (
            "another audience",
            claiming(&with("aud", json!("https://other.example"))),
        ),
        (
            "an audience that begins alike",
            claiming(&with("aud", json!(format!("{AUDIENCE}/x")))),
        ),
        ("no audience", claiming(&with("aud", Value::Null))),
        ("an empty list of audiences", claiming(&with("aud", json!([])))),
        (
            "another issuer",
            claiming(&with("iss", json!("https://evil.example"))),
        ),
        (
            "the issuer with a slash",
            claiming(&with("iss", json!(format!("{ISSUER}/")))),
        ),
        ("no issuer", claiming(&with("iss", Value::Null))),
        ("expired", claiming(&with("exp", json!(NOW - 600)))),
        (
            "expired by the leeway",
            claiming(&with("exp", json!(NOW - LEEWAY))),
        ),
        ("no expiry", claiming(&with("exp", Value::Null))),
        (
            "an expiry that is text",
            claiming(&with("exp", json!((NOW + 600).to_string()))),
        ),
        (
            "not yet in force",
            claiming(&with("nbf", json!(NOW + LEEWAY + 1))),
        ),
        ("in force from a text on", claiming(&with("nbf", json!("now")))),
    ]
}

fn headless(payload: &Value) -> String {
    Key::Ed.sign(Algorithm::EdDSA, &header("EdDSA", "ed"), payload)
}

fn deep() -> String {
    let mut value = json!(1);
    for _ in 0..400 {
        value = json!([value]);
    }
    claiming(&with("x", value))
}

/// Signed with a key that it brings along.
fn own_key() -> String {
    let header =
        json!({"alg": "ES384", "kid": "mine", "jwk": Key::P384.jwk("mine"), "jku": "https://evil.example"});
    Key::P384.sign(Algorithm::ES384, &header, &claims(ISSUER))
}

fn flipped(token: &str) -> String {
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = if signature.starts_with('A') { "B" } else { "A" };
    format!("{signed}.{other}{}", signature.get(1..).unwrap())
}

#[tokio::test]
async fn no_bad_token_reaches_the_server_and_all_are_told_the_same() {
    let (issuer, server) = world().await;
    let bad = bad();
    assert!(bad.len() >= 40, "{}", bad.len());
    for (name, token) in &bad {
        let (status, challenge, body) = server.with_token(token).await;
        assert_eq!(
            (status, challenge.as_deref(), &*body),
            (401, Some(CHALLENGE), "the bearer token is not valid\n"),
            "{name}"
        );
    }
    assert_eq!(server.served(), 0);
    // Unknown ids did not make it ask again.
    assert_eq!(issuer.paths(), ["/keys"]);
    // And all of that has broken nothing.
    assert_eq!(server.with_token(&good(ISSUER, "ed")).await.0, 200);
}

#[tokio::test]
async fn repeated_headers_are_refused_though_each_were_good() {
    let (_, server) = world().await;
    let bearer = format!("Bearer {}", good(ISSUER, "ed"));
    for headers in [
        [&*bearer, &*bearer],
        [&*bearer, "Basic eA=="],
        ["Basic eA==", &*bearer],
        ["", &*bearer],
    ] {
        let (status, challenge, _) = server.send(&headers).await;
        assert_eq!(
            (status, challenge.as_deref()),
            (401, Some(CHALLENGE)),
            "{headers:?}"
        );
    }
    assert_eq!(server.served(), 0);
}

#[tokio::test]
async fn good_tokens_of_each_key_pass_up_to_the_edges_of_their_time() {
    let (issuer, server) = world().await;
    let by = |key: Key, algorithm: &str, id: &str| {
        Key::sign(key, key.algorithm(), &header(algorithm, id), &claims(ISSUER))
    };
    for token in [
        by(Key::Ed, "EdDSA", "ed"),
        by(Key::Ed, "Ed25519", "ed"),
        by(Key::Rsa, "RS256", "rsa"),
        by(Key::P384, "ES384", "ec"),
        headed(&json!({"alg": "EdDSA"})),
        claiming(&with("aud", json!(["x", AUDIENCE]))),
        claiming(&with("exp", json!(NOW - LEEWAY + 1))),
        claiming(&with("nbf", json!(NOW + LEEWAY))),
    ] {
        for _ in 0..3 {
            assert_eq!(server.with_token(&token).await, (200, None, "mara".to_owned()));
        }
    }
    assert_eq!(issuer.paths(), ["/keys"]);
}
