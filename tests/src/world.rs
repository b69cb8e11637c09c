//! A served server with everything around it.

use std::sync::Arc;

use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use sapl_mcp::{BearerAuthLayer, Identity, RecordingAudit, SaplLayer, SaplLayerBuilder, StaticTokens};
use serde_json::{Value, json};
use tokio::{net::TcpListener, task::JoinHandle};

use crate::{Ask, Log, McpClient, Pdp, Reply, Revision, Server, Wire, steps};

/// Who has a token: `mara` the analyst, `felix` the engineer, and `sam` the intern.
pub const USERS: [&str; 3] = ["mara", "felix", "sam"];

/// How the server is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Each request by itself, answered by JSON.
    Json,
    /// Each request by itself, answered by an event stream.
    Sse,
    /// With sessions, where the revision has them.
    Sessions,
}

/// A server behind the layer and the bearer tokens, on a port of its own.
#[derive(Debug)]
pub struct World {
    /// What happened.
    pub log: Log,
    /// The decision point.
    pub pdp: Pdp,
    /// The server itself.
    pub server: Arc<Server>,
    /// What the audit sink was told.
    pub audit: RecordingAudit,
    /// The way to it.
    pub wire: Wire,
    serving: JoinHandle<()>,
}

/// The token of a user.
#[must_use]
pub fn token(user: &str) -> String {
    format!("{user}-token")
}

/// The claims of a user.
#[must_use]
pub fn claims(user: &str) -> Value {
    let role = match user {
        "mara" => "ANALYST",
        "felix" => "ENGINEER",
        _ => "INTERN",
    };
    json!({"sub": user, "role": role})
}

impl World {
    /// A world that answers by JSON.
    pub async fn new(log: &Log, server: Server, pdp: Pdp) -> Self {
        Self::with(log, server, pdp, Mode::Json, |builder| builder).await
    }

    /// A world whose layer is configured by `configure`.
    ///
    /// # Panics
    /// When the layer can't be built.
    pub async fn with(
        log: &Log,
        server: Server,
        pdp: Pdp,
        mode: Mode,
        configure: impl FnOnce(SaplLayerBuilder) -> SaplLayerBuilder,
    ) -> Self {
        let audit = RecordingAudit::default();
        let builder = SaplLayer::builder(pdp.clone())
            .constraints(steps(log))
            .audit(audit.clone());
        let layer = configure(builder).build().expect("a sound configuration");
        let server = server.shared();
        let served = Arc::clone(&server);
        let (wire, serving) = serve(move || layer.layer(Arc::clone(&served)), mode, tokens()).await;
        Self {
            log: log.clone(),
            pdp,
            server,
            audit,
            wire,
            serving,
        }
    }

    /// A connected client of rmcp.
    pub async fn client(&self, user: &str) -> McpClient {
        McpClient::connect(self.wire, user, Revision::November2025).await
    }

    /// One request of revision 2025-11-25 and all bytes of its response.
    pub async fn ask(&self, user: &str, method: &str, params: Value) -> Reply {
        self.wire
            .ask(&Ask::new(Revision::November2025, user, method, params))
            .await
    }

    /// One call of a tool and all bytes of its response.
    pub async fn call(&self, user: &str, tool: &str, arguments: Value) -> Reply {
        self.ask(user, "tools/call", json!({"name": tool, "arguments": arguments}))
            .await
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Wire {
    /// Serves any server, behind the bearer tokens alone, until the test ends.
    pub async fn serving(server: impl ServerHandler + Clone, mode: Mode) -> Self {
        serve(move || server.clone(), mode, tokens()).await.0
    }

    /// The same, for those who have one of these tokens.
    pub async fn serving_to(tokens: StaticTokens, server: impl ServerHandler + Clone, mode: Mode) -> Self {
        serve(move || server.clone(), mode, tokens).await.0
    }
}

/// The tokens of all users.
fn tokens() -> StaticTokens {
    USERS.into_iter().fold(StaticTokens::new(), |tokens, user| {
        tokens.with_identity(Identity::new(token(user), claims(user)).with_scopes(["mcp"]))
    })
}

async fn serve<S: ServerHandler>(
    make: impl Fn() -> S + Send + Sync + 'static,
    mode: Mode,
    tokens: StaticTokens,
) -> (Wire, JoinHandle<()>) {
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(mode == Mode::Sessions)
        .with_json_response(mode == Mode::Json);
    let mcp = StreamableHttpService::new(
        move || Ok(make()),
        Arc::new(LocalSessionManager::default()),
        config,
    );
    let app = axum::Router::new()
        .nest_service("/mcp", mcp)
        .layer(BearerAuthLayer::new(tokens));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let serving = tokio::spawn(async move {
        axum::serve(listener, app).await.expect("the server serves");
    });
    (Wire { address }, serving)
}
