//! Finders of attributes.

use std::sync::Arc;

use sapl_base::{AuthorizationSubscription, Decision, PolicyDecisionPoint as _};
use sapl_mcp::{
    EmbeddedPdp,
    attribute::{AttributeCall, AttributeFinder, AttributeStream, HttpAttributes},
    http::{Cleartext, HttpClient, TlsSettings},
};
use tokio::net::TcpSocket;

use super::{Scenario, block_on};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("an attribute finder panicked", || {
        let pdp = deciding("subject.<broken.attribute>").with_attribute_finder(Panics);
        indeterminate(&pdp.unwrap());
    }),
    ("a request for an attribute failed", || {
        // Bound, so that nobody else listens there, and not listening.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let url = format!("http://{}", socket.local_addr().unwrap());
        let client = HttpClient::new(&TlsSettings::default())
            .unwrap()
            .with_cleartext(Cleartext::Allowed);
        let web = HttpAttributes::new(client).allow_origin(&url).unwrap();
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

fn indeterminate(pdp: &EmbeddedPdp) {
    block_on(async {
        let subscription = AuthorizationSubscription::new("mara", "read", "report");
        let decision = pdp.decide_once(&subscription).await;
        assert_ne!(decision.decision, Decision::Permit);
    });
}
