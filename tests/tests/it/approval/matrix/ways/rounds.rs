//! The person at the other end, between two requests.

use sapl_mcp_tests::{Ask, Reply, Revision};
use serde_json::{Value, json};

use super::{Scene, Seen, agreeing, said};
use crate::approval::matrix::cell::Event;

const KEY: &str = "io.sapl/approval";

pub(super) async fn run(event: Event, stealth: bool) -> Seen {
    let scene = Scene::new(stealth, json!({}), |builder| builder).await;
    if event == Event::Accept {
        let person = agreeing(&scene, Revision::July2026).await;
        let reply = said(&person.call("t", json!({})).await);
        assert_eq!(person.asked().len(), 1);
        return scene.seen(vec![reply], 2).await;
    }
    let params = json!({"name": "t", "arguments": {"a": 1}});
    let question = ask(&scene, "mara", &params).await;
    let state = state(&question);
    let answered = |params: &Value, state: &str| {
        with(
            params,
            state,
            &json!({"action": "accept", "content": {"approve": true}}),
        )
    };
    let yes = answered(&params, &state);
    let replies = match event {
        Event::Decline | Event::Cancel => {
            let action = if event == Event::Decline {
                "decline"
            } else {
                "cancel"
            };
            vec![ask(&scene, "mara", &with(&params, &state, &json!({"action": action}))).await]
        }
        Event::Replayed => vec![ask(&scene, "mara", &yes).await, ask(&scene, "mara", &yes).await],
        Event::SecondUse => {
            let (one, other) = tokio::join!(ask(&scene, "mara", &yes), ask(&scene, "mara", &yes));
            vec![one, other]
        }
        Event::OtherArguments => {
            let other = json!({"name": "t", "arguments": {"a": 2}});
            vec![ask(&scene, "mara", &answered(&other, &state)).await]
        }
        Event::OtherSubject => vec![ask(&scene, "sam", &yes).await],
        Event::OtherTool => {
            let other = json!({"name": "u", "arguments": {"a": 1}});
            vec![ask(&scene, "mara", &answered(&other, &state)).await]
        }
        Event::Tampered => {
            let last = state.len() - 3;
            let changed: String = state
                .chars()
                .enumerate()
                .map(|(at, letter)| match (at == last, letter) {
                    (true, 'A') => 'B',
                    (true, _) => 'A',
                    (false, letter) => letter,
                })
                .collect();
            vec![ask(&scene, "mara", &answered(&params, &changed)).await]
        }
        Event::Expired => {
            scene.let_time_pass().await;
            vec![ask(&scene, "mara", &yes).await]
        }
        Event::PolicyChanged => {
            scene.change_policy();
            vec![ask(&scene, "mara", &yes).await]
        }
        Event::Accept | Event::TimeOut | Event::Disconnect => unreachable!("nothing waits"),
    };
    let operations = replies.len() + 1;
    let replies = replies.into_iter().map(|reply| reply.body).collect();
    let mut seen = scene.seen(replies, operations).await;
    if event == Event::SecondUse {
        // Whichever was first.
        seen.sort();
    }
    seen
}

async fn ask(scene: &Scene, user: &str, params: &Value) -> Reply {
    let ask = Ask::new(Revision::July2026, user, "tools/call", params.clone());
    scene.world.wire.ask(&ask.showing_forms()).await
}

/// The state that comes with a question of the layer.
fn state(question: &Reply) -> String {
    let result = question.result();
    assert_eq!(
        result["inputRequests"][KEY]["method"], "elicitation/create",
        "{question:?}"
    );
    result["requestState"].as_str().unwrap().to_owned()
}

/// The call once more, with this state and answer.
fn with(params: &Value, state: &str, answer: &Value) -> Value {
    let mut params = params.clone();
    params["requestState"] = state.into();
    params["inputResponses"] = json!({ KEY: answer });
    params
}
