//! Rounds: components that ask for input, and the state of a call while it is with the client.

use rmcp::model::{GetPromptResponse, InputRequiredResult, ReadResourceResponse};
use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, ConfigError, EnforceExt as _, InputRequired,
    MAX_REQUEST_STATE_BYTES, MIN_REQUEST_STATE_KEY_BYTES, Rule, SaplLayer, SubscriptionContext, gate,
    post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Ask, Asked, Behaviour, Component, Log, Mode, Pdp, Reply, Revision, Server, World, object, prompt,
    resource, step, template, tool,
};
use serde_json::{Value, json};

use crate::finalize::finalizing;

const TOOL: &str = "tools/call";
const PROMPT: &str = "prompts/get";
const READ: &str = "resources/read";

/// Each kind of component that can ask: the method, and the parameters for the first and for another one of the kind.
fn kinds() -> [(&'static str, Value, Value); 4] {
    [
        (
            TOOL,
            json!({"name": "t", "arguments": {"n": 1}}),
            json!({"name": "other", "arguments": {"n": 1}}),
        ),
        (
            PROMPT,
            json!({"name": "t", "arguments": {"n": "1"}}),
            json!({"name": "other"}),
        ),
        (READ, json!({"uri": "data://t"}), json!({"uri": "data://other"})),
        (READ, json!({"uri": "item://1"}), json!({"uri": "item://2"})),
    ]
}

/// Asks until the second round, and then tells what was sent along.
fn asks(wrap: fn(InputRequiredResult) -> Component) -> Behaviour {
    Behaviour::does(move |received, _| async move {
        Ok(match received.round {
            Value::Null => wrap(InputRequiredResult::from_request_state("own state, ä.{}")),
            round if round[0] == "own state, ä.{}" => {
                let mut asked = InputRequiredResult::from_request_state("second state");
                asked.meta = Some(rmcp::model::MetaObject(object(json!({"trace": "of the server"}))));
                wrap(asked)
            }
            round => Component::Text(format!("got {round}")),
        })
    })
}

fn server(log: &Log, rule: &Rule) -> Server {
    let rule = rule.clone().shared();
    let prompts = || asks(|asked| Component::Prompt(GetPromptResponse::InputRequired(asked)));
    let resources = || asks(|asked| Component::Resource(ReadResourceResponse::InputRequired(asked)));
    let tools = || asks(|asked| Component::Tool(asked.into()));
    Server::new(log)
        .tool(tool("t").enforce(rule), tools())
        .tool(tool("other").enforce(rule), tools())
        .tool(tool("open"), tools())
        .prompt(prompt("t").enforce(rule), prompts())
        .prompt(prompt("other").enforce(rule), prompts())
        .resource(resource("data://t").enforce(rule), resources())
        .resource(resource("data://other").enforce(rule), resources())
        .template(template("item://{id}").enforce(rule), resources())
}

async fn world(rule: Rule, decision: AuthorizationDecision) -> World {
    let log = Log::new();
    World::new(&log, server(&log, &rule), Pdp::decides(&log, decision)).await
}

async fn ask(world: &World, user: &str, method: &str, params: Value) -> Reply {
    world
        .wire
        .ask(&Ask::new(Revision::July2026, user, method, params))
        .await
}

fn with(mut params: Value, state: &str) -> Value {
    params["requestState"] = state.into();
    params["inputResponses"] = json!({"a": {"action": "accept"}});
    params
}

/// The state that a reply gives.
fn state(reply: &Reply) -> String {
    let result = reply.result();
    assert_eq!(result["resultType"], "input_required", "{reply:?}");
    result["requestState"].as_str().unwrap().to_owned()
}

fn permit() -> AuthorizationDecision {
    AuthorizationDecision::permit()
}

#[tokio::test]
async fn a_component_gets_its_own_state_back_and_each_round_is_decided() {
    for mode in [Mode::Json, Mode::Sse] {
        for mut rule in [pre_enforce(), post_enforce()] {
            rule = rule.resource_fn(
                |ctx: &SubscriptionContext| json!({"round": ctx.round(), "answers": ctx.input_responses()}),
            );
            for (method, params, _) in kinds() {
                let log = Log::new();
                let rule = finalizing(rule.clone(), &log);
                let pdp = Pdp::decides(&log, permit());
                let world = World::with(&log, server(&log, &rule), pdp, mode, |builder| builder).await;
                let first = state(&ask(&world, "mara", method, params.clone()).await);
                let second = state(&ask(&world, "mara", method, with(params.clone(), &first)).await);
                assert!(!first.contains("own state") && !second.contains("second state"));
                let last = ask(&world, "mara", method, with(params.clone(), &second)).await;
                let told = r#"got [\"second state\",{\"a\":{\"action\":\"accept\"}}]"#;
                assert!(last.contains(told), "{last:?}");

                let answers = json!({"a": {"action": "accept"}});
                let asked = world.pdp.resources();
                assert_eq!(
                    asked,
                    [
                        json!({"round": 1, "answers": null}),
                        json!({"round": 2, "answers": answers}),
                        json!({"round": 3, "answers": answers}),
                    ]
                );
                let outcomes: Vec<_> = world
                    .audit
                    .records()
                    .iter()
                    .map(|record| record.outcome)
                    .collect();
                use AuditOutcome::{Completed, InputRequired};
                assert_eq!(outcomes, [InputRequired, InputRequired, Completed]);
                let finalized: Vec<_> = world
                    .log
                    .lines()
                    .into_iter()
                    .filter_map(|line| Some(line.strip_prefix("finalize ")?.split(' ').nth(1)?.to_owned()))
                    .collect();
                assert_eq!(finalized, ["input_required", "input_required", "completed"]);
            }
        }
    }
}

#[tokio::test]
async fn a_state_is_good_for_its_caller_and_its_component_alone() {
    for rule in [pre_enforce(), post_enforce(), gate(), pre_enforce().stealth()] {
        let world = world(rule.clone(), permit()).await;
        let hides = format!("{rule:?}").contains("stealth: true") || format!("{rule:?}").contains("Gate");
        for (method, params, other) in kinds() {
            let mine = state(&ask(&world, "mara", method, params.clone()).await);
            let elsewhere = state(&ask(&world, "mara", method, other.clone()).await);
            let of_sam = state(&ask(&world, "sam", method, params.clone()).await);
            let other_than = |letter| if letter == 'A' { 'B' } else { 'A' };
            let tampered: String = mine
                .chars()
                .enumerate()
                .map(|(at, letter)| if at == 20 { other_than(letter) } else { letter })
                .collect();
            let mut shorter = mine.clone();
            shorter.pop();
            let before = world.server.received().len();
            world.audit.take();
            for forged in [
                elsewhere.as_str(),
                &of_sam,
                &tampered,
                "own state, ä.{}",
                "",
                &shorter,
                &format!("{mine}A"),
                &"a".repeat(MAX_REQUEST_STATE_BYTES + 1),
            ] {
                let reply = ask(&world, "mara", method, with(params.clone(), forged)).await;
                assert!(!reply.contains("state"), "{reply:?}");
                if hides {
                    let (unknown, [known, nobodys]) = of_nobody(&params);
                    let unknown = ask(&world, "mara", method, with(unknown, forged)).await;
                    assert_eq!(reply.naming(&known, &nobodys), unknown);
                } else {
                    assert!(reply.contains("Access denied"), "{reply:?}");
                }
                let record = world.audit.take().remove(0);
                assert_eq!(record.outcome, AuditOutcome::Denied);
                assert!(record.reason.unwrap().contains("request state"));
            }
            assert_eq!(world.server.received().len(), before, "nothing runs");
            // It was not used up by that.
            state(&ask(&world, "mara", method, with(params, &mine)).await);
        }
    }
}

/// The same parameters for a component that nobody has, and how a reply tells of the one and of the other.
fn of_nobody(params: &Value) -> (Value, [String; 2]) {
    let mut other = params.clone();
    let told = match params.get("uri").and_then(Value::as_str) {
        Some(uri) => {
            other["uri"] = "data://u".into();
            [uri.to_owned(), "data://u".to_owned()]
        }
        None => {
            other["name"] = "u".into();
            ["'t'".to_owned(), "'u'".to_owned()]
        }
    };
    (other, told)
}

#[tokio::test]
async fn a_state_of_one_kind_is_no_state_of_another() {
    let world = world(pre_enforce(), permit()).await;
    let of_tool = state(&ask(&world, "mara", TOOL, json!({"name": "t"})).await);
    let reply = ask(&world, "mara", PROMPT, with(json!({"name": "t"}), &of_tool)).await;
    assert_eq!(reply.error(), json!({"code": -32003, "message": "Access denied"}));
}

#[tokio::test]
async fn each_round_is_decided_anew_and_can_be_denied() {
    let log = Log::new();
    let rule = pre_enforce().resource_fn(|ctx: &SubscriptionContext| json!({"round": ctx.round()}));
    let pdp = Pdp::new(&log, |subscription| {
        Answer::Now(match subscription.resource()["round"] == 1 {
            true => permit(),
            false => AuthorizationDecision::deny(),
        })
    });
    let world = World::new(&log, server(&log, &rule), pdp).await;
    let params = json!({"name": "t", "arguments": {}});
    let first = state(&ask(&world, "mara", TOOL, params.clone()).await);
    let reply = ask(&world, "mara", TOOL, with(params, &first)).await;
    assert!(reply.contains("Access denied"), "{reply:?}");
    assert_eq!(world.server.received().len(), 1);
}

#[tokio::test]
async fn a_request_for_input_passes_an_output_obligation_only_where_the_rule_says_so() {
    let mapped = || permit().with_obligation(step("map", "m"));
    for (method, params, _) in kinds() {
        for rule in [pre_enforce(), post_enforce()] {
            let closed = world(rule.clone(), mapped()).await;
            let reply = ask(&closed, "mara", method, params.clone()).await;
            assert!(reply.contains("Access denied"), "{reply:?}");
            assert_eq!(closed.audit.records()[0].outcome, AuditOutcome::Denied);

            let passing = world(rule.input_required(InputRequired::Pass), mapped()).await;
            let first = state(&ask(&passing, "mara", method, params.clone()).await);
            let reply = ask(&passing, "mara", method, with(params.clone(), &first)).await;
            let second = state(&reply);
            assert!(!reply.contains("of the server"), "its metadata stays: {reply:?}");
            let last = ask(&passing, "mara", method, with(params.clone(), &second)).await;
            assert!(last.contains("+m"), "the value goes through the stages: {last:?}");
        }
    }
}

#[tokio::test]
async fn a_component_without_a_rule_keeps_its_own_states() {
    let world = world(pre_enforce(), AuthorizationDecision::deny()).await;
    let params = json!({"name": "open", "arguments": {}});
    let first = state(&ask(&world, "mara", TOOL, params.clone()).await);
    assert_eq!(first, "own state, ä.{}");
    assert_eq!(
        state(&ask(&world, "sam", TOOL, with(params, &first)).await),
        "second state"
    );
}

#[tokio::test]
async fn layers_with_the_same_key_go_on_with_each_others_calls() {
    let key = [7; MIN_REQUEST_STATE_KEY_BYTES];
    let replica = |key: Option<[u8; MIN_REQUEST_STATE_KEY_BYTES]>| async move {
        let log = Log::new();
        let pdp = Pdp::decides(&log, permit());
        World::with(
            &log,
            server(&log, &pre_enforce()),
            pdp,
            Mode::Json,
            |builder| match key {
                Some(key) => builder.request_state_key(key),
                None => builder,
            },
        )
        .await
    };
    let params = || json!({"name": "t", "arguments": {}});
    let (one, two, other) = (
        replica(Some(key)).await,
        replica(Some(key)).await,
        replica(None).await,
    );
    let first = state(&ask(&one, "mara", TOOL, params()).await);
    state(&ask(&two, "mara", TOOL, with(params(), &first)).await);
    assert!(
        ask(&other, "mara", TOOL, with(params(), &first))
            .await
            .contains("Access denied")
    );
}

#[test]
fn a_key_has_as_many_bytes_as_the_limit_or_is_refused() {
    let build = |bytes| {
        SaplLayer::builder(sapl_mcp::decide_fn(|_| permit()))
            .request_state_key(vec![7; bytes])
            .build()
    };
    assert!(build(MIN_REQUEST_STATE_KEY_BYTES).is_ok());
    let error = build(MIN_REQUEST_STATE_KEY_BYTES - 1).unwrap_err();
    assert!(
        matches!(error, ConfigError::ShortRequestStateKey { bytes: 31 }),
        "{error}"
    );
}

#[tokio::test]
async fn a_state_that_is_too_long_to_be_sealed_is_denied() {
    let long = InputRequiredResult::from_request_state("a".repeat(MAX_REQUEST_STATE_BYTES));
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::result(long));
    let world = World::new(&log, server, Pdp::decides(&log, permit())).await;
    let reply = ask(&world, "mara", TOOL, json!({"name": "t", "arguments": {}})).await;
    assert!(reply.contains("Access denied"), "{reply:?}");
    assert!(
        world.audit.records()[0]
            .reason
            .as_ref()
            .unwrap()
            .contains("too long")
    );
}

#[tokio::test]
async fn what_an_open_gate_can_not_send_is_denied_but_no_secret() {
    let long = InputRequiredResult::from_request_state("a".repeat(MAX_REQUEST_STATE_BYTES));
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(gate()), Behaviour::result(long));
    let world = World::new(&log, server, Pdp::decides(&log, permit())).await;
    let reply = ask(&world, "mara", TOOL, json!({"name": "t", "arguments": {}})).await;
    assert!(reply.contains("Access denied"), "{reply:?}");
}

#[tokio::test]
async fn a_component_without_a_state_is_given_none() {
    let log = Log::new();
    let behaviour = Behaviour::does(|received, _| async move {
        let requests = serde_json::from_value(json!({"a": {"method": "roots/list"}})).unwrap();
        Ok(match received.round {
            Value::Null => Component::Tool(InputRequiredResult::from_input_requests(requests).into()),
            round => Component::Text(round.to_string()),
        })
    });
    let rule = pre_enforce().resource_fn(|ctx: &SubscriptionContext| json!({"round": ctx.round()}));
    let server = Server::new(&log).tool(tool("t").enforce(rule.shared()), behaviour);
    let world = World::new(&log, server, Pdp::decides(&log, permit())).await;
    let reply = ask(&world, "mara", TOOL, json!({"name": "t", "arguments": {}})).await;
    assert_eq!(reply.result().get("requestState"), None, "{reply:?}");
    let answered = json!({"name": "t", "arguments": {}, "inputResponses": {"a": {"roots": []}}});
    let reply = ask(&world, "mara", TOOL, answered).await;
    assert!(reply.contains("roots"), "{reply:?}");
    let Asked::One(second) = &world.pdp.asked()[1] else {
        panic!()
    };
    assert_eq!(second.resource(), &json!({"round": 2}));
}
