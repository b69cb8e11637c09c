//! The server: an ordinary rmcp server, whose components say how they are enforced.
//!
//! One file for each group of components. Nothing here asks who calls, or decides anything.

mod customers;
mod engineering;
mod exports;
mod prompts;
mod public;
mod purge;
mod resources;

use std::{fmt, sync::Arc};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    handler::server::router::{prompt::PromptRouter, tool::ToolRouter},
    model::{
        Implementation, ListResourceTemplatesResult, ListResourcesResult, PaginatedRequestParams,
        ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig,
    },
    prompt_handler,
    service::RequestContext,
    tool_handler,
};
use serde::Serialize;

use super::Received;
pub use purge::Purges;
use resources::Catalogue;

/// The analytics server, without enforcement: that is the layer around it.
///
/// It is made once and shared: `sapl.layer(Arc::clone(&server))`.
pub struct Analytics {
    tool_router: ToolRouter<Self>,
    prompt_router: PromptRouter<Self>,
    catalogue: Catalogue,
    purges: Arc<Purges>,
    received: Option<Received>,
}

impl Analytics {
    /// The server with its eight tools, six resources and templates, and three prompts.
    pub fn new() -> Self {
        Self {
            tool_router: Self::public_tools()
                + Self::customer_tools()
                + Self::export_tools()
                + Self::engineering_tools()
                + Self::purge_tools(),
            prompt_router: Self::prompts(),
            catalogue: Catalogue::new(),
            purges: Arc::default(),
            received: None,
        }
    }

    /// Notes in `received` what reaches the components.
    #[must_use]
    pub fn recording(mut self, received: Received) -> Self {
        self.received = Some(received);
        self
    }

    /// How purges ended.
    pub fn purges(&self) -> &Arc<Purges> {
        &self.purges
    }

    fn note(&self, component: &str, arguments: &impl Serialize) {
        if let Some(received) = &self.received {
            received.note(component, arguments);
        }
    }
}

#[tool_handler(router = self.tool_router)]
#[prompt_handler(router = self.prompt_router)]
impl ServerHandler for Analytics {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
            .with_server_info(Implementation::new("analytics-demo", env!("CARGO_PKG_VERSION")))
            .with_instructions("Analytics of a made-up company. What you can use depends on who you are.")
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(ListResourcesResult::with_all_items(
            self.catalogue.resources.clone(),
        ))
    }

    async fn list_resource_templates(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(ListResourceTemplatesResult::with_all_items(
            self.catalogue.templates.clone(),
        ))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        self.note(&request.uri, &());
        resources::read(&request.uri)
    }
}

impl Default for Analytics {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Analytics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Analytics")
            .field("purges", &self.purges)
            .finish_non_exhaustive()
    }
}
