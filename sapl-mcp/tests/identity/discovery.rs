//! Where an issuer says that its keys are.

use axum::body::Bytes;
use sapl_mcp::{JwtVerifier, MAX_METADATA_BYTES, TokenErrorKind, TokenVerifier as _};
use serde_json::{Value, json};

use super::{
    issuer::{Issuer, Plan, client},
    token::{AUDIENCE, Key, clock, good, set},
};

const OAUTH: &str = "/.well-known/oauth-authorization-server/realms/a";
const OPENID_INSERTED: &str = "/.well-known/openid-configuration/realms/a";
const OPENID: &str = "/realms/a/.well-known/openid-configuration";

async fn issuer() -> (Issuer, String, Value) {
    let issuer = Issuer::start().await;
    issuer.answers("/keys", Plan::Json(set(&[Key::Ed.jwk("a")])));
    let url = issuer.url("/realms/a");
    let metadata =
        json!({"issuer": url, "jwks_uri": issuer.url("/keys"), "response_types_supported": ["code"]});
    (issuer, url, metadata)
}

async fn verify(url: &str) -> Result<(), TokenErrorKind> {
    let verifier = JwtVerifier::discover_with(client(false), url, AUDIENCE).unwrap();
    let verified = verifier.with_clock(clock).verify(&good(url, "a")).await;
    verified.map(drop).map_err(|error| error.kind())
}

#[tokio::test]
async fn metadata_is_found_in_each_of_its_places() {
    for (place, asked) in [
        (OAUTH, vec![OAUTH, "/keys"]),
        (OPENID_INSERTED, vec![OAUTH, OPENID_INSERTED, "/keys"]),
        (OPENID, vec![OAUTH, OPENID_INSERTED, OPENID, "/keys"]),
    ] {
        let (issuer, url, metadata) = issuer().await;
        issuer.answers(place, Plan::Json(metadata));
        assert_eq!(verify(&url).await, Ok(()), "{place}");
        assert_eq!(issuer.paths(), asked);
    }
}

#[tokio::test]
async fn metadata_that_can_not_be_believed_is_passed_over() {
    let (issuer, url, metadata) = issuer().await;
    let mut of_another = metadata.clone();
    of_another["issuer"] = json!(format!("{url}/"));
    of_another["jwks_uri"] = json!(issuer.url("/evil"));
    issuer
        .answers(OAUTH, Plan::Json(of_another))
        .answers(OPENID, Plan::Json(metadata));
    assert_eq!(verify(&url).await, Ok(()));
    assert_eq!(issuer.paths(), [OAUTH, OPENID_INSERTED, OPENID, "/keys"]);
}

#[tokio::test]
async fn without_metadata_that_can_be_believed_there_are_no_keys() {
    let (_, _, metadata) = issuer().await;
    let large = format!("{metadata}{}", " ".repeat(MAX_METADATA_BYTES));
    for (name, plan) in [
        ("none", Plan::Raw(404, "", Bytes::new())),
        ("moved", Plan::Redirect("/metadata")),
        (
            "another issuer",
            Plan::Json(json!({"issuer": "https://evil.example", "jwks_uri": "/keys"})),
        ),
        ("no issuer", Plan::Json(json!({"jwks_uri": "/keys"}))),
        ("garbage", Plan::Raw(200, "", Bytes::from_static(b"<html>"))),
        ("too large", Plan::Raw(200, "", Bytes::from(large))),
    ] {
        let (issuer, url, metadata) = issuer().await;
        issuer.answers("/metadata", Plan::Json(metadata));
        for place in [OAUTH, OPENID_INSERTED, OPENID] {
            issuer.answers(place, plan.clone());
        }
        assert_eq!(verify(&url).await, Err(TokenErrorKind::Unavailable), "{name}");
        for path in ["/keys", "/metadata"] {
            assert!(!issuer.paths().contains(&path.to_owned()), "{name}");
        }
    }
}

#[tokio::test]
async fn keys_at_an_address_that_is_none_are_not_fetched() {
    for keys in [
        "/keys",
        "ftp://127.0.0.1/keys",
        "http://user:pass@127.0.0.1/keys",
        "file:///etc/passwd",
        "",
        "http://127.0.0.1/#x",
    ] {
        let (issuer, url, mut metadata) = issuer().await;
        metadata["jwks_uri"] = json!(keys);
        issuer.answers(OAUTH, Plan::Json(metadata));
        assert_eq!(verify(&url).await, Err(TokenErrorKind::Unavailable), "{keys}");
        assert_eq!(issuer.paths(), [OAUTH], "{keys}");
    }
}
