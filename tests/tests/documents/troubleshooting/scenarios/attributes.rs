//! Finders of attributes.

use std::sync::Arc;

use sapl_base::{AuthorizationSubscription, Decision, PolicyDecisionPoint as _};
use sapl_mcp::{
    EmbeddedPdp,
    attribute::{AttributeCall, AttributeFinder, AttributeStream, HttpAttributes},
    http::{Cleartext, HttpClient, TlsSettings},
};
use serde_json::json;
use tokio::net::TcpSocket;

use super::{Scenario, block_on};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("an attribute finder panicked", || {
        let pdp = deciding("subject.<broken.attribute>").with_attribute_finder(Panics);
        indeterminate(&pdp.unwrap());
    }),
    ("the server of token keys gave no key", || {
        let (_socket, url) = silent();
        let server = json!({"uri": format!("{url}/{{kid}}"), "allowInsecureHttp": true});
        let settings = json!({"variables": {"jwt": {"publicKeyServer": server}}}).to_string();
        let policy = r#"policy "asking" permit <jwt.token>.valid;"#;
        let pdp = EmbeddedPdp::from_texts(Some(&settings), [("asking.sapl", policy)]).unwrap();
        let pdp = pdp.with_token_keys_over(client());
        // `{"alg":"EdDSA","kid":"key-1"}`, `{}`, and a signature of nobody.
        let token = json!("eyJhbGciOiJFZERTQSIsImtpZCI6ImtleS0xIn0.e30.AAAA");
        let secrets = [("jwt".to_owned(), token)].into_iter().collect();
        asked(&pdp, &subscription().with_secrets(secrets));
    }),
    ("a request for an attribute failed", || {
        let (_socket, url) = silent();
        let web = HttpAttributes::new(client()).allow_origin(&url).unwrap();
        let pdp = deciding(&format!(r#"<http.get({{baseUrl: "{url}"}})>"#));
        indeterminate(&pdp.with_attribute_finder(web).unwrap());
    }),
];

struct Panics;

impl AttributeFinder for Panics {
    fn library(&self) -> &str {
        "broken"
    }

    fn find(&self, _: Arc<AttributeCall>) -> Option<AttributeStream> {
        panic!("the finder panics")
    }
}

fn deciding(condition: &str) -> EmbeddedPdp {
    let policy = format!(r#"policy "asking" permit {condition};"#);
    EmbeddedPdp::from_texts(None, [("asking.sapl", policy)]).unwrap()
}

/// An address where nobody answers: it is taken, and nobody listens there.
fn silent() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let url = format!("http://{}", socket.local_addr().unwrap());
    (socket, url)
}

fn client() -> HttpClient {
    HttpClient::new(&TlsSettings::default())
        .unwrap()
        .with_cleartext(Cleartext::Allowed)
}

fn subscription() -> AuthorizationSubscription {
    AuthorizationSubscription::new("mara", "read", "report")
}

fn indeterminate(pdp: &EmbeddedPdp) {
    asked(pdp, &subscription());
}

fn asked(pdp: &EmbeddedPdp, subscription: &AuthorizationSubscription) {
    block_on(async {
        let decision = pdp.decide_once(subscription).await;
        assert_ne!(decision.decision, Decision::Permit);
    });
}
