//! Key sets that are there, down, slow, rotating, garbage, huge and elsewhere.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use axum::body::Bytes;
use futures_util::future::join_all;
use sapl_mcp::{
    DEFAULT_JWKS_LIFETIME, JWKS_GRACE, JwtVerifier, MAX_JWKS_BACKOFF, MAX_JWKS_BYTES, MAX_JWKS_KEYS,
    TokenErrorKind, TokenVerifier as _, UNKNOWN_KEY_INTERVAL,
};
use serde_json::json;

use super::{
    issuer::{Issuer, Plan, client},
    server::Server,
    token::{AUDIENCE, Key, clock, good, set},
};

const ISSUER: &str = "https://idp.example";

fn verifier(issuer: &Issuer, hasty: bool) -> JwtVerifier {
    let verifier = JwtVerifier::jwks_with(client(hasty), &issuer.url("/keys"), ISSUER, AUDIENCE).unwrap();
    verifier.with_clock(clock)
}

async fn verify(verifier: &JwtVerifier, id: &str) -> Result<(), TokenErrorKind> {
    let verified = verifier.verify(&good(ISSUER, id)).await;
    verified.map(drop).map_err(|error| error.kind())
}

#[tokio::test]
async fn keys_are_fetched_once_for_a_crowd() {
    let issuer = Issuer::start().await;
    issuer.answers("/keys", Plan::Json(set(&[Key::Ed.jwk("a")])));
    let verifier = Arc::new(verifier(&issuer, false));
    let answers = join_all((0..50).map(|_| verify(&verifier, "a"))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(issuer.count(), 1);
}

#[tokio::test]
async fn a_verifier_asks_nobody_before_it_has_to() {
    let issuer = Issuer::start().await;
    let verifier = verifier(&issuer, false);
    assert!(verifier.verify("no token").await.is_err());
    assert!(verifier.known("no token").is_none());
    assert_eq!(issuer.count(), 0);
}

#[tokio::test]
async fn an_endpoint_that_gives_no_keys_is_not_asked_at_every_request() {
    let whole = set(&[Key::Ed.jwk("a")]).to_string();
    let padded = |bytes: usize| format!("{whole}{}", " ".repeat(bytes - whole.len()));
    let many = set(&vec![Key::Ed.jwk("a"); MAX_JWKS_KEYS + 1]);
    let raw = |status, text: String| Plan::Raw(status, "max-age=300", Bytes::from(text));
    for (name, plan) in [
        ("down", raw(503, whole.clone())),
        ("gone", raw(404, whole.clone())),
        ("no content", raw(204, String::new())),
        ("moved", Plan::Redirect("/elsewhere")),
        ("HTML", raw(200, "<html>".into())),
        ("empty", raw(200, String::new())),
        ("cut off", raw(200, whole.get(..whole.len() / 2).unwrap().into())),
        ("no keys", Plan::Json(json!({"keys": []}))),
        ("keys for encryption", {
            let mut key = Key::Ed.jwk("a");
            key["use"] = "enc".into();
            Plan::Json(set(&[key]))
        }),
        ("too many keys", Plan::Json(many)),
        ("one byte too large", raw(200, padded(MAX_JWKS_BYTES + 1))),
        (
            "no UTF-8",
            Plan::Raw(200, "", Bytes::from_static(b"{\"keys\":[\"\xff\"]}")),
        ),
    ] {
        let issuer = Issuer::start().await;
        issuer
            .answers("/keys", plan)
            .answers("/elsewhere", Plan::Json(set(&[Key::Ed.jwk("a")])));
        let server = Server::start(verifier(&issuer, false)).await;
        let start = Instant::now();
        for _ in 0..20 {
            let (status, challenge, _) = server.with_token(&good(ISSUER, "a")).await;
            assert_eq!((status, challenge), (503, None), "{name}");
        }
        // One at first, and no more than one for each second since.
        let most = 1 + usize::try_from(start.elapsed().as_secs()).unwrap();
        assert!(issuer.count() <= most, "{name}: {} in {most} s", issuer.count());
        assert!(!issuer.paths().contains(&"/elsewhere".to_owned()), "{name}");
        assert_eq!(server.served(), 0, "{name}");
    }
    let issuer = Issuer::start().await;
    issuer.answers("/keys", raw(200, padded(MAX_JWKS_BYTES)));
    assert_eq!(verify(&verifier(&issuer, false), "a").await, Ok(()));
}

#[tokio::test]
async fn an_endpoint_that_is_slow_is_waited_for_no_longer_than_allowed() {
    for plan in [Plan::Silence, Plan::Stalls("{\"keys\": [")] {
        let issuer = Issuer::start().await;
        issuer.answers("/keys", plan);
        let verifier = verifier(&issuer, true);
        let answers = join_all((0..50).map(|_| verify(&verifier, "a"))).await;
        assert!(
            answers
                .iter()
                .all(|answer| *answer == Err(TokenErrorKind::Unavailable))
        );
        assert_eq!(issuer.count(), 1);
    }
}

#[tokio::test]
async fn nobody_listening_is_no_way_in() {
    let client = client(false);
    // Nobody listens on port 1.
    let verifier = JwtVerifier::jwks_with(client, "http://127.0.0.1:1/keys", ISSUER, AUDIENCE).unwrap();
    let verifier = verifier.with_clock(clock);
    assert_eq!(verify(&verifier, "a").await, Err(TokenErrorKind::Unavailable));
}

#[tokio::test]
async fn an_unknown_key_is_looked_for_no_more_than_once_in_an_interval() {
    let issuer = Issuer::start().await;
    issuer.answers("/keys", Plan::Json(set(&[Key::Ed.jwk("a")])));
    let verifier = verifier(&issuer, false);
    assert_eq!(verify(&verifier, "a").await, Ok(()));
    // It has just been fetched, so what is not in it is unknown.
    for id in 0..100 {
        assert_eq!(
            verify(&verifier, &id.to_string()).await,
            Err(TokenErrorKind::Invalid)
        );
    }
    assert_eq!(issuer.count(), 1);
}

/// Moves the time of tokio on, without waiting.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

#[tokio::test]
async fn a_new_key_is_found_and_one_that_is_gone_is_no_longer_good() {
    let issuer = Issuer::start().await;
    issuer.answers("/keys", Plan::Json(set(&[Key::Ed.jwk("a")])));
    let verifier = verifier(&issuer, false);
    assert_eq!(verify(&verifier, "a").await, Ok(()));
    assert!(verifier.known(&good(ISSUER, "a")).is_some());

    issuer.answers("/keys", Plan::Json(set(&[Key::Ed.jwk("b")])));
    assert_eq!(verify(&verifier, "b").await, Err(TokenErrorKind::Invalid));
    pass(UNKNOWN_KEY_INTERVAL).await;
    assert_eq!(verify(&verifier, "b").await, Ok(()));
    assert_eq!(issuer.count(), 2);
    // It was remembered, by a key that is no longer there.
    assert!(verifier.known(&good(ISSUER, "a")).is_none());
    assert_eq!(verify(&verifier, "a").await, Err(TokenErrorKind::Invalid));
    assert_eq!(issuer.count(), 2);
}

#[tokio::test]
async fn keys_outlive_an_outage_for_a_bounded_time() {
    let issuer = Issuer::start().await;
    let keys = Plan::Raw(200, "public", Bytes::from(set(&[Key::Ed.jwk("a")]).to_string()));
    issuer.answers("/keys", keys.clone());
    let verifier = verifier(&issuer, false);
    // Each is a new one, so none is remembered.
    let mut number = 0;
    let mut verify_another = async || {
        number += 1;
        let mut claims = super::token::claims(ISSUER);
        claims["jti"] = number.into();
        let header = super::token::header("EdDSA", "a");
        let token = Key::Ed.sign(Key::Ed.algorithm(), &header, &claims);
        let verified = verifier.verify(&token).await;
        verified.map(drop).map_err(|error| error.kind())
    };
    assert_eq!(verify_another().await, Ok(()));
    issuer.answers("/keys", Plan::Raw(503, "", Bytes::new()));
    pass(DEFAULT_JWKS_LIFETIME).await;
    assert_eq!(verify_another().await, Ok(()));
    assert_eq!(issuer.count(), 2);
    pass(JWKS_GRACE).await;
    assert_eq!(verify_another().await, Err(TokenErrorKind::Unavailable));
    issuer.answers("/keys", keys);
    pass(MAX_JWKS_BACKOFF).await;
    assert_eq!(verify_another().await, Ok(()));
}
