//! The server: an ordinary rmcp server, whose components say what their gates ask.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    handler::server::{
        router::tool::ToolRouter,
        wrapper::{Json, Parameters},
    },
    model::{
        Implementation, ListResourcesResult, PaginatedRequestParams, ReadResourceRequestParams,
        ReadResourceResponse, ReadResourceResult, Resource, ResourceContents, ServerCapabilities,
        ServerConfig,
    },
    service::RequestContext,
    tool, tool_handler, tool_router,
};
use sapl_mcp::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::analytics::Received;

pub(super) const STATUS: &str = "config://server/status";
pub(super) const SETTINGS: &str = "config://server/settings";

const JSON: &str = "application/json";

/// A server that can be asked how it is, and configured, without enforcement: that is the layer around it.
pub struct StatusServer {
    tool_router: ToolRouter<Self>,
    resources: Vec<Resource>,
    settings: Mutex<BTreeMap<&'static str, String>>,
    received: Option<Received>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Hello {
    name: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Greeting {
    name: String,
    greeting: String,
}

#[derive(Debug, Serialize, JsonSchema)]
struct Time {
    /// Seconds since 1970.
    seconds: u64,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Key {
    key: String,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Setting {
    key: String,
    value: String,
}

impl StatusServer {
    /// The server with its four tools and two resources. What reaches them is noted in `received`.
    pub fn new(received: Option<Received>) -> Self {
        let settings = [("log_level", "info"), ("max_sessions", "64")];
        Self {
            tool_router: Self::tool_router(),
            resources: vec![
                Resource::new(STATUS, "server_status")
                    .with_description("How the server is")
                    .with_mime_type(JSON)
                    .enforce(gate().tags(["public"])),
                Resource::new(SETTINGS, "server_settings")
                    .with_description("How the server is configured")
                    .with_mime_type(JSON)
                    .enforce(
                        gate()
                            .action("read_settings")
                            .resource("server_config")
                            .tags(["admin"]),
                    ),
            ],
            settings: Mutex::new(settings.map(|(key, value)| (key, value.to_owned())).into()),
            received,
        }
    }

    fn note(&self, component: &str, arguments: &impl Serialize) {
        if let Some(received) = &self.received {
            received.note(component, arguments);
        }
    }

    fn settings(&self) -> MutexGuard<'_, BTreeMap<&'static str, String>> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[tool_router]
impl StatusServer {
    #[gate(tags = ["public"])]
    #[tool(description = "Greets")]
    async fn hello(&self, Parameters(hello): Parameters<Hello>) -> Json<Greeting> {
        self.note("hello", &hello);
        Json(Greeting {
            greeting: format!("Hello, {}!", hello.name),
            name: hello.name,
        })
    }

    #[gate(action = "read_status", tags = ["public"])]
    #[tool(description = "The time of the server")]
    async fn get_time(&self) -> Json<Time> {
        self.note("get_time", &());
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Json(Time {
            seconds: since.unwrap_or_default().as_secs(),
        })
    }

    #[gate(resource = "server_config", tags = ["admin"])]
    #[tool(description = "One setting")]
    async fn read_config(&self, Parameters(Key { key }): Parameters<Key>) -> Result<Json<Setting>, String> {
        self.note("read_config", &key);
        match self.settings().get(key.as_str()).cloned() {
            Some(value) => Ok(Json(Setting { key, value })),
            None => Err("there is no such setting".to_owned()),
        }
    }

    #[gate(
        subject = user_name,
        action = "write_config",
        resource = "server_config",
        secrets = |ctx| json!({"raw_token": ctx.token().map(|identity| identity.token().expose())}),
        tags = ["admin", "write"],
    )]
    #[tool(description = "Changes a setting")]
    async fn write_config(&self, Parameters(setting): Parameters<Setting>) -> Result<Json<Setting>, String> {
        self.note("write_config", &setting);
        match self.settings().get_mut(setting.key.as_str()) {
            Some(value) => value.clone_from(&setting.value),
            None => return Err("there is no such setting".to_owned()),
        }
        Ok(Json(setting))
    }
}

/// Who calls, by name.
fn user_name(ctx: &SubscriptionContext) -> &str {
    let name = ctx
        .token()
        .and_then(|identity| identity.claims().get("preferred_username")?.as_str());
    name.unwrap_or("anonymous")
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for StatusServer {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("gate-demo", env!("CARGO_PKG_VERSION")))
            .with_instructions(
                "A server that can be asked how it is. What you can use depends on who you are.",
            )
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(self.resources.clone()))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        self.note(&request.uri, &());
        let content = match request.uri.as_str() {
            STATUS => json!({"status": "up"}),
            SETTINGS => json!(*self.settings()),
            uri => {
                let uri = json!({"uri": uri});
                return Err(ErrorData::resource_not_found("Resource not found", Some(uri)));
            }
        };
        let text = ResourceContents::text(content.to_string(), request.uri).with_mime_type(JSON);
        Ok(ReadResourceResult::new(vec![text]).into())
    }
}

impl fmt::Debug for StatusServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusServer").finish_non_exhaustive()
    }
}
