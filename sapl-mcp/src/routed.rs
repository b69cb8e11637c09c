//! rmcp's `Router`, made a server that a layer can wrap.

use std::{borrow::Cow, fmt};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    handler::server::{
        prompt::PromptContext,
        router::{Router, tool::ToolRouter},
        tool::ToolCallContext,
    },
    model::*,
    service::{NotificationContext, RequestContext, Service as _, SubscriptionContext},
};

type Context = RequestContext<RoleServer>;

/// A server that is put together with rmcp's [`Router`], in the form that a layer and rmcp's HTTP transport take: a
/// `Router` is a service, and not a `ServerHandler`.
///
/// Tools and prompts that have a route are the router's, as with the `Router` itself; all else is answered by the
/// server below it. Lists show what can be used: the routes first, on the first page, then the server's own pages with
/// their cursors, without names that a route has taken. The server's own tools can be used, and so are listed, where the
/// tool router says `transparent_when_not_found`.
///
/// ```
/// use std::sync::Arc;
///
/// use rmcp::{ServerHandler, handler::server::router::{Router, tool::ToolRoute}, model::{CallToolResult, JsonObject, Tool}};
/// use sapl_mcp::{Routed, prelude::*};
///
/// struct Empty;
/// impl ServerHandler for Empty {}
///
/// # fn main() -> Result<(), ConfigError> {
/// let count = Tool::new("count", "Counts rows", JsonObject::new()).enforce(pre_enforce().tags(["pii"]));
/// let router = Router::new(Empty).with_tool(ToolRoute::new_dyn(count, |_| {
///     Box::pin(async { Ok(CallToolResult::structured(json!(3)).into()) })
/// }));
/// let sapl = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny())).build()?;
/// let enforced = sapl.layer(Arc::new(Routed::new(router)));
/// # let _ = enforced;
/// # Ok(())
/// # }
/// ```
pub struct Routed<S> {
    router: Router<S>,
}

impl<S> Routed<S> {
    /// Makes a server of a router.
    pub const fn new(router: Router<S>) -> Self {
        Self { router }
    }

    /// The router.
    pub const fn router(&self) -> &Router<S> {
        &self.router
    }

    /// The router, to change it: before the server is shared.
    pub const fn router_mut(&mut self) -> &mut Router<S> {
        &mut self.router
    }
}

impl<S> From<Router<S>> for Routed<S> {
    fn from(router: Router<S>) -> Self {
        Self::new(router)
    }
}

impl<S: ServerHandler> Routed<S> {
    fn server(&self) -> &S {
        &self.router.service
    }

    fn tools(&self) -> &ToolRouter<S> {
        &self.router.tool_router
    }

    /// Whether the router answers for a tool. One that is switched off is still its own.
    fn routes_tool(&self, name: &str) -> bool {
        !self.tools().transparent_when_not_found || self.tools().map.contains_key(name)
    }
}

/// That there are tools, and that their list can change, as the router tells of itself.
fn with_tools(mut capabilities: ServerCapabilities) -> ServerCapabilities {
    capabilities.tools.get_or_insert_default().list_changed = Some(true);
    capabilities
}

/// Whether a request is for the beginning of a list.
fn is_first(request: Option<&PaginatedRequestParams>) -> bool {
    request.is_none_or(|request| request.cursor.is_none())
}

// A method that is missing here would be the default of the trait and not the server's own.
#[deny(clippy::missing_trait_methods)]
#[expect(deprecated, reason = "the adapter forwards legacy methods too")]
impl<S: ServerHandler> ServerHandler for Routed<S> {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        if self.routes_tool(&request.name) {
            self.tools()
                .call(ToolCallContext::new(self.server(), request, context))
                .await
        } else {
            self.server().call_tool(request, context).await
        }
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        let first = is_first(request.as_ref());
        let mut page = if self.tools().transparent_when_not_found {
            self.server().list_tools(request, context).await?
        } else if first {
            ListToolsResult::default()
        } else {
            return Err(ErrorData::invalid_params("invalid cursor", None));
        };
        page.tools
            .retain(|tool| !self.tools().map.contains_key(&tool.name));
        if first {
            page.tools.splice(..0, self.tools().list_all());
        }
        Ok(page)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        if self.routes_tool(name) {
            self.tools().get(name).cloned()
        } else {
            self.server().get_tool(name)
        }
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        let prompts = &self.router.prompt_router;
        if prompts.has_route(&request.name) {
            let context = PromptContext::new(self.server(), request.name, request.arguments, context);
            prompts.get_prompt(context).await
        } else {
            self.server().get_prompt(request, context).await
        }
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompts = &self.router.prompt_router;
        let first = is_first(request.as_ref());
        let mut page = self.server().list_prompts(request, context).await?;
        page.prompts.retain(|prompt| !prompts.has_route(&prompt.name));
        if first {
            page.prompts.splice(..0, prompts.list_all());
        }
        Ok(page)
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: Context,
    ) -> Result<InitializeResult, ErrorData> {
        let mut result = self.server().initialize(request, context).await?;
        result.capabilities = with_tools(result.capabilities);
        Ok(result)
    }

    fn negotiate_initialize(&self, request: &InitializeRequestParams) -> Result<InitializeResult, ErrorData> {
        let mut result = self.server().negotiate_initialize(request)?;
        result.capabilities = with_tools(result.capabilities);
        Ok(result)
    }

    async fn discover(&self, context: Context) -> Result<DiscoverResult, ErrorData> {
        let mut result = self.server().discover(context).await?;
        result.capabilities = with_tools(result.capabilities);
        Ok(result)
    }

    fn get_info(&self) -> ServerConfig {
        let mut info = self.server().get_info();
        info.capabilities = with_tools(info.capabilities);
        info
    }

    /// By way of the router, which keeps the peer, to tell it when a tool is switched on or off.
    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        let initialized = ClientNotification::InitializedNotification(InitializedNotification::default());
        if let Err(error) = self.router.handle_notification(initialized, context).await {
            tracing::debug!(
                error = error.message.as_ref(),
                "the server did not take a notification"
            );
        }
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        self.server().read_resource(request, context).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.server().list_resources(request, context).await
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.server().list_resource_templates(request, context).await
    }

    async fn read_resource_directory(
        &self,
        request: ReadResourceDirectoryRequestParams,
        context: Context,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        self.server().read_resource_directory(request, context).await
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: Context,
    ) -> Result<CompleteResult, ErrorData> {
        self.server().complete(request, context).await
    }

    async fn subscribe(&self, request: SubscribeRequestParams, context: Context) -> Result<(), ErrorData> {
        self.server().subscribe(request, context).await
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: Context,
    ) -> Result<(), ErrorData> {
        self.server().unsubscribe(request, context).await
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.server().accepted_subscription_filter(requested)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        self.server().listen(context).await
    }

    async fn get_task(&self, request: GetTaskParams, context: Context) -> Result<GetTaskResult, ErrorData> {
        self.server().get_task(request, context).await
    }

    async fn update_task(&self, request: UpdateTaskParams, context: Context) -> Result<(), ErrorData> {
        self.server().update_task(request, context).await
    }

    async fn cancel_task(&self, request: CancelTaskParams, context: Context) -> Result<(), ErrorData> {
        self.server().cancel_task(request, context).await
    }

    async fn list_skills(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListSkillsResult, ErrorData> {
        self.server().list_skills(request, context).await
    }

    async fn get_skill(
        &self,
        request: GetSkillRequestParams,
        context: Context,
    ) -> Result<GetSkillResult, ErrorData> {
        self.server().get_skill(request, context).await
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: Context,
    ) -> Result<CustomResult, ErrorData> {
        self.server().on_custom_request(request, context).await
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.server().supported_protocol_versions()
    }

    async fn ping(&self, context: Context) -> Result<(), ErrorData> {
        self.server().ping(context).await
    }

    async fn set_level(&self, request: SetLevelRequestParams, context: Context) -> Result<(), ErrorData> {
        self.server().set_level(request, context).await
    }

    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.server().on_cancelled(notification, context).await;
    }

    async fn on_progress(
        &self,
        notification: ProgressNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.server().on_progress(notification, context).await;
    }

    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        self.server().on_roots_list_changed(context).await;
    }

    async fn on_custom_notification(
        &self,
        notification: CustomNotification,
        context: NotificationContext<RoleServer>,
    ) {
        self.server().on_custom_notification(notification, context).await;
    }
}

impl<S> fmt::Debug for Routed<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Routed")
            .field("tool_router", &self.router.tool_router)
            .field("prompt_router", &self.router.prompt_router.map)
            .finish_non_exhaustive()
    }
}
