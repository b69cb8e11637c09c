//! `<jwt.token>` and `<x509.isCurrentlyValid>`. The tokens were signed by other software.

use super::*;
use serde_json::{Value as Json, json};

/// 2026-03-18T10:15:30Z; tokens are valid from a minute later and for a minute, unless they say otherwise.
const NOW: u64 = 1_773_828_930;

fn fixture() -> Json {
    serde_json::from_str(include_str!("tokens.json")).unwrap()
}

/// What is said of a token, and after how many seconds.
async fn told(configuration: &Json, token: &Json, start: u64, count: usize) -> Vec<(u64, Json)> {
    let settings = json!({"variables": {"jwt": configuration}}).to_string();
    let policy = "policy \"p\" permit transform <jwt.token>";
    let pdp = EmbeddedPdp::from_texts(Some(&settings), [("p.sapl", policy)]).unwrap();
    let pdp = pdp.with_clock(Virtual::at(start));
    let asked = subscription().with_secrets(json!({"jwt": token}).as_object().cloned().unwrap());
    let began = Instant::now();
    let told = pdp.decide(&asked).take(count);
    let told = told.map(|told| (began.elapsed().as_secs(), told.resource.unwrap_or_default()));
    told.collect().await
}

fn trusting() -> Json {
    json!({"whitelist": fixture()["keys"]})
}

async fn validity(configuration: &Json, token: &Json, start: u64) -> Json {
    told(configuration, token, start, 1).await[0].1["validity"].clone()
}

#[tokio::test(start_paused = true)]
async fn tokens_of_all_algorithms_become_valid_and_expire() {
    for (algorithm, token) in fixture()["trusted"].as_object().unwrap() {
        let told = told(&trusting(), token, NOW, 3).await;
        let told: Vec<_> = told
            .iter()
            .map(|(at, told)| {
                (
                    *at,
                    told["validity"].as_str().unwrap(),
                    told["valid"].as_bool().unwrap(),
                )
            })
            .collect();
        let expected = [
            (0, "IMMATURE", false),
            (60, "VALID", true),
            (120, "EXPIRED", false),
        ];
        assert_eq!(told, expected, "{algorithm}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_nobody_trusted_has_signed_is_untrusted() {
    for (what, token) in fixture()["untrusted"].as_object().unwrap() {
        assert_eq!(
            validity(&trusting(), token, NOW + 60).await,
            "UNTRUSTED",
            "{what}"
        );
    }
    let fixture = fixture();
    let token = fixture["trusted"]["RS256"].as_str().unwrap();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = fixture["trusted"]["RS384"].as_str().unwrap();
    let swapped = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    assert_eq!(validity(&trusting(), &json!(swapped), NOW).await, "UNTRUSTED");
    for (token, expected) in [
        (format!("{signed}."), "MALFORMED"),
        (signed.to_owned(), "MALFORMED"),
        (format!("{token}.x"), "MALFORMED"),
        (format!("{token}!"), "MALFORMED"),
        (format!("{token}x"), "UNTRUSTED"),
        (format!(" {token}\n"), "IMMATURE"),
    ] {
        assert_eq!(
            validity(&trusting(), &json!(token), NOW).await,
            expected,
            "{token}"
        );
    }
    let keys = json!({"whitelist": {"rsa": "AAAA", "ed": 5}});
    assert_eq!(validity(&keys, &json!(token), NOW).await, "UNTRUSTED");
    assert_eq!(
        validity(&keys, &fixture["trusted"]["EdDSA"], NOW).await,
        "UNTRUSTED"
    );
    assert_eq!(validity(&json!([]), &json!(token), NOW).await, "UNTRUSTED");
}

#[tokio::test(start_paused = true)]
async fn a_token_is_read_up_to_its_limit() {
    let token = |length: usize| json!(format!("{}.e30.AA", "e".repeat(length - 7)));
    // Neither is a token; what is longer is not even looked at.
    assert_eq!(validity(&trusting(), &token(1 << 16), NOW).await, "MALFORMED");
    assert_eq!(
        validity(&trusting(), &token((1 << 16) + 1), NOW).await,
        "MALFORMED"
    );
    // A token is one however many blanks stand around it.
    let fixture = fixture();
    let known = fixture["trusted"]["EdDSA"].as_str().unwrap();
    let padded = |blanks: usize| json!(format!("{known}{}", " ".repeat(blanks)));
    assert_eq!(validity(&trusting(), &padded(1 << 16), NOW).await, "IMMATURE");
}

#[tokio::test(start_paused = true)]
async fn lifetimes_are_those_of_the_claims() {
    let fixture = fixture();
    let tokens = &fixture["lifetimes"];
    for (name, expected) in [
        ("forever", "VALID"),
        ("long", "VALID"),
        ("not issued", "VALID"),
        ("from", "IMMATURE"),
        ("backwards", "NEVER_VALID"),
        ("broken audience", "MALFORMED"),
        ("broken issuer", "MALFORMED"),
        ("far times", "VALID"),
    ] {
        assert_eq!(
            validity(&trusting(), &tokens[name], NOW).await,
            expected,
            "{name}"
        );
    }
    let mut limited = trusting();
    limited["maxTokenLifetimeSeconds"] = 9_999.into();
    assert_eq!(validity(&limited, &tokens["long"], NOW).await, "NEVER_VALID");
    // What never expires lasts longer than any limit.
    assert_eq!(validity(&limited, &tokens["forever"], NOW).await, "NEVER_VALID");
    assert_eq!(validity(&limited, &tokens["from"], NOW).await, "NEVER_VALID");
    limited["maxTokenLifetimeSeconds"] = 10_000.into();
    assert_eq!(validity(&limited, &tokens["long"], NOW).await, "VALID");
    limited["maxTokenLifetimeSeconds"] = 120.into();
    assert_eq!(validity(&limited, &tokens["not issued"], NOW).await, "VALID");
    assert_eq!(
        validity(&limited, &tokens["not issued"], NOW - 1).await,
        "NEVER_VALID"
    );
    // A limit that is none, or that nobody can read.
    for (limit, expected) in [
        (json!(0), "VALID"),
        (json!(-1), "VALID"),
        (json!("3600"), "NEVER_VALID"),
        (json!(3600.5), "NEVER_VALID"),
        (json!(1e30), "NEVER_VALID"),
        (json!(null), "NEVER_VALID"),
    ] {
        limited["maxTokenLifetimeSeconds"] = limit.clone();
        for token in ["forever", "long"] {
            assert_eq!(
                validity(&limited, &tokens[token], NOW).await,
                expected,
                "{limit} {token}"
            );
        }
    }
    let mut skewed = trusting();
    skewed["clockSkewSeconds"] = 10.into();
    let told = told(&skewed, &fixture["trusted"]["EdDSA"], NOW, 3).await;
    assert_eq!(told.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [0, 50, 130]);
}

#[tokio::test(start_paused = true)]
async fn what_a_token_says_is_shown_with_timestamps() {
    let fixture = fixture();
    let shown = told(&trusting(), &fixture["trusted"]["EdDSA"], NOW, 1).await[0]
        .1
        .clone();
    assert_eq!(
        shown,
        json!({
            "header": {"alg": "EdDSA", "typ": "JWT", "kid": "ed"},
            "payload": {"sub": "lena", "nbf": "2026-03-18T10:16:30Z", "exp": "2026-03-18T10:17:30Z"},
            "valid": false,
            "validity": "IMMATURE",
        })
    );
    let shown = told(&trusting(), &fixture["lifetimes"]["far times"], NOW, 1).await[0].1["payload"].clone();
    assert_eq!(
        shown,
        json!({"nbf": -1, "exp": 1_000_000_000_000_000_000_i64, "iat": "1970-01-01T00:00:01Z"})
    );
}

#[tokio::test(start_paused = true)]
async fn a_certificate_becomes_valid_and_expires() {
    let vectors: Json = serde_json::from_str(include_str!("../../../tests/vectors/attributes.json")).unwrap();
    let vectors = vectors.as_array().unwrap();
    let entry = vectors.iter().find(|entry| entry["name"] == "x509-1").unwrap();
    let certificate = entry["subscription"]["resource"].as_str().unwrap();
    // A second before 2026-01-01T00:00:00Z; the certificate is valid for a year from then on.
    const NEW_YEAR: u64 = 1_767_225_600;
    let asked = AuthorizationSubscription::new("mara", "read", certificate);
    let pdp = policies(&[
        "policy \"p\" permit transform [resource.<x509.isCurrentlyValid>, resource.<x509.isExpired>]",
    ])
    .with_clock(Virtual::at(NEW_YEAR - 1));
    let mut decisions = pdp.decide(&asked);
    let began = Instant::now();
    for (at, valid) in [(0, false), (1, true), (1 + 365 * 86_400, false)] {
        let told = decisions.next().await.and_then(|told| told.resource);
        let mut told = told.unwrap();
        // Two attributes change one after the other.
        if told[0] == told[1] {
            told = decisions.next().await.and_then(|told| told.resource).unwrap();
        }
        assert_eq!((began.elapsed().as_secs(), told), (at, json!([valid, !valid])));
    }
}
