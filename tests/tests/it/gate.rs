//! Gates: a yes or no in front of a component, alone or before an enforcement.
//!
//! That a closed gate answers like an unknown name is tested with the stealth components, which answer alike.

mod both;
mod fail_closed;
mod listing;

use rmcp::model::{CallToolResult, ContentBlock};
use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, ConfigError, Decision, EnforceExt as _, Rule, SaplLayer, decide_fn,
    gate, pre_enforce,
};
use sapl_mcp_tests::{
    Asked, Behaviour, Log, Mode, Pdp, Server, World, claims, prompt, resource, step, template, tool,
};
use serde_json::{Value, json};

use crate::common::{call, ruled};

/// A world with the tool `t` behind this gate.
async fn gated(rule: Rule, decision: AuthorizationDecision) -> World {
    ruled(rule, decision, Behaviour::text("secret")).await
}

/// Demands that `t` is as unknown as any other name, and that it did not run.
async fn assert_closed(world: &World) {
    for user in ["mara", "sam"] {
        let reply = world.call(user, "t", json!({})).await;
        let unknown = world.call(user, "u", json!({})).await;
        assert_eq!(reply, unknown);
        assert_eq!(reply.error()["message"], "tool not found");
    }
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn an_open_gate_lets_the_result_through_as_it_is() {
    let mut result = CallToolResult::success(vec![ContentBlock::text("a"), ContentBlock::text("b")]);
    result.structured_content = Some(json!({"any": ["thing"]}));
    let world = ruled(
        gate(),
        AuthorizationDecision::permit(),
        Behaviour::result(result.clone()),
    )
    .await;
    let called = call(&world, json!({"a": 1})).await.unwrap();
    assert_eq!(called.content, result.content);
    assert_eq!(called.structured_content, result.structured_content);
    assert_eq!(world.server.only().arguments, json!({"a": 1}));

    let world = ruled(
        gate(),
        AuthorizationDecision::permit(),
        Behaviour::is_error("failed, and says why"),
    )
    .await;
    let failed = call(&world, json!({})).await.unwrap();
    assert_eq!(failed.is_error, Some(true));
    assert_eq!(crate::common::text(&failed), "failed, and says why");
    assert_eq!(world.audit.records()[0].outcome, AuditOutcome::Failed);
}

#[tokio::test]
async fn the_question_names_the_component_and_the_server() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t").enforce(gate()), Behaviour::text("open"))
        .prompt(prompt("p").enforce(gate()), Behaviour::text("open"))
        .resource(resource("data://r").enforce(gate()), Behaviour::text("open"))
        .template(template("data://{x}/y").enforce(gate()), Behaviour::text("open"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    let client = world.client("mara").await;
    client.call("t", json!({"a": 1})).await.unwrap();
    client.prompt("p", json!({})).await.unwrap();
    client.read("data://r").await.unwrap();
    client.read("data://1/y").await.unwrap();
    let actions: Vec<Value> = world
        .pdp
        .asked()
        .into_iter()
        .map(|asked| match asked {
            Asked::One(asked) => {
                assert_eq!(*asked.subject(), claims("mara"));
                assert_eq!(*asked.resource(), json!("mcp"));
                assert!(asked.environment().is_none() && asked.secrets().is_none());
                asked.action().clone()
            }
            Asked::Page(page) => panic!("{page:?}"),
        })
        .collect();
    assert_eq!(actions, ["t", "p", "r", "data://{x}/y"]);
}

#[tokio::test]
async fn every_field_can_be_set_and_sees_the_operation() {
    let rule = gate()
        .tags(["admin"])
        .subject_fn(|context| json!([context.token().map(|token| token.claims()["sub"].clone())]))
        .action("write_config")
        .resource_fn(|context| json!({"key": context.argument("key"), "tags": context.tags()}))
        .environment_fn(|context| context.header("host").is_some())
        .secrets_fn(|context| json!({"raw_token": context.token().map(|token| token.token().expose())}));
    let world = gated(rule, AuthorizationDecision::permit()).await;
    call(&world, json!({"key": "k"})).await.unwrap();
    let asked = world.pdp.only();
    assert_eq!(*asked.subject(), json!(["mara"]));
    assert_eq!(*asked.action(), json!("write_config"));
    assert_eq!(*asked.resource(), json!({"key": "k", "tags": ["admin"]}));
    assert_eq!(asked.environment(), Some(&json!(true)));
    assert_eq!(asked.secrets().unwrap().expose()["raw_token"], "mara-token");
}

#[tokio::test]
async fn on_decision_handlers_run_and_the_record_is_of_a_gate() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step("run", "a"))
        .with_advice(step("run_async", "b"))
        .with_advice(step("map", "c"));
    let world = gated(gate(), decision).await;
    call(&world, json!({})).await.unwrap();
    assert_eq!(world.log.lines(), ["decide", "run a", "run b", "component t"]);
    let records = world.audit.records();
    let [record] = records.as_slice() else {
        panic!("{records:?}")
    };
    assert_eq!((record.gate, record.stealth), (true, true));
    assert_eq!(record.outcome, AuditOutcome::Completed);
    assert_eq!(record.effective, Decision::Permit);
}

#[tokio::test]
async fn a_gate_of_the_builder_does_the_same_for_every_kind() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t"), Behaviour::text("open"))
        .prompt(prompt("p"), Behaviour::text("open"))
        .resource(resource("data://r"), Behaviour::text("open"))
        .template(template("data://{x}/y"), Behaviour::text("open"));
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder
            .tool("t", gate())
            .prompt("p", gate())
            .resource("DATA://r", gate())
            .resource_template("data://{x}/y", gate())
    })
    .await;
    let (mara, sam) = (world.client("mara").await, world.client("sam").await);
    assert!(mara.call("t", json!({})).await.is_ok());
    assert!(mara.prompt("p", json!({})).await.is_ok());
    assert!(mara.read("data://r").await.is_ok());
    assert!(mara.read("data://1/y").await.is_ok());
    assert!(sam.call("t", json!({})).await.is_err());
    assert!(sam.prompt("p", json!({})).await.is_err());
    assert!(sam.read("data://r").await.is_err());
    assert!(sam.read("data://1/y").await.is_err());
    assert_eq!(world.server.received().len(), 4);
}

#[tokio::test]
async fn the_builder_refuses_what_has_no_meaning_on_a_gate() {
    async fn finished(_: &AuthorizationDecision, _: &sapl_mcp::SubscriptionContext) {}
    let refused = |rule: Rule| {
        let builder = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit()));
        match builder.tool("t", rule).build() {
            Err(ConfigError::GateArgument { target, argument }) => {
                assert_eq!(target, "tool `t`");
                argument
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(gate().stealth()), "stealth");
    assert_eq!(refused(gate().finalize(finished)), "finalize");
    assert_eq!(refused(gate().listing(sapl_mcp::Listing::Shown)), "listing");
    assert_eq!(
        refused(gate().input_required(sapl_mcp::InputRequired::Pass)),
        "input_required"
    );
    assert_eq!(
        refused(gate().output_schema(sapl_mcp::OutputSchema::Relaxed)),
        "output_schema"
    );
    assert_eq!(refused(gate().allow_peer_messages()), "allow_peer_messages");
    let policy = "policy \"a\" permit";
    assert_eq!(refused(gate().advisory_policy(policy)), "advisory_policy");
}

#[tokio::test]
async fn two_rules_of_a_kind_are_refused_and_one_of_each_is_not() {
    let build = |one: Rule, other: Rule| {
        SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit()))
            .resource("data://a", one)
            .resource("DATA://a", other)
            .build()
    };
    assert!(matches!(
        build(gate(), gate()),
        Err(ConfigError::DuplicateRule { .. })
    ));
    assert!(matches!(
        build(pre_enforce(), pre_enforce()),
        Err(ConfigError::DuplicateRule { .. })
    ));
    assert!(build(gate(), pre_enforce()).is_ok());
    assert!(build(pre_enforce(), gate()).is_ok());
    let three = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::permit()))
        .resource_template("data://{x}", gate())
        .resource_template("data://{x}", pre_enforce())
        .resource_template("data://{x}", gate())
        .build();
    assert!(matches!(three, Err(ConfigError::DuplicateRule { .. })));
}

#[tokio::test]
async fn a_gate_with_a_misplaced_argument_closes_its_component_to_everybody() {
    let world = gated(gate().stealth(), AuthorizationDecision::permit()).await;
    assert_closed(&world).await;
    assert_eq!(world.pdp.asked().len(), 0);
}
