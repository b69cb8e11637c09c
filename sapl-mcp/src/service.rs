//! The wrapped server: every method of rmcp's handler trait, each handed to its surface.

use std::{borrow::Cow, fmt, sync::Arc};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{NotificationContext, RequestContext, SubscriptionContext},
};

use crate::{
    approval::publish,
    enforcement::{Inner, Viewer},
    layer::{Shared, Transport},
    surface::{
        Caller, completion, custom, prompts, resources, rules, skills,
        subscriptions::{self, Seen},
        tasks, tools,
    },
};

type Context = RequestContext<RoleServer>;

/// A server under a [`SaplLayer`](crate::SaplLayer): what rmcp's transports serve in place of the server itself.
// The futures of the surfaces are boxed: rmcp makes one future of all methods, as large as the largest, and layers around
// layers would multiply that until it overflows the stack.
#[derive(Clone)]
pub struct SaplService<S> {
    pub(crate) inner: Inner<S>,
    pub(crate) shared: Arc<Shared>,
    /// What this server was last seen to list.
    pub(crate) seen: Arc<Seen>,
    transport: Transport,
}

impl<S> SaplService<S> {
    pub(crate) fn new(server: S, shared: Arc<Shared>, transport: Transport) -> Self {
        Self {
            inner: Inner::new(server),
            shared,
            seen: Arc::default(),
            transport,
        }
    }

    /// For whom results of a request are.
    pub(crate) fn viewer<'a>(&'a self, caller: &'a Caller) -> Viewer<'a> {
        Viewer {
            shared: &self.shared,
            caller,
        }
    }

    /// Who is at the other end of this request.
    pub(crate) fn caller(&self, context: &Context) -> Caller {
        Caller::of(context, &self.transport)
    }
}

// A method that is missing here would silently be the default of the trait, and so go around the layer.
#[deny(clippy::missing_trait_methods)]
#[expect(
    deprecated,
    reason = "legacy methods have to be enforced as long as clients can call them"
)]
impl<S: ServerHandler> ServerHandler for SaplService<S> {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        Box::pin(tools::call(self, request, context)).await
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        Box::pin(tools::list(self, request, context)).await
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::definition(self, name)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        Box::pin(prompts::get(self, request, context)).await
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        Box::pin(rules::look_for(self, &context)).await;
        let page = self.inner.list_prompts(request, context.clone()).await;
        Box::pin(page.listed(&self.shared, &self.caller(&context), &context)).await
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Box::pin(resources::read(self, request, context)).await
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        Box::pin(resources::list(self, request, context)).await
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Box::pin(rules::look_for(self, &context)).await;
        let page = self.inner.list_resource_templates(request, context.clone()).await;
        Box::pin(page.listed(&self.shared, &self.caller(&context), &context)).await
    }

    async fn read_resource_directory(
        &self,
        request: ReadResourceDirectoryRequestParams,
        context: Context,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        Box::pin(resources::read_directory(self, request, context)).await
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: Context,
    ) -> Result<CompleteResult, ErrorData> {
        Box::pin(completion::complete(self, request, context)).await
    }

    async fn subscribe(&self, request: SubscribeRequestParams, context: Context) -> Result<(), ErrorData> {
        Box::pin(subscriptions::subscribe(self, request, context)).await
    }

    async fn unsubscribe(
        &self,
        request: UnsubscribeRequestParams,
        context: Context,
    ) -> Result<(), ErrorData> {
        self.inner.unsubscribe(request, context).await.pass()
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        subscriptions::accepted(self, requested)
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        Box::pin(subscriptions::listen(self, context)).await
    }

    async fn get_task(&self, request: GetTaskParams, context: Context) -> Result<GetTaskResult, ErrorData> {
        Box::pin(tasks::get(self, request, context)).await
    }

    async fn update_task(&self, request: UpdateTaskParams, context: Context) -> Result<(), ErrorData> {
        Box::pin(tasks::update(self, request, context)).await
    }

    async fn cancel_task(&self, request: CancelTaskParams, context: Context) -> Result<(), ErrorData> {
        Box::pin(tasks::cancel(self, request, context)).await
    }

    async fn list_skills(
        &self,
        request: Option<PaginatedRequestParams>,
        context: Context,
    ) -> Result<ListSkillsResult, ErrorData> {
        Box::pin(skills::list(self, request, context)).await
    }

    async fn get_skill(
        &self,
        request: GetSkillRequestParams,
        context: Context,
    ) -> Result<GetSkillResult, ErrorData> {
        Box::pin(skills::get(self, request, context)).await
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: Context,
    ) -> Result<CustomResult, ErrorData> {
        Box::pin(custom::request(self, request, context)).await
    }

    async fn initialize(
        &self,
        request: InitializeRequestParams,
        context: Context,
    ) -> Result<InitializeResult, ErrorData> {
        let (caller, capabilities) = (self.caller(&context), request.capabilities.clone());
        let mut result = self.inner.initialize(request, context).await.pass()?;
        let states = &self.shared.request_states;
        publish(states, &caller.whose(), Some(&capabilities), &mut result.meta);
        Ok(result)
    }

    fn negotiate_initialize(&self, request: &InitializeRequestParams) -> Result<InitializeResult, ErrorData> {
        self.inner.negotiate_initialize(request)
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }

    async fn discover(&self, context: Context) -> Result<DiscoverResult, ErrorData> {
        Box::pin(subscriptions::look_around(self, &context)).await;
        let (caller, capabilities) = (self.caller(&context), context.client_capabilities());
        let mut result = self.inner.discover(context).await.pass()?;
        let states = &self.shared.request_states;
        if publish(states, &caller.whose(), capabilities.as_ref(), &mut result.meta) {
            result.cache_scope = CacheScope::Private;
        }
        Ok(result)
    }

    async fn ping(&self, context: Context) -> Result<(), ErrorData> {
        self.inner.ping(context).await.pass()
    }

    async fn set_level(&self, request: SetLevelRequestParams, context: Context) -> Result<(), ErrorData> {
        self.inner.set_level(request, context).await.pass()
    }

    fn get_info(&self) -> ServerConfig {
        self.inner.info()
    }

    async fn on_cancelled(
        &self,
        notification: CancelledNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.inner.on_cancelled(notification, context).await;
    }

    async fn on_progress(
        &self,
        notification: ProgressNotificationParam,
        context: NotificationContext<RoleServer>,
    ) {
        self.inner.on_progress(notification, context).await;
    }

    async fn on_initialized(&self, context: NotificationContext<RoleServer>) {
        self.inner.on_initialized(context).await;
    }

    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        self.inner.on_roots_list_changed(context).await;
    }

    async fn on_custom_notification(
        &self,
        notification: CustomNotification,
        context: NotificationContext<RoleServer>,
    ) {
        self.inner.on_custom_notification(notification, context).await;
    }
}

impl<S> fmt::Debug for SaplService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SaplService")
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}
