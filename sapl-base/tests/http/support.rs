//! What the tests share.

mod log;
mod server;

use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, MultiAuthorizationSubscription, PolicyDecisionPoint,
    http::{HttpPdp, PdpConfig},
};
use serde_json::json;

pub(crate) use log::Log;
pub(crate) use server::Server;

/// An API key that must never turn up in the log.
pub(crate) const KEY: &str = "sapl_7f3a_aHVudGVyMg";

/// A subscription's secret that must never turn up in the log.
pub(crate) const SECRET: &str = "correct horse";

pub(crate) fn subscription() -> AuthorizationSubscription {
    AuthorizationSubscription::new("mara", "read", json!({"name": "report"}))
}

pub(crate) fn with_secrets() -> AuthorizationSubscription {
    let secrets = json!({"password": SECRET}).as_object().cloned().unwrap();
    subscription().with_secrets(secrets)
}

/// `count` subscriptions with the ids `0`, `1` …
pub(crate) fn page(count: usize) -> MultiAuthorizationSubscription {
    let mut page = MultiAuthorizationSubscription::with_capacity(count);
    for id in 0..count {
        page.add(id.to_string(), subscription()).unwrap();
    }
    page
}

pub(crate) fn config(url: &str) -> PdpConfig {
    PdpConfig::new(url).allow_insecure_connections(true)
}

pub(crate) fn pdp(url: &str) -> HttpPdp {
    HttpPdp::new(config(url).token(KEY)).unwrap()
}

/// A reply with status 200 and this JSON.
pub(crate) fn ok(json: impl AsRef<[u8]>) -> Vec<u8> {
    reply("200 OK", "content-type: application/json\r\n", json)
}

pub(crate) fn reply(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!(
        "HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

/// Asks in both ways, each with secrets, and gives what the log said of it. Every answer has to be INDETERMINATE, and
/// nothing secret may be in the log.
pub(crate) async fn indeterminate(pdp: &HttpPdp) -> String {
    let log = Log::start();
    let decision = pdp.decide_once(&with_secrets()).await;
    assert_eq!(decision, AuthorizationDecision::indeterminate());
    let once = log.take();
    assert_eq!(once.matches("WARN").count(), 1, "{once}");

    let mut page = page(2);
    page.add("secret", with_secrets()).unwrap();
    let decisions = pdp.multi_decide_all_once(&page).await;
    assert_eq!(decisions.len(), 3);
    for (id, decision) in decisions.iter() {
        assert_eq!(*decision, AuthorizationDecision::indeterminate(), "{id}");
    }
    let multi = log.take();
    assert_eq!(multi.matches("WARN").count(), 1, "{multi}");
    assert_nothing_secret(&once);
    assert_nothing_secret(&multi);
    once
}

pub(crate) fn assert_nothing_secret(log: &str) {
    for secret in [KEY, SECRET, "aHVudGVyMg", "password"] {
        assert!(!log.contains(secret), "{log}");
    }
}
