//! Decisions that permit if a person agrees.

mod answers;
mod approver;
mod elicitation;
mod gated;
mod matrix;
mod refused;
mod remembered;
mod rounds;
mod second_decision;
mod stacked;
mod waiting;

use sapl_mcp::{AuthorizationDecision, EnforceExt as _, Rule, SaplLayerBuilder};
use sapl_mcp_tests::{Answer, Behaviour, Log, Mode, Pdp, Server, World, prompt, resource, template, tool};
use serde_json::{Value, json};

/// The obligation, with these members.
pub(crate) fn require(members: Value) -> Value {
    let mut obligation = members;
    obligation["type"] = "requireApproval".into();
    obligation
}

/// A decision point that permits what a person has approved, and else wants that.
pub(crate) fn wants(log: &Log, members: Value) -> Pdp {
    Pdp::new(log, move |subscription| {
        let approved = subscription
            .environment()
            .is_some_and(|environment| environment.get("approval").is_some());
        let permit = AuthorizationDecision::permit();
        Answer::Now(match approved {
            true => permit,
            false => permit.with_obligation(require(members.clone())),
        })
    })
}

/// A server with one component of each kind, which give what they got.
pub(crate) fn server(log: &Log, rule: Rule) -> Server {
    let rule = rule.shared();
    Server::new(log)
        .tool(tool("t").enforce(rule), Behaviour::echo())
        .prompt(prompt("p").enforce(rule), Behaviour::echo())
        .resource(resource("data://r").enforce(rule), Behaviour::text("content"))
        .template(template("item://{id}").enforce(rule), Behaviour::echo())
}

/// A world with sessions around such a server, under this rule.
pub(crate) async fn world(
    rule: Rule,
    pdp: impl FnOnce(&Log) -> Pdp,
    configure: impl FnOnce(SaplLayerBuilder) -> SaplLayerBuilder,
) -> World {
    let log = Log::new();
    let pdp = pdp(&log);
    World::with(&log, server(&log, rule), pdp, Mode::Sessions, configure).await
}

/// What the decision point was told of an approval, for each question that it was asked.
pub(crate) fn approvals(world: &World) -> Vec<Value> {
    let told = |asked: &sapl_mcp_tests::Asked| match asked {
        sapl_mcp_tests::Asked::One(subscription) => subscription
            .environment()
            .and_then(|environment| environment.get("approval"))
            .cloned()
            .unwrap_or_default(),
        other => panic!("{other:?}"),
    };
    world.pdp.asked().iter().map(told).collect()
}

/// An object of arguments and the digest that an approval of it has.
pub(crate) fn arguments() -> (Value, &'static str) {
    // SHA-256 of {"a":1,"b":"x"}.
    (
        json!({"b": "x", "a": 1}),
        "ecf9e98ec0641e23113ff3ce8bdc78d0ddd249886517fd4a7f68cc83d4e65667",
    )
}
