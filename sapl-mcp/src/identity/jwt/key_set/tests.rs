use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use jsonwebtoken::{EncodingKey, crypto::sign};
use serde_json::json;

use super::*;

const P384: &str = include_str!("../../../../tests/keys/p384.private.pem");
const ED: &str = include_str!("../../../../tests/keys/ed.private.pem");
const RSA: &str = include_str!("../../../../tests/keys/rsa.private.pem");
const RSA_PUBLIC: &str = include_str!("../../../../tests/keys/rsa.public.pem");

fn encode(bytes: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(bytes)
}

fn signing_key(algorithm: Algorithm) -> EncodingKey {
    match algorithm {
        Algorithm::ES384 => EncodingKey::from_ec_pem(P384.as_bytes()),
        Algorithm::EdDSA => EncodingKey::from_ed_pem(ED.as_bytes()),
        _ => EncodingKey::from_rsa_pem(RSA.as_bytes()),
    }
    .unwrap()
}

/// The public half, as an issuer would publish it.
fn jwk(algorithm: Algorithm) -> Value {
    let jwk = jsonwebtoken::jwk::Jwk::from_encoding_key(&signing_key(algorithm), algorithm);
    let mut jwk = serde_json::to_value(jwk.unwrap()).unwrap();
    jwk.as_object_mut().unwrap().remove("alg");
    jwk
}

fn with(mut jwk: Value, name: &str, value: Value) -> Value {
    jwk[name] = value;
    jwk
}

fn signed(algorithm: Algorithm, id: Option<&str>) -> String {
    let mut header = json!({"alg": format!("{algorithm:?}")});
    if let Some(id) = id {
        header["kid"] = id.into();
    }
    let message = format!("{}.{}", encode(header.to_string()), encode("{}"));
    let signature = sign(message.as_bytes(), &signing_key(algorithm), algorithm).unwrap();
    format!("{message}.{signature}")
}

fn read(keys: &[Value]) -> Result<KeySet, Flaw> {
    KeySet::read(json!({"keys": keys}).to_string().as_bytes())
}

fn judge(keys: &[Value], token: &str, algorithm: Algorithm) -> Verdict {
    let token = Compact::parse(token).unwrap();
    read(keys).unwrap().verify(&token, algorithm)
}

#[test]
fn each_type_of_key_verifies_what_was_signed_with_it() {
    for algorithm in [
        Algorithm::ES384,
        Algorithm::EdDSA,
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ] {
        let token = signed(algorithm, Some("a"));
        let key = with(jwk(algorithm), "kid", json!("a"));
        assert_eq!(judge(&[key], &token, algorithm), Verdict::Good, "{algorithm:?}");
    }
}

#[test]
fn the_key_is_chosen_by_its_id_and_its_type() {
    let ed = Algorithm::EdDSA;
    let (named, nameless) = (with(jwk(ed), "kid", json!("a")), jwk(ed));
    let other = with(jwk(ed), "x", json!(encode(ed_point())));
    let token = |id| signed(ed, id);
    for (name, keys, id, verdict) in [
        ("its id", vec![named.clone()], Some("a"), Verdict::Good),
        ("another id", vec![named.clone()], Some("b"), Verdict::UnknownKey),
        (
            "the id in another case",
            vec![named.clone()],
            Some("A"),
            Verdict::UnknownKey,
        ),
        ("no id in the token", vec![named.clone()], None, Verdict::Good),
        (
            "no id in the set",
            vec![nameless.clone()],
            Some("b"),
            Verdict::Good,
        ),
        ("no id anywhere", vec![nameless.clone()], None, Verdict::Good),
        (
            "a wrong one of that id first",
            vec![with(other.clone(), "kid", json!("a")), named.clone()],
            Some("a"),
            Verdict::Good,
        ),
        (
            "a wrong one of that id alone",
            vec![with(other.clone(), "kid", json!("a"))],
            Some("a"),
            Verdict::Bad,
        ),
        (
            "a wrong one without id, and none of that id",
            vec![other.clone()],
            Some("a"),
            Verdict::UnknownKey,
        ),
        ("a wrong one, and no id", vec![other.clone()], None, Verdict::Bad),
        (
            "that id with another type",
            vec![with(jwk(Algorithm::RS256), "kid", json!("a"))],
            Some("a"),
            Verdict::UnknownKey,
        ),
    ] {
        assert_eq!(judge(&keys, &token(id), ed), verdict, "{name}");
    }
}

#[test]
fn no_more_than_a_few_keys_are_tried() {
    let ed = Algorithm::EdDSA;
    let wrong = |n: usize| with(jwk(Algorithm::ES384), "place", json!(n));
    // Any number of keys of another type is skipped.
    let others: Vec<_> = (0..MAX_TRIED_KEYS + 1).map(wrong).chain([jwk(ed)]).collect();
    assert_eq!(judge(&others, &signed(ed, None), ed), Verdict::Good);

    let wrong = |_| with(jwk(ed), "x", json!(encode(ed_point())));
    let before = |count: usize| (0..count).map(wrong).chain([jwk(ed)]).collect::<Vec<_>>();
    assert_eq!(
        judge(&before(MAX_TRIED_KEYS - 1), &signed(ed, None), ed),
        Verdict::Good
    );
    assert_eq!(
        judge(&before(MAX_TRIED_KEYS), &signed(ed, None), ed),
        Verdict::Bad
    );
}

/// A point on the curve that is nobody's key: its base point.
fn ed_point() -> [u8; 32] {
    let mut point = [0x66; 32];
    point[0] = 0x58;
    point
}

#[test]
fn keys_of_another_purpose_or_form_are_left_out() {
    let (rsa, p384, ed) = (
        jwk(Algorithm::RS256),
        jwk(Algorithm::ES384),
        jwk(Algorithm::EdDSA),
    );
    let modulus = BASE64_URL_SAFE_NO_PAD.decode(rsa["n"].as_str().unwrap()).unwrap();
    let bits = |bytes: usize, first: u8| {
        let mut n = vec![0xff; bytes];
        n[0] = first;
        with(rsa.clone(), "n", json!(encode(n)))
    };
    let coordinate = BASE64_URL_SAFE_NO_PAD
        .decode(p384["x"].as_str().unwrap())
        .unwrap();
    let usable = [
        ("for signatures", with(rsa.clone(), "use", json!("sig"))),
        ("to verify", with(rsa.clone(), "key_ops", json!(["verify"]))),
        ("for one algorithm", with(rsa.clone(), "alg", json!("PS512"))),
        (
            "Ed25519 by its new name",
            with(ed.clone(), "alg", json!("Ed25519")),
        ),
        ("with something unknown", with(ed.clone(), "x5c", json!([1]))),
        ("2048 bits", bits(256, 0x80)),
        ("4096 bits", bits(512, 0xff)),
    ];
    for (name, key) in usable {
        assert!(read(&[key]).is_ok(), "{name}");
    }
    let unusable = [
        ("for encryption", with(rsa.clone(), "use", json!("enc"))),
        (
            "for a purpose that is no text",
            with(rsa.clone(), "use", json!(["sig"])),
        ),
        ("to sign", with(rsa.clone(), "key_ops", json!(["sign"]))),
        ("for nothing", with(rsa.clone(), "key_ops", json!([]))),
        (
            "for operations that are no list",
            with(rsa.clone(), "key_ops", json!("verify")),
        ),
        ("RSA for ES256", with(rsa.clone(), "alg", json!("ES256"))),
        ("RSA for HS256", with(rsa.clone(), "alg", json!("HS256"))),
        ("RSA for none", with(rsa.clone(), "alg", json!("none"))),
        ("RSA for encryption", with(rsa.clone(), "alg", json!("RSA-OAEP"))),
        ("an algorithm that is no text", with(rsa.clone(), "alg", json!(1))),
        ("P-384 for ES256", with(p384.clone(), "alg", json!("ES256"))),
        ("an id that is no text", with(rsa.clone(), "kid", json!(1))),
        ("a private RSA key", with(rsa.clone(), "d", json!("AQAB"))),
        ("a private Ed25519 key", with(ed.clone(), "d", json!("AQAB"))),
        ("a secret", json!({"kty": "oct", "k": encode([1; 32])})),
        (
            "a secret for HS256",
            json!({"kty": "oct", "alg": "HS256", "k": encode([1; 32])}),
        ),
        ("no type", json!({"n": rsa["n"], "e": rsa["e"]})),
        ("another type", with(rsa.clone(), "kty", json!("EC"))),
        ("a type in another case", with(rsa.clone(), "kty", json!("rsa"))),
        ("another curve", with(p384.clone(), "crv", json!("P-256"))),
        ("an unknown curve", with(p384.clone(), "crv", json!("secp256k1"))),
        ("X25519", with(ed.clone(), "crv", json!("X25519"))),
        (
            "a short coordinate",
            with(p384.clone(), "x", json!(encode(&coordinate[1..]))),
        ),
        (
            "a long coordinate",
            with(p384.clone(), "x", json!(encode([&[0], &coordinate[..]].concat()))),
        ),
        (
            "a point off the curve",
            with(p384.clone(), "x", json!(encode([1; 48]))),
        ),
        ("no coordinate", with(p384.clone(), "y", Value::Null)),
        (
            "a coordinate with padding",
            with(p384.clone(), "x", json!(format!("{}=", encode(&coordinate)))),
        ),
        (
            "31 bytes of Ed25519",
            with(ed.clone(), "x", json!(encode([1; 31]))),
        ),
        (
            "33 bytes of Ed25519",
            with(ed.clone(), "x", json!(encode([1; 33]))),
        ),
        ("an empty Ed25519 key", with(ed.clone(), "x", json!(""))),
        ("2047 bits", bits(256, 0x7f)),
        ("2047 bits and zeros in front", bits(257, 0)),
        ("4097 bits", bits(513, 1)),
        ("an even modulus", {
            let mut even = modulus.clone();
            *even.last_mut().unwrap() &= 0xfe;
            with(rsa.clone(), "n", json!(encode(even)))
        }),
        ("an exponent of one", with(rsa.clone(), "e", json!(encode([1])))),
        ("an even exponent", with(rsa.clone(), "e", json!(encode([2])))),
        (
            "a large exponent",
            with(rsa.clone(), "e", json!(encode([1, 0, 0, 0, 1]))),
        ),
        ("no exponent", with(rsa.clone(), "e", json!(""))),
        ("no object", json!("key")),
    ];
    for (name, key) in unusable {
        assert!(read(std::slice::from_ref(&key)).is_err(), "{name}");
        // One such key does not spoil the set.
        let token = signed(Algorithm::EdDSA, None);
        assert_eq!(
            judge(&[key, ed.clone()], &token, Algorithm::EdDSA),
            Verdict::Good,
            "{name}"
        );
    }
}

#[test]
fn what_is_no_key_set_is_refused() {
    for document in [
        "",
        "{",
        "[]",
        "{}",
        "null",
        r#"{"keys": {}}"#,
        r#"{"keys": []}"#,
        r#"{"keys": null}"#,
        "<html></html>",
        "\u{feff}{}",
    ] {
        assert!(KeySet::read(document.as_bytes()).is_err(), "{document}");
    }
    assert!(KeySet::read(b"{\"keys\": [\"\xff\"]}").is_err());
    assert!(KeySet::read("[".repeat(100_000).as_bytes()).is_err());
}

#[test]
fn the_number_of_keys_is_limited() {
    let keys = |count| vec![jwk(Algorithm::EdDSA); count];
    assert!(read(&keys(MAX_JWKS_KEYS)).is_ok());
    assert!(
        read(&keys(MAX_JWKS_KEYS + 1))
            .err()
            .unwrap()
            .contains("more than 100 keys")
    );
}

#[test]
fn a_public_key_is_no_secret_for_hmac() {
    for secret in [RSA_PUBLIC.as_bytes(), RSA_PUBLIC.trim().as_bytes()] {
        let message = format!("{}.{}", encode(r#"{"alg":"HS256"}"#), encode("{}"));
        let key = EncodingKey::from_secret(secret);
        let signature = sign(message.as_bytes(), &key, Algorithm::HS256).unwrap();
        let token = format!("{message}.{signature}");
        let verdict = judge(&[jwk(Algorithm::RS256)], &token, Algorithm::HS256);
        assert_eq!(verdict, Verdict::UnknownKey);
    }
}
