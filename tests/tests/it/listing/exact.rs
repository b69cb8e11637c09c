//! A hidden component is in the list exactly when it could be used: the decision is PERMIT, and each obligation of it is
//! claimed by a handler of a kind that can run there.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sapl_mcp::{AuthorizationDecision, Decision, EnforceExt as _, Rule, gate, post_enforce, pre_enforce};
use sapl_mcp_tests::{Answer, Behaviour, Log, Pdp, Server, World, step, tool};
use serde_json::{Value, json};

/// What is in front of a tool.
#[derive(Clone, Copy, Debug)]
enum Front {
    Pre,
    Post,
    Gate,
    GateAndPre,
}

/// A decision: what it is, and the types of its obligations and advice.
type Given = (Decision, Vec<&'static str>, Vec<&'static str>, bool);

const TOOLS: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
const KINDS: [&str; 9] = [
    "run",
    "run_async",
    "invoke",
    "keep",
    "look",
    "map",
    "on_error",
    "map_error",
    "unheard_of",
];

fn fronts() -> impl Strategy<Value = Front> {
    prop_oneof![
        Just(Front::Pre),
        Just(Front::Post),
        Just(Front::Gate),
        Just(Front::GateAndPre)
    ]
}

fn decisions() -> impl Strategy<Value = Given> {
    let decision = prop_oneof![
        6 => Just(Decision::Permit),
        1 => Just(Decision::Deny),
        1 => Just(Decision::Suspend),
        1 => Just(Decision::Indeterminate),
        1 => Just(Decision::NotApplicable),
    ];
    let constraints = || prop::collection::vec(prop::sample::select(&KINDS[..]), 0..3);
    (decision, constraints(), constraints(), prop::bool::weighted(0.2))
}

fn written((decision, obligations, advice, replaces): &Given) -> AuthorizationDecision {
    let mut written = AuthorizationDecision::permit();
    written.decision = *decision;
    let constraint = |kind: &&str| step(kind, kind);
    written.obligations = obligations.iter().map(constraint).collect();
    written.advice = advice.iter().map(constraint).collect();
    match replaces {
        true => written.with_resource(json!("another")),
        false => written,
    }
}

/// Whether a component with this decision could be used behind a rule of this mode.
fn usable((decision, obligations, _, replaces): &Given, mode: Front) -> bool {
    let claimed = |kind: &&str| match (mode, *kind) {
        (_, "run" | "run_async") => true,
        (_, "unheard_of") | (Front::Gate, _) | (Front::Post, "invoke") => false,
        _ => true,
    };
    *decision == Decision::Permit
        && obligations.iter().all(claimed)
        && !(matches!(mode, Front::Gate) && *replaces)
}

fn server(log: &Log, fronts: &[Front]) -> Server {
    let hidden = |rule: Rule| rule.stealth();
    TOOLS
        .iter()
        .zip(fronts)
        .fold(Server::new(log), |server, (name, front)| {
            let tool = tool(name);
            let tool = match front {
                Front::Pre => tool.enforce(hidden(pre_enforce())),
                Front::Post => tool.enforce(hidden(post_enforce())),
                Front::Gate => tool.enforce(gate()),
                Front::GateAndPre => tool.enforce(gate()).enforce(hidden(pre_enforce())),
            };
            server.tool(tool, Behaviour::text("text"))
        })
}

#[test]
fn a_hidden_tool_is_listed_exactly_when_its_decisions_are_permits_with_every_obligation_claimed() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cases = (
        prop::collection::vec(fronts(), TOOLS.len()),
        prop::collection::vec((decisions(), decisions()), TOOLS.len()),
    );
    TestRunner::new(Config::with_cases(128))
        .run(&cases, |(fronts, given)| {
            let log = Log::new();
            let of = given.clone();
            // A gate asks about the server, by the action that is the tool's name.
            let pdp = Pdp::new(&log, move |subscription| {
                let is_gate = subscription.resource() == "mcp";
                let name = match is_gate {
                    true => subscription.action(),
                    false => &subscription.resource()["name"],
                };
                let at = TOOLS.iter().position(|tool| name == tool);
                let (gate, enforcement) = &of[at.unwrap_or_default()];
                Answer::Now(written(if is_gate { gate } else { enforcement }))
            });
            let expected: Vec<Value> = TOOLS
                .iter()
                .zip(fronts.iter().zip(&given))
                .filter(|(_, (front, (gate, enforcement)))| match front {
                    Front::Gate => usable(gate, Front::Gate),
                    Front::GateAndPre => usable(gate, Front::Gate) && usable(enforcement, Front::Pre),
                    front => usable(enforcement, **front),
                })
                .map(|(name, _)| json!(name))
                .collect();
            let listed = runtime.block_on(async {
                let world = World::new(&log, server(&log, &fronts), pdp).await;
                world.ask("sam", "tools/list", json!({})).await.result()
            });
            let names = listed["tools"].as_array().into_iter().flatten();
            let names: Vec<Value> = names.map(|tool| tool["name"].clone()).collect();
            prop_assert_eq!(names, expected);
            // A list runs no handler.
            prop_assert!(log.lines().iter().all(|line| line.starts_with("decide")));
            Ok(())
        })
        .unwrap();
}
