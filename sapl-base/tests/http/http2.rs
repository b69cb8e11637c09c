//! HTTP/2, where a server offers it.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::future::join_all;
use http::{Request, Response, Version};
use http_body_util::Full;
use hyper::{body::Incoming, server::conn::http2, service::service_fn};
use hyper_util::rt::{TokioExecutor, TokioIo};
use sapl_base::{
    AuthorizationDecision, PolicyDecisionPoint,
    http::{HttpPdp, PdpConfig, TlsSettings},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    support::{KEY, Server, indeterminate, subscription},
    tls::{Authority, server_config},
};

type Seen = Arc<Mutex<Vec<(Version, Option<String>)>>>;

/// Serves HTTP/2 over TLS and writes down what comes.
async fn serve(authority: &Authority, content_type: &'static str) -> (Server, Seen) {
    let mut config = server_config(&authority.server("localhost"), None);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let server = Server::start(move |connection| {
        let acceptor = acceptor.clone();
        let noted = Arc::clone(&noted);
        async move {
            let connection = connection.secured(&acceptor).await?;
            let answer = service_fn(move |request: Request<Incoming>| {
                let key = request
                    .headers()
                    .get("authorization")
                    .and_then(|key| key.to_str().ok());
                noted
                    .lock()
                    .unwrap()
                    .push((request.version(), key.map(str::to_owned)));
                async move {
                    let body = Full::new(Bytes::from_static(br#"{"decision":"PERMIT"}"#));
                    let response = Response::builder()
                        .header("content-type", content_type)
                        .body(body);
                    Ok::<_, Infallible>(response.unwrap())
                }
            });
            http2::Builder::new(TokioExecutor::new())
                .serve_connection(TokioIo::new(connection.stream), answer)
                .await
                .map_err(std::io::Error::other)
        }
    })
    .await;
    (server, seen)
}

fn pdp(server: &Server, authority: &Authority) -> HttpPdp {
    let url = format!("https://localhost:{}", server.port());
    let tls = TlsSettings::default().private_ca_pem(authority.pem.as_str());
    HttpPdp::new(PdpConfig::new(url).token(KEY).tls(tls)).unwrap()
}

#[tokio::test]
async fn requests_share_one_connection() {
    let authority = Authority::new("ours");
    let (server, seen) = serve(&authority, "application/json").await;
    let pdp = pdp(&server, &authority);
    let subscription = subscription();
    assert_eq!(
        pdp.decide_once(&subscription).await,
        AuthorizationDecision::permit()
    );
    let decisions = join_all((0..32).map(|_| pdp.decide_once(&subscription))).await;
    assert!(
        decisions
            .iter()
            .all(|decision| *decision == AuthorizationDecision::permit())
    );
    assert_eq!(server.connections(), 1);
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 33);
    let expected = (Version::HTTP_2, Some(format!("Bearer {KEY}")));
    assert!(seen.iter().all(|request| *request == expected));
}

#[tokio::test]
async fn what_is_no_decision_is_none_here_either() {
    let authority = Authority::new("ours");
    let (server, _) = serve(&authority, "text/html").await;
    let log = indeterminate(&pdp(&server, &authority)).await;
    assert!(log.contains("content type is not application/json"), "{log}");
}
