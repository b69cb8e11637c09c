//! Keys of tokens that are fetched.

use sapl_base::http::HttpClient;
use serde_json::{Value as Json, json};

use super::service::Service;
use super::*;
use crate::attribute::{JWT_KEY_INTERVAL, MAX_UNKNOWN_JWT_KEYS};

/// 2026-03-18T10:16:40Z, when the tokens are valid.
const NOW: u64 = 1_773_829_000;

fn fixture() -> Json {
    serde_json::from_str(include_str!("tokens.json")).unwrap()
}

fn pdp(server: &Json) -> EmbeddedPdp {
    let settings = json!({"variables": {"jwt": {"publicKeyServer": server}}}).to_string();
    let policy = "policy \"p\" permit transform <jwt.token>.validity";
    EmbeddedPdp::from_texts(Some(&settings), [("p.sapl", policy)])
        .unwrap()
        .with_clock(Virtual::at(NOW))
        .with_token_keys_over(HttpClient::without_tls().unwrap())
}

async fn validity(pdp: &EmbeddedPdp, token: &Json) -> Json {
    let secrets = json!({"jwt": token}).as_object().cloned().unwrap();
    let asked = subscription().with_secrets(secrets);
    pdp.decide_once(&asked).await.resource.unwrap_or_default()
}

fn server(service: &Service) -> Json {
    json!({"uri": format!("{}/keys/{{kid}}", service.origin), "allowInsecureHttp": true})
}

#[tokio::test]
async fn a_key_is_fetched_and_kept() {
    let fixture = fixture();
    let key = fixture["keys"]["ed"].as_str().unwrap();
    let service = Service::with("200 OK", &format!("{key}\n")).await;
    let pdp = pdp(&server(&service));
    let token = &fixture["trusted"]["EdDSA"];
    assert_eq!(validity(&pdp, token).await, "VALID");
    assert_eq!(validity(&pdp, token).await, "VALID");
    let asked = service.asked();
    assert_eq!(asked.len(), 1);
    assert!(asked[0].starts_with("GET /keys/ed HTTP/1.1\r\n"), "{}", asked[0]);
    // The key of another name is another one, and this one fits no other.
    assert_eq!(validity(&pdp, &fixture["trusted"]["ES256"]).await, "UNTRUSTED");
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test]
async fn a_key_is_kept_as_long_as_is_said() {
    let fixture = fixture();
    let service = Service::with("200 OK", fixture["keys"]["ed"].as_str().unwrap()).await;
    let mut server = server(&service);
    server["keyCachingTtlMillis"] = 0.into();
    server["method"] = "POST".into();
    let pdp = pdp(&server);
    for _ in 0..2 {
        assert_eq!(validity(&pdp, &fixture["trusted"]["EdDSA"]).await, "VALID");
    }
    let asked = service.asked();
    assert_eq!(asked.len(), 2);
    assert!(asked[0].starts_with("POST /keys/ed HTTP/1.1\r\n"), "{}", asked[0]);
}

#[tokio::test]
async fn without_a_key_that_fits_a_token_is_untrusted() {
    let fixture = fixture();
    let token = &fixture["trusted"]["EdDSA"];
    let other = fixture["keys"]["rsa"].as_str().unwrap();
    let large = " ".repeat(crate::attribute::MAX_JWT_KEY_BYTES + 1);
    for (status, body) in [
        ("404 Not Found", ""),
        ("200 OK", other),
        ("200 OK", "x"),
        ("200 OK", &large),
    ] {
        let service = Service::with(status, body).await;
        assert_eq!(
            validity(&pdp(&server(&service)), token).await,
            "UNTRUSTED",
            "{status}"
        );
        assert_eq!(service.asked().len(), 1);
    }
    let gone = json!({"uri": "http://127.0.0.1:1/{kid}", "allowInsecureHttp": true});
    assert_eq!(validity(&pdp(&gone), token).await, "UNTRUSTED");
}

#[tokio::test]
async fn no_server_is_asked_that_is_not_to_be_trusted_or_for_names_that_lead_elsewhere() {
    let fixture = fixture();
    let service = Service::with("200 OK", fixture["keys"]["ed"].as_str().unwrap()).await;
    let token = &fixture["trusted"]["EdDSA"];
    let uri = format!("{}/keys/{{kid}}", service.origin);
    for server in [
        json!({"uri": uri}),
        json!({"uri": uri, "allowInsecureHttp": "true"}),
        json!({"uri": uri, "allowInsecureHttp": true, "keyCachingTtlMillis": "5"}),
        json!({"uri": 5, "allowInsecureHttp": true}),
        json!({"allowInsecureHttp": true}),
        json!([]),
    ] {
        assert_eq!(validity(&pdp(&server), token).await, "UNTRUSTED", "{server}");
    }
    for token in fixture["elsewhere"].as_array().unwrap() {
        assert_eq!(
            validity(&pdp(&server(&service)), token).await,
            "UNTRUSTED",
            "{token}"
        );
    }
    assert!(service.asked().is_empty());
    // A name as long as it may be is asked for.
    let token = &fixture["long name"];
    assert_eq!(validity(&pdp(&server(&service)), token).await, "UNTRUSTED");
    assert_eq!(service.asked().len(), 1);
}

/// Tokens that nobody has signed, each by a key of another name.
fn forged(number: usize) -> Json {
    let part = |json: Json| crate::function::encoding::base64_url_unpadded(json.to_string().as_bytes());
    let header = part(json!({"alg": "EdDSA", "kid": format!("forged-{number}")}));
    json!(format!("{header}.{}.AAAA", part(json!({"sub": "mallory"}))))
}

#[tokio::test]
async fn tokens_with_names_of_keys_that_nobody_knows_cost_few_requests() {
    let fixture = fixture();
    let service = Service::with("404 Not Found", "").await;
    let clock = Set(watch::Sender::new(NOW));
    let pdp = pdp(&server(&service)).with_clock(clock.clone());
    for number in 0..MAX_UNKNOWN_JWT_KEYS + 5 {
        for _ in 0..2 {
            assert_eq!(validity(&pdp, &forged(number)).await, "UNTRUSTED");
        }
    }
    assert_eq!(service.asked().len(), MAX_UNKNOWN_JWT_KEYS);
    clock.0.send_replace(NOW + JWT_KEY_INTERVAL.as_secs() - 1);
    assert_eq!(validity(&pdp, &fixture["trusted"]["EdDSA"]).await, "UNTRUSTED");
    assert!(service.asked().is_empty());
    clock.0.send_replace(NOW + JWT_KEY_INTERVAL.as_secs());
    assert_eq!(validity(&pdp, &fixture["trusted"]["EdDSA"]).await, "UNTRUSTED");
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test]
async fn a_forged_token_takes_the_key_from_nobody() {
    let fixture = fixture();
    let service = Service::with("200 OK", fixture["keys"]["ed"].as_str().unwrap()).await;
    let pdp = pdp(&server(&service));
    let trusted = fixture["trusted"]["EdDSA"].as_str().unwrap();
    let (signed, _) = trusted.rsplit_once('.').unwrap();
    let forged = json!(format!("{signed}.AAAA"));
    for _ in 0..3 {
        assert_eq!(validity(&pdp, &forged).await, "UNTRUSTED");
    }
    assert_eq!(validity(&pdp, &json!(trusted)).await, "VALID");
    assert_eq!(validity(&pdp, &forged).await, "UNTRUSTED");
    assert_eq!(service.asked().len(), 1);
}

#[tokio::test]
async fn who_asks_for_the_same_key_waits_for_one_request() {
    let fixture = fixture();
    let service = Service::with("200 OK", fixture["keys"]["ed"].as_str().unwrap()).await;
    let pdp = pdp(&server(&service));
    let token = fixture["trusted"]["EdDSA"].as_str().unwrap();
    // Blanks make other secrets, and so attributes of their own.
    let tokens: Vec<_> = (0..40)
        .map(|blanks| json!(format!("{token}{}", " ".repeat(blanks))))
        .collect();
    let answers = futures_util::future::join_all(tokens.iter().map(|token| validity(&pdp, token))).await;
    assert!(answers.iter().all(|answer| *answer == "VALID"), "{answers:?}");
    assert_eq!(service.asked().len(), 1);
}

/// A clock that is set by hand.
#[derive(Clone, Debug)]
struct Set(watch::Sender<u64>);

impl Clock for Set {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(*self.0.borrow())
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        let (mut time, end) = (self.0.subscribe(), *self.0.borrow() + duration.as_secs());
        async move {
            let _ = time.wait_for(|&now| now >= end).await;
        }
        .boxed()
    }
}

#[tokio::test]
async fn a_token_expires_while_its_key_is_fetched_anew_and_behind_that() {
    let fixture = fixture();
    let service = Service::with("200 OK", fixture["keys"]["ed"].as_str().unwrap()).await;
    let mut server = server(&service);
    // The token expires 50 seconds from now, between this and the next time to ask.
    server["keyCachingTtlMillis"] = 40_000.into();
    let clock = Set(watch::Sender::new(NOW));
    let pdp = pdp(&server).with_clock(clock.clone());
    let secrets = json!({"jwt": fixture["trusted"]["EdDSA"]})
        .as_object()
        .cloned()
        .unwrap();
    let asked = subscription().with_secrets(secrets);
    let mut told = pdp.decide(&asked);
    assert_eq!(
        told.next().await.and_then(|told| told.resource),
        Some("VALID".into())
    );
    clock.0.send_replace(NOW + 40);
    assert!(now(&mut told).is_none());
    clock.0.send_replace(NOW + 50);
    let expired = tokio::time::timeout(Duration::from_secs(20), told.next()).await;
    let expired = expired.ok().flatten().and_then(|told| told.resource);
    assert_eq!(expired, Some("EXPIRED".into()));
    assert_eq!(pdp.decide_once(&asked).await.resource, Some("EXPIRED".into()));
}
