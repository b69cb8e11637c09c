//! Annotations as a server's author writes them, from outside of the crate: they compile without a warning, mark the
//! component and change nothing else about it.

#![deny(warnings, clippy::all)]

use std::{marker::PhantomData, sync::Arc};

use rmcp::{
    Peer, RoleServer, ServerHandler,
    handler::server::{
        router::{prompt::PromptRouter, tool::ToolRouter},
        tool::Extension,
        wrapper::{Json, Parameters},
    },
    model::{MetaObject, PromptMessage, Tool},
    prompt, prompt_router,
    service::RequestContext,
    tool, tool_handler, tool_router,
};
use sapl_mcp::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

#[derive(Deserialize, JsonSchema)]
struct Query {
    segment: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Rows {
    rows: Vec<String>,
}

trait Store: Send + Sync + 'static {
    const NAME: &'static str;
}

struct North;
struct South;

impl Store for North {
    const NAME: &'static str = "north";
}

impl Store for South {
    const NAME: &'static str = "south";
}

struct Analytics<T: Store> {
    tools: ToolRouter<Self>,
    store: PhantomData<fn() -> T>,
}

const SENSITIVE: &str = "pii";

fn resource_of(ctx: &SubscriptionContext) -> Value {
    json!({"name": ctx.name(), "segment": ctx.argument("segment")})
}

async fn finished(decision: &AuthorizationDecision, ctx: &SubscriptionContext) {
    let _ = (
        decision.decision,
        ctx.outcome() == Outcome::Completed,
        ctx.slot::<String>().take(),
    );
}

#[tool_router]
impl<T: Store> Analytics<T> {
    const STORE: &'static str = T::NAME;

    fn new() -> Self {
        Self {
            tools: Self::tool_router(),
            store: PhantomData,
        }
    }

    fn of_store(ctx: &SubscriptionContext) -> Option<&str> {
        (ctx.name() != T::NAME).then_some(T::NAME)
    }

    #[pre_enforce(tags = ["public"])]
    #[tool(description = "Aggregate data")]
    async fn public(&self, Parameters(query): Parameters<Query>) -> Json<Rows> {
        Json(Rows {
            rows: query.segment.into_iter().collect(),
        })
    }

    #[pre_enforce(
        resource = |ctx| json!({"name": ctx.name(), "tags": ctx.tags(), "segment": ctx.argument("segment")}),
        environment = |ctx| ctx.header("x-zone"),
        tags = [SENSITIVE, "customers"],
        stealth,
        finalize = finished,
    )]
    #[tool(name = "renamed", meta = MetaObject(json!({"mine": 1}).as_object().cloned().unwrap_or_default()))]
    async fn customers(&self, Extension(slots): Extension<Slots>) -> Result<Json<Rows>, String> {
        slots.slot::<String>().set("begun".to_owned());
        Ok(Json(Rows { rows: vec![] }))
    }

    #[pre_enforce(subject = Self::of_store, action = Self::STORE, resource = resource_of, stealth = false)]
    #[tool]
    fn by_path(&self, _context: RequestContext<RoleServer>) -> String {
        T::NAME.to_owned()
    }

    #[post_enforce(resource = |ctx| json!({"result": ctx.return_value()}), allow_peer_messages)]
    #[tool]
    async fn model(&self, _peer: Peer<RoleServer>) -> Json<Rows> {
        Json(Rows { rows: vec![] })
    }

    #[gate]
    #[tool]
    fn gated(&self) {}

    #[gate(
        subject = |ctx| ctx.token().map(|token| token.claims()["preferred_username"].clone()),
        action = "write",
        resource = resource_of,
        secrets = |ctx| json!({"zone": ctx.header("x-zone")}),
        tags = ["admin"],
        required_scopes = ["write"],
    )]
    #[pre_enforce(tags = ["write"])]
    #[tool]
    async fn gate_first(&self) {}

    #[post_enforce]
    #[gate]
    #[tool]
    async fn gate_last(&self) {}

    #[tool]
    fn open(&self) {}
}

#[prompt_router]
impl<T: Store> Analytics<T> {
    #[pre_enforce(tags = ["pii"], listing = hidden, required_scopes = ["read"])]
    #[prompt(description = "A report")]
    async fn report(&self) -> Vec<PromptMessage> {
        Vec::new()
    }
}

#[tool_handler(router = self.tools)]
impl<T: Store> ServerHandler for Analytics<T> {}

#[pre_enforce(resource = |ctx| ctx.name())]
#[tool]
async fn free() {}

/// The `_meta` of a tool, by key.
fn meta(tool: &Tool) -> Vec<(String, Value)> {
    tool.meta.clone().unwrap_or_default().0.into_iter().collect()
}

fn tools<T: Store>() -> Vec<Tool> {
    Analytics::<T>::tool_router().list_all()
}

#[test]
fn an_annotation_adds_one_marker_and_leaves_the_rest() {
    let counts: Vec<_> = tools::<North>()
        .iter()
        .map(|tool| (tool.name.to_string(), meta(tool).len()))
        .collect();
    let expected = [
        ("by_path", 1),
        ("gate_first", 2),
        ("gate_last", 2),
        ("gated", 1),
        ("model", 1),
        ("open", 0),
        ("public", 1),
        ("renamed", 2),
    ];
    assert_eq!(counts, expected.map(|(name, count)| (name.to_owned(), count)));
    let renamed = tools::<North>()
        .into_iter()
        .find(|tool| tool.name == "renamed")
        .unwrap();
    assert!(meta(&renamed).contains(&("mine".to_owned(), json!(1))));
    assert_eq!(meta(&free_tool_attr()).len(), 1);
    let prompts: PromptRouter<Analytics<North>> = Analytics::prompt_router();
    assert!(prompts.list_all().iter().all(|prompt| prompt.meta.is_some()));
    drop(free());
}

#[test]
fn markers_stay_the_same_from_build_to_build_and_differ_by_instantiation() {
    let metas = |tools: Vec<Tool>| tools.iter().flat_map(meta).collect::<Vec<_>>();
    assert_eq!(metas(tools::<North>()), metas(tools::<North>()));
    assert_ne!(metas(tools::<North>()), metas(tools::<South>()));
}

#[test]
fn a_shared_server_can_be_wrapped() {
    let sapl = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny()))
        .build()
        .unwrap();
    let server = Arc::new(Analytics::<South>::new());
    let wrapped = sapl.layer(Arc::clone(&server));
    let tool = wrapped.get_tool("by_path").unwrap();
    assert_eq!(tool.meta, None);
    assert!(server.get_tool("by_path").unwrap().meta.is_some());
}
