//! The person at the other end, asked by a client of 2026-07-28 between two requests.

use rmcp::model::InputRequiredResult;
use sapl_mcp::{
    ApprovalOutcome, ApprovalWay, AuditOutcome, AuthorizationDecision, EnforceExt as _, SubscriptionContext,
    post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Ask, Behaviour, Component, Log, Pdp, Person, Reply, Revision, Server, World, accept, tool,
};
use serde_json::{Value, json};

use super::{approvals, arguments, require, wants, world};
use crate::common::value;

const KEY: &str = "io.sapl/approval";

async fn ask(world: &World, user: &str, params: &Value) -> Reply {
    let ask = Ask::new(Revision::July2026, user, "tools/call", params.clone());
    world.wire.ask(&ask.showing_forms()).await
}

/// The state that a question of the layer gives.
fn question(reply: &Reply) -> String {
    let result = reply.result();
    assert_eq!(result["resultType"], "input_required", "{reply:?}");
    let form = &result["inputRequests"][KEY];
    assert_eq!(form["method"], "elicitation/create", "{reply:?}");
    assert_eq!(form["params"]["mode"], "form");
    result["requestState"].as_str().unwrap().to_owned()
}

fn answered(params: &Value, state: &str, answer: Value) -> Value {
    let mut params = params.clone();
    params["requestState"] = state.into();
    params["inputResponses"] = json!({KEY: answer});
    params
}

fn yes() -> Value {
    json!({"action": "accept", "content": {"approve": true}})
}

fn params() -> Value {
    json!({"name": "t", "arguments": {"a": 1}})
}

/// The reply is the plain denial, nothing has run, and this is why.
fn assert_refused(world: &World, reply: &Reply, ran: usize, reason: &str) {
    assert!(reply.contains("Access denied"), "{reply:?}");
    assert_eq!(world.server.received().len(), ran);
    let record = world.audit.take().pop().unwrap();
    assert_eq!(record.outcome, AuditOutcome::Denied);
    let told = record.reason.unwrap();
    assert!(told.contains(reason), "{told}");
}

#[tokio::test]
async fn what_a_person_agrees_to_is_decided_again_and_runs() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let script = |_| std::future::ready(accept());
    let person = Person::connect(world.wire, "mara", Revision::July2026, script).await;
    let (arguments, digest) = arguments();
    let called = person.call("t", arguments.clone()).await;
    assert_eq!(value(&called), &arguments);
    assert!(person.prompt("p", json!({"a": "x"})).await.is_ok());
    assert!(person.read("data://r").await.is_ok());
    assert!(person.read("item://7").await.is_ok());
    assert_eq!(person.asked().len(), 4);

    let told = approvals(&world);
    assert_eq!(told[0], Value::Null);
    assert_eq!(told[1]["by"], "mara");
    assert_eq!(told[1]["digest"], digest);
    let records = world.audit.take();
    let ended: Vec<_> = records
        .iter()
        .map(|record| (record.outcome, record.approval.as_ref().unwrap().outcome))
        .collect();
    let asked = (AuditOutcome::InputRequired, ApprovalOutcome::Asked);
    let ran = (AuditOutcome::Completed, ApprovalOutcome::Accepted);
    assert_eq!(ended, [asked, ran, asked, ran, asked, ran, asked, ran]);
    let way = |record: &sapl_mcp::OwnedAuditRecord| record.approval.as_ref().unwrap().way;
    assert!(
        records
            .iter()
            .all(|record| way(record) == Some(ApprovalWay::InputRequired))
    );
}

#[tokio::test]
async fn a_state_is_good_for_one_run_of_what_was_approved() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let state = question(&ask(&world, "mara", &params()).await);
    let other_arguments = json!({"name": "t", "arguments": {"a": 2}});
    let elsewhere = question(&ask(&world, "sam", &params()).await);
    let flipped = |at: usize| -> String {
        let letter = |letter| if letter == 'A' { 'B' } else { 'A' };
        let letters = state.chars().enumerate();
        letters
            .map(|(here, one)| if here == at { letter(one) } else { one })
            .collect()
    };
    for (params, state, reason) in [
        (&other_arguments, &state, "not those that were approved"),
        (&params(), &elsewhere, "forged"),
        (&params(), &flipped(20), "forged"),
        (&params(), &flipped(state.len() - 2), "forged"),
        (&params(), &state.replace("sapl1", "sapl2"), "none of this layer"),
    ] {
        let reply = ask(&world, "mara", &answered(params, state, yes())).await;
        assert_refused(&world, &reply, 0, reason);
    }
    // None of that has used it up.
    let reply = ask(&world, "mara", &answered(&params(), &state, yes())).await;
    assert_eq!(reply.result()["structuredContent"], json!({"a": 1}), "{reply:?}");
    let again = ask(&world, "mara", &answered(&params(), &state, yes())).await;
    assert_refused(&world, &again, 1, "used before");
}

#[tokio::test]
async fn of_two_uses_at_once_one_runs() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let state = question(&ask(&world, "mara", &params()).await);
    let params = answered(&params(), &state, yes());
    let (one, other) = tokio::join!(ask(&world, "mara", &params), ask(&world, "mara", &params));
    let denied = |reply: &Reply| reply.contains("Access denied");
    assert_ne!(denied(&one), denied(&other));
    assert_eq!(world.server.received().len(), 1);
}

#[tokio::test]
async fn whoever_does_not_say_yes_lets_nothing_run() {
    for (answer, reason) in [
        (json!({"action": "decline"}), "declined"),
        (json!({"action": "cancel"}), "turned away"),
        (
            json!({"action": "accept", "content": {"approve": false}}),
            "declined",
        ),
        (json!({"action": "accept"}), "no content"),
        (
            json!({"action": "agree", "content": {"approve": true}}),
            "no answer",
        ),
        (json!(true), "no answer"),
        (
            json!({"action": "accept", "content": {"approve": true, "arguments": "{}"}}),
            "edited",
        ),
    ] {
        let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
        let state = question(&ask(&world, "mara", &params()).await);
        let reply = ask(&world, "mara", &answered(&params(), &state, answer)).await;
        assert_refused(&world, &reply, 0, reason);
        assert_eq!(world.pdp.asked().len(), 1, "there is nothing to decide");
    }
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let state = question(&ask(&world, "mara", &params()).await);
    let mut silent = params();
    silent["requestState"] = state.into();
    assert_refused(&world, &ask(&world, "mara", &silent).await, 0, "there is none");
}

#[tokio::test]
async fn a_changed_policy_denies_and_leaves_the_approval_unused() {
    for other in [
        AuthorizationDecision::deny(),
        AuthorizationDecision::permit().with_obligation(require(json!({"message": "more"}))),
    ] {
        let changed = std::sync::Arc::new(std::sync::atomic::AtomicBool::new(false));
        let switch = std::sync::Arc::clone(&changed);
        let pdp = |log: &Log| {
            Pdp::new(log, move |subscription| {
                Answer::Now(match subscription.environment() {
                    None => AuthorizationDecision::permit().with_obligation(require(json!({}))),
                    Some(_) if switch.load(std::sync::atomic::Ordering::SeqCst) => other.clone(),
                    Some(_) => AuthorizationDecision::permit(),
                })
            })
        };
        let world = world(pre_enforce(), pdp, |b| b).await;
        let state = question(&ask(&world, "mara", &params()).await);
        changed.store(true, std::sync::atomic::Ordering::SeqCst);
        let reply = ask(&world, "mara", &answered(&params(), &state, yes())).await;
        assert!(reply.contains("Access denied"), "{reply:?}");
        assert!(world.server.received().is_empty());
        changed.store(false, std::sync::atomic::Ordering::SeqCst);
        let reply = ask(&world, "mara", &answered(&params(), &state, yes())).await;
        assert_eq!(reply.result()["structuredContent"], json!({"a": 1}), "{reply:?}");
    }
}

#[tokio::test]
async fn edited_arguments_are_those_that_run() {
    let world = world(pre_enforce(), |log| wants(log, json!({"editable": true})), |b| b).await;
    let state = question(&ask(&world, "mara", &params()).await);
    let edited = json!({"action": "accept", "content": {"approve": true, "arguments": "{\"a\": 2}"}});
    let reply = ask(&world, "mara", &answered(&params(), &state, edited)).await;
    assert_eq!(reply.result()["structuredContent"], json!({"a": 2}), "{reply:?}");
}

/// A tool that asks by itself, under a rule whose decisions see the rounds and the answers.
#[tokio::test]
async fn a_component_that_asks_by_itself_does_not_hear_of_the_approvals() {
    let log = Log::new();
    let behaviour = Behaviour::does(|received, _| async move {
        Ok(match received.round {
            Value::Null => Component::Tool(InputRequiredResult::from_request_state("own state").into()),
            round => Component::Text(round.to_string()),
        })
    });
    let rule = pre_enforce().resource_fn(
        |context: &SubscriptionContext| json!({"round": context.round(), "answers": context.input_responses()}),
    );
    let server = Server::new(&log).tool(tool("t").enforce(rule.shared()), behaviour);
    let world = World::new(&log, server, wants(&log, json!({}))).await;
    let first = question(&ask(&world, "mara", &params()).await);
    let asks = ask(&world, "mara", &answered(&params(), &first, yes())).await;
    let state = asks.result()["requestState"].as_str().unwrap().to_owned();

    let own = json!({"b": {"action": "accept", "content": {"x": 1}}});
    let mut round = params();
    round["requestState"] = state.into();
    round["inputResponses"] = own.clone();
    let second = question(&ask(&world, "mara", &round).await);
    let last = ask(&world, "mara", &answered(&params(), &second, yes())).await;
    let text = last.result()["content"][0]["text"].as_str().unwrap().to_owned();
    assert_eq!(
        serde_json::from_str::<Value>(&text).unwrap(),
        json!(["own state", own])
    );

    let asked = world.pdp.resources();
    let (one, two) = (
        json!({"round": 1, "answers": null}),
        json!({"round": 2, "answers": own}),
    );
    assert_eq!(asked, [one.clone(), one, two.clone(), two]);
}

#[tokio::test]
async fn a_state_of_a_question_is_none_of_a_component_and_the_other_way_round() {
    let log = Log::new();
    let asks = || Behaviour::result(InputRequiredResult::from_request_state("own"));
    let server = Server::new(&log)
        .tool(tool("t").enforce(pre_enforce().shared()), asks())
        .tool(tool("p").enforce(post_enforce().shared()), asks());
    let world = World::new(&log, server, wants(&log, json!({}))).await;
    let state = question(&ask(&world, "mara", &params()).await);
    let mut of_other = params();
    of_other["name"] = "p".into();
    let reply = ask(&world, "mara", &answered(&of_other, &state, yes())).await;
    assert_refused(&world, &reply, 0, "request state");
    // With the state of the component's own round nothing is approved.
    let asks = ask(&world, "mara", &answered(&params(), &state, yes())).await;
    let own = asks.result()["requestState"].as_str().unwrap().to_owned();
    question(&ask(&world, "mara", &answered(&params(), &own, yes())).await);
    assert_eq!(world.server.received().len(), 1);
}

#[tokio::test]
async fn a_client_that_shows_no_forms_is_not_asked() {
    let world = world(pre_enforce(), |log| wants(log, json!({})), |b| b).await;
    let client = sapl_mcp_tests::McpClient::connect(world.wire, "mara", Revision::July2026).await;
    crate::common::assert_denied(&client.call("t", json!({})).await);
    let reason = world.audit.take().remove(0).reason.unwrap();
    assert!(reason.contains("approval was not possible"), "{reason}");
}

#[tokio::test]
async fn a_state_is_no_good_where_the_decision_has_come_to_stand_behind_the_component() {
    let served =
        async |rule, pdp: fn(&Log) -> Pdp| world(rule, pdp, |b| b.request_state_key([7; 32].to_vec())).await;
    let before = served(pre_enforce(), |log| wants(log, json!({}))).await;
    let permits: fn(&Log) -> Pdp = |log| Pdp::decides(log, AuthorizationDecision::permit());
    let params = answered(
        &params(),
        &question(&ask(&before, "mara", &params()).await),
        yes(),
    );
    let behind = served(post_enforce(), permits).await;
    let reply = ask(&behind, "mara", &params).await;
    assert_refused(&behind, &reply, 0, "forged");
    // It is the place of the decision that makes the difference.
    let still_before = served(pre_enforce(), permits).await;
    let reply = ask(&still_before, "mara", &params).await;
    assert_eq!(reply.result()["structuredContent"], json!({"a": 1}));
}
