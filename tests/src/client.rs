//! rmcp's own client, for one user and one revision.

use std::fmt;

use rmcp::{
    ClientLifecycleMode, ErrorData, RoleClient, ServerHandler, ServiceExt as _,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, GetPromptRequestParams,
        GetPromptResult, ReadResourceRequestParams, ReadResourceResult,
    },
    service::{ClientServiceExt as _, RunningService, ServiceError},
    transport::{
        IntoTransport, StreamableHttpClientTransport,
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::Value;

use crate::{Revision, object, token, wire::Wire};

/// A connected client.
pub struct McpClient(RunningService<RoleClient, ClientConfig>);

/// The error that a server answered with.
///
/// # Panics
/// When the request failed in another way.
#[must_use]
pub fn error_of(error: ServiceError) -> ErrorData {
    match error {
        ServiceError::McpError(error) => error,
        other => panic!("not an answer: {other}"),
    }
}

impl McpClient {
    /// Connects by HTTP.
    ///
    /// # Panics
    /// When it can't.
    pub async fn connect(wire: Wire, user: &str, revision: Revision) -> Self {
        let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp", wire.address))
            .auth_header(token(user));
        Self::over(StreamableHttpClientTransport::from_config(config), revision).await
    }

    /// Connects by any transport.
    ///
    /// # Panics
    /// When it can't.
    pub async fn over<T, E, A>(transport: T, revision: Revision) -> Self
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        Self::configured(ClientConfig::default(), transport, revision).await
    }

    /// Connects by any transport, and takes tasks.
    ///
    /// # Panics
    /// When it can't.
    pub async fn taking_tasks<T, E, A>(transport: T, revision: Revision) -> Self
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let mut config = ClientConfig::default();
        config.capabilities = ClientCapabilities::builder().enable_tasks().build();
        Self::configured(config, transport, revision).await
    }

    async fn configured<T, E, A>(mut config: ClientConfig, transport: T, revision: Revision) -> Self
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
    {
        let lifecycle = if revision.initializes() {
            config.protocol_version = revision.version();
            ClientLifecycleMode::Initialize
        } else {
            ClientLifecycleMode::Discover {
                preferred_versions: vec![revision.version()],
            }
        };
        Self(
            config
                .serve_with_lifecycle(transport, lifecycle)
                .await
                .expect("the server takes the client"),
        )
    }

    /// Connects to a server in this process, by a transport that is not HTTP.
    ///
    /// # Panics
    /// When it can't.
    pub async fn in_process(server: impl ServerHandler, revision: Revision) -> Self {
        let (near, far) = tokio::io::duplex(64 * 1024);
        tokio::spawn(async move {
            if let Ok(running) = server.serve(far).await {
                running.waiting().await.expect("the server ends by itself");
            }
        });
        Self::over(near, revision).await
    }

    /// The running client, for whoever wraps it.
    #[must_use]
    pub fn into_running(self) -> RunningService<RoleClient, ClientConfig> {
        self.0
    }

    /// Everything that rmcp's client can do.
    #[must_use]
    pub fn peer(&self) -> &rmcp::Peer<RoleClient> {
        self.0.peer()
    }

    /// Calls a tool.
    ///
    /// # Errors
    /// The error that the server answers with.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<CallToolResult, ErrorData> {
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(object(arguments));
        self.peer().call_tool(request).await.map_err(error_of)
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// The error that the server answers with.
    pub async fn read(&self, uri: &str) -> Result<ReadResourceResult, ErrorData> {
        self.peer()
            .read_resource(ReadResourceRequestParams::new(uri))
            .await
            .map_err(error_of)
    }

    /// Gets a prompt.
    ///
    /// # Errors
    /// The error that the server answers with.
    pub async fn prompt(&self, name: &str, arguments: Value) -> Result<GetPromptResult, ErrorData> {
        let request = GetPromptRequestParams::new(name).with_arguments(object(arguments));
        self.peer().get_prompt(request).await.map_err(error_of)
    }
}

impl fmt::Debug for McpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("McpClient")
    }
}
