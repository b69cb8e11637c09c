//! Opaque tokens, which the issuer is asked about.

use std::{sync::Arc, time::Duration};

use axum::body::Bytes;
use futures_util::future::join_all;
use sapl_mcp::{Introspection, MAX_INTROSPECTION_BYTES, MAX_TOKEN_BYTES, TokenErrorKind, TokenVerifier as _};
use serde_json::{Value, json};

use super::{
    issuer::{Issuer, Plan, client},
    server::{CHALLENGE, Server},
    token::{AUDIENCE, NOW, clock},
};

fn active() -> Value {
    json!({"active": true, "sub": "mara", "client_id": "app", "scope": "a b", "aud": AUDIENCE, "exp": NOW + 600})
}

fn verifier(issuer: &Issuer, hasty: bool) -> Introspection {
    let url = issuer.url("/introspect");
    let verifier = Introspection::new_with(client(hasty), &url, "mcp", "s3cret").unwrap();
    verifier.with_audience(AUDIENCE).with_clock(clock)
}

#[tokio::test]
async fn an_active_token_passes_and_is_asked_about_once() {
    let issuer = Issuer::start().await;
    issuer.answers("/introspect", Plan::Json(active()));
    let verifier = Arc::new(verifier(&issuer, false));
    let server = Server::start(Arc::clone(&verifier)).await;
    for _ in 0..10 {
        assert_eq!(
            server.with_token("opaque+/=").await,
            (200, None, "mara".to_owned())
        );
    }
    let asked = issuer.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].method, "POST");
    assert_eq!(
        asked[0].body,
        "token=opaque%2B%2F%3D&token_type_hint=access_token"
    );
    assert_eq!(asked[0].authorization.as_deref(), Some("Basic bWNwOnMzY3JldA=="));
    assert_eq!(
        asked[0].content_type.as_deref(),
        Some("application/x-www-form-urlencoded")
    );
    let identity = verifier.verify("opaque+/=").await.unwrap();
    assert_eq!(identity.scopes(), ["a", "b"]);
    assert_eq!(identity.client_id(), Some("app"));
    assert_eq!(identity.claims().get("active"), None);
    assert_eq!(identity.expires_at(), Some(clock() + Duration::from_secs(600)));
}

#[tokio::test]
async fn tokens_that_are_refused_are_told_so_and_not_remembered() {
    for (name, answer) in [
        ("inactive", json!({"active": false})),
        ("inactive, whatever else is said", {
            let mut answer = active();
            answer["active"] = json!(false);
            answer
        }),
        ("another audience", {
            let mut answer = active();
            answer["aud"] = json!("https://other.example");
            answer
        }),
        ("no audience", json!({"active": true, "sub": "mara"})),
        ("expired", {
            let mut answer = active();
            answer["exp"] = json!(NOW - 600);
            answer
        }),
    ] {
        let issuer = Issuer::start().await;
        issuer.answers("/introspect", Plan::Json(answer));
        let server = Server::start(verifier(&issuer, false)).await;
        for _ in 0..2 {
            let (status, challenge, _) = server.with_token("opaque").await;
            assert_eq!((status, challenge.as_deref()), (401, Some(CHALLENGE)), "{name}");
        }
        assert_eq!((issuer.count(), server.served()), (2, 0), "{name}");
        // Its issuer may have changed its mind.
        issuer.answers("/introspect", Plan::Json(active()));
        assert_eq!(server.with_token("opaque").await.0, 200, "{name}");
    }
}

#[tokio::test]
async fn an_endpoint_that_gives_no_answer_lets_nobody_in() {
    let whole = active().to_string();
    let padded = |bytes: usize| Bytes::from(format!("{whole}{}", " ".repeat(bytes - whole.len())));
    for (name, plan) in [
        (
            "our credentials are wrong",
            Plan::Raw(401, "", Bytes::from(whole.clone())),
        ),
        ("down", Plan::Raw(503, "", Bytes::from(whole.clone()))),
        ("created", Plan::Raw(201, "", Bytes::from(whole.clone()))),
        ("moved", Plan::Redirect("/elsewhere")),
        ("garbage", Plan::Raw(200, "", Bytes::from_static(b"active=true"))),
        (
            "active as text",
            Plan::Json(json!({"active": "true", "aud": AUDIENCE})),
        ),
        ("no active", Plan::Json(json!({"sub": "mara", "aud": AUDIENCE}))),
        (
            "too large",
            Plan::Raw(200, "", padded(MAX_INTROSPECTION_BYTES + 1)),
        ),
        ("silent", Plan::Silence),
        ("stalled", Plan::Stalls("{\"active\": true,")),
    ] {
        let issuer = Issuer::start().await;
        let hasty = matches!(plan, Plan::Silence | Plan::Stalls(_));
        issuer
            .answers("/introspect", plan)
            .answers("/elsewhere", Plan::Json(active()));
        let server = Server::start(verifier(&issuer, hasty)).await;
        let (status, challenge, _) = server.with_token("opaque").await;
        assert_eq!((status, challenge), (503, None), "{name}");
        assert_eq!(
            (issuer.paths(), server.served()),
            (vec!["/introspect".to_owned()], 0),
            "{name}"
        );
    }
    let issuer = Issuer::start().await;
    issuer.answers("/introspect", Plan::Raw(200, "", padded(MAX_INTROSPECTION_BYTES)));
    assert!(verifier(&issuer, false).verify("opaque").await.is_ok());
}

#[tokio::test]
async fn no_question_is_asked_about_what_is_no_token() {
    let issuer = Issuer::start().await;
    let verifier = verifier(&issuer, false);
    let error = verifier
        .verify(&"a".repeat(MAX_TOKEN_BYTES + 1))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), TokenErrorKind::Invalid);
    assert_eq!(issuer.count(), 0);
}

#[tokio::test]
async fn without_a_memory_each_use_is_a_question() {
    let issuer = Issuer::start().await;
    issuer.answers("/introspect", Plan::Json(active()));
    let verifier = verifier(&issuer, false).with_memory(Duration::ZERO);
    for _ in 0..3 {
        assert!(verifier.verify("opaque").await.is_ok());
        assert!(verifier.known("opaque").is_none());
    }
    assert_eq!(issuer.count(), 3);
}

#[tokio::test]
async fn many_questions_take_turns() {
    let issuer = Issuer::start().await;
    issuer.answers("/introspect", Plan::Json(active()));
    let verifier = verifier(&issuer, false);
    let tokens: Vec<_> = (0..300).map(|number| format!("opaque-{number}")).collect();
    let answers = join_all(tokens.iter().map(|token| verifier.verify(token))).await;
    assert!(answers.iter().all(Result::is_ok));
    assert_eq!(issuer.count(), 300);
}
