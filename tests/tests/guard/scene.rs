//! A server whose list of tools can change, and a guard in front of a client of it.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use rmcp::{ErrorData, RoleServer, ServerHandler, model::*, service::RequestContext};
use sapl_mcp::client::{Approver, Attempt, Guard, GuardBuilder, GuardError, GuardPolicy, GuardRecord};
use sapl_mcp_tests::{Log, McpClient, Revision, object};
use serde_json::{Value, json};

type Behaviour = dyn Fn(&CallToolRequestParams) -> Result<CallToolResponse, ErrorData> + Send + Sync;

/// A server of tools. Every call that reaches it is a line of the log, and so is every task that is cancelled.
pub(crate) struct Toolbox {
    tools: Mutex<Vec<Tool>>,
    page: usize,
    pub(crate) lists: AtomicUsize,
    pub(crate) log: Log,
    behaviour: Box<Behaviour>,
}

impl Toolbox {
    /// Tools that say that they were called.
    pub(crate) fn of(tools: Vec<Tool>) -> Arc<Self> {
        Self::that(tools, |params| {
            Ok(CallToolResult::success(vec![ContentBlock::text(format!("{} ran", params.name))]).into())
        })
    }

    /// Tools that do this.
    pub(crate) fn that(
        tools: Vec<Tool>,
        behaviour: impl Fn(&CallToolRequestParams) -> Result<CallToolResponse, ErrorData> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Self::paged(tools, usize::MAX, behaviour)
    }

    /// Tools that do this, listed in pages.
    pub(crate) fn paged(
        tools: Vec<Tool>,
        page: usize,
        behaviour: impl Fn(&CallToolRequestParams) -> Result<CallToolResponse, ErrorData> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            tools: Mutex::new(tools),
            page,
            lists: AtomicUsize::new(0),
            log: Log::new(),
            behaviour: Box::new(behaviour),
        })
    }

    /// Lists other tools from now on.
    pub(crate) fn list(&self, tools: Vec<Tool>) {
        *self.tools.lock().unwrap() = tools;
    }

    /// A guard in front of a client of this server, which owns the client.
    pub(crate) async fn guard(self: &Arc<Self>) -> GuardBuilder {
        Guard::builder(self.client().await.into_running())
    }

    /// A guard under this policy, which asks this person.
    pub(crate) async fn guarded(
        self: &Arc<Self>,
        policy: impl GuardPolicy + 'static,
        person: impl Approver + 'static,
    ) -> Guard {
        self.guard().await.policy(policy).approver(person).build()
    }

    /// A client of this server.
    pub(crate) async fn client(self: &Arc<Self>) -> McpClient {
        McpClient::in_process(Arc::clone(self), Revision::July2026).await
    }
}

impl ServerHandler for Toolbox {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder().enable_tools().enable_tasks();
        ServerConfig::new(capabilities.build()).with_server_info(Implementation::new("toolbox", "1.0"))
    }

    async fn list_tools(
        &self,
        request: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        self.lists.fetch_add(1, Ordering::SeqCst);
        let tools = self.tools.lock().unwrap().clone();
        if tools.iter().any(|tool| tool.name == "no list at all") {
            return Err(ErrorData::internal_error("no list", None));
        }
        let start: usize = request
            .and_then(|request| request.cursor)
            .map_or(0, |cursor| cursor.parse().unwrap());
        let end = start.saturating_add(self.page).min(tools.len());
        let mut page = ListToolsResult::with_all_items(tools[start..end].to_vec());
        page.next_cursor = (end < tools.len() || self.page == 0).then(|| end.to_string());
        Ok(page)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.log
            .add(format!("{} {}", request.name, json!(request.arguments)));
        (self.behaviour)(&request)
    }

    async fn cancel_task(
        &self,
        request: CancelTaskParams,
        _: RequestContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        self.log.add(format!("cancelled {}", request.task_id));
        Ok(())
    }
}

/// A tool with a description and nothing else.
pub(crate) fn tool(name: &'static str, description: &'static str) -> Tool {
    Tool::new(name, description, serde_json::Map::new())
}

/// A call.
pub(crate) fn call(tool: &str, arguments: Value) -> CallToolRequestParams {
    CallToolRequestParams::new(tool.to_owned()).with_arguments(object(arguments))
}

/// The text of a result that has one.
pub(crate) fn text(result: &Result<CallToolResult, GuardError>) -> &str {
    &result.as_ref().unwrap().content[0].as_text().unwrap().text
}

/// Why an attempt was denied.
pub(crate) fn denied(attempt: &Attempt) -> &str {
    match &attempt.result {
        Err(GuardError::Denied { reason, .. }) => reason,
        other => panic!("not denied: {other:?}"),
    }
}

/// The records that a sink got.
pub(crate) type Told = Arc<Mutex<Vec<GuardRecord>>>;

/// A sink, and the records that it gets.
pub(crate) fn records() -> (Told, impl Fn(&GuardRecord) + Clone + Send + Sync + 'static) {
    let records = Told::default();
    let kept = Arc::clone(&records);
    (records, move |record: &GuardRecord| {
        kept.lock().unwrap().push(record.clone())
    })
}
