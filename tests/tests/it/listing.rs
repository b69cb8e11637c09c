//! Lists: who sees what, who is asked about it, and what does not leave with it.

mod asked;
mod exact;
mod instances;
mod wire;

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, Listing, pre_enforce};
use sapl_mcp_tests::{
    Answer, Behaviour, Log, McpClient, Mode, Pdp, Server, World, prompt, resource, step, template, tool,
};
use serde_json::json;

use crate::stealth;

/// The names of all components that a client lists.
async fn listed(client: &McpClient) -> Vec<String> {
    let peer = client.peer();
    let mut names = Vec::new();
    names.extend(
        peer.list_all_tools()
            .await
            .unwrap()
            .into_iter()
            .map(|tool| tool.name.into_owned()),
    );
    names.extend(
        peer.list_all_prompts()
            .await
            .unwrap()
            .into_iter()
            .map(|prompt| prompt.name),
    );
    names.extend(
        peer.list_all_resources()
            .await
            .unwrap()
            .into_iter()
            .map(|resource| resource.uri),
    );
    let templates = peer.list_all_resource_templates().await.unwrap();
    names.extend(templates.into_iter().map(|template| template.uri_template));
    names
}

/// The names of the tools that mara lists, where everything is answered so.
async fn tools(answer: Answer, server: impl FnOnce(Server) -> Server) -> Vec<String> {
    let log = Log::new();
    let server = server(Server::new(&log).tool(tool("open").enforce(pre_enforce()), Behaviour::text("open")));
    let pdp = Pdp::always(&log, answer);
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.decision_timeout(std::time::Duration::from_millis(5))
    })
    .await;
    let tools = world.client("mara").await.peer().list_all_tools().await.unwrap();
    tools.into_iter().map(|tool| tool.name.into_owned()).collect()
}

fn stealth_tool(server: Server, name: &'static str) -> Server {
    server.tool(
        tool(name).enforce(pre_enforce().stealth()),
        Behaviour::text("hidden"),
    )
}

#[tokio::test]
async fn stealth_components_are_in_the_lists_of_those_who_may_use_them_alone() {
    let world = stealth::world(Mode::Json).await;
    let open = ["open_tool", "unruled_tool", "open_prompt", "data://open"];
    assert_eq!(listed(&world.client("sam").await).await, open);
    let all = [
        "secret_tool",
        "secret_post",
        "secret_head",
        "open_tool",
        "unruled_tool",
        "secret_prompt",
        "open_prompt",
        "data://secret",
        "data://open",
        "data://vaults/{id}",
    ];
    assert_eq!(listed(&world.client("mara").await).await, all);
    assert_eq!(listed(&world.client("felix").await).await, open);
}

#[tokio::test]
async fn whatever_goes_wrong_hides_the_stealth_components_and_no_others() {
    let permit = AuthorizationDecision::permit;
    let hiding = [
        Answer::Now(AuthorizationDecision::deny()),
        Answer::Now(AuthorizationDecision::indeterminate()),
        Answer::Now(AuthorizationDecision::not_applicable()),
        Answer::Now(AuthorizationDecision::new(sapl_mcp::Decision::Suspend)),
        Answer::Now(permit().with_obligation(json!({"type": "unknown"}))),
        Answer::Now(
            permit()
                .with_obligation(step("run", "a"))
                .with_obligation(json!(null)),
        ),
        Answer::Missing,
        Answer::Never,
        Answer::Panic,
        Answer::PanicLater,
    ];
    for answer in hiding {
        let names = tools(answer.clone(), |server| stealth_tool(server, "hidden")).await;
        assert_eq!(names, ["open"], "{answer:?}");
    }
    let showing = [
        Answer::Now(permit()),
        Answer::Later(permit()),
        Answer::Now(
            permit()
                .with_obligation(step("run", "a"))
                .with_obligation(step("map", "b")),
        ),
        Answer::Now(permit().with_advice(json!({"type": "unknown"}))),
        Answer::Now(permit().with_resource(json!(1))),
    ];
    for answer in showing {
        let names = tools(answer.clone(), |server| stealth_tool(server, "hidden")).await;
        assert_eq!(names, ["open", "hidden"], "{answer:?}");
    }
}

#[tokio::test]
async fn an_obligation_that_can_not_run_behind_the_component_hides_it_there() {
    let invoke = Answer::Now(AuthorizationDecision::permit().with_obligation(step("invoke", "a")));
    let names = tools(invoke, |server| {
        let post = sapl_mcp::post_enforce().stealth();
        stealth_tool(server, "before").tool(tool("after").enforce(post), Behaviour::text("hidden"))
    })
    .await;
    assert_eq!(names, ["open", "before"]);
}

#[tokio::test]
async fn a_subscription_that_can_not_be_built_hides() {
    let permit = || Answer::Now(AuthorizationDecision::permit());
    let rules = [
        pre_enforce().stealth().subject_fn(|_| None::<()>),
        pre_enforce()
            .stealth()
            .resource_fn(|_| Err::<(), _>("no resource")),
        pre_enforce()
            .stealth()
            .environment_fn(|_| -> u8 { panic!("no environment") }),
        pre_enforce().stealth().secrets("no object"),
        pre_enforce().stealth().required_scopes(["mcp", "admin"]),
    ];
    for rule in rules {
        let debug = format!("{rule:?}");
        let names = tools(permit(), |server| {
            server.tool(tool("t").enforce(rule.shared()), Behaviour::text("t"))
        })
        .await;
        assert_eq!(names, ["open"], "{debug}");
    }
    let scoped = pre_enforce().stealth().required_scopes(["mcp"]);
    let names = tools(permit(), |server| {
        server.tool(tool("t").enforce(scoped), Behaviour::text("t"))
    })
    .await;
    assert_eq!(names, ["open", "t"]);
}

#[tokio::test]
async fn a_rule_can_fix_whether_its_component_is_listed() {
    for (answer, stealth) in [
        (Answer::Panic, true),
        (Answer::Now(AuthorizationDecision::permit()), false),
    ] {
        let names = tools(answer, |server| {
            let rule = || pre_enforce().stealth_if(stealth);
            server
                .tool(
                    tool("shown").enforce(rule().listing(Listing::Shown)),
                    Behaviour::text("s"),
                )
                .tool(
                    tool("hidden").enforce(rule().listing(Listing::Hidden)),
                    Behaviour::text("h"),
                )
        })
        .await;
        assert_eq!(names, ["open", "shown"]);
    }
}

#[tokio::test]
async fn a_layer_can_leave_lists_alone_and_still_enforces_calls() {
    let log = Log::new();
    let server = stealth_tool(Server::new(&log), "hidden");
    let pdp = Pdp::decides(&log, AuthorizationDecision::deny());
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.enforce_listing(false)
    })
    .await;
    let reply = world.ask("sam", "tools/list", json!({})).await;
    assert_eq!(reply.result()["tools"][0]["name"], "hidden");
    assert!(!reply.contains("io.sapl"));
    assert_eq!(
        world.call("sam", "hidden", json!({})).await.error()["message"],
        "tool not found"
    );
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn rules_of_the_builder_filter_lists_too() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t"), Behaviour::text("t"))
        .prompt(prompt("p"), Behaviour::text("p"))
        .resource(resource("data://r"), Behaviour::text("r"))
        .template(template("data://t/{id}"), Behaviour::text("t"));
    let rule = || pre_enforce().stealth();
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder
            .tool("t", rule())
            .prompt("p", rule())
            .resource("data://r", rule())
            .resource_template("data://t/{id}", rule())
    })
    .await;
    assert_eq!(listed(&world.client("sam").await).await, Vec::<String>::new());
    assert_eq!(
        listed(&world.client("mara").await).await,
        ["t", "p", "data://r", "data://t/{id}"]
    );
}

#[tokio::test]
async fn a_rule_of_the_builder_hides_its_resource_however_the_server_spells_the_uri() {
    for (listed_uri, ruled) in [
        ("DATA://secret", "data://secret"),
        ("data://secret", "DATA://secret"),
        ("data://vault/%41", "data://vault/A"),
        ("data://vault/A", "data://vault/%41"),
        ("data://vault/x/../A", "data://vault/A"),
    ] {
        let log = Log::new();
        let server = Server::new(&log).resource(resource(listed_uri), Behaviour::text("r"));
        let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
            builder.resource(ruled, pre_enforce().stealth())
        })
        .await;
        assert_eq!(
            listed(&world.client("sam").await).await,
            Vec::<String>::new(),
            "{listed_uri} {ruled}"
        );
        for uri in [listed_uri, ruled] {
            let error = world
                .ask("sam", "resources/read", json!({"uri": uri}))
                .await
                .error();
            assert_eq!(error["code"], -32002, "{uri}");
        }
        assert_eq!(world.server.received(), []);
    }
}
