//! Servers made by rmcp's macros, in each of their forms.

use std::{marker::PhantomData, sync::Arc};

use rmcp::{ServerHandler, handler::server::router::tool::ToolRouter, tool, tool_handler, tool_router};
use sapl_mcp::prelude::*;

use crate::enforced::assert_enforced;

#[derive(Clone)]
struct Kept {
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl Kept {
    #[tool(description = "has no rule")]
    async fn open(&self) -> String {
        "content of open".to_owned()
    }

    #[pre_enforce(tags = ["pii"])]
    #[tool(description = "has a rule")]
    async fn ruled(&self) -> String {
        "content of ruled".to_owned()
    }

    #[pre_enforce(stealth)]
    #[tool(description = "is stealth")]
    async fn hidden(&self) -> String {
        "content of hidden".to_owned()
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Kept {}

#[tokio::test]
async fn a_tool_handler_that_keeps_its_router() {
    let server = Kept {
        tool_router: Kept::tool_router(),
    };
    assert_enforced(server.clone()).await;
    assert_enforced(Arc::new(server)).await;
}

/// Its router is built at every request.
#[derive(Clone)]
struct Rebuilt;

#[tool_router]
impl Rebuilt {
    #[tool]
    fn open(&self) -> String {
        "content of open".to_owned()
    }

    #[post_enforce]
    #[tool]
    fn ruled(&self) -> String {
        "content of ruled".to_owned()
    }

    #[gate]
    #[tool]
    fn hidden(&self) -> String {
        "content of hidden".to_owned()
    }
}

#[tool_handler]
impl ServerHandler for Rebuilt {}

#[tokio::test]
async fn a_tool_handler_that_builds_its_router_at_every_request() {
    assert_enforced(Rebuilt).await;
}

#[derive(Clone)]
struct InOne;

#[tool_router(server_handler)]
impl InOne {
    #[tool]
    fn open() -> String {
        "content of open".to_owned()
    }

    #[pre_enforce]
    #[tool(name = "ruled")]
    fn of_another_name() -> String {
        "content of ruled".to_owned()
    }

    #[pre_enforce(stealth = true)]
    #[tool]
    fn hidden() -> String {
        "content of hidden".to_owned()
    }
}

#[tokio::test]
async fn a_router_that_is_the_handler_too() {
    assert_enforced(InOne).await;
}

trait Store: Send + Sync + 'static {
    const TAG: &'static str;
}

struct North;

impl Store for North {
    const TAG: &'static str = "north";
}

struct Generic<T> {
    tool_router: ToolRouter<Self>,
    store: PhantomData<fn() -> T>,
}

#[tool_router]
impl<T: Store> Generic<T> {
    #[tool]
    async fn open(&self) -> String {
        "content of open".to_owned()
    }

    #[pre_enforce(resource = |ctx| json!({"name": ctx.name(), "store": T::TAG}))]
    #[tool]
    async fn ruled(&self) -> String {
        "content of ruled".to_owned()
    }

    #[pre_enforce(stealth)]
    #[tool]
    async fn hidden(&self) -> String {
        "content of hidden".to_owned()
    }
}

#[tool_handler(router = self.tool_router)]
impl<T: Store> ServerHandler for Generic<T> {}

#[tokio::test]
async fn a_generic_server_by_an_arc() {
    let server = Arc::new(Generic::<North> {
        tool_router: Generic::tool_router(),
        store: PhantomData,
    });
    assert_enforced(Arc::clone(&server)).await;
    assert_enforced(Arc::new(server)).await;
}

/// Two routers of one server, put together at run time.
struct Composed {
    tools: ToolRouter<Self>,
}

#[tool_router(router = of_everybody)]
impl Composed {
    #[tool]
    fn open(&self) -> String {
        "content of open".to_owned()
    }
}

#[tool_router(router = of_some)]
impl Composed {
    #[pre_enforce]
    #[tool]
    fn ruled(&self) -> String {
        "content of ruled".to_owned()
    }

    #[pre_enforce(stealth)]
    #[tool]
    fn hidden(&self) -> String {
        "content of hidden".to_owned()
    }
}

#[tool_handler(router = self.tools)]
impl ServerHandler for Composed {}

#[tokio::test]
async fn routers_that_are_put_together() {
    let tools = Composed::of_everybody() + Composed::of_some();
    assert_enforced(Arc::new(Composed { tools })).await;
}
