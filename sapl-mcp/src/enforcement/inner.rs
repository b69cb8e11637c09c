//! The author's server, whose components' results come out sealed.

use std::{
    any::Any,
    borrow::Cow,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
};

use futures_util::FutureExt;
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{NotificationContext, RequestContext},
};

use super::{
    Sealed,
    links::{self, Viewer},
    unmarked,
};

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

/// Verbs whose results can link to resources: what their viewer may not know of is taken out before anybody else sees
/// the result.
macro_rules! linking_verbs {
    ($($verb:ident($raw:ident, $request:ident: $type:ty $(, of $own:ident)?) -> $result:ty $(, $unmarked:path)?;)*) => {$(
        pub(crate) async fn $verb(
            &self,
            $request: $type,
            context: Context,
            viewer: Viewer<'_>,
        ) -> Sealed<Result<$result, ErrorData>> {
            let own: Option<String> = None;
            $(let own = own.or_else(|| Some($request.$own.clone()));)?
            let kept = viewer.is_limited().then(|| context.clone());
            let mut result = caught(async move { self.0.$raw($request, context).await }).await;
            if let (Ok(result), Some(context)) = (&mut result, &kept) {
                links::clean(self, viewer, context, own.as_deref(), result).await;
            }
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
    linking_verbs! {
        call_tool(call_tool, request: CallToolRequestParams) -> CallToolResponse, unmarked::tool;
        get_prompt(get_prompt, request: GetPromptRequestParams) -> GetPromptResponse, unmarked::prompt;
        read_resource(read_resource, request: ReadResourceRequestParams, of uri) -> ReadResourceResponse, unmarked::resource;
        skills(list_skills, request: Option<PaginatedRequestParams>) -> ListSkillsResult;
        get_skill(get_skill, request: GetSkillRequestParams) -> GetSkillResult, unmarked::skill;
        get_task(get_task, request: GetTaskParams) -> GetTaskResult, unmarked::task;
    }

    verbs! {
        list_tools(request: Option<PaginatedRequestParams>) -> ListToolsResult;
        list_prompts(request: Option<PaginatedRequestParams>) -> ListPromptsResult;
        list_resources(request: Option<PaginatedRequestParams>) -> ListResourcesResult;
        list_resource_templates(request: Option<PaginatedRequestParams>) -> ListResourceTemplatesResult;
        list_skills(request: Option<PaginatedRequestParams>) -> ListSkillsResult;
        read_resource_directory(request: ReadResourceDirectoryRequestParams) -> ReadResourceDirectoryResult;
        complete(request: CompleteRequestParams) -> CompleteResult;
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
    ///
    /// One of another name is none: a server that finds a tool by several spellings would else run it by one that
    /// the builder's rule is not about.
    pub(crate) fn definition_of(&self, tool: &str) -> Option<Tool> {
        let found = caught_at_once(|| self.0.get_tool(tool)).flatten();
        found.filter(|found| found.name == tool)
    }

    /// What a client may hear of: nothing if the server panics.
    pub(crate) fn accepted_subscription_filter(
        &self,
        requested: &SubscriptionFilter,
    ) -> Option<SubscriptionFilter> {
        caught_at_once(|| self.0.accepted_subscription_filter(requested)).unwrap_or_default()
    }

    /// What the server says of itself: that it can do nothing if it panics.
    pub(crate) fn info(&self) -> ServerConfig {
        caught_at_once(|| self.0.get_info()).unwrap_or_default()
    }

    /// The revisions of the protocol that the server speaks: those of rmcp if it panics.
    pub(crate) fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        caught_at_once(|| self.0.supported_protocol_versions())
            .unwrap_or(Cow::Borrowed(ProtocolVersion::KNOWN_VERSIONS))
    }

    pub(crate) fn negotiate_initialize(
        &self,
        request: &InitializeRequestParams,
    ) -> Result<InitializeResult, ErrorData> {
        caught_at_once(|| self.0.negotiate_initialize(request)).unwrap_or_else(|| Err(panicked()))
    }
}

/// What `asked` gives, if it does not panic.
fn caught_at_once<T>(asked: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(asked))
        .map_err(|payload| {
            forget(payload);
            tracing::error!("the server panicked when it was asked about itself");
        })
        .ok()
}

async fn caught<T>(handled: impl Future<Output = Result<T, ErrorData>> + Send) -> Result<T, ErrorData> {
    AssertUnwindSafe(handled)
        .catch_unwind()
        .await
        .unwrap_or_else(|payload| {
            forget(payload);
            tracing::error!("the server panicked while it handled a request");
            Err(panicked())
        })
}

/// The answer where the author's code panicked.
fn panicked() -> ErrorData {
    ErrorData::internal_error("Internal error", None)
}

/// Keeps what a panic carries from being dropped: its destructor could panic in its turn.
fn forget(payload: Box<dyn Any + Send>) {
    std::mem::forget(payload);
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Broken;

    impl ServerHandler for Broken {
        fn get_tool(&self, _: &str) -> Option<Tool> {
            panic!("get_tool")
        }

        fn accepted_subscription_filter(&self, _: &SubscriptionFilter) -> Option<SubscriptionFilter> {
            panic!("accepted_subscription_filter")
        }

        fn get_info(&self) -> ServerConfig {
            panic!("get_info")
        }

        fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
            panic!("supported_protocol_versions")
        }
    }

    #[test]
    fn a_server_that_panics_about_itself_offers_nothing_and_is_still_answered_for() {
        let inner = Inner::new(Broken);
        assert!(inner.definition_of("t").is_none());
        assert!(
            inner
                .accepted_subscription_filter(&SubscriptionFilter::default())
                .is_none()
        );
        assert_eq!(inner.info(), ServerConfig::default());
        assert_eq!(
            inner.supported_protocol_versions(),
            ProtocolVersion::KNOWN_VERSIONS
        );
        let error = inner
            .negotiate_initialize(&InitializeRequestParams::default())
            .unwrap_err();
        assert_eq!(error, panicked());
    }

    #[tokio::test]
    async fn a_panic_is_an_error_whatever_it_carries() {
        struct PanicsWhenDropped;
        impl Drop for PanicsWhenDropped {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let error = caught::<()>(async { std::panic::panic_any(PanicsWhenDropped) }).await;
        assert_eq!(error, Err(panicked()));
    }
}
