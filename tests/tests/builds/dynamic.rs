//! Tools that come, go and change while the server runs.

use std::sync::{Arc, PoisonError, RwLock};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    handler::server::{
        router::tool::{ToolRoute, ToolRouter},
        tool::ToolCallContext,
    },
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult,
        PaginatedRequestParams, Tool,
    },
    service::RequestContext,
};
use sapl_mcp::{EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Revision, tool};

use crate::{
    enforced::{CONTENT, CONTENTS, assert_enforced, call, listed, serve},
    hand_written::marked,
};

/// A server whose router can be changed by anybody who has it.
#[derive(Default)]
struct Changing {
    tools: RwLock<ToolRouter<Self>>,
    /// Whether one definition can be asked for.
    looks_up: bool,
}

impl Changing {
    fn new(looks_up: bool) -> Arc<Self> {
        Arc::new(Self {
            tools: RwLock::default(),
            looks_up,
        })
    }

    fn put(&self, tool: Tool, content: &'static str) {
        let route = ToolRoute::new_dyn(tool, move |_| {
            Box::pin(async move { Ok(CallToolResult::success(vec![ContentBlock::text(content)]).into()) })
        });
        self.tools
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .add_route(route);
    }

    fn remove(&self, name: &str) {
        self.tools
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove_route(name);
    }

    fn now(&self) -> ToolRouter<Self> {
        self.tools.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ServerHandler for Changing {
    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.now()
            .call(ToolCallContext::new(self, request, context))
            .await
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(self.now().list_all()))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.looks_up.then(|| self.now().get(name).cloned()).flatten()
    }
}

#[tokio::test]
async fn tools_that_are_added_before_they_are_served() {
    for looks_up in [true, false] {
        let server = Changing::new(looks_up);
        for (name, content) in CONTENTS {
            server.put(marked(tool(name)), content);
        }
        assert_enforced(server).await;
    }
}

#[tokio::test]
async fn a_tool_is_under_its_rule_from_the_request_on_in_which_it_has_it() {
    for looks_up in [true, false] {
        for revision in Revision::ALL {
            let server = Changing::new(looks_up);
            let wire = serve(Arc::clone(&server)).await;
            let sees = async |user: &str| call(wire, revision, user, "t").await.contains(CONTENT);

            server.put(tool("t"), CONTENT);
            assert!(sees("sam").await, "it has no rule");
            assert_eq!(listed(wire, revision, "sam").await, ["t"]);

            server.put(tool("t").enforce(pre_enforce()), CONTENT);
            assert!(!sees("sam").await && sees("mara").await, "it has got a rule");
            assert_eq!(listed(wire, revision, "sam").await, ["t"]);

            server.put(tool("t").enforce(pre_enforce().stealth()), CONTENT);
            let hidden = call(wire, revision, "sam", "t").await;
            assert!(sees("mara").await, "it has got another rule");
            assert_eq!(listed(wire, revision, "sam").await, [""; 0]);

            server.remove("t");
            assert_eq!(
                hidden,
                call(wire, revision, "sam", "t").await,
                "as if it had never been there"
            );
            assert!(!sees("mara").await);

            server.put(tool("u").enforce(pre_enforce()), CONTENT);
            assert_eq!(listed(wire, revision, "sam").await, ["u"]);
            assert!(!call(wire, revision, "sam", "u").await.contains(CONTENT));
            assert!(call(wire, revision, "mara", "u").await.contains(CONTENT));
        }
    }
}
