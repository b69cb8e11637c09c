//! What a component does.

use std::{fmt, future::pending, sync::Arc};

use futures_util::{FutureExt as _, future::BoxFuture};
use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolResponse, CallToolResult, ContentBlock, GetPromptResponse, GetPromptResult, PromptMessage,
        ReadResourceResponse, ReadResourceResult, ResourceContents, Role,
    },
    service::RequestContext,
};
use serde_json::Value;
use tokio::sync::Notify;

use super::Received;

type Context = RequestContext<RoleServer>;
type Given = Result<Component, ErrorData>;
type Function = dyn Fn(Received, Context) -> BoxFuture<'static, Given> + Send + Sync;

/// What a component does when it is called, read or got.
#[derive(Clone)]
pub struct Behaviour(Arc<Function>);

/// What a component gives.
#[derive(Clone, Debug)]
pub enum Component {
    /// JSON: a tool's structured content, a resource's text with the MIME type of JSON, a prompt's message.
    Value(Value),
    /// A text.
    Text(String),
    /// A tool's result.
    Tool(CallToolResponse),
    /// A prompt's result.
    Prompt(GetPromptResponse),
    /// A resource's result.
    Resource(ReadResourceResponse),
}

impl Behaviour {
    /// Does what `function` does.
    pub fn does<F>(function: impl Fn(Received, Context) -> F + Send + Sync + 'static) -> Self
    where
        F: Future<Output = Given> + Send + 'static,
    {
        Self(Arc::new(move |received, context| {
            function(received, context).boxed()
        }))
    }

    /// Gives the same each time.
    #[must_use]
    pub fn gives(component: Component) -> Self {
        Self::does(move |_, _| std::future::ready(Ok(component.clone())))
    }

    /// Gives JSON.
    #[must_use]
    pub fn value(value: Value) -> Self {
        Self::gives(Component::Value(value))
    }

    /// Gives a text.
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self::gives(Component::Text(text.to_owned()))
    }

    /// Gives this result of a tool.
    pub fn result(result: impl Into<CallToolResponse>) -> Self {
        Self::gives(Component::Tool(result.into()))
    }

    /// Gives a tool's result that says that it is an error.
    #[must_use]
    pub fn is_error(text: &str) -> Self {
        Self::result(CallToolResult::error(vec![ContentBlock::text(text)]))
    }

    /// Fails.
    #[must_use]
    pub fn fails(error: ErrorData) -> Self {
        Self::does(move |_, _| std::future::ready(Err(error.clone())))
    }

    /// Panics.
    #[must_use]
    pub fn panics() -> Self {
        Self::does(|_, _| async { panic!("the component panics") })
    }

    /// Never ends.
    #[must_use]
    pub fn never() -> Self {
        Self::does(|_, _| pending())
    }

    /// Gives a text when somebody notifies.
    #[must_use]
    pub fn when(signal: &Arc<Notify>, text: &str) -> Self {
        let (signal, text) = (Arc::clone(signal), text.to_owned());
        Self::does(move |_, _| {
            let (signal, text) = (Arc::clone(&signal), text.clone());
            async move {
                signal.notified().await;
                Ok(Component::Text(text))
            }
        })
    }

    /// Gives its arguments.
    #[must_use]
    pub fn echo() -> Self {
        Self::does(|received, _| std::future::ready(Ok(Component::Value(received.arguments))))
    }

    pub(super) fn run(&self, received: Received, context: Context) -> BoxFuture<'static, Given> {
        (self.0)(received, context)
    }
}

impl Component {
    pub(super) fn tool(self) -> CallToolResponse {
        match self {
            Self::Value(value) => CallToolResult::structured(value).into(),
            Self::Text(text) => CallToolResult::success(vec![ContentBlock::text(text)]).into(),
            Self::Tool(response) => response,
            other => panic!("not of a tool: {other:?}"),
        }
    }

    pub(super) fn prompt(self) -> GetPromptResponse {
        let text = match self {
            Self::Value(value) => value.to_string(),
            Self::Text(text) => text,
            Self::Prompt(response) => return response,
            other => panic!("not of a prompt: {other:?}"),
        };
        GetPromptResult::new(vec![PromptMessage::new_text(Role::User, text)]).into()
    }

    pub(super) fn resource(self, uri: &str) -> ReadResourceResponse {
        let contents = match self {
            Self::Value(value) => {
                ResourceContents::text(value.to_string(), uri).with_mime_type("application/json")
            }
            Self::Text(text) => ResourceContents::text(text, uri),
            Self::Resource(response) => return response,
            other => panic!("not of a resource: {other:?}"),
        };
        ReadResourceResult::new(vec![contents]).into()
    }
}

impl fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Behaviour")
    }
}
