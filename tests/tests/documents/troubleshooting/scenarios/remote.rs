//! A decision point over HTTP that gives no decision.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    routing::post,
};
use futures_util::StreamExt as _;
use sapl_base::{
    AuthorizationSubscription, Decision, MAX_DECISION_BYTES, PolicyDecisionPoint as _,
    http::{ClientCredentials, HttpPdp, PdpConfig},
};
use tokio::net::{TcpListener, TcpSocket};

use super::super::traced;
use super::{Scenario, block_on};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("the PDP gave no decision, which makes it INDETERMINATE", || {
        answered(StatusCode::SERVICE_UNAVAILABLE, JSON, String::new())
    }),
    (
        "a decision stream of the PDP is down, which makes its decisions INDETERMINATE until it is back",
        || {
            block_on(async {
                let (_socket, url) = nowhere();
                let pdp = remote(url);
                let decision = pdp.decide(&subscription()).next().await.unwrap();
                assert_eq!(decision.decision, Decision::Indeterminate);
            });
        },
    ),
    (REPLACEMENT, a_token_that_is_not_replaced),
    ("no connection", || {
        block_on(async {
            let (_socket, url) = nowhere();
            let pdp = remote(url);
            assert_indeterminate(&pdp).await;
        });
    }),
    ("the TLS handshake failed", || {
        block_on(async {
            let base_url = serve(Router::new()).await.replace("http://", "https://");
            assert_indeterminate(&HttpPdp::new(PdpConfig::new(base_url)).unwrap()).await;
        });
    }),
    ("the connection broke", || {
        block_on(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let pdp = remote(format!("http://{}", listener.local_addr().unwrap()));
            let hang_up = async {
                drop(listener.accept().await.unwrap());
            };
            tokio::join!(assert_indeterminate(&pdp), hang_up);
        });
    }),
    ("no answer within", || {
        block_on(async {
            let app = Router::new().fallback(post(std::future::pending::<()>));
            let config = PdpConfig::new(serve(app).await)
                .allow_insecure_connections(true)
                .timeout(Duration::from_millis(20));
            assert_indeterminate(&HttpPdp::new(config).unwrap()).await;
        });
    }),
    ("status 401", || {
        answered(StatusCode::UNAUTHORIZED, JSON, String::new())
    }),
    ("status 404", || {
        answered(StatusCode::NOT_FOUND, JSON, String::new())
    }),
    ("status 413", || {
        answered(StatusCode::PAYLOAD_TOO_LARGE, JSON, String::new())
    }),
    ("redirects are not followed", || {
        answered(StatusCode::TEMPORARY_REDIRECT, JSON, String::new())
    }),
    ("the answer's content type is not", || {
        answered(StatusCode::OK, "text/html", String::from("<html>"))
    }),
    ("malformed answer", || {
        answered(StatusCode::OK, JSON, String::from(r#"{"decision": "MAYBE"}"#))
    }),
    ("the answer is too large", || {
        answered(StatusCode::OK, JSON, " ".repeat(MAX_DECISION_BYTES + 1))
    }),
    ("no access token", || {
        block_on(async {
            let node = serve(Router::new().fallback(post(|| async { StatusCode::FORBIDDEN }))).await;
            assert_indeterminate(&with_token(&node)).await;
        });
    }),
];

const JSON: &str = "application/json";

const REPLACEMENT: &str = "the access token for the PDP could not be replaced ahead of its end";

fn subscription() -> AuthorizationSubscription {
    AuthorizationSubscription::new("mara", "call", "export_csv")
}

fn remote(base_url: String) -> HttpPdp {
    HttpPdp::new(PdpConfig::new(base_url).allow_insecure_connections(true)).unwrap()
}

fn with_token(node: &str) -> HttpPdp {
    let credentials = ClientCredentials::new(format!("{node}/token"), "client", "secret");
    let config = PdpConfig::new(node)
        .client_credentials(credentials)
        .allow_insecure_connections(true);
    HttpPdp::new(config).unwrap()
}

/// An address where nobody listens, as long as the socket is there.
pub(in super::super) fn nowhere() -> (TcpSocket, String) {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, format!("http://{address}"))
}

async fn serve(app: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

async fn assert_indeterminate(pdp: &HttpPdp) {
    let decision = pdp.decide_once(&subscription()).await;
    assert_eq!(decision.decision, Decision::Indeterminate);
}

/// One decision, by a server that answers this.
fn answered(status: StatusCode, content_type: &'static str, body: String) {
    block_on(async {
        let app = Router::new().fallback(post(move || {
            let headers = HeaderMap::from_iter([
                (header::CONTENT_TYPE, HeaderValue::from_static(content_type)),
                (header::LOCATION, HeaderValue::from_static("/elsewhere")),
            ]);
            let body = body.clone();
            async move { (status, headers, body) }
        }));
        assert_indeterminate(&remote(serve(app).await)).await;
    });
}

/// The authorization server gives one token, for an hour, and is gone when it is to be replaced.
fn a_token_that_is_not_replaced() {
    block_on(async {
        let given = Arc::new(AtomicBool::new(false));
        let token = move || {
            let first = !given.swap(true, Ordering::SeqCst);
            let body = r#"{"access_token": "token", "token_type": "Bearer", "expires_in": 3600}"#;
            async move {
                match first {
                    true => Ok(([(header::CONTENT_TYPE, JSON)], body)),
                    false => Err(StatusCode::SERVICE_UNAVAILABLE),
                }
            }
        };
        let permit = || async { ([(header::CONTENT_TYPE, JSON)], r#"{"decision": "PERMIT"}"#) };
        let app = Router::new().route("/token", post(token)).fallback(post(permit));
        let pdp = with_token(&serve(app).await);
        assert_eq!(pdp.decide_once(&subscription()).await.decision, Decision::Permit);

        tokio::time::pause();
        tokio::time::advance(Duration::from_secs(3590)).await;
        tokio::time::resume();
        assert_eq!(pdp.decide_once(&subscription()).await.decision, Decision::Permit);
        traced::seen(REPLACEMENT).await;
    });
}
