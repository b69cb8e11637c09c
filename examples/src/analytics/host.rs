//! Serving a demo over HTTP, on loopback.

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use sapl_mcp::{
    BearerAuthLayer, ConfigError, IdentityConfigError, PolicyDecisionPoint, SaplLayer, SaplLayerBuilder,
};
use tokio::{net::TcpListener, task::JoinHandle, time};
use tokio_util::sync::CancellationToken;

use super::{AccessLog, ISSUER, constraints, tokens};

/// The path that MCP is served at.
const PATH: &str = "/mcp";

/// How long requests that are being answered have when the server stops.
pub const SHUTDOWN_GRACE: Duration = Duration::from_secs(5);

/// The enforcement of the analytics server, to be built or configured further: decisions come from `pdp`, and what
/// policies want logged goes to `log`.
pub fn layer(pdp: impl PolicyDecisionPoint, log: AccessLog) -> SaplLayerBuilder {
    SaplLayer::builder(pdp).constraints(constraints(log))
}

/// How to serve.
#[derive(Clone, Copy, Debug, Default)]
pub struct HostOptions {
    /// The port on loopback; 0 takes a free one.
    pub port: u16,
    /// Whether clients of revisions before 2026-07-28 get sessions. Otherwise every request stands alone.
    pub sessions: bool,
}

/// A server that is being served. It stops when this is dropped.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<io::Result<()>>,
}

/// Why the server can't be served.
#[derive(Debug)]
#[non_exhaustive]
pub enum HostError {
    /// The port can't be listened on.
    Listen {
        /// The port.
        port: u16,
        /// Why.
        error: io::Error,
    },
    /// The check of tokens can't be configured.
    Identity(IdentityConfigError),
    /// The layer can't be built.
    Layer(ConfigError),
}

impl Host {
    /// Serves `server` behind bearer tokens, enforced by `sapl`.
    ///
    /// # Errors
    /// The port is taken, or something can't be configured.
    pub async fn start(
        server: impl ServerHandler,
        sapl: SaplLayerBuilder,
        options: HostOptions,
    ) -> Result<Self, HostError> {
        let sapl = sapl.build().map_err(HostError::Layer)?;
        let listening = |error| HostError::Listen {
            port: options.port,
            error,
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, options.port))
            .await
            .map_err(listening)?;
        let address = listener.local_addr().map_err(listening)?;

        let config = StreamableHttpServerConfig::default()
            .with_legacy_session_mode(options.sessions)
            .with_json_response(!options.sessions);
        let stop = config.cancellation_token.clone();
        // rmcp asks for a server at every request that has no session, so there is one, shared.
        let server = Arc::new(server);
        let mcp = StreamableHttpService::new(
            move || Ok(sapl.layer(Arc::clone(&server))),
            Arc::new(LocalSessionManager::default()),
            config,
        );
        let app = Router::new()
            .nest_service(PATH, mcp)
            .layer(bearer_auth(address).map_err(HostError::Identity)?);

        let stopped = stop.clone().cancelled_owned();
        let task =
            tokio::spawn(async move { axum::serve(listener, app).with_graceful_shutdown(stopped).await });
        Ok(Self { address, stop, task })
    }

    /// Where MCP is served.
    pub fn url(&self) -> String {
        url(self.address)
    }

    /// Stops, and waits until the requests that are being answered are, at most [`SHUTDOWN_GRACE`].
    ///
    /// # Errors
    /// Serving had failed.
    pub async fn stop(mut self) -> io::Result<()> {
        self.stop.cancel();
        match time::timeout(SHUTDOWN_GRACE, &mut self.task).await {
            Ok(ended) => ended?,
            Err(_) => {
                self.task.abort();
                Ok(())
            }
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

fn url(address: SocketAddr) -> String {
    format!("http://{address}{PATH}")
}

fn bearer_auth(
    address: SocketAddr,
) -> Result<BearerAuthLayer<impl sapl_mcp::TokenVerifier + use<>>, IdentityConfigError> {
    BearerAuthLayer::new(tokens::verifier()?)
        .resource(&url(address))
        .authorization_server(ISSUER)
        .check()
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen { port, error } => write!(f, "can't listen on port {port} of loopback: {error}"),
            Self::Identity(error) => error.fmt(f),
            Self::Layer(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for HostError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Listen { error, .. } => Some(error),
            Self::Identity(error) => Some(error),
            Self::Layer(error) => Some(error),
        }
    }
}
