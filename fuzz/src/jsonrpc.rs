//! Any lines, sent to a server whose every component has a rule, under a decision point that permits nothing.
//!
//! The seed corpus runs through the same function as a test (`tests/tests/it/corpus.rs`).

use std::{
    sync::{Arc, LazyLock},
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler, ServiceExt as _,
    model::*,
    service::{RequestContext, SubscriptionContext},
};
use sapl_mcp::{
    AuthorizationDecision, EnforceExt, Rule, SaplLayer, SaplService, decide_fn, gate, post_enforce,
    pre_enforce,
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, duplex, split},
    runtime::Runtime,
    time::timeout,
};

/// What every component gives, and nobody is permitted.
const CONTENT: &str = "what-nobody-is-permitted";

/// The most that is sent at once.
const MAX_BYTES: usize = 64 * 1024;

/// By then a server has answered all of it.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a client of an older revision begins.
const BEGINNING: &str = r#"{"jsonrpc":"2.0","id":"begin","method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"fuzz","version":"1"}}}
{"jsonrpc":"2.0","method":"notifications/initialized"}
"#;

/// The last request. Once it is answered, so are those before it that need no time.
const END: &str = "\n{\"jsonrpc\":\"2.0\",\"id\":\"the-last-one\",\"method\":\"ping\"}\n";

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
});

static SERVICE: LazyLock<SaplService<Arc<Ruled>>> = LazyLock::new(|| {
    let layer = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny()))
        .build()
        .unwrap();
    layer.enforce_stdio("somebody").layer(Arc::new(Ruled))
});

/// The lines go to the server, with the beginning of a session in front if the first byte is even; whatever comes back
/// holds no content, and the server ends with its input.
pub fn jsonrpc(data: &[u8]) {
    let Some((first, lines)) = data.split_first() else {
        return;
    };
    let lines = lines.get(..MAX_BYTES).unwrap_or(lines);
    let beginning = if first % 2 == 0 { BEGINNING } else { "" };
    let input = [beginning.as_bytes(), lines, END.as_bytes()].concat();
    let output = RUNTIME.block_on(async { timeout(PATIENCE, exchange(&input)).await });
    let Ok(output) = output else {
        panic!("the server does not come to an end");
    };
    assert!(
        !String::from_utf8_lossy(&output).contains(CONTENT),
        "content without a permit: {}",
        String::from_utf8_lossy(&output)
    );
}

async fn exchange(input: &[u8]) -> Vec<u8> {
    let (near, far) = duplex(4 * 1024);
    let serving = tokio::spawn(async move {
        if let Ok(running) = SERVICE.clone().serve(far).await {
            // It ends when its input ends, and how does not matter.
            let _ = running.waiting().await;
        }
    });
    let (mut reader, mut writer) = split(near);
    let mut output = Vec::new();
    let write = async {
        // The server may hang up on what it can't read.
        let _ = writer.write_all(input).await;
    };
    let read = async {
        let mut buffer = [0; 4 * 1024];
        while let Ok(count @ 1..) = reader.read(&mut buffer).await {
            output.extend_from_slice(buffer.get(..count).unwrap_or_default());
            if output.windows(14).any(|window| window == b"\"the-last-one\"") {
                break;
            }
        }
    };
    tokio::join!(write, read);
    // What is still under way is answered before the server is gone, or not at all.
    for _ in 0..16 {
        tokio::task::yield_now().await;
    }
    let _ = writer.shutdown().await;
    let mut rest = Vec::new();
    let _ = reader.read_to_end(&mut rest).await;
    output.extend(rest);
    // A panic of the server is one here too.
    if let Err(error) = serving.await {
        assert!(!error.is_panic(), "the server panicked");
    }
    output
}

/// A server whose every component has a rule.
struct Ruled;

fn ruled<D: EnforceExt>(definitions: impl IntoIterator<Item = (D, Rule)>) -> Vec<D> {
    let enforced = definitions
        .into_iter()
        .map(|(definition, rule)| definition.enforce(rule));
    enforced.collect()
}

fn tools() -> Vec<Tool> {
    let tool = |name: &'static str| Tool::new(name, "a tool", serde_json::Map::new());
    ruled([
        (tool("pre"), pre_enforce()),
        (tool("post"), post_enforce()),
        (tool("stealth"), pre_enforce().stealth()),
        (tool("gated"), gate()),
    ])
}

fn given<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| ErrorData::internal_error(error.to_string(), None))
}

type Context = RequestContext<RoleServer>;
type Page = Option<PaginatedRequestParams>;

impl ServerHandler for Ruled {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .enable_resources_subscribe()
            .enable_completions()
            .enable_tasks()
            .enable_skills_with_directory_read();
        ServerConfig::new(capabilities.build())
    }

    async fn call_tool(&self, _: CallToolRequestParams, _: Context) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::structured(json!({ "value": CONTENT })).into())
    }

    async fn list_tools(&self, _: Page, _: Context) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(tools()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools().into_iter().find(|tool| tool.name == name)
    }

    async fn get_prompt(
        &self,
        _: GetPromptRequestParams,
        _: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        Ok(GetPromptResult::new(vec![PromptMessage::new_text(Role::User, CONTENT)]).into())
    }

    async fn list_prompts(&self, _: Page, _: Context) -> Result<ListPromptsResult, ErrorData> {
        let prompt = |name: &str| Prompt::new(name, Some("a prompt"), None);
        Ok(ListPromptsResult::with_all_items(ruled([
            (prompt("pre"), pre_enforce()),
            (prompt("post"), post_enforce()),
            (prompt("stealth"), pre_enforce().stealth()),
            (prompt("gated"), gate()),
        ])))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(ReadResourceResult::new(vec![ResourceContents::text(CONTENT, request.uri)]).into())
    }

    async fn list_resources(&self, _: Page, _: Context) -> Result<ListResourcesResult, ErrorData> {
        let resource = |uri: &str| Resource::new(uri, "a resource");
        Ok(ListResourcesResult::with_all_items(ruled([
            (resource("data://pre"), pre_enforce()),
            (resource("data://post"), post_enforce()),
            (resource("data://stealth"), pre_enforce().stealth()),
            (resource("data://gated"), gate()),
        ])))
    }

    async fn list_resource_templates(
        &self,
        _: Page,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        let template = |text: &str| ResourceTemplate::new(text, "a template");
        Ok(ListResourceTemplatesResult::with_all_items(ruled([
            (template("data://pre/{a}"), pre_enforce()),
            (template("data://stealth/{a}/{b}"), pre_enforce().stealth()),
            (template("skill://{name}/{file}"), pre_enforce()),
            (template("hidden://{name}/{file}"), pre_enforce().stealth()),
        ])))
    }

    async fn read_resource_directory(
        &self,
        _: ReadResourceDirectoryRequestParams,
        _: Context,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        Ok(ReadResourceDirectoryResult::with_all_items(vec![Resource::new(
            "data://pre",
            CONTENT,
        )]))
    }

    async fn complete(&self, _: CompleteRequestParams, _: Context) -> Result<CompleteResult, ErrorData> {
        given(json!({"completion": {"values": [CONTENT]}}))
    }

    async fn subscribe(&self, request: SubscribeRequestParams, _: Context) -> Result<(), ErrorData> {
        Err(ErrorData::internal_error(
            format!("{CONTENT} {}", request.uri),
            None,
        ))
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        context.cancelled().await;
        Ok(())
    }

    async fn get_task(&self, _: GetTaskParams, _: Context) -> Result<GetTaskResult, ErrorData> {
        Err(ErrorData::internal_error(CONTENT, None))
    }

    async fn update_task(&self, _: UpdateTaskParams, _: Context) -> Result<(), ErrorData> {
        Err(ErrorData::internal_error(CONTENT, None))
    }

    async fn cancel_task(&self, _: CancelTaskParams, _: Context) -> Result<(), ErrorData> {
        Err(ErrorData::internal_error(CONTENT, None))
    }

    async fn list_skills(&self, _: Page, _: Context) -> Result<ListSkillsResult, ErrorData> {
        let about = SkillFrontmatter::new("a", CONTENT);
        let skill = Skill::new("hidden://a/SKILL.md", about, SkillResources::Dynamic);
        Ok(ListSkillsResult::with_all_items(vec![skill]))
    }

    async fn get_skill(&self, _: GetSkillRequestParams, _: Context) -> Result<GetSkillResult, ErrorData> {
        Err(ErrorData::internal_error(CONTENT, None))
    }
}
