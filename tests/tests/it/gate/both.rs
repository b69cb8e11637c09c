//! A gate in front of an enforcement: both must permit, and the gate is decided first.

use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, AuthorizationSubscription, Deciding, EnforceExt as _,
    PolicyDecisionPoint, PolicySnapshot, Rule, SaplLayer, SubscriptionContext, gate, post_enforce,
    pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Ask, Asked, Behaviour, Log, Mode, Pdp, Revision, Server, Wire, World, step, tool,
};
use sapl_pdp::{EmbeddedPdp, source::Configuration};
use serde_json::{Value, json};

use super::assert_closed;
use crate::common::{assert_denied, call};

fn decisions(gate: AuthorizationDecision, enforcement: AuthorizationDecision) -> impl Fn(&Log) -> Pdp {
    move |log| {
        let (gate, enforcement) = (gate.clone(), enforcement.clone());
        Pdp::new(log, move |asked| {
            Answer::Now(match asked.resource() == "mcp" {
                true => gate.clone(),
                false => enforcement.clone(),
            })
        })
    }
}

/// A world with the tool `t` behind a gate and under `rule`.
async fn world(rule: Rule, pdp: impl Fn(&Log) -> Pdp) -> World {
    let log = Log::new();
    let server = Server::new(&log).tool(
        tool("t").enforce(rule.shared()).enforce(gate()),
        Behaviour::echo(),
    );
    let pdp = pdp(&log);
    World::new(&log, server, pdp).await
}

fn permit() -> AuthorizationDecision {
    AuthorizationDecision::permit()
}

fn deny() -> AuthorizationDecision {
    AuthorizationDecision::deny()
}

#[tokio::test]
async fn both_are_asked_in_their_order_and_each_leaves_a_record() {
    let pdp = decisions(
        permit().with_obligation(step("run", "gate")),
        permit().with_obligation(step("run", "rule")),
    );
    for rule in [pre_enforce().tags(["pii"]), post_enforce().tags(["pii"])] {
        let world = world(rule, &pdp).await;
        let result = call(&world, json!({"a": 1})).await.unwrap();
        assert_eq!(result.structured_content, Some(json!({"a": 1})));
        let questions: Vec<(Value, Value)> = world
            .pdp
            .asked()
            .into_iter()
            .map(|asked| match asked {
                Asked::One(asked) => (asked.action().clone(), asked.resource().clone()),
                Asked::Page(page) => panic!("{page:?}"),
            })
            .collect();
        let resource = json!({"name": "t", "tags": ["pii"], "arguments": {"a": 1}});
        assert_eq!(questions, [(json!("t"), json!("mcp")), (json!("call"), resource)]);
        let records: Vec<(bool, AuditOutcome)> = world
            .audit
            .records()
            .iter()
            .map(|record| (record.gate, record.outcome))
            .collect();
        assert_eq!(
            records,
            [(true, AuditOutcome::Passed), (false, AuditOutcome::Completed)]
        );
        assert_eq!(world.log.lines()[..2], ["decide", "run gate"]);
    }
}

#[tokio::test]
async fn a_closed_gate_asks_runs_and_finalizes_nothing_behind_it() {
    async fn finished(_: &AuthorizationDecision, _: &SubscriptionContext) {
        panic!("nothing has begun");
    }
    for rule in [
        pre_enforce().finalize(finished),
        post_enforce().finalize(finished),
        pre_enforce().stealth(),
    ] {
        let world = world(rule, decisions(deny(), permit())).await;
        assert_closed(&world).await;
        assert_eq!(world.log.lines(), ["decide", "decide"]);
        let records = world.audit.records();
        assert!(records.iter().all(|record| record.gate), "{records:?}");
    }
}

#[tokio::test]
async fn behind_an_open_gate_a_denial_is_the_one_of_the_enforcement() {
    for rule in [pre_enforce(), post_enforce()] {
        let world = world(rule, decisions(permit(), deny())).await;
        assert_denied(&call(&world, json!({})).await);
        let records = world.audit.records();
        assert_eq!(records[0].outcome, AuditOutcome::Passed);
        assert_eq!(
            (records[1].outcome, records[1].stealth),
            (AuditOutcome::Denied, false)
        );
    }
    let world = world(pre_enforce().stealth(), decisions(permit(), deny())).await;
    assert_closed(&world).await;
}

#[tokio::test]
async fn obligations_of_the_enforcement_are_carried_out_behind_the_gate() {
    let map = json!({"type": "map", "id": "m"});
    let world = world(pre_enforce(), decisions(permit(), permit().with_obligation(map))).await;
    let result = call(&world, json!({"a": 1})).await.unwrap();
    assert_eq!(result.structured_content, Some(json!({"a": 1, "m": true})));
}

#[tokio::test]
async fn slots_are_shared_from_the_gate_to_the_end() {
    async fn finished(_: &AuthorizationDecision, context: &SubscriptionContext) {
        assert_eq!(context.slot::<String>().take().as_deref(), Some("from the gate"));
        context.slot::<Seen>().take().unwrap().0.add("seen");
    }
    struct Seen(Log);
    let log = Log::new();
    let seen = log.clone();
    let gate = gate().action_fn(move |context| {
        context.slot::<String>().set("from the gate".to_owned());
        context.slot::<Seen>().set(Seen(seen.clone()));
        "pass"
    });
    let server = Server::new(&log).tool(
        tool("t")
            .enforce(pre_enforce().finalize(finished))
            .enforce(gate.shared()),
        Behaviour::text("open"),
    );
    let world = World::new(&log, server, Pdp::decides(&log, permit())).await;
    call(&world, json!({})).await.unwrap();
    assert_eq!(world.log.lines().last().map(String::as_str), Some("seen"));
}

#[tokio::test]
async fn a_definition_by_name_that_lacks_the_gate_of_the_list_is_no_way_around_it() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(
            tool("t").enforce(pre_enforce()).enforce(gate()),
            Behaviour::text("secret"),
        )
        .looking_up(|tool| {
            let mut bare = tool;
            bare.meta = None;
            bare.enforce(pre_enforce())
        });
    let world = World::new(&log, server, Pdp::decides(&log, permit())).await;
    world.ask("mara", "tools/list", json!({})).await.result();
    assert_closed(&world).await;
}

#[tokio::test]
async fn gates_and_enforcements_live_on_one_server() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("gated").enforce(gate()), Behaviour::text("g"))
        .tool(tool("enforced").enforce(pre_enforce()), Behaviour::text("e"))
        .tool(
            tool("stealth").enforce(pre_enforce().stealth()),
            Behaviour::text("s"),
        )
        .tool(tool("both").enforce(gate()), Behaviour::text("b"))
        .tool(tool("open"), Behaviour::text("o"));
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder.tool("both", pre_enforce())
    })
    .await;
    let outcome = |user, name| {
        let world = &world;
        async move {
            let reply = world.call(user, name, json!({})).await.message();
            match &reply["error"]["message"] {
                Value::String(message) => message.clone(),
                _ => reply["result"]["content"][0]["text"].as_str().unwrap().to_owned(),
            }
        }
    };
    for (name, permitted, denied) in [
        ("gated", "g", "tool not found"),
        ("enforced", "e", "Access denied"),
        ("stealth", "s", "tool not found"),
        ("both", "b", "tool not found"),
        ("open", "o", "o"),
        ("unknown", "tool not found", "tool not found"),
    ] {
        assert_eq!(outcome("mara", name).await, permitted, "{name}");
        assert_eq!(outcome("sam", name).await, denied, "{name}");
    }
    let listed = |user| {
        let world = &world;
        async move {
            let tools = world.client(user).await.peer().list_all_tools().await.unwrap();
            tools
                .into_iter()
                .map(|tool| tool.name.into_owned())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(
        listed("mara").await,
        ["gated", "enforced", "stealth", "both", "open"]
    );
    assert_eq!(listed("sam").await, ["enforced", "open"]);
}

/// A decision point whose policies change as soon as it has decided once.
struct Edited {
    pdp: EmbeddedPdp,
    then: Configuration,
}

impl Edited {
    /// Two versions of the policies, each with what it permits.
    fn new(first: &str, then: &str) -> Self {
        let policy = |actions: &str| format!("policy \"p\" permit action in [{actions}];");
        let (first, then) = (policy(first), policy(then));
        Self {
            pdp: EmbeddedPdp::from_texts(None, [("p.sapl", first.as_str())]).unwrap(),
            then: Configuration::from_texts(None, [("p.sapl", then.as_str())]).unwrap(),
        }
    }

    fn edited<'a>(&'a self, decision: Deciding<'a>) -> Deciding<'a> {
        let Ok(decision) = decision.now() else {
            panic!("not at once");
        };
        self.pdp.replace(&self.then).unwrap();
        Deciding::ready(decision)
    }
}

impl PolicyDecisionPoint for Edited {
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        self.edited(self.pdp.decide_once(subscription))
    }

    fn snapshot(&self) -> Option<PolicySnapshot> {
        self.pdp.snapshot()
    }

    fn decide_once_at<'a>(
        &'a self,
        snapshot: &'a PolicySnapshot,
        subscription: &'a AuthorizationSubscription,
    ) -> Deciding<'a> {
        self.edited(self.pdp.decide_once_at(snapshot, subscription))
    }
}

#[tokio::test]
async fn a_change_of_the_policies_between_the_two_decisions_is_for_the_next_operation() {
    // The gate's action is the name of the tool.
    for (first, then, runs) in [
        ("\"t\"", "\"call\"", [false, false]),
        ("\"t\", \"call\"", "\"nothing\"", [true, false]),
        ("\"t\"", "\"t\", \"call\"", [false, true]),
    ] {
        for rule in [pre_enforce(), post_enforce()] {
            let log = Log::new();
            let tool = tool("t").enforce(rule.shared()).enforce(gate());
            let server = Server::new(&log).tool(tool, Behaviour::text("ran")).shared();
            let layer = SaplLayer::builder(Edited::new(first, then)).build().unwrap();
            let wire = Wire::serving(layer.layer(server), Mode::Json).await;
            for expected in runs {
                let params = json!({"name": "t", "arguments": {}});
                let ask = Ask::new(Revision::November2025, "mara", "tools/call", params);
                assert_eq!(wire.ask(&ask).await.contains("ran"), expected, "{first} {then}");
            }
        }
    }
}
