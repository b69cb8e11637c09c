//! What a client sends along with a call: answers to what the component asks for, and the state of its rounds.

use std::sync::{Arc, Mutex, PoisonError};

use rmcp::model::InputRequiredResult;
use sapl_mcp::{ApprovalAnswer, ApprovalRequest, EnforceExt as _, constraint::HandlerError, pre_enforce};
use sapl_mcp_tests::{Ask, Behaviour, Component, Log, Mode, Reply, Revision, Server, World, accept, tool};
use serde_json::{Value, json};

use super::wants;

/// The questions that an approver was asked.
#[derive(Clone, Default)]
struct Desk(Arc<Mutex<Vec<Arc<ApprovalRequest>>>>);

impl Desk {
    async fn agree(self, request: Arc<ApprovalRequest>) -> Result<ApprovalAnswer, HandlerError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(request);
        Ok(ApprovalAnswer::accepted("desk"))
    }

    fn asked(&self) -> Vec<Arc<ApprovalRequest>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// A world whose one tool gives what it got, when the desk agrees.
async fn world(obligation: Value) -> (World, Desk) {
    let (log, desk) = (Log::new(), Desk::default());
    let asked = desk.clone();
    let behaviour = Behaviour::does(|received, _| async move {
        Ok(match received.round {
            Value::Null => Component::Tool(InputRequiredResult::from_request_state("own state").into()),
            round => Component::Text(round.to_string()),
        })
    });
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), behaviour);
    let world = World::with(&log, server, wants(&log, obligation), Mode::Sessions, |builder| {
        builder.approver("desk", move |request| asked.clone().agree(request))
    })
    .await;
    (world, desk)
}

async fn call(world: &World, along: Value) -> Reply {
    let mut params = json!({"name": "t", "arguments": {"a": 1}});
    for (name, member) in along.as_object().unwrap() {
        params[name] = member.clone();
    }
    let ask = Ask::new(Revision::July2026, "mara", "tools/call", params);
    world.wire.ask(&ask.showing_forms()).await
}

fn answer(account: &str) -> Value {
    json!({"account": {"action": "accept", "content": {"number": account}}})
}

#[tokio::test]
async fn a_person_sees_the_answers_that_come_with_the_call() {
    let (world, desk) = world(json!({"approver": "desk"})).await;
    assert!(
        call(&world, json!({"inputResponses": answer("DE-4711")}))
            .await
            .contains("DE-4711")
    );
    call(&world, json!({})).await;
    let [with, without] = &desk.asked()[..] else {
        panic!()
    };
    assert_eq!(Value::Object(with.answers.clone()), answer("DE-4711"));
    let text = with.text().unwrap();
    assert!(
        text.contains("Answers that came with the call:") && text.contains("DE-4711"),
        "{text}"
    );
    assert!(without.answers.is_empty());
    assert!(!without.text().unwrap().contains("Answers"));

    // The same in a form of the client.
    let log = Log::new();
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::echo());
    let world = World::new(&log, server, wants(&log, json!({}))).await;
    let asks = call(&world, json!({"inputResponses": answer("DE-4711")})).await;
    let form = &asks.result()["inputRequests"]["io.sapl/approval"]["params"];
    assert!(form["message"].as_str().unwrap().contains("DE-4711"), "{form}");
    // What can't be shown in full can't be approved.
    let long = answer(&"x".repeat(sapl_mcp::MAX_SHOWN_STRING_CHARS + 1));
    let denied = call(&world, json!({"inputResponses": long})).await;
    assert!(denied.contains("Access denied"), "{denied:?}");
}

#[tokio::test]
async fn an_approval_is_remembered_for_what_came_with_the_call_and_for_nothing_else() {
    let remember = json!({"approver": "desk", "remember": {"for": "PT15M"}});
    let (world, desk) = world(remember).await;
    let asks = call(&world, json!({})).await;
    let state = asks.result()["requestState"].as_str().unwrap().to_owned();
    let along = |account: &str| json!({"inputResponses": answer(account)});
    let next = |account: &str| json!({"inputResponses": answer(account), "requestState": state});
    for (along, asked) in [
        (json!({}), 1),
        (along("1"), 2),
        (along("2"), 3),
        (along("1"), 3),
        (next("1"), 4),
        (next("2"), 5),
        (next("1"), 5),
        (json!({"requestState": state}), 6),
        (json!({}), 6),
    ] {
        let reply = call(&world, along.clone()).await;
        assert!(!reply.contains("Access denied"), "{reply:?}");
        assert_eq!(desk.asked().len(), asked, "{along}");
    }
    // A client of sessions can send answers too.
    let person = sapl_mcp_tests::Person::connect(world.wire, "mara", Revision::November2025, |_| {
        std::future::ready(accept())
    })
    .await;
    person.call("t", json!({"a": 1})).await.ok();
    assert_eq!(desk.asked().len(), 6);
}
