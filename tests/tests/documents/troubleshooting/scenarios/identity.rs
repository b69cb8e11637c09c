//! Tokens and sessions.

use std::{
    pin::pin,
    sync::Arc,
    task::{Context, Waker},
};

use axum::{Router, routing::get};
use sapl_base::http::{Cleartext, TlsSettings};
use sapl_mcp::{
    BearerAuthLayer, Identity, IdpClient, JwtVerifier, StaticTokens, TokenError, TokenErrorKind,
    TokenVerifier,
};
use sapl_mcp_tests::{Reply, Wire};
use serde_json::json;
use tokio::net::TcpListener;

use super::{Scenario, block_on, remote};

pub(super) const SCENARIOS: &[Scenario] = &[
    (
        "every request will be refused: the layer for bearer tokens is set up wrongly",
        || {
            let _ = BearerAuthLayer::new(StaticTokens::new()).resource("not a URI");
        },
    ),
    ("refused a request: no token can be verified", || {
        let _ = verified(|| Err(TokenError::unavailable("the vault is closed")));
    }),
    ("refused a request: the token verifier panicked", || {
        let _ = verified(|| panic!("the verifier panics"));
    }),
    ("the keys of the issuer can't be fetched", || {
        block_on(async {
            let (_socket, url) = remote::nowhere();
            let refused = keys_at(&format!("{url}/keys")).verify(TOKEN).await;
            assert_eq!(refused.unwrap_err().kind(), TokenErrorKind::Unavailable);
        });
    }),
    ("no keys can be fetched: there is no tokio runtime", || {
        let verifier = keys_at("http://127.0.0.1/keys");
        let mut verified = pin!(verifier.verify(TOKEN));
        let _ = verified.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }),
    (
        "the server opened a session that can't be used: its id is no good, or another's",
        || {
            block_on(async {
                let opens = || async { ([("mcp-session-id", "")], "opened") };
                let tokens = StaticTokens::new().with("token", json!({"sub": "mara"}));
                let app = Router::new()
                    .route("/", get(opens))
                    .layer(BearerAuthLayer::new(tokens));
                request(app).await;
            });
        },
    ),
];

/// It claims to be by the issuer and for the audience, until 2100.
const TOKEN: &str = "eyJhbGciOiJFUzI1NiIsImtpZCI6ImsifQ.\
    eyJpc3MiOiJodHRwczovL2lkcC5leGFtcGxlIiwiYXVkIjoiYW5hbHl0aWNzIiwiZXhwIjo0MTAyNDQ0ODAwfQ.\
    AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ";

/// A verifier that looks for its keys at this address.
fn keys_at(url: &str) -> JwtVerifier {
    let client = IdpClient::new(&TlsSettings::default())
        .unwrap()
        .with_cleartext(Cleartext::Allowed);
    JwtVerifier::jwks_with(client, url, "https://idp.example", "analytics").unwrap()
}

struct Verifier(fn() -> Result<Arc<Identity>, TokenError>);

impl TokenVerifier for Verifier {
    async fn verify(&self, _: &str) -> Result<Arc<Identity>, TokenError> {
        (self.0)()
    }
}

/// The status of a request whose token is verified so.
pub(in super::super) fn verified(verify: fn() -> Result<Arc<Identity>, TokenError>) -> u16 {
    answer(BearerAuthLayer::new(Verifier(verify)))
}

/// The status of a request to a server behind this layer.
pub(in super::super) fn answer<V: TokenVerifier>(layer: BearerAuthLayer<V>) -> u16 {
    let mut status = 0;
    block_on(async {
        let app = Router::new().route("/", get(|| async { "served" })).layer(layer);
        status = request(app).await.status;
    });
    status
}

/// A request with a token.
async fn request(app: Router) -> Reply {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    let head = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer token\r\n";
    Wire::to(address).send(head, "").await
}
