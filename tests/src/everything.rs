//! A server with something of everything in the protocol: the components that the public MCP conformance suite uses.

mod asking;
mod components;
mod rounds;

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{RequestContext, SubscriptionContext},
};
use sapl_mcp::{EnforceExt, RuleHandle};
use serde_json::{Value, json};
use tokio::sync::broadcast;

type Context = RequestContext<RoleServer>;

/// The server.
#[derive(Debug)]
pub struct Everything {
    rule: Option<RuleHandle>,
    changes: broadcast::Sender<Change>,
}

/// A list that has changed.
#[derive(Clone, Copy, Debug)]
enum Change {
    Tools,
    Prompts,
}

/// What a typed value is in JSON.
fn read<T: serde::de::DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("it is of the type")
}

/// A result that is complete, as revision 2026-07-28 wants it said; rmcp takes it out for older ones.
fn complete<T: serde::de::DeserializeOwned>(mut result: Value) -> T {
    result["resultType"] = "complete".into();
    read(result)
}

impl Everything {
    /// A server whose components have no rule.
    #[must_use]
    pub fn new() -> Self {
        Self {
            rule: None,
            changes: broadcast::channel(16).0,
        }
    }

    /// A server all of whose components have this rule.
    #[must_use]
    pub fn under(rule: RuleHandle) -> Self {
        Self {
            rule: Some(rule),
            ..Self::new()
        }
    }

    fn marked<D: EnforceExt>(&self, definitions: Vec<D>) -> Vec<D> {
        match self.rule {
            Some(rule) => definitions.into_iter().map(|one| one.enforce(rule)).collect(),
            None => definitions,
        }
    }

    fn change(&self, change: Change) {
        // Nobody has to listen.
        let _ = self.changes.send(change);
    }
}

impl Default for Everything {
    fn default() -> Self {
        Self::new()
    }
}

impl ServerHandler for Everything {
    fn get_info(&self) -> ServerConfig {
        let capabilities = read(json!({
            "tools": {"listChanged": true},
            "prompts": {"listChanged": true},
            "resources": {"subscribe": true, "listChanged": true},
            "completions": {},
            "logging": {},
        }));
        ServerConfig::new(capabilities)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        match &*request.name {
            "test_trigger_tool_change" => self.change(Change::Tools),
            "test_trigger_prompt_change" => self.change(Change::Prompts),
            _ => {}
        }
        if let Some(result) = components::tool(&request.name) {
            return Ok(complete::<CallToolResult>(result).into());
        }
        if let Some(answer) = rounds::tool(&request, &context) {
            return answer;
        }
        asking::tool(request, context).await
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let found = components::tools().into_iter().filter(|tool| tool.name == name);
        self.marked(found.collect()).pop()
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.marked(components::tools())))
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        _: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        if let Some(answer) = rounds::prompt(&request) {
            return answer;
        }
        let arguments = Value::Object(request.arguments.unwrap_or_default());
        let Some(result) = components::prompt(&request.name, &arguments) else {
            let message = format!("prompt '{}' not found", request.name);
            return Err(ErrorData::invalid_params(message, None));
        };
        Ok(complete::<GetPromptResult>(result).into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(ListPromptsResult::with_all_items(
            self.marked(components::prompts()),
        ))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = request.uri;
        match components::resource(&uri) {
            Some(content) => Ok(complete::<ReadResourceResult>(json!({"contents": [content]})).into()),
            None => Err(ErrorData::resource_not_found(
                "Resource not found",
                Some(json!({"uri": uri})),
            )),
        }
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(
            self.marked(components::resources()),
        ))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let templates = self.marked(components::templates());
        Ok(ListResourceTemplatesResult::with_all_items(templates))
    }

    async fn subscribe(&self, _: SubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn unsubscribe(&self, _: UnsubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    #[expect(deprecated, reason = "older revisions have it")]
    async fn set_level(&self, _: SetLevelRequestParams, _: Context) -> Result<(), ErrorData> {
        Ok(())
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        _: Context,
    ) -> Result<CompleteResult, ErrorData> {
        let begun = &request.argument.value;
        let values = ["paris", "park", "party", "testing"].into_iter();
        let fitting: Vec<String> = values
            .filter(|value| value.starts_with(begun))
            .map(str::to_owned)
            .collect();
        Ok(CompleteResult::new(
            CompletionInfo::new(fitting).expect("few values"),
        ))
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes.subscribe();
        loop {
            let change = tokio::select! {
                () = context.cancelled() => return Ok(()),
                change = changes.recv() => change,
            };
            // What was not asked for is refused here, and who does not listen any more is told above.
            let _ = match change {
                Ok(Change::Tools) => context.sink().notify_tool_list_changed().await,
                Ok(Change::Prompts) => context.sink().notify_prompt_list_changed().await,
                Err(_) => return Ok(()),
            };
        }
    }
}
