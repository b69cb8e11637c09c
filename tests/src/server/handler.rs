//! The server as rmcp sees it.

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::*,
    service::{RequestContext, SubscriptionContext},
};
use serde_json::{Value, json};

use super::{Behaviour, Received, Server};

type Context = RequestContext<RoleServer>;

impl ServerHandler for Server {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_tool_list_changed()
            .enable_prompts()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_completions()
            .enable_tasks()
            .enable_skills_with_directory_read();
        ServerConfig::new(capabilities.build())
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        let mut received = received(
            "tools/call",
            &request.name,
            json!(request.arguments),
            &request.meta,
            &context,
        );
        received.round = round(&request.request_state, &request.input_responses);
        self.note(&received);
        let Some((_, behaviour)) = self.tools.iter().find(|(tool, _)| tool.name == request.name) else {
            return Err(ErrorData::invalid_params("tool not found", None));
        };
        behaviour.run(received, context).await.map(super::Component::tool)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        let found = self.tools.iter().find(|(tool, _)| tool.name == name)?;
        self.look_up.map(|look_up| look_up(found.0.clone()))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        let (tools, next) = self.listed(&self.tools, cursor(request)).await?;
        let mut page = ListToolsResult::with_all_items(tools);
        page.next_cursor = next;
        page.cache_scope = Some(CacheScope::Public);
        page.ttl_ms = Some(60_000);
        Ok(page)
    }

    async fn get_prompt(
        &self,
        request: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        let mut received = received(
            "prompts/get",
            &request.name,
            json!(request.arguments),
            &request.meta,
            &context,
        );
        received.round = round(&request.request_state, &request.input_responses);
        self.note(&received);
        let Some((_, behaviour)) = self
            .prompts
            .iter()
            .find(|(prompt, _)| prompt.name == request.name)
        else {
            let names: Vec<&str> = self
                .prompts
                .iter()
                .map(|(prompt, _)| prompt.name.as_str())
                .collect();
            let message = format!("prompt '{}' not found", request.name);
            return Err(ErrorData::invalid_params(
                message,
                Some(json!({"available_prompts": names})),
            ));
        };
        behaviour
            .run(received, context)
            .await
            .map(super::Component::prompt)
    }

    async fn list_prompts(
        &self,
        request: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        let (prompts, next) = self.listed(&self.prompts, cursor(request)).await?;
        let mut page = ListPromptsResult::with_all_items(prompts);
        page.next_cursor = next;
        page.cache_scope = Some(CacheScope::Public);
        page.ttl_ms = Some(60_000);
        Ok(page)
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let mut received = received(
            "resources/read",
            &request.uri,
            Value::Null,
            &request.meta,
            &context,
        );
        received.round = round(&request.request_state, &request.input_responses);
        self.note(&received);
        let behaviour = self.behaviour_of(&request.uri);
        let Some(behaviour) = behaviour else {
            return Err(ErrorData::resource_not_found(
                "nothing here",
                Some(json!({"uri": request.uri})),
            ));
        };
        let component = behaviour.run(received, context).await?;
        let mut response = component.resource(&request.uri);
        if let ReadResourceResponse::Complete(result) = &mut response {
            result.cache_scope = Some(CacheScope::Public);
            result.ttl_ms = Some(60_000);
        }
        Ok(response)
    }

    async fn list_resources(
        &self,
        request: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        let (resources, next) = self.listed(&self.resources, cursor(request)).await?;
        let mut page = ListResourcesResult::with_all_items(resources);
        page.next_cursor = next;
        page.cache_scope = Some(CacheScope::Public);
        page.ttl_ms = Some(60_000);
        Ok(page)
    }

    async fn list_resource_templates(
        &self,
        request: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let (templates, next) = self.listed(&self.templates, cursor(request)).await?;
        let mut page = ListResourceTemplatesResult::with_all_items(templates);
        page.next_cursor = next;
        page.cache_scope = Some(CacheScope::Public);
        page.ttl_ms = Some(60_000);
        Ok(page)
    }

    async fn read_resource_directory(
        &self,
        request: ReadResourceDirectoryRequestParams,
        context: Context,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        self.note(&received(
            "resources/directory/read",
            &request.uri,
            Value::Null,
            &request.meta,
            &context,
        ));
        let inside = |uri: &str| !request.uri.ends_with('/') || uri.starts_with(&request.uri);
        let all: Vec<_> = self
            .resources
            .iter()
            .filter(|(resource, _)| inside(&resource.uri))
            .cloned()
            .collect();
        let (resources, next) = self.page(&all, request.cursor)?;
        let mut page = ReadResourceDirectoryResult::with_all_items(resources);
        page.next_cursor = next;
        page.cache_scope = Some(CacheScope::Public);
        page.ttl_ms = Some(60_000);
        Ok(page)
    }

    async fn complete(
        &self,
        request: CompleteRequestParams,
        context: Context,
    ) -> Result<CompleteResult, ErrorData> {
        let name = match &request.r#ref {
            Reference::Prompt(prompt) => prompt.name.clone(),
            Reference::Resource(resource) => resource.uri.clone(),
            _ => String::new(),
        };
        let mut received = received(
            "completion/complete",
            &name,
            json!(request.context.and_then(|context| context.arguments)),
            &request.meta,
            &context,
        );
        received.completed = json!([request.argument.name, request.argument.value]);
        self.note(&received);
        let values = vec![format!("{name}-completed")];
        Ok(CompleteResult::new(
            CompletionInfo::new(values).expect("one value is not too many"),
        ))
    }

    async fn subscribe(&self, request: SubscribeRequestParams, context: Context) -> Result<(), ErrorData> {
        self.note(&received(
            "resources/subscribe",
            &request.uri,
            Value::Null,
            &request.meta,
            &context,
        ));
        Ok(())
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.log.add(format!("accepts {}", json!(requested)));
        let mut accepted = requested.clone();
        if let (true, Some(uris)) = (self.picky, &mut accepted.resource_subscriptions) {
            uris.retain(|uri| self.behaviour_of(uri).is_some());
        }
        Some(accepted)
    }

    async fn listen(&self, subscription: SubscriptionContext) -> Result<(), ErrorData> {
        self.log.add("listens");
        for uri in subscription.accepted().resource_subscriptions.iter().flatten() {
            let sent = subscription.sink().notify_resource_updated(uri).await;
            sent.map_err(|error| ErrorData::internal_error(error.to_string(), None))?;
        }
        Ok(())
    }

    async fn get_task(&self, request: GetTaskParams, context: Context) -> Result<GetTaskResult, ErrorData> {
        self.note(&received(
            "tasks/get",
            &request.task_id,
            Value::Null,
            &request.meta,
            &context,
        ));
        if let Some(tasks) = &self.tasks {
            return (tasks.0)(&request.task_id);
        }
        let task = Task::new(
            request.task_id,
            TaskStatus::Completed,
            "2026-01-01T00:00:00Z",
            "2026-01-01T00:00:00Z",
        );
        let result = object(json!({"content": [{"type": "text", "text": "the result of a task"}]}));
        Ok(GetTaskResult::new(DetailedTask::new(
            task,
            TaskPayload::Completed { result },
        )))
    }

    async fn update_task(&self, request: UpdateTaskParams, context: Context) -> Result<(), ErrorData> {
        self.note(&received(
            "tasks/update",
            &request.task_id,
            json!(request.input_responses),
            &request.meta,
            &context,
        ));
        Ok(())
    }

    async fn cancel_task(&self, request: CancelTaskParams, context: Context) -> Result<(), ErrorData> {
        self.note(&received(
            "tasks/cancel",
            &request.task_id,
            Value::Null,
            &request.meta,
            &context,
        ));
        Ok(())
    }

    async fn list_skills(
        &self,
        request: Option<PaginatedRequestParams>,
        _: Context,
    ) -> Result<ListSkillsResult, ErrorData> {
        let (skills, next) = self.listed(&self.skills, cursor(request)).await?;
        let mut page = ListSkillsResult::with_all_items(skills);
        page.next_cursor = next;
        page.cache_scope = Some(CacheScope::Public);
        page.ttl_ms = Some(60_000);
        Ok(page)
    }

    async fn get_skill(
        &self,
        request: GetSkillRequestParams,
        context: Context,
    ) -> Result<GetSkillResult, ErrorData> {
        self.note(&received(
            "skills/get",
            &request.uri,
            Value::Null,
            &request.meta,
            &context,
        ));
        let found = self.skills.iter().find(|(skill, ())| skill.uri == request.uri);
        let Some((skill, ())) = found else {
            return Err(ErrorData::resource_not_found("no skill", None));
        };
        let mut result = GetSkillResult::new(skill.clone());
        result.cache_scope = Some(CacheScope::Public);
        result.ttl_ms = Some(60_000);
        Ok(result)
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: Context,
    ) -> Result<CustomResult, ErrorData> {
        let params = request.params.unwrap_or_default();
        self.note(&received(&request.method, "", params, &None, &context));
        Ok(CustomResult::new(json!({"custom": request.method})))
    }
}

fn cursor(request: Option<PaginatedRequestParams>) -> Option<String> {
    request?.cursor
}

impl Server {
    /// What the resource of this URI does, or the template that it starts like.
    fn behaviour_of(&self, uri: &str) -> Option<&Behaviour> {
        let exact = self.resources.iter().find(|(resource, _)| resource.uri == uri);
        let starts = |text: &str| text.split('{').next().is_some_and(|start| uri.starts_with(start));
        let template = || {
            self.templates
                .iter()
                .find(|(template, _)| starts(&template.uri_template))
        };
        exact
            .map(|(_, behaviour)| behaviour)
            .or_else(|| template().map(|(_, behaviour)| behaviour))
    }

    async fn listed<D: Clone, B>(
        &self,
        all: &[(D, B)],
        cursor: Option<String>,
    ) -> Result<(Vec<D>, Option<String>), ErrorData> {
        if self.slow {
            tokio::task::yield_now().await;
        }
        self.page(all, cursor)
    }

    fn page<D: Clone, B>(
        &self,
        all: &[(D, B)],
        cursor: Option<String>,
    ) -> Result<(Vec<D>, Option<String>), ErrorData> {
        if !self.lists {
            return Err(ErrorData::internal_error("the list can't be read", None));
        }
        let start = match cursor {
            None => 0,
            Some(cursor) => cursor
                .parse()
                .map_err(|_| ErrorData::invalid_params("not a cursor", None))?,
        };
        let page = all
            .iter()
            .skip(start)
            .take(self.page)
            .map(|(definition, _)| definition.clone());
        let end = start.saturating_add(self.page);
        let next = match self.stuck {
            true => Some("0".to_owned()),
            false => (end < all.len()).then(|| end.to_string()),
        };
        Ok((page.collect(), next))
    }
}

fn received(
    method: &str,
    name: &str,
    arguments: Value,
    meta: &Option<RequestMetaObject>,
    context: &Context,
) -> Received {
    Received {
        method: method.to_owned(),
        name: name.to_owned(),
        arguments,
        meta: json!(meta),
        context_meta: json!(context.meta),
        completed: Value::Null,
        round: Value::Null,
    }
}

/// What a client sends along when it was asked for input.
fn round(state: &Option<String>, responses: &Option<InputResponses>) -> Value {
    match (state, responses) {
        (None, None) => Value::Null,
        (state, responses) => json!([state, responses]),
    }
}
