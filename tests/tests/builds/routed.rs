//! Servers that are put together with rmcp's `Router`.

use std::sync::Arc;

use rmcp::{
    ClientHandler, RoleClient, RoleServer, Service, ServiceExt as _,
    handler::server::router::{Router, prompt::PromptRoute, tool::ToolRoute},
    model::{
        CallToolRequestParams, CallToolResult, ContentBlock, GetPromptRequestParams, GetPromptResult,
        PromptMessage, Role, Tool,
    },
    service::{NotificationContext, RunningService},
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, Routed, SaplLayer, pre_enforce};
use sapl_mcp_tests::{Ask, Behaviour, Log, Pdp, Revision, Server, prompt, tool};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::{
    enforced::{CONTENTS, assert_enforced, call, listed, serve},
    hand_written::{marked, server},
};

fn route(tool: Tool, content: &str) -> ToolRoute<Server> {
    let content = content.to_owned();
    ToolRoute::new_dyn(tool, move |_| {
        let content = content.clone();
        Box::pin(async move { Ok(CallToolResult::success(vec![ContentBlock::text(content)]).into()) })
    })
}

fn prompt_route(name: &str, content: &str) -> PromptRoute<Server> {
    let content = content.to_owned();
    PromptRoute::new_dyn(prompt(name).enforce(pre_enforce().stealth()), move |_| {
        let message = PromptMessage::new_text(Role::User, content.clone());
        Box::pin(async move { Ok(GetPromptResult::new(vec![message]).into()) })
    })
}

/// A router with the tools of [`CONTENTS`] as its routes.
fn router() -> Router<Server> {
    let routes = CONTENTS.map(|(name, content)| route(marked(tool(name)), content));
    Router::new(Server::new(&Log::new())).with_tools(routes)
}

#[tokio::test]
async fn a_router_whose_tools_all_have_routes() {
    assert_enforced(Arc::new(Routed::new(router()))).await;
}

#[tokio::test]
async fn a_router_above_a_server_with_tools_of_its_own() {
    let log = Log::new();
    let below = [
        // A route of this name comes first, and so this one can't be used or seen.
        (tool("hidden"), "content of another"),
        (marked(tool("ruled")), "content of ruled"),
        (tool("open"), "content of open"),
    ];
    for page in [1, 2, usize::MAX] {
        let below = below
            .clone()
            .into_iter()
            .fold(Server::new(&log), |server, (tool, content)| {
                server.tool(tool, Behaviour::text(content))
            });
        let mut router =
            Router::new(below.paged(page)).with_tool(route(marked(tool("hidden")), "content of hidden"));
        router.tool_router.transparent_when_not_found = true;
        let routed = Arc::new(Routed::from(router));
        assert_enforced(routed).await;
    }
}

#[tokio::test]
async fn the_pages_of_the_server_below_are_kept() {
    let mut router =
        Router::new(server(marked).paged(1)).with_tool(route(tool("routed"), "content of routed"));
    router.tool_router.transparent_when_not_found = true;
    let wire = serve(Arc::new(Routed::new(router))).await;
    let page = async |params: Value| {
        let ask = Ask::new(Revision::November2025, "mara", "tools/list", params);
        let page = wire.ask(&ask).await.result();
        let names: Vec<String> = page["tools"]
            .as_array()
            .unwrap()
            .iter()
            .map(|tool| tool["name"].to_string())
            .collect();
        (names.join(" "), page["nextCursor"].clone())
    };
    assert_eq!(
        page(json!({})).await,
        (r#""routed" "open""#.to_owned(), json!("1"))
    );
    assert_eq!(
        page(json!({"cursor": "1"})).await,
        (r#""ruled""#.to_owned(), json!("2"))
    );
    assert_eq!(
        page(json!({"cursor": "2"})).await,
        (r#""hidden""#.to_owned(), json!(null))
    );
}

#[tokio::test]
async fn without_transparency_the_tools_below_are_neither_listed_nor_run() {
    let router = Router::new(server(|tool| tool)).with_tool(route(tool("routed"), "content of routed"));
    let wire = serve(Arc::new(Routed::new(router))).await;
    for revision in Revision::ALL {
        assert_eq!(listed(wire, revision, "mara").await, ["routed"]);
        assert!(!call(wire, revision, "mara", "open").await.contains("content of"));
        assert!(
            call(wire, revision, "mara", "routed")
                .await
                .contains("content of routed")
        );
    }
}

#[tokio::test]
async fn a_route_that_is_switched_off_is_unknown_and_hides_what_is_below() {
    let mut router = router();
    router.tool_router.transparent_when_not_found = true;
    let below = Server::new(&Log::new()).tool(tool("ruled"), Behaviour::text("content of below"));
    router.service = Arc::new(below);
    router.tool_router.disable_route("ruled");
    let mut routed = Routed::new(router);
    routed.router_mut().tool_router.disable_route("open");
    assert!(routed.router().tool_router.is_disabled("open"));
    let wire = serve(Arc::new(routed)).await;
    for revision in Revision::ALL {
        assert_eq!(listed(wire, revision, "mara").await, ["hidden"]);
        for name in ["ruled", "open"] {
            let unknown = call(wire, revision, "mara", "absent").await;
            assert_eq!(
                call(wire, revision, "mara", name).await,
                unknown.naming("absent", name)
            );
        }
    }
}

#[tokio::test]
async fn prompts_of_routes_and_of_the_server_below_are_enforced() {
    let log = Log::new();
    let below = Server::new(&log)
        .prompt(
            prompt("own").enforce(pre_enforce().stealth()),
            Behaviour::text("content of own"),
        )
        .prompt(prompt("open"), Behaviour::text("content of open"))
        .prompt(prompt("routed"), Behaviour::text("content of another"));
    let router = Router::new(below.paged(1)).with_prompt(prompt_route("routed", "content of routed"));
    let wire = serve(Arc::new(Routed::new(router))).await;
    for revision in Revision::ALL {
        let ask = async |user: &str, method: &str, params: Value| {
            wire.ask(&Ask::new(revision, user, method, params)).await
        };
        for name in ["routed", "own", "open"] {
            let of_mara = ask("mara", "prompts/get", json!({"name": name})).await;
            assert!(of_mara.contains(&format!("content of {name}")), "{of_mara:?}");
            let of_sam = ask("sam", "prompts/get", json!({"name": name})).await;
            assert_eq!(of_sam.contains("content of"), name == "open", "{of_sam:?}");
            assert!(!of_sam.contains("available_prompts"));
        }
        let (mut of_mara, mut of_sam) = (Vec::new(), Vec::new());
        for (user, names) in [("mara", &mut of_mara), ("sam", &mut of_sam)] {
            for params in [json!({}), json!({"cursor": "1"}), json!({"cursor": "2"})] {
                let page = ask(user, "prompts/list", params).await.result();
                names.extend(
                    page["prompts"]
                        .as_array()
                        .unwrap()
                        .iter()
                        .map(|prompt| prompt["name"].to_string()),
                );
            }
        }
        assert_eq!(of_mara, [r#""routed""#, r#""own""#, r#""open""#]);
        assert_eq!(of_sam, [r#""open""#]);
    }
}

/// A client that notices when the list of tools has changed.
#[derive(Clone, Default)]
struct Listening(Arc<Notify>);

impl ClientHandler for Listening {
    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        self.0.notify_one();
    }
}

async fn connected(
    service: impl Service<RoleServer>,
    client: Listening,
) -> RunningService<RoleClient, Listening> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    tokio::spawn(async move {
        if let Ok(running) = service.serve(far).await {
            let _ = running.waiting().await;
        }
    });
    client.serve(near).await.unwrap()
}

#[tokio::test]
async fn a_client_sees_no_difference_to_the_router_itself() {
    let make = || router().with_prompt(prompt_route("routed", "content of routed"));
    let bare = connected(make(), Listening::default()).await;
    let routed = connected(Routed::new(make()), Listening::default()).await;
    let mut answers = Vec::new();
    for client in [&bare, &routed] {
        let call = |name: &'static str| client.peer().call_tool(CallToolRequestParams::new(name));
        let prompt = |name: &'static str| client.peer().get_prompt(GetPromptRequestParams::new(name));
        let answer = format!(
            "{:?}\n{:?}\n{:?}\n{:?}\n{:?}\n{:?}",
            call("open").await,
            call("absent").await,
            prompt("routed").await,
            prompt("absent").await,
            client.peer().list_all_prompts().await,
            client.peer().list_all_tools().await,
        );
        // The router itself tells clients of older revisions that a result is complete.
        answers.push(answer.replace(r#"Some(ResultType("complete"))"#, "None"));
    }
    assert_eq!(answers[0], answers[1]);
    let capabilities = routed.peer_info().unwrap().capabilities.clone();
    assert_eq!(capabilities.tools.unwrap().list_changed, Some(true));
}

#[tokio::test]
async fn a_client_hears_of_a_tool_that_is_switched_off() {
    let router = router();
    // It tells the peer that the router has, and knows of no other.
    let mut switches = router.tool_router.clone();
    let layer = SaplLayer::builder(Pdp::decides(&Log::new(), AuthorizationDecision::deny()))
        .build()
        .unwrap();
    let client = Listening::default();
    let _running = connected(layer.layer(Routed::new(router)), client.clone()).await;
    let switching = async {
        loop {
            switches.disable_route("open");
            switches.enable_route("open");
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = client.0.notified() => {}
        () = switching => {}
    }
}
