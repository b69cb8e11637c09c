//! A server behind bearer tokens, which counts what reaches it.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, extract::Request, routing::any};
use sapl_mcp::{BearerAuthLayer, Identity, TokenVerifier};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

pub(crate) const CHALLENGE: &str = r#"Bearer error="invalid_token", error_description="the access token is not valid", resource_metadata="https://analytics.example/.well-known/oauth-protected-resource/mcp""#;

pub(crate) struct Server {
    address: SocketAddr,
    served: Arc<AtomicUsize>,
}

/// The status, the challenge and the body.
pub(crate) type Reply = (u16, Option<String>, String);

impl Server {
    pub(crate) async fn start(verifier: impl TokenVerifier) -> Self {
        let served = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&served);
        let whoami = move |request: Request| {
            count.fetch_add(1, Ordering::Relaxed);
            let identity = request.extensions().get::<Arc<Identity>>().cloned().unwrap();
            async move { identity.claims()["sub"].as_str().unwrap_or_default().to_owned() }
        };
        let layer = BearerAuthLayer::new(verifier).resource("https://analytics.example/mcp");
        let app = Router::new().route("/mcp", any(whoami)).layer(layer);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, served }
    }

    pub(crate) fn served(&self) -> usize {
        self.served.load(Ordering::Relaxed)
    }

    pub(crate) async fn with_token(&self, token: &str) -> Reply {
        self.send(&[&format!("Bearer {token}")]).await
    }

    /// A request with these `Authorization` headers.
    pub(crate) async fn send(&self, authorization: &[&str]) -> Reply {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let headers: String = authorization
            .iter()
            .map(|value| format!("Authorization: {value}\r\n"))
            .collect();
        let request = format!(
            "POST /mcp HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n{headers}\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let challenge = head
            .lines()
            .find_map(|line| line.strip_prefix("www-authenticate: "));
        (status, challenge.map(str::to_owned), body.to_owned())
    }
}
