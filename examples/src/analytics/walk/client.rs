//! A client of one user.

use std::{error::Error, time::Duration};

use rmcp::{
    RoleClient, ServiceError,
    model::{
        CallToolRequestParams, CallToolResult, ClientCapabilities, ClientConfig, ErrorData,
        GetPromptRequestParams, GetPromptResult, Implementation, MetaObject, ReadResourceRequestParams,
        ReadResourceResult,
    },
    service::{ClientInitializeError, ClientLifecycleMode, RunningService, serve_client_with_lifecycle},
    transport::{
        StreamableHttpClientTransport,
        streamable_http_client::{AuthRequiredError, StreamableHttpClientTransportConfig},
    },
};
use tokio::time;

use super::{Outcome, Revision, Target, WalkError};
use crate::analytics::{Request, User};

/// How long an answer may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection of one user.
pub(super) struct Client(RunningService<RoleClient, ClientConfig>);

/// What came back.
#[derive(Debug)]
pub(super) enum Reply {
    Tool(CallToolResult),
    Resource(ReadResourceResult),
    Prompt(GetPromptResult),
    /// Names or URIs.
    List(Vec<String>),
    Error(ErrorData),
    /// No answer to the request.
    Broken(String),
}

impl Client {
    pub(super) async fn connect(target: &Target, user: User, token: &str) -> Result<Self, WalkError> {
        let service = connect(target, Some(token))
            .await
            .map_err(|error| WalkError::Connect {
                user,
                error: Box::new(error),
            })?;
        let agreed = service.peer_info().map(|peer| peer.protocol_version.clone());
        if agreed != Some(target.revision.version()) {
            return Err(WalkError::Revision {
                asked: target.revision,
            });
        }
        Ok(Self(service))
    }

    pub(super) async fn ask(&self, request: &Request) -> Reply {
        match time::timeout(ANSWER_TIMEOUT, self.send(request)).await {
            Ok(Ok(reply)) => reply,
            Ok(Err(ServiceError::McpError(error))) => Reply::Error(error),
            Ok(Err(error)) => Reply::Broken(error.to_string()),
            Err(_) => Reply::Broken(format!("no answer within {} s", ANSWER_TIMEOUT.as_secs())),
        }
    }

    pub(super) async fn close(self) {
        // The matrix is complete: how the connection ends changes nothing.
        let _ = self.0.cancel().await;
    }

    async fn send(&self, request: &Request) -> Result<Reply, ServiceError> {
        let client = &self.0;
        Ok(match request {
            Request::Tool { name, arguments } => {
                let call = CallToolRequestParams::new(*name).with_arguments(arguments.clone());
                Reply::Tool(client.call_tool(call).await?)
            }
            Request::Resource { uri } => {
                Reply::Resource(client.read_resource(ReadResourceRequestParams::new(*uri)).await?)
            }
            Request::Prompt { name } => {
                Reply::Prompt(client.get_prompt(GetPromptRequestParams::new(*name)).await?)
            }
            Request::Tools => list(client.list_all_tools().await?, |tool| {
                (tool.name.into(), tool.meta)
            }),
            Request::Resources => list(client.list_all_resources().await?, |it| (it.uri, it.meta)),
            Request::ResourceTemplates => list(client.list_all_resource_templates().await?, |it| {
                (it.uri_template, it.meta)
            }),
            Request::Prompts => list(client.list_all_prompts().await?, |prompt| {
                (prompt.name, prompt.meta)
            }),
        })
    }
}

/// Tries to connect without a token, and gives the challenge of the 401.
pub(super) async fn connect_as_nobody(target: &Target) -> (Outcome, Option<String>) {
    match connect(target, None).await {
        Ok(service) => {
            let _ = service.cancel().await;
            (Outcome::Other("connected without a token".to_owned()), None)
        }
        Err(error) => match challenge(&error) {
            Some(challenge) => (Outcome::Unauthorized, Some(challenge)),
            None => (Outcome::Other(error.to_string()), None),
        },
    }
}

async fn connect(
    target: &Target,
    token: Option<&str>,
) -> Result<RunningService<RoleClient, ClientConfig>, ClientInitializeError> {
    let mut transport = StreamableHttpClientTransportConfig::with_uri(target.url.as_str());
    if let Some(token) = token {
        transport = transport.auth_header(token);
    }
    let mut config = ClientConfig::new(
        ClientCapabilities::default(),
        Implementation::new("analytics-demo-walk", env!("CARGO_PKG_VERSION")),
    );
    let version = target.revision.version();
    let lifecycle = match target.revision {
        Revision::V2025_06_18 | Revision::V2025_11_25 => {
            config.protocol_version = version;
            ClientLifecycleMode::Initialize
        }
        Revision::V2026_07_28 => ClientLifecycleMode::Discover {
            preferred_versions: vec![version],
        },
    };
    let connecting = serve_client_with_lifecycle(
        config,
        StreamableHttpClientTransport::from_config(transport),
        lifecycle,
    );
    match time::timeout(ANSWER_TIMEOUT, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(ClientInitializeError::ConnectionClosed(
            "no answer in time".to_owned(),
        )),
    }
}

/// The `WWW-Authenticate` of the 401 that ended the attempt to connect. A 403 has another error.
fn challenge(error: &ClientInitializeError) -> Option<String> {
    let ClientInitializeError::TransportError { error, .. } = error else {
        return None;
    };
    let mut source: Option<&(dyn Error + 'static)> = Some(error.error.as_ref());
    while let Some(error) = source {
        if let Some(required) = error.downcast_ref::<AuthRequiredError>() {
            return Some(required.www_authenticate_header.clone());
        }
        source = error.source();
    }
    None
}

/// The names of a list. The definitions of this server have no `_meta`, so none may arrive: it would be what the
/// layer has to keep to itself.
fn list<T>(items: Vec<T>, name_and_meta: impl Fn(T) -> (String, Option<MetaObject>)) -> Reply {
    let mut names = Vec::with_capacity(items.len());
    for (name, meta) in items.into_iter().map(name_and_meta) {
        if meta.is_some() {
            return Reply::Broken(format!("`{name}` is listed with a `_meta`"));
        }
        names.push(name);
    }
    Reply::List(names)
}
