//! Advisory policies: what clients find in the definitions of tools, and what of it comes from a rule.

use rmcp::{
    ServerHandler, handler::server::router::tool::ToolRouter, model::MetaObject, tool_handler, tool_router,
};
use sapl_mcp::{
    ADVISORY_KEY, AdvisoryPolicyError, AuthorizationDecision, ConfigError, EnforceExt as _,
    MAX_ADVISORY_POLICY_BYTES, Rule, SaplLayer, decide_fn, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{Answer, Behaviour, Log, Mode, Pdp, Server, Wire, World, object, tool};
use serde_json::{Value, json};

const POLICY: &str = "policy \"ask\" permit obligation {\"type\": \"requireApproval\"}";
const OTHER: &str = "policy \"never\" deny";

fn permit() -> Answer {
    Answer::Now(AuthorizationDecision::permit())
}

fn published(policy: &str) -> Value {
    json!({"version": 1, "policy": policy})
}

/// The `_meta` of each tool that mara lists, by name.
async fn metas(server: impl FnOnce(Server) -> Server, rules: &[(&'static str, Rule)]) -> Value {
    let log = Log::new();
    let pdp = Pdp::always(&log, permit());
    let world = World::with(&log, server(Server::new(&log)), pdp, Mode::Json, |builder| {
        let rules = rules.iter().cloned();
        rules.fold(builder, |builder, (name, rule)| builder.tool(name, rule))
    })
    .await;
    metas_at(world.wire).await
}

async fn metas_at(wire: Wire) -> Value {
    let client =
        sapl_mcp_tests::McpClient::connect(wire, "mara", sapl_mcp_tests::Revision::November2025).await;
    let tools = client.peer().list_all_tools().await.unwrap();
    tools
        .into_iter()
        .map(|tool| (tool.name.into_owned(), json!(tool.meta)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn with_meta(name: &'static str, meta: Value) -> rmcp::model::Tool {
    tool(name).with_meta(MetaObject(object(meta)))
}

#[tokio::test]
async fn a_policy_is_in_the_meta_of_its_tool_and_of_no_other() {
    let text = || Behaviour::text("content");
    let found = metas(
        |server| {
            server
                .tool(tool("pre").enforce(pre_enforce().advisory_policy(POLICY)), text())
                .tool(
                    tool("post").enforce(post_enforce().advisory_policy(OTHER)),
                    text(),
                )
                .tool(
                    tool("gated")
                        .enforce(gate())
                        .enforce(pre_enforce().stealth().advisory_policy(POLICY)),
                    text(),
                )
                .tool(tool("plain").enforce(pre_enforce()), text())
                .tool(tool("unruled"), text())
                .tool(tool("by_builder"), text())
                .tool(
                    with_meta("marked", json!({"mine": 1})).enforce(pre_enforce().advisory_policy(POLICY)),
                    text(),
                )
        },
        &[("by_builder", pre_enforce().advisory_policy(OTHER))],
    )
    .await;
    let only = |policy| json!({ADVISORY_KEY: published(policy)});
    assert_eq!(
        found,
        json!({
            "pre": only(POLICY),
            "post": only(OTHER),
            "gated": only(POLICY),
            "plain": null,
            "unruled": null,
            "by_builder": only(OTHER),
            "marked": {"mine": 1, ADVISORY_KEY: published(POLICY)},
        })
    );
}

#[tokio::test]
async fn advice_of_the_server_itself_stays_as_it_is_unless_a_rule_has_some() {
    let own = json!({ADVISORY_KEY: {"version": 2, "anything": [1]}, "mine": 1});
    let text = || Behaviour::text("content");
    let found = metas(
        |server| {
            server
                .tool(with_meta("unruled", own.clone()), text())
                .tool(with_meta("silent", own.clone()).enforce(pre_enforce()), text())
                .tool(
                    with_meta("ruled", own.clone()).enforce(pre_enforce().advisory_policy(POLICY)),
                    text(),
                )
        },
        &[],
    )
    .await;
    let ruled = json!({ADVISORY_KEY: published(POLICY), "mine": 1});
    assert_eq!(found, json!({"unruled": own, "silent": own, "ruled": ruled}));
}

#[derive(Clone)]
struct Annotated {
    tool_router: ToolRouter<Self>,
}

#[tool_router]
impl Annotated {
    #[sapl_mcp::pre_enforce(advisory_policy = POLICY)]
    #[rmcp::tool]
    fn constant(&self) -> String {
        String::new()
    }

    #[sapl_mcp::post_enforce(advisory_policy = "policy \"never\" deny")]
    #[rmcp::tool(meta = MetaObject(object(json!({"mine": 1}))))]
    fn literal(&self) -> String {
        String::new()
    }

    #[sapl_mcp::pre_enforce(advisory_policy = "permit all", listing = shown)]
    #[rmcp::tool]
    fn refused(&self) -> String {
        "content".to_owned()
    }
}

#[tool_handler(router = self.tool_router)]
impl ServerHandler for Annotated {}

#[tokio::test]
async fn annotations_publish_policies_and_a_refused_one_closes_its_tool() {
    let layer = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit()))
        .build()
        .unwrap();
    let server = Annotated {
        tool_router: Annotated::tool_router(),
    };
    // The transport asks for single definitions.
    let definition = layer.layer(server.clone()).get_tool("constant").unwrap();
    assert_eq!(json!(definition.meta), json!({ADVISORY_KEY: published(POLICY)}));
    assert!(layer.layer(server.clone()).get_tool("refused").is_none());

    let wire = Wire::serving(layer.layer(server), Mode::Json).await;
    assert_eq!(
        metas_at(wire).await,
        json!({
            "constant": {ADVISORY_KEY: published(POLICY)},
            "literal": {"mine": 1, ADVISORY_KEY: published(OTHER)},
        })
    );
    let client =
        sapl_mcp_tests::McpClient::connect(wire, "mara", sapl_mcp_tests::Revision::November2025).await;
    assert!(client.call("constant", json!({})).await.is_ok());
    assert!(client.call("refused", json!({})).await.is_err());
}

#[tokio::test]
async fn the_builder_refuses_policies_that_can_not_be_published() {
    let error_of = |policy: String| {
        let builder = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit()));
        match builder.tool("t", pre_enforce().advisory_policy(policy)).build() {
            Err(ConfigError::AdvisoryPolicy { target, error }) => {
                assert_eq!(target, "tool `t`");
                Some(error)
            }
            Ok(_) => None,
            other => panic!("{other:?}"),
        }
    };
    let of_length = |bytes: usize| format!("{POLICY} //{}", "x".repeat(bytes - POLICY.len() - 3));
    assert_eq!(error_of(of_length(MAX_ADVISORY_POLICY_BYTES)), None);
    let bytes = MAX_ADVISORY_POLICY_BYTES + 1;
    assert_eq!(
        error_of(of_length(bytes)),
        Some(AdvisoryPolicyError::TooLong { bytes })
    );
    assert_eq!(error_of(String::new()), Some(AdvisoryPolicyError::Empty));
    let attributes = "policy \"a\" permit <time.now> != \"x\";".to_owned();
    assert_eq!(error_of(attributes), Some(AdvisoryPolicyError::ReadsAttributes));
    let told = error_of("policy \"a\" permit\n  [1;".to_owned())
        .unwrap()
        .to_string();
    assert!(
        told.contains("advisory.sapl:2:5") && told.contains("[1;"),
        "{told}"
    );
}

#[tokio::test]
async fn policies_are_for_tools() {
    let builder = || SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit()));
    let rule = || pre_enforce().advisory_policy(POLICY);
    for built in [
        builder().prompt("p", rule()).build(),
        builder().resource("data://r", rule()).build(),
        builder().resource_template("data://{x}", rule()).build(),
    ] {
        assert!(
            matches!(
                built,
                Err(ConfigError::InapplicableArgument {
                    argument: "advisory_policy",
                    ..
                })
            ),
            "{built:?}"
        );
    }
}
