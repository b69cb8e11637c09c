//! The author's server, whose components' results come out sealed.

use std::{borrow::Cow, future::Future, panic::AssertUnwindSafe};

use futures_util::FutureExt;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{NotificationContext, RequestContext},
};

use super::{Sealed, unmarked};

type Context = RequestContext<RoleServer>;

/// The wrapped server. The field is private to this file: everybody else reaches the verbs below, and those give
/// sealed results.
///
/// Each verb turns a panic of the author's code into an error, since rmcp would never answer such a request.
#[derive(Clone, Debug)]
pub(crate) struct Inner<S>(S);

macro_rules! verbs {
    ($($verb:ident($($argument:ident: $type:ty),*) -> $result:ty $(, $unmarked:path)?;)*) => {$(
        pub(crate) async fn $verb(&self, $($argument: $type,)* context: Context) -> Sealed<Result<$result, ErrorData>> {
            let result = caught(async move { self.0.$verb($($argument,)* context).await }).await;
            $(let result = result.map($unmarked);)?
            Sealed(result)
        }
    )*};
}

macro_rules! notifications {
    ($($verb:ident($($argument:ident: $type:ty),*);)*) => {$(
        pub(crate) async fn $verb(&self, $($argument: $type,)* context: NotificationContext<RoleServer>) {
            let handled = async move { self.0.$verb($($argument,)* context).await };
            if AssertUnwindSafe(handled).catch_unwind().await.is_err() {
                tracing::error!(notification = stringify!($verb), "the server panicked");
            }
        }
    )*};
}

impl<S> Inner<S> {
    pub(crate) const fn new(server: S) -> Self {
        Self(server)
    }
}

#[expect(deprecated, reason = "the wrapper forwards legacy methods too")]
impl<S: ServerHandler> Inner<S> {
    verbs! {
        call_tool(request: CallToolRequestParams) -> CallToolResponse, unmarked::tool;
        get_prompt(request: GetPromptRequestParams) -> GetPromptResponse, unmarked::prompt;
        read_resource(request: ReadResourceRequestParams) -> ReadResourceResponse, unmarked::resource;
        list_tools(request: Option<PaginatedRequestParams>) -> ListToolsResult;
        list_prompts(request: Option<PaginatedRequestParams>) -> ListPromptsResult;
        list_resources(request: Option<PaginatedRequestParams>) -> ListResourcesResult;
        list_resource_templates(request: Option<PaginatedRequestParams>) -> ListResourceTemplatesResult;
        list_skills(request: Option<PaginatedRequestParams>) -> ListSkillsResult;
        get_skill(request: GetSkillRequestParams) -> GetSkillResult;
        read_resource_directory(request: ReadResourceDirectoryRequestParams) -> ReadResourceDirectoryResult;
        complete(request: CompleteRequestParams) -> CompleteResult;
        get_task(request: GetTaskParams) -> GetTaskResult;
        update_task(request: UpdateTaskParams) -> ();
        cancel_task(request: CancelTaskParams) -> ();
        subscribe(request: SubscribeRequestParams) -> ();
        unsubscribe(request: UnsubscribeRequestParams) -> ();
        set_level(request: SetLevelRequestParams) -> ();
        ping() -> ();
        initialize(request: InitializeRequestParams) -> InitializeResult;
        discover() -> DiscoverResult;
        on_custom_request(request: CustomRequest) -> CustomResult;
    }

    notifications! {
        on_cancelled(notification: CancelledNotificationParam);
        on_progress(notification: ProgressNotificationParam);
        on_initialized();
        on_roots_list_changed();
        on_custom_notification(notification: CustomNotification);
    }

    pub(crate) async fn listen(&self, context: rmcp::service::SubscriptionContext) -> Result<(), ErrorData> {
        caught(async move { self.0.listen(context).await }).await
    }

    /// The definition of a tool, with its marker: for the look-up of its rule.
    pub(crate) fn definition_of(&self, tool: &str) -> Option<Tool> {
        std::panic::catch_unwind(AssertUnwindSafe(|| self.0.get_tool(tool))).unwrap_or_else(|_| {
            tracing::error!("the server panicked when it was asked for the definition of a tool");
            None
        })
    }

    pub(crate) fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        self.0.accepted_subscription_filter(requested)
    }

    pub(crate) fn info(&self) -> ServerConfig {
        self.0.get_info()
    }

    pub(crate) fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.0.supported_protocol_versions()
    }

    pub(crate) fn negotiate_initialize(
        &self,
        request: &InitializeRequestParams,
    ) -> Result<InitializeResult, ErrorData> {
        self.0.negotiate_initialize(request)
    }
}

async fn caught<T>(handled: impl Future<Output = Result<T, ErrorData>> + Send) -> Result<T, ErrorData> {
    AssertUnwindSafe(handled)
        .catch_unwind()
        .await
        .unwrap_or_else(|_| {
            tracing::error!("the server panicked while it handled a request");
            Err(ErrorData::internal_error("Internal error", None))
        })
}
