//! The guard of a client.

use std::sync::atomic::{AtomicBool, Ordering};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{ListToolsResult, MetaObject, PaginatedRequestParams, Tool},
    service::RequestContext,
};
use sapl_mcp::{ADVISORY_KEY, client::Guard};
use sapl_mcp_tests::{Behaviour, Log, McpClient, Revision, Server, object, tool};
use serde_json::json;

use super::{Scenario, block_on};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("the definition of a tool has changed", || {
        block_on(async {
            let client = McpClient::in_process(Changes::default(), Revision::November2025).await;
            let guard = Guard::builder(client.into_running()).build();
            guard.list_tools().await.unwrap();
            guard.list_tools().await.unwrap();
        });
    }),
    (
        "the advisory policy of a tool can't be read, and counts as none",
        || {
            block_on(async {
                let meta = object(json!({ADVISORY_KEY: {"version": 2, "policy": "policy \"a\" deny"}}));
                let log = Log::new();
                let advised = tool("t").with_meta(MetaObject(meta));
                let server = Server::new(&log)
                    .tool(advised, Behaviour::text("content"))
                    .shared();
                let client = McpClient::in_process(server, Revision::November2025).await;
                let guard = Guard::builder(client.into_running()).build();
                guard.list_tools().await.unwrap();
            });
        },
    ),
];

/// A server whose tool says something else the second time.
#[derive(Default)]
struct Changes(AtomicBool);

impl ServerHandler for Changes {
    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let mut listed: Tool = tool("t");
        if self.0.swap(true, Ordering::SeqCst) {
            listed.description = Some("something else".into());
        }
        Ok(ListToolsResult::with_all_items(vec![listed]))
    }
}
