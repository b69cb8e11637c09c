//! Lists with gates: one question a page, and both decisions where there are two rules.

use rmcp::ServerHandler as _;
use sapl_mcp::{
    AuthorizationDecision, EnforceExt as _, Listing, Rule, SaplLayer, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{Answer, Asked, Behaviour, Log, Pdp, Server, World, step, template, tool};
use serde_json::{Value, json};

use crate::stealth;

fn permit() -> AuthorizationDecision {
    AuthorizationDecision::permit()
}

/// Answers the question of the gate, and the one of the enforcement.
fn answers(gate: Answer, enforcement: Answer) -> impl Fn(&Log) -> Pdp {
    move |log| {
        let (gate, enforcement) = (gate.clone(), enforcement.clone());
        Pdp::new(log, move |asked| match asked.resource() == "mcp" {
            true => gate.clone(),
            false => enforcement.clone(),
        })
    }
}

/// Whether the tool `t` behind a gate and under these rules is listed, and what was asked for that.
async fn listed(rule: Option<Rule>, pdp: impl Fn(&Log) -> Pdp) -> (bool, usize) {
    let log = Log::new();
    let mut definition = tool("t").enforce(gate());
    if let Some(rule) = rule {
        definition = definition.enforce(rule);
    }
    let world = World::new(
        &log,
        Server::new(&log).tool(definition, Behaviour::text("t")),
        pdp(&log),
    )
    .await;
    let tools = world.ask("mara", "tools/list", json!({})).await.result()["tools"].clone();
    let asked = match world.pdp.asked().as_slice() {
        [] => 0,
        [Asked::Page(page)] => page.len(),
        other => panic!("{other:?}"),
    };
    (!tools.as_array().unwrap().is_empty(), asked)
}

#[tokio::test]
async fn gated_components_are_in_the_lists_of_those_who_may_use_them_alone() {
    let [_, world] = stealth::worlds(sapl_mcp_tests::Mode::Json).await;
    for (list, items, hidden) in [
        ("tools/list", "tools", 3),
        ("prompts/list", "prompts", 1),
        ("resources/list", "resources", 1),
        ("resources/templates/list", "resourceTemplates", 1),
    ] {
        let count = |reply: Value| reply[items].as_array().unwrap().len();
        let all = count(world.ask("mara", list, json!({})).await.result());
        let reply = world.ask("sam", list, json!({})).await;
        assert!(!reply.contains("secret") && !reply.contains("vaults"), "{list}");
        assert_eq!(all - count(reply.result()), hidden, "{list}");
    }
}

#[tokio::test]
async fn both_rules_are_asked_about_in_one_question_and_both_must_permit() {
    let now = |decision| Answer::Now(decision);
    let deny = AuthorizationDecision::deny;
    for rule in [pre_enforce(), pre_enforce().stealth(), post_enforce()] {
        let rule = || Some(rule.clone());
        assert_eq!(
            listed(rule(), answers(now(permit()), now(permit()))).await,
            (true, 2)
        );
        assert_eq!(
            listed(rule(), answers(now(deny()), now(permit()))).await,
            (false, 2)
        );
        assert_eq!(
            listed(rule(), answers(now(permit()), now(deny()))).await,
            (false, 2)
        );
        assert_eq!(
            listed(rule(), answers(Answer::Missing, now(permit()))).await,
            (false, 2)
        );
        assert_eq!(
            listed(rule(), answers(now(permit()), Answer::Missing)).await,
            (false, 2)
        );
    }
    assert_eq!(listed(None, answers(now(permit()), now(deny()))).await, (true, 1));
    assert_eq!(
        listed(None, answers(now(deny()), now(permit()))).await,
        (false, 1)
    );
}

#[tokio::test]
async fn a_fixed_listing_of_the_enforcement_leaves_the_gate_its_say() {
    let now = |decision| Answer::Now(decision);
    let deny = AuthorizationDecision::deny;
    let shown = || Some(pre_enforce().listing(Listing::Shown));
    assert_eq!(
        listed(shown(), answers(now(permit()), now(deny()))).await,
        (true, 1)
    );
    assert_eq!(
        listed(shown(), answers(now(deny()), now(permit()))).await,
        (false, 1)
    );
    let hidden = Some(pre_enforce().listing(Listing::Hidden));
    assert_eq!(
        listed(hidden, answers(now(permit()), now(permit()))).await,
        (false, 0)
    );
}

#[tokio::test]
async fn an_obligation_has_to_be_one_that_the_rule_could_fulfil() {
    let with = |obligation: Value| Answer::Now(permit().with_obligation(obligation));
    let map = || with(step("map", "a"));
    let run = || with(step("run", "a"));
    let rule = || Some(pre_enforce());
    assert!(listed(rule(), answers(run(), map())).await.0);
    assert!(!listed(rule(), answers(map(), run())).await.0);
    assert!(
        !listed(rule(), answers(run(), with(json!({"type": "unknown"}))))
            .await
            .0
    );
    let replaced = Answer::Now(permit().with_resource(json!(1)));
    assert!(!listed(rule(), answers(replaced.clone(), run())).await.0);
    assert!(listed(rule(), answers(run(), replaced)).await.0);
}

#[tokio::test]
async fn the_question_has_the_defaults_of_a_gate() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t").enforce(gate()), Behaviour::text("t"))
        .template(template("data://{x}").enforce(gate()), Behaviour::text("x"));
    let world = World::new(&log, server, Pdp::decides(&log, permit())).await;
    for (list, action) in [("tools/list", "t"), ("resources/templates/list", "data://{x}")] {
        let reply = world.ask("mara", list, json!({})).await;
        assert!(!reply.contains("io.sapl"), "{list}");
        reply.result();
        let Some(Asked::Page(page)) = world.pdp.asked().pop() else {
            panic!("{list}")
        };
        assert_eq!(
            (page[0].action(), page[0].resource()),
            (&json!(action), &json!("mcp"))
        );
    }
}

#[tokio::test]
async fn the_transport_gets_no_definition_of_a_gated_tool() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("gated").enforce(gate()), Behaviour::text("g"))
        .tool(
            tool("both").enforce(gate()).enforce(pre_enforce()),
            Behaviour::text("b"),
        )
        .tool(tool("enforced").enforce(pre_enforce()), Behaviour::text("e"))
        .shared();
    let layer = SaplLayer::builder(Pdp::decides(&log, permit())).build().unwrap();
    let layered = layer.layer(server);
    assert_eq!(layered.get_tool("gated"), None);
    assert_eq!(layered.get_tool("both"), None);
    assert_eq!(layered.get_tool("enforced").unwrap().meta, None);
}
