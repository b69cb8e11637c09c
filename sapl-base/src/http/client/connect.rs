//! Connections, each made within a time limit.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::{client::legacy::connect::HttpConnector, rt::TokioIo};
use rustls::ClientConfig;
use tokio::{net::TcpStream, time};
use tower_service::Service;

use crate::http::error::ConnectTimeout;

/// The longest that connecting may take, from the look-up of the name to the end of the TLS handshake.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a connection may be silent before the operating system asks whether the other side is there.
const TCP_KEEPALIVE: Duration = Duration::from_secs(15);

/// Makes TCP and TLS connections. The limit stands here and not at the caller, since the pool goes on connecting
/// in the background after a caller has found another connection or given up.
#[derive(Clone)]
pub(super) struct Connector(HttpsConnector<HttpConnector>);

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl Connector {
    /// Offers HTTP/2 and HTTP/1.1 over TLS.
    pub(super) fn new(tls: ClientConfig) -> Self {
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        Self(tls.enable_http1().enable_http2().wrap_connector(tcp()))
    }

    /// Offers HTTP/1.1 only.
    pub(super) fn http1(tls: ClientConfig) -> Self {
        let tls = HttpsConnectorBuilder::new().with_tls_config(tls).https_or_http();
        Self(tls.enable_http1().wrap_connector(tcp()))
    }
}

fn tcp() -> HttpConnector {
    let mut tcp = HttpConnector::new();
    tcp.enforce_http(false);
    tcp.set_nodelay(true);
    tcp.set_keepalive(Some(TCP_KEEPALIVE));
    tcp
}

impl Service<Uri> for Connector {
    type Response = MaybeHttpsStream<TokioIo<TcpStream>>;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, url: Uri) -> Self::Future {
        let connecting = self.0.call(url);
        Box::pin(async move {
            time::timeout(CONNECT_TIMEOUT, connecting)
                .await
                .unwrap_or_else(|_| Err(Box::new(ConnectTimeout)))
        })
    }
}
