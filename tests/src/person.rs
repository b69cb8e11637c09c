//! rmcp's own client with a user who is asked things by forms.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{FutureExt as _, future::BoxFuture};
use rmcp::{
    ClientHandler, ClientLifecycleMode, ErrorData, RoleClient,
    model::{
        CallToolRequestParams, CallToolResult, CancelledNotificationParam, ClientConfig, ElicitRequestParams,
        ElicitResult, ElicitationAction, ElicitationCapability, FormElicitationCapability,
        GetPromptRequestParams, GetPromptResult, ProgressNotificationParam, ReadResourceRequestParams,
        ReadResourceResult,
    },
    service::{ClientServiceExt as _, NotificationContext, RequestContext, RunningService},
    transport::{
        IntoTransport, StreamableHttpClientTransport,
        streamable_http_client::StreamableHttpClientTransportConfig,
    },
};
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::{Revision, error_of, object, token, wire::Wire};

type Script = dyn Fn(Value) -> BoxFuture<'static, Result<ElicitResult, ErrorData>> + Send + Sync;

/// A connected client whose user answers forms.
pub struct Person {
    running: RunningService<RoleClient, User>,
    user: User,
}

#[derive(Clone)]
struct User {
    config: ClientConfig,
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Value>>>,
    progress: Arc<Mutex<Vec<f64>>>,
    withdrawn: Arc<Semaphore>,
}

/// What a client gets of its user.
pub trait Said {
    /// The answer, or the client's error.
    ///
    /// # Errors
    /// Where the client does not let its user answer.
    fn said(self) -> Result<ElicitResult, ErrorData>;
}

impl Said for ElicitResult {
    fn said(self) -> Result<ElicitResult, ErrorData> {
        Ok(self)
    }
}

impl Said for Result<ElicitResult, ErrorData> {
    fn said(self) -> Self {
        self
    }
}

/// The answer of somebody who agrees.
#[must_use]
pub fn accept() -> ElicitResult {
    accept_with(serde_json::json!({"approve": true}))
}

/// The answer of somebody who fills a form in like this.
#[must_use]
pub fn accept_with(content: Value) -> ElicitResult {
    ElicitResult::new(ElicitationAction::Accept).with_content(content)
}

/// The answer of somebody who says no.
#[must_use]
pub fn decline() -> ElicitResult {
    ElicitResult::new(ElicitationAction::Decline)
}

/// The answer of somebody who closes the form.
#[must_use]
pub fn cancel() -> ElicitResult {
    ElicitResult::new(ElicitationAction::Cancel)
}

impl Person {
    /// Connects by HTTP, with a user who answers each form as `script` says. The form is what an elicitation has: its message
    /// and its schema.
    ///
    /// # Panics
    /// When it can't.
    pub async fn connect<F>(
        wire: Wire,
        user: &str,
        revision: Revision,
        script: impl Fn(Value) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output: Said> + Send + 'static,
    {
        let config = StreamableHttpClientTransportConfig::with_uri(format!("http://{}/mcp", wire.address))
            .auth_header(token(user));
        Self::over(
            StreamableHttpClientTransport::from_config(config),
            revision,
            script,
        )
        .await
    }

    /// Connects by any transport.
    ///
    /// # Panics
    /// When it can't.
    pub async fn over<T, E, A, F>(
        transport: T,
        revision: Revision,
        script: impl Fn(Value) -> F + Send + Sync + 'static,
    ) -> Self
    where
        T: IntoTransport<RoleClient, E, A>,
        E: std::error::Error + Send + Sync + 'static,
        F: Future<Output: Said> + Send + 'static,
    {
        let mut config = ClientConfig::default();
        config.capabilities.elicitation =
            Some(ElicitationCapability::new().with_form(FormElicitationCapability::default()));
        let lifecycle = if revision.initializes() {
            config.protocol_version = revision.version();
            ClientLifecycleMode::Initialize
        } else {
            ClientLifecycleMode::Discover {
                preferred_versions: vec![revision.version()],
            }
        };
        let user = User {
            config,
            script: Arc::new(move |form| script(form).map(Said::said).boxed()),
            asked: Arc::default(),
            progress: Arc::default(),
            withdrawn: Arc::new(Semaphore::new(0)),
        };
        let running = user
            .clone()
            .serve_with_lifecycle(transport, lifecycle)
            .await
            .expect("the server takes the client");
        Self { running, user }
    }

    /// The forms that the user was shown.
    #[must_use]
    pub fn asked(&self) -> Vec<Value> {
        self.user
            .asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// The progress that the client was told of.
    #[must_use]
    pub fn progress(&self) -> Vec<f64> {
        self.user
            .progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Waits until the server has taken a question back.
    ///
    /// # Panics
    /// Never.
    pub async fn withdrawal(&self) {
        let withdrawn = self.user.withdrawn.acquire().await;
        withdrawn.expect("nobody closes it").forget();
    }

    /// Everything that rmcp's client can do, without asking its user where a result requires input.
    #[must_use]
    pub fn peer(&self) -> &rmcp::Peer<RoleClient> {
        self.running.peer()
    }

    /// Calls a tool, and again with what the user says where the result requires input.
    ///
    /// # Errors
    /// The error that the server answers with.
    pub async fn call(&self, tool: &str, arguments: Value) -> Result<CallToolResult, ErrorData> {
        let request = CallToolRequestParams::new(tool.to_owned()).with_arguments(object(arguments));
        self.running.call_tool(request).await.map_err(error_of)
    }

    /// Reads a resource.
    ///
    /// # Errors
    /// The error that the server answers with.
    pub async fn read(&self, uri: &str) -> Result<ReadResourceResult, ErrorData> {
        let request = ReadResourceRequestParams::new(uri);
        self.running.read_resource(request).await.map_err(error_of)
    }

    /// Gets a prompt.
    ///
    /// # Errors
    /// The error that the server answers with.
    pub async fn prompt(&self, name: &str, arguments: Value) -> Result<GetPromptResult, ErrorData> {
        let request = GetPromptRequestParams::new(name).with_arguments(object(arguments));
        self.running.get_prompt(request).await.map_err(error_of)
    }

    /// Ends the connection.
    ///
    /// # Panics
    /// When it does not end.
    pub async fn leave(self) {
        self.running.cancel().await.expect("the client ends");
    }
}

impl ClientHandler for User {
    fn get_info(&self) -> ClientConfig {
        self.config.clone()
    }

    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        _: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let form = serde_json::to_value(&request).expect("a form is JSON");
        self.asked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(form.clone());
        (self.script)(form).await
    }

    async fn on_cancelled(&self, _: CancelledNotificationParam, _: NotificationContext<RoleClient>) {
        self.withdrawn.add_permits(1);
    }

    async fn on_progress(&self, told: ProgressNotificationParam, _: NotificationContext<RoleClient>) {
        self.progress
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(told.progress);
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person").finish_non_exhaustive()
    }
}
