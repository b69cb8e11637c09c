mod sources;

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use futures_util::FutureExt as _;
use jsonwebtoken::{DecodingKey, EncodingKey, crypto::sign};
use serde_json::{Value, json};

use super::*;

// Keys for these tests alone; their private halves are public.
const KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg2b0l4WUmwfp9HN8K
Tjg4D3Q5QfqLnCJj5sBX/o40mHehRANCAASfymdRoX3fG/h6/zQFxS8NpAs93BiS
TZnM50Lxicn39ceuCpSSokTbxsnDqkZlPZOeJv6G0cNE/gKmkc6lTkAi
-----END PRIVATE KEY-----";
const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEn8pnUaF93xv4ev80BcUvDaQLPdwY
kk2ZzOdC8YnJ9/XHrgqUkqJE28bJw6pGZT2Tnib+htHDRP4CppHOpU5AIg==
-----END PUBLIC KEY-----";
const OTHER_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYXe9QbCm2zbwbyYh
mGrmKnvwO0rwKr0JjsE21eOvAZKhRANCAAT5574PqHnOYSKq544p/0dNR/SJbHm0
JIb+V1nKaE8AJEyUX8uKrGoJvj8FOSKLyYHaHhrxnim6wFeI+N85BMRl
-----END PRIVATE KEY-----";
const P384_PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAE+v41HX8aRErDHt7LChMNxvbOXaA8tsFV
gBRjPdyAjpB3uaVirbcp72anKlmgYXDNpF+7OGfrZpSQnPNh+Vgg9HDJi2NPvMW2
yFMuVH1Uw9S1Nxn5AfoC9GilxEEJ8Y92
-----END PUBLIC KEY-----";
const SECP256K1_PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAEbq/Jib2s0awPjD6Q+dxS7VKNs2Gjdt/K
s9Xz5UtQvFQhuOw71WG4xV1yhoq/NZkAgy1Q4sAZ3OHSbRBfXXJ/hg==
-----END PUBLIC KEY-----";
const RSA_PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEArGbL4zahiUCmabg5c27P
2wN6Q9drL219DoCJofecFrQDFokk00mbzatMdF5YOHgoQ0m35IWksULZqmj0eJX/
BI+Lnpx0BiNu3y70ArvA1W+gHOhRCzaZbd3wrVqLpH40uth8BUtNtfJclwAaBEmo
DfjqAukdzfEansRTKKtZUgZ+uBplOKJIi0lWgxItsgIbqvHQtWXyVh7RJFdeJRJ6
t/GnLGWlHgebVob6LHm++BX8gQpCZU4UynpKe5oBywXlvp8NKOYLl0qYywaaE4t2
ckxp9e0zF72mSIow01pqlCmEcIMDG8DoLd17xsOfCrKDzxe1AdjCFeRjm0yW5F2j
5QIDAQAB
-----END PUBLIC KEY-----";

const ISSUER: &str = "https://idp.example.test";
const AUDIENCE: &str = "sapl-mcp-demo";
const NOW: u64 = 1_800_000_000;
const LEEWAY: u64 = CLOCK_LEEWAY.as_secs();

fn at(second: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(second)
}

/// A verifier whose clock stands at the second that the atomic holds.
fn verifier() -> (JwtVerifier, Arc<AtomicU64>) {
    let now = Arc::new(AtomicU64::new(NOW));
    let clock = Arc::clone(&now);
    let verifier = JwtVerifier::es256(PUBLIC_KEY, ISSUER, AUDIENCE).unwrap();
    (
        verifier.with_clock(move || at(clock.load(Ordering::Relaxed))),
        now,
    )
}

fn verify(verifier: &JwtVerifier, token: &str) -> Result<Arc<Identity>, String> {
    verifier.verify(token).now_or_never().unwrap().map_err(|error| {
        assert_eq!(error.kind(), crate::TokenErrorKind::Invalid);
        error.to_string()
    })
}

fn part(content: impl AsRef<[u8]>) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(content)
}

/// Header and payload as given, with a good ES256 signature of `key` over them.
fn signed_by(key: &str, header: &str, payload: &str) -> String {
    let message = format!("{header}.{payload}");
    let key = EncodingKey::from_ec_pem(key.as_bytes()).unwrap();
    let signature = sign(message.as_bytes(), &key, Algorithm::ES256).unwrap();
    format!("{message}.{signature}")
}

fn signed(header: &Value, payload: impl AsRef<[u8]>) -> String {
    signed_by(KEY, &part(header.to_string()), &part(payload))
}

fn claims() -> Value {
    json!({"iss": ISSUER, "aud": AUDIENCE, "exp": NOW + 600, "sub": "mara"})
}

/// The good claims with one set, or removed where the value is null.
fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => claims.as_object_mut().unwrap().remove(name),
        value => claims.as_object_mut().unwrap().insert(name.to_owned(), value),
    };
    claims
}

fn token(claims: &Value) -> String {
    signed(&json!({"alg": "ES256", "typ": "JWT"}), claims.to_string())
}

#[test]
fn a_good_token_gives_its_claims_and_expiry() {
    let (verifier, _) = verifier();
    let token = token(&with("realm_access", json!({"roles": ["ANALYST"]})));
    let identity = verify(&verifier, &token).unwrap();
    assert_eq!(
        identity.claims(),
        &with("realm_access", json!({"roles": ["ANALYST"]}))
    );
    assert_eq!(identity.expires_at(), Some(at(NOW + 600)));
    assert_eq!(identity.token().expose().as_ref(), token);
    assert_eq!((identity.client_id(), identity.scopes()), (None, &[][..]));
}

#[test]
fn what_a_jwt_library_makes_is_accepted() {
    let (verifier, _) = verifier();
    let key = EncodingKey::from_ec_pem(KEY.as_bytes()).unwrap();
    let token = jsonwebtoken::encode(&jsonwebtoken::Header::new(Algorithm::ES256), &claims(), &key).unwrap();
    assert!(verify(&verifier, &token).is_ok());
}

#[test]
fn claims_are_judged() {
    let cases = [
        (
            "one audience of several",
            with("aud", json!(["other", AUDIENCE])),
            None,
        ),
        (
            "another audience",
            with("aud", json!("other")),
            Some("its `aud` is \"other\", expected \"sapl-mcp-demo\""),
        ),
        (
            "other audiences",
            with("aud", json!(["other", "x"])),
            Some("`aud`"),
        ),
        ("no audiences", with("aud", json!([])), Some("`aud`")),
        (
            "part of the audience",
            with("aud", json!("sapl-mcp")),
            Some("`aud`"),
        ),
        (
            "an audience in another case",
            with("aud", json!("SAPL-mcp-demo")),
            Some("`aud`"),
        ),
        (
            "an object as audience",
            with("aud", json!({AUDIENCE: true})),
            Some("`aud`"),
        ),
        (
            "a nested audience",
            with("aud", json!([[AUDIENCE]])),
            Some("`aud`"),
        ),
        ("no audience", with("aud", Value::Null), Some("it has no `aud`")),
        (
            "another issuer",
            with("iss", json!("https://evil.example")),
            Some("its `iss` is \"https://evil.example\""),
        ),
        (
            "the issuer with a slash",
            with("iss", json!(format!("{ISSUER}/"))),
            Some("`iss`"),
        ),
        (
            "the issuer in an array",
            with("iss", json!([ISSUER])),
            Some("`iss`"),
        ),
        ("no issuer", with("iss", Value::Null), Some("it has no `iss`")),
        (
            "an issuer that breaks lines",
            with("iss", json!("a\nb")),
            Some(r#"its `iss` is "a\nb","#),
        ),
        ("no subject", with("sub", Value::Null), None),
        ("no expiry", with("exp", Value::Null), Some("it has no `exp`")),
        (
            "an expiry as text",
            with("exp", json!("1900000000")),
            Some("its `exp` is not a date"),
        ),
        (
            "an expiry before 1970",
            with("exp", json!(-1)),
            Some("its `exp` is not a date"),
        ),
        (
            "an expiry beyond time",
            with("exp", json!(u64::MAX)),
            Some("its `exp` is not a date"),
        ),
        (
            "an expiry beyond numbers",
            with("exp", json!(1e300)),
            Some("its `exp` is not a date"),
        ),
        (
            "an expiry with a fraction",
            with("exp", json!(NOW as f64 + 0.5)),
            None,
        ),
        (
            "expired within the leeway",
            with("exp", json!(NOW - LEEWAY + 1)),
            None,
        ),
        (
            "expired at the leeway",
            with("exp", json!(NOW - LEEWAY)),
            Some("it has expired"),
        ),
        ("expired long ago", with("exp", json!(0)), Some("it has expired")),
        ("in force since now", with("nbf", json!(NOW)), None),
        ("in force at the leeway", with("nbf", json!(NOW + LEEWAY)), None),
        (
            "in force past the leeway",
            with("nbf", json!(NOW + LEEWAY + 1)),
            Some("it is not in force yet"),
        ),
        (
            "in force from a text on",
            with("nbf", json!("now")),
            Some("its `nbf` is not a date"),
        ),
    ];
    let (verifier, _) = verifier();
    for (name, claims, flaw) in cases {
        match (verify(&verifier, &token(&claims)), flaw) {
            (Ok(_), None) => {}
            (Err(error), Some(flaw)) => assert!(error.contains(flaw), "{name}: {error}"),
            (result, flaw) => panic!("{name}: {result:?}, expected {flaw:?}"),
        }
    }
}

#[test]
fn a_null_claim_is_not_an_absent_one() {
    let (verifier, _) = verifier();
    for name in ["iss", "aud", "exp", "nbf"] {
        let mut claims = claims();
        claims[name] = Value::Null;
        assert!(verify(&verifier, &token(&claims)).is_err(), "{name}");
    }
}

#[test]
fn headers_are_judged() {
    let cases = [
        ("no type", json!({"alg": "ES256"}), true),
        ("an access token", json!({"alg": "ES256", "typ": "at+jwt"}), true),
        (
            "a full media type",
            json!({"alg": "ES256", "typ": "application/AT+JWT"}),
            true,
        ),
        ("a key id", json!({"alg": "ES256", "kid": "anything"}), true),
        (
            "a logout token",
            json!({"alg": "ES256", "typ": "logout+jwt"}),
            false,
        ),
        ("a type that is no text", json!({"alg": "ES256", "typ": 1}), false),
        ("no algorithm", json!({"typ": "JWT"}), false),
        ("none", json!({"alg": "none"}), false),
        ("NONE", json!({"alg": "NONE"}), false),
        ("another case", json!({"alg": "es256"}), false),
        ("an algorithm in an array", json!({"alg": ["ES256"]}), false),
        ("HS256", json!({"alg": "HS256"}), false),
        ("ES384", json!({"alg": "ES384"}), false),
        (
            "critical extensions",
            json!({"alg": "ES256", "crit": ["b64"], "b64": false}),
            false,
        ),
        (
            "no critical extensions, said aloud",
            json!({"alg": "ES256", "crit": []}),
            false,
        ),
        (
            "null critical extensions",
            json!({"alg": "ES256", "crit": null}),
            false,
        ),
    ];
    let (verifier, _) = verifier();
    for (name, header, good) in cases {
        assert_eq!(
            verify(&verifier, &signed(&header, claims().to_string())).is_ok(),
            good,
            "{name}"
        );
    }
}

#[test]
fn a_key_in_the_header_is_not_looked_at() {
    let (verifier, _) = verifier();
    let jwk = json!({"kty": "EC", "crv": "P-256", "x": "-ee-D6h5zmEiqueOKf9HTUf0iWx5tCSG_ldZymhPACQ",
        "y": "TJRfy4qsagm-PwU5IovJgdoeGvGeKbrAV4j43zkExGU"});
    let header = json!({"alg": "ES256", "jwk": jwk, "jku": "https://evil.example/keys"});
    let token = signed_by(OTHER_KEY, &part(header.to_string()), &part(claims().to_string()));
    assert!(verify(&verifier, &token).unwrap_err().contains("signature"));
}

#[test]
fn signatures_are_judged() {
    let (verifier, _) = verifier();
    let good = token(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let bytes = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();

    let hmac = |secret: &[u8]| {
        let message = format!(
            "{}.{payload}",
            part(json!({"alg": "HS256", "typ": "JWT"}).to_string())
        );
        let signature = sign(
            message.as_bytes(),
            &EncodingKey::from_secret(secret),
            Algorithm::HS256,
        )
        .unwrap();
        format!("{message}.{signature}")
    };
    let point = DecodingKey::from_ec_pem(PUBLIC_KEY.as_bytes()).unwrap();
    let mut flipped = bytes.clone();
    flipped[10] ^= 1;

    let cases = [
        ("another key", signed_by(OTHER_KEY, header, payload)),
        ("one bit flipped", format!("{message}.{}", part(flipped))),
        ("none at all", format!("{message}.")),
        ("zeros", format!("{message}.{}", part([0; 64]))),
        ("one byte short", format!("{message}.{}", part(&bytes[..63]))),
        (
            "one byte more",
            format!("{message}.{}", part([&bytes[..], &[0]].concat())),
        ),
        (
            "of other claims",
            format!(
                "{header}.{}.{signature}",
                part(with("sub", json!("diana")).to_string())
            ),
        ),
        (
            "of another header",
            format!("{}.{payload}.{signature}", part(r#"{"alg":"ES256"}"#)),
        ),
        (
            "none, with `none`",
            format!("{}.{payload}.", part(r#"{"alg":"none"}"#)),
        ),
        ("HMAC with the PEM as secret", hmac(PUBLIC_KEY.as_bytes())),
        (
            "HMAC with the point as secret",
            hmac(point.try_get_as_bytes().unwrap()),
        ),
    ];
    for (name, token) in cases {
        assert!(verify(&verifier, &token).is_err(), "{name}");
        assert!(verifier.known(&token).is_none(), "{name}");
    }
    assert!(verify(&verifier, &good).is_ok());
}

#[test]
fn the_form_is_judged() {
    let (verifier, _) = verifier();
    let good = token(&claims());
    let (message, signature) = good.rsplit_once('.').unwrap();
    let (header, payload) = message.split_once('.').unwrap();
    let header_json = json!({"alg": "ES256"});
    let deep = format!(
        r#"{{"iss":"{ISSUER}","aud":"{AUDIENCE}","exp":{},"x":{}}}"#,
        NOW + 600,
        "[".repeat(5000)
    );
    let cases = [
        ("empty", String::new()),
        ("dots alone", "..".into()),
        ("one part", "abc".into()),
        ("two parts", message.to_owned()),
        ("a dot behind", format!("{good}.")),
        ("a dot in front", format!(".{good}")),
        ("four parts", format!("{good}.abc")),
        (
            "five parts",
            format!("{header}.{payload}.{payload}.{payload}.{signature}"),
        ),
        ("no header", format!(".{payload}.{signature}")),
        ("no payload", format!("{header}..{signature}")),
        ("padding", format!("{good}==")),
        (
            "the other base64 alphabet",
            format!("{message}.+/{}", signature.get(2..).unwrap()),
        ),
        ("no base64", format!("{header}.!!!.{signature}")),
        ("spaces", format!("{header}. {payload}.{signature}")),
        ("not ASCII", format!("{good}ü")),
        (
            "a header that is no JSON",
            signed_by(KEY, &part("hello"), payload),
        ),
        (
            "a header that is no object",
            signed_by(KEY, &part(r#""ES256""#), payload),
        ),
        (
            "a header that is not UTF-8",
            signed_by(KEY, &part(b"{\"alg\":\"ES256\",\"x\":\"\xff\"}"), payload),
        ),
        ("a payload that is no JSON", signed(&header_json, "hello")),
        (
            "a payload that is an array",
            signed(&header_json, format!("[{}]", claims())),
        ),
        ("a payload that is a text", signed(&header_json, r#""claims""#)),
        ("a payload that is null", signed(&header_json, "null")),
        (
            "a payload with something behind",
            signed(&header_json, format!("{} x", claims())),
        ),
        (
            "a payload that is not UTF-8",
            signed(&header_json, b"{\"x\":\"\xff\"}"),
        ),
        ("a deep payload", signed(&header_json, deep)),
        ("an empty payload", signed(&header_json, "{}")),
    ];
    for (name, token) in cases {
        let error = verify(&verifier, &token).expect_err(name);
        assert!(token.len() < 10 || !error.contains(&token), "{name}: {error}");
    }
}

#[test]
fn the_length_is_limited() {
    let (verifier, _) = verifier();
    let filled = |fill: usize| token(&with("fill", json!("x".repeat(fill))));
    // Base64 makes four characters of three bytes.
    let fill = (MAX_TOKEN_BYTES - filled(0).len()) / 4 * 3;
    let fitting = (fill..fill + 3)
        .map(filled)
        .find(|token| token.len() == MAX_TOKEN_BYTES)
        .unwrap();
    assert!(verify(&verifier, &fitting).is_ok());
    let longer = (fill..fill + 6)
        .map(filled)
        .find(|token| token.len() > MAX_TOKEN_BYTES)
        .unwrap();
    assert_eq!(
        verify(&verifier, &longer).unwrap_err(),
        "the token is not valid: it is too long"
    );
    assert_eq!(
        verify(&verifier, &format!("{fitting}A")).unwrap_err(),
        "the token is not valid: it is too long"
    );
}

#[test]
fn scopes_and_client_are_read_in_their_usual_forms() {
    let cases = [
        (
            json!({"scope": "mcp:read  mcp:write"}),
            vec!["mcp:read", "mcp:write"],
        ),
        (json!({"scope": ["a", "b"]}), vec!["a", "b"]),
        (json!({"scp": ["a", 1, "b"]}), vec!["a", "b"]),
        (json!({"scp": "a b"}), vec!["a", "b"]),
        (json!({"scope": "a", "scp": ["b"]}), vec!["a"]),
        (json!({"scope": ""}), vec![]),
        (json!({"scope": {"a": true}}), vec![]),
    ];
    let (verifier, _) = verifier();
    for (more, scopes) in cases {
        let mut claims = claims();
        claims
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        assert_eq!(
            verify(&verifier, &token(&claims)).unwrap().scopes(),
            scopes,
            "{more}"
        );
    }
    for (more, client) in [
        (json!({"client_id": "one", "azp": "two"}), Some("one")),
        (json!({"azp": "two"}), Some("two")),
        (json!({"client_id": 7}), None),
    ] {
        let mut claims = claims();
        claims
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        assert_eq!(
            verify(&verifier, &token(&claims)).unwrap().client_id(),
            client,
            "{more}"
        );
    }
}

#[test]
fn a_good_token_is_known_until_it_ends() {
    let (verifier, now) = verifier();
    let token = token(&with("nbf", json!(NOW - 100)));
    assert!(verifier.known(&token).is_none());
    let first = verify(&verifier, &token).unwrap();
    assert!(Arc::ptr_eq(&first, &verifier.known(&token).unwrap()));
    assert!(Arc::ptr_eq(&first, &verify(&verifier, &token).unwrap()));

    now.store(NOW + 600 + LEEWAY - 1, Ordering::Relaxed);
    assert!(verifier.known(&token).is_some());
    now.store(NOW + 600 + LEEWAY, Ordering::Relaxed);
    assert!(verifier.known(&token).is_none());
    assert!(verify(&verifier, &token).unwrap_err().contains("expired"));

    now.store(NOW - 100 - LEEWAY - 1, Ordering::Relaxed);
    assert!(verifier.known(&token).is_none());
    assert!(verify(&verifier, &token).unwrap_err().contains("not in force"));
}

#[test]
fn a_known_token_changed_anywhere_is_not_known() {
    let (verifier, _) = verifier();
    let token = token(&claims());
    verify(&verifier, &token).unwrap();
    for place in [0, token.len() / 2, token.len() - 1] {
        let mut bytes = token.clone().into_bytes();
        bytes[place] = if bytes[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(bytes).unwrap();
        assert!(verifier.known(&changed).is_none());
        assert!(verify(&verifier, &changed).is_err());
    }
}

#[test]
fn wrong_settings_are_refused() {
    let refused = |key: &str| JwtVerifier::es256(key, ISSUER, AUDIENCE).unwrap_err();
    let truncated = PUBLIC_KEY.replace(
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE",
        "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAF",
    );
    for key in [
        "",
        "secret",
        KEY,
        P384_PUBLIC_KEY,
        SECP256K1_PUBLIC_KEY,
        RSA_PUBLIC_KEY,
        &truncated,
    ] {
        assert_eq!(
            refused(key),
            IdentityConfigError::PublicKey { algorithm: "ES256" },
            "{key}"
        );
        assert!(!refused(key).to_string().contains("MIGH"));
    }
    let empty = |setting| IdentityConfigError::Empty { setting };
    assert_eq!(
        JwtVerifier::es256(PUBLIC_KEY, "", AUDIENCE).unwrap_err(),
        empty("issuer")
    );
    assert_eq!(
        JwtVerifier::es256(PUBLIC_KEY, ISSUER, "").unwrap_err(),
        empty("audience")
    );
}

#[test]
fn nothing_secret_is_printed() {
    let (verifier, _) = verifier();
    let token = token(&claims());
    let identity = verify(&verifier, &token).unwrap();
    let printed = format!("{verifier:?} {identity:?}");
    assert!(printed.contains(ISSUER));
    assert!(
        !printed.contains(&token) && !printed.contains("mara"),
        "{printed}"
    );
}
