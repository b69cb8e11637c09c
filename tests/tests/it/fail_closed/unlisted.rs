//! What nobody lists, and what no rule is about.

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ListToolsResult,
        PaginatedRequestParams, Tool,
    },
    service::RequestContext,
};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, SaplLayer, Unannotated, gate, pre_enforce};
use sapl_mcp_tests::{
    Behaviour, Log, McpClient, Mode, Pdp, Revision, Server, World, prompt, resource, template, tool,
};
use serde_json::{Value, json};

fn ruled(log: &Log) -> Server {
    Server::new(log)
        .tool(tool("t").enforce(pre_enforce()), Behaviour::text("t"))
        .prompt(prompt("p").enforce(pre_enforce()), Behaviour::text("p"))
        .resource(resource("data://r").enforce(pre_enforce()), Behaviour::text("r"))
}

fn requests(name: &str, uri: &str) -> [(&'static str, Value); 6] {
    [
        ("tools/call", json!({"name": name})),
        ("prompts/get", json!({"name": name})),
        ("resources/read", json!({"uri": uri})),
        ("resources/subscribe", json!({"uri": uri})),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": name}, "argument": {"name": "a", "value": ""}}),
        ),
        (
            "completion/complete",
            json!({"ref": {"type": "ref/resource", "uri": uri}, "argument": {"name": "a", "value": ""}}),
        ),
    ]
}

#[tokio::test]
async fn a_name_that_nobody_lists_never_reaches_a_server_with_rules() {
    for look_up in [true, false] {
        let log = Log::new();
        let mut server = ruled(&log);
        if !look_up {
            server = server.without_look_up();
        }
        let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
        let world = World::new(&log, server, pdp).await;
        for (name, uri) in [
            ("T", "data://R"),
            ("t ", "data://r "),
            ("", ""),
            ("unknown", "data://unknown"),
            ("т", "x:y"),
        ] {
            for (method, params) in requests(name, uri) {
                world.ask("mara", method, params).await.message();
            }
        }
        assert_eq!(world.log.lines(), Vec::<String>::new());
    }
}

#[tokio::test]
async fn the_answer_for_an_unknown_prompt_does_not_name_the_others() {
    let log = Log::new();
    for server in [
        ruled(&log),
        Server::new(&log).prompt(prompt("unruled"), Behaviour::text("u")),
    ] {
        let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
        let reply = world.ask("mara", "prompts/get", json!({"name": "x"})).await;
        assert_eq!(
            reply.error(),
            json!({"code": -32602, "message": "prompt 'x' not found"})
        );
    }
}

#[tokio::test]
async fn a_permitted_prompt_that_the_server_does_not_have_does_not_name_the_others_either() {
    type Configure = fn(sapl_mcp::SaplLayerBuilder) -> sapl_mcp::SaplLayerBuilder;
    let configurations: [Configure; 4] = [
        |builder| builder.prompt("x", pre_enforce()),
        |builder| builder.prompt("x", gate()),
        |builder| builder.prompt("x", sapl_mcp::post_enforce()),
        |builder| builder.unannotated(Unannotated::AskPdp).forward_unlisted(true),
    ];
    for configure in configurations {
        let log = Log::new();
        let server = ruled(&log).prompt(
            prompt("secret").enforce(pre_enforce().stealth()),
            Behaviour::text("s"),
        );
        let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
        let world = World::with(&log, server, pdp, Mode::Json, configure).await;
        let reply = world.ask("mara", "prompts/get", json!({"name": "x"})).await;
        assert_eq!(
            reply.error(),
            json!({"code": -32602, "message": "prompt 'x' not found"})
        );
    }
}

/// A server that finds and runs its one tool by any case of its name.
struct AnyCase;

impl ServerHandler for AnyCase {
    fn get_tool(&self, name: &str) -> Option<Tool> {
        name.eq_ignore_ascii_case("t").then(|| tool("t"))
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(ListToolsResult::with_all_items(vec![tool("t")]))
    }

    async fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(CallToolResult::success(vec![ContentBlock::text("secret")]).into())
    }
}

#[tokio::test]
async fn a_spelling_that_the_server_takes_for_a_ruled_tool_is_no_way_around_its_rule() {
    for rule in [gate(), pre_enforce(), pre_enforce().stealth()] {
        let log = Log::new();
        let layer = SaplLayer::builder(Pdp::decides(&log, AuthorizationDecision::deny()))
            .tool("t", rule)
            .build()
            .unwrap();
        assert_eq!(layer.layer(AnyCase).get_tool("T"), None);
        let layered = layer.enforce_stdio("operator").layer(AnyCase);
        let client = McpClient::in_process(layered, Revision::November2025).await;
        let other = client.call("T", json!({})).await.unwrap_err();
        assert_eq!(other.message, "tool not found");
        assert_eq!(other, client.call("u", json!({})).await.unwrap_err());
    }
}

#[tokio::test]
async fn names_that_nobody_lists_are_forwarded_where_the_author_says_so() {
    let log = Log::new();
    let pdp = Pdp::decides(&log, AuthorizationDecision::deny());
    let world = World::with(&log, ruled(&log), pdp, Mode::Json, |builder| {
        builder.forward_unlisted(true)
    })
    .await;
    world.call("mara", "unknown", json!({})).await.error();
    assert_eq!(world.server.only().name, "unknown");
    // Which says nothing about those with a rule.
    world.call("mara", "t", json!({})).await.result();
    assert_eq!(world.server.received().len(), 1);
}

#[tokio::test]
async fn a_component_without_a_rule_passes_and_nothing_is_asked() {
    let log = Log::new();
    let server = ruled(&log)
        .tool(tool("u").with_title("open"), Behaviour::text("u"))
        .prompt(prompt("u"), Behaviour::text("u"))
        .resource(resource("data://u"), Behaviour::text("u"))
        .template(template("data://w/{id}"), Behaviour::text("u"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    let client = world.client("sam").await;
    assert!(client.call("u", json!({})).await.is_ok());
    assert!(client.prompt("u", json!({})).await.is_ok());
    assert!(client.read("data://u").await.is_ok());
    assert!(client.read("data://w/1").await.is_ok());
    assert_eq!(world.pdp.asked().len(), 0);
    assert_eq!(world.audit.records(), []);
}

#[tokio::test]
async fn components_without_a_rule_are_asked_about_or_denied_where_the_layer_says_so() {
    for (treatment, asked) in [(Unannotated::AskPdp, 4), (Unannotated::Deny, 0)] {
        let log = Log::new();
        let server = Server::new(&log)
            .tool(tool("u"), Behaviour::text("u"))
            .prompt(prompt("u"), Behaviour::text("u"))
            .resource(resource("data://u"), Behaviour::text("u"))
            .template(template("data://w/{id}"), Behaviour::text("u"));
        let pdp = Pdp::decides(&log, AuthorizationDecision::deny());
        let world = World::with(&log, server, pdp, Mode::Json, |builder| {
            builder.unannotated(treatment)
        })
        .await;
        let client = world.client("sam").await;
        crate::common::assert_denied(&client.call("u", json!({})).await);
        assert_eq!(
            client.prompt("u", json!({})).await.unwrap_err().code,
            sapl_mcp::ACCESS_DENIED
        );
        for uri in ["data://u", "data://w/1"] {
            assert_eq!(
                client.read(uri).await.unwrap_err().code,
                sapl_mcp::ACCESS_DENIED,
                "{uri}"
            );
        }
        for (method, params) in [
            ("resources/subscribe", json!({"uri": "data://u"})),
            (
                "completion/complete",
                json!({"ref": {"type": "ref/prompt", "name": "u"}, "argument": {"name": "a", "value": ""}}),
            ),
            ("tasks/get", json!({"taskId": "1"})),
            ("skills/get", json!({"uri": "data://u"})),
            ("skills/list", json!({})),
            ("x/custom", json!({})),
        ] {
            world.ask("sam", method, params).await.message();
        }
        assert_eq!(world.server.received(), []);
        assert!(world.pdp.asked().len() >= asked, "{treatment:?}");
        if treatment == Unannotated::Deny {
            assert_eq!(world.pdp.asked().len(), 0);
        }
    }
}

#[tokio::test]
async fn a_list_that_can_not_be_read_denies_what_is_looked_up_in_it() {
    let log = Log::new();
    let server = ruled(&log).without_look_up().without_lists();
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    for (method, params) in requests("t", "data://r")
        .into_iter()
        .chain(requests("p", "data://r"))
    {
        world.ask("mara", method, params).await.message();
    }
    assert_eq!(world.log.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn the_rule_is_found_on_whatever_page_its_component_is_listed() {
    for look_up in [true, false] {
        let log = Log::new();
        let mut server = Server::new(&log).paged(1);
        for name in ["a", "b", "c"] {
            server = server
                .tool(tool(name), Behaviour::text("open"))
                .prompt(prompt(name), Behaviour::text("open"))
                .resource(resource(&format!("data://{name}")), Behaviour::text("open"));
        }
        server = server
            .tool(tool("t").enforce(pre_enforce()), Behaviour::text("secret"))
            .prompt(prompt("p").enforce(pre_enforce()), Behaviour::text("secret"))
            .resource(
                resource("data://r").enforce(pre_enforce()),
                Behaviour::text("secret"),
            );
        if !look_up {
            server = server.without_look_up();
        }
        let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
        for (method, params) in [
            ("tools/call", json!({"name": "t"})),
            ("prompts/get", json!({"name": "p"})),
            ("resources/read", json!({"uri": "data://r"})),
        ] {
            let reply = world.ask("mara", method, params).await;
            assert!(reply.contains("Access denied"), "{reply:?}");
        }
        // And a name that is on no page does not reach the server, though the first pages have no rule.
        world.call("mara", "unknown", json!({})).await.error();
        assert_eq!(world.server.received(), []);
        assert_eq!(
            world
                .client("mara")
                .await
                .call("c", json!({}))
                .await
                .unwrap()
                .is_error,
            Some(false)
        );
    }
}

#[tokio::test]
async fn requests_with_malformed_parameters_reach_nothing() {
    let log = Log::new();
    let world = World::new(
        &log,
        ruled(&log),
        Pdp::decides(&log, AuthorizationDecision::permit()),
    )
    .await;
    for revision in Revision::ALL {
        for (method, params) in [
            ("tools/call", json!({})),
            ("tools/call", json!({"name": 5})),
            ("tools/call", json!({"name": "t", "arguments": [1]})),
            ("tools/call", json!([])),
            ("prompts/get", json!({"name": "p", "arguments": 5})),
            ("resources/read", json!({"uri": null})),
            (
                "completion/complete",
                json!({"ref": {"type": "ref/other", "name": "p"}}),
            ),
        ] {
            let ask = sapl_mcp_tests::Ask::new(revision, "mara", method, params);
            let reply = world.wire.ask(&ask).await;
            assert!(
                reply.status >= 400 || reply.message().get("error").is_some(),
                "{reply:?}"
            );
        }
    }
    assert_eq!(world.log.lines(), Vec::<String>::new());
}
