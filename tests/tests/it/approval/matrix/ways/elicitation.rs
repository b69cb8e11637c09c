//! The person at the other end, while the call waits.

use std::sync::{Arc, atomic::Ordering};

use rmcp::model::ElicitResult;
use sapl_mcp_tests::{Ask, Opened, Person, Revision, accept, cancel, decline};
use serde_json::{Value, json};

use super::{Scene, Seen, said};
use crate::approval::matrix::cell::Event;

const REVISION: Revision = Revision::November2025;

pub(super) async fn run(event: Event, stealth: bool) -> Seen {
    let scene = Scene::new(stealth, json!({}), |builder| builder).await;
    match event {
        Event::Accept => answered(scene, accept()).await,
        Event::Decline => answered(scene, decline()).await,
        Event::Cancel => answered(scene, cancel()).await,
        Event::PolicyChanged => {
            let changed = Arc::clone(&scene.changed);
            let script = move |_| {
                changed.store(true, Ordering::SeqCst);
                std::future::ready(accept())
            };
            let person = Person::connect(scene.world.wire, "mara", REVISION, script).await;
            let reply = said(&person.call("t", json!({})).await);
            scene.seen(vec![reply], 1).await
        }
        Event::TimeOut => {
            let person = silent(&scene).await;
            let (called, ()) = tokio::join!(person.call("t", json!({})), async {
                asked(&person).await;
                scene.let_time_pass().await;
            });
            scene.seen(vec![said(&called)], 1).await
        }
        Event::Disconnect => {
            let wire = scene.world.wire;
            let session = wire.open_showing_forms("mara", REVISION).await;
            let (call, _) = asking(&scene, &session).await;
            wire.end("mara", REVISION, &session).await;
            drop(call);
            scene.seen(Vec::new(), 1).await
        }
        Event::Replayed => replayed(scene).await,
        Event::OtherSubject => other_subject(scene).await,
        Event::Expired => expired(scene).await,
        Event::SecondUse => second_use(scene).await,
        Event::OtherArguments | Event::OtherTool | Event::Tampered => {
            unreachable!("the client holds no state")
        }
    }
}

/// One call, and this answer.
async fn answered(scene: Scene, answer: ElicitResult) -> Seen {
    let script = move |_| std::future::ready(answer.clone());
    let person = Person::connect(scene.world.wire, "mara", REVISION, script).await;
    let reply = said(&person.call("t", json!({})).await);
    assert_eq!(person.asked().len(), 1);
    scene.seen(vec![reply], 1).await
}

/// Somebody who never answers.
async fn silent(scene: &Scene) -> Person {
    Person::connect(scene.world.wire, "mara", REVISION, |_| {
        std::future::pending::<rmcp::model::ElicitResult>()
    })
    .await
}

/// Waits until the person was asked.
pub(super) async fn asked(person: &Person) {
    while person.asked().is_empty() {
        tokio::task::yield_now().await;
    }
}

/// A call of `t` that waits, and the id of the question.
async fn asking(scene: &Scene, session: &str) -> (Opened, Value) {
    let params = json!({"name": "t", "arguments": {}});
    let ask = Ask::new(REVISION, "mara", "tools/call", params).session(session);
    let mut call = scene.world.wire.open_stream(&ask).await;
    let heard = call.until("requestedSchema").await.unwrap();
    let (before, _) = heard
        .body
        .split_once("\"method\":\"elicitation/create\"")
        .unwrap();
    let (_, id) = before.rsplit_once("\"id\":").unwrap();
    let id = id.split([',', '}']).next().unwrap();
    (call, serde_json::from_str(id).unwrap())
}

/// The message with which a client answers the question of this id.
fn answer(id: &Value, answer: &ElicitResult) -> Value {
    json!({"jsonrpc": "2.0", "id": id, "result": answer})
}

/// The answer to one call is sent again while the next one waits.
async fn replayed(scene: Scene) -> Seen {
    let wire = scene.world.wire;
    let session = wire.open_showing_forms("mara", REVISION).await;
    let (call, first) = asking(&scene, &session).await;
    let yes = answer(&first, &accept());
    wire.post("mara", REVISION, &session, &yes).await;
    let one = call.rest().await.body;
    let (call, second) = asking(&scene, &session).await;
    assert_ne!(first, second, "each question has an id of its own");
    wire.post("mara", REVISION, &session, &yes).await;
    let no = answer(&second, &decline());
    wire.post("mara", REVISION, &session, &no).await;
    let other = call.rest().await.body;
    scene.seen(vec![one, other], 2).await
}

/// Somebody else answers in the session, and then the one who was asked.
async fn other_subject(scene: Scene) -> Seen {
    let wire = scene.world.wire;
    let session = wire.open_showing_forms("mara", REVISION).await;
    let (call, id) = asking(&scene, &session).await;
    let reply = wire
        .post("sam", REVISION, &session, &answer(&id, &accept()))
        .await;
    assert_eq!(reply.status, 404, "{reply:?}");
    // Also in a session of his own.
    let of_sam = wire.open_showing_forms("sam", REVISION).await;
    wire.post("sam", REVISION, &of_sam, &answer(&id, &accept())).await;
    wire.post("mara", REVISION, &session, &answer(&id, &decline()))
        .await;
    let reply = call.rest().await.body;
    scene.seen(vec![reply], 1).await
}

/// The answer comes when the call has ended.
async fn expired(scene: Scene) -> Seen {
    let wire = scene.world.wire;
    let session = wire.open_showing_forms("mara", REVISION).await;
    let (call, id) = asking(&scene, &session).await;
    scene.let_time_pass().await;
    let reply = call.rest().await.body;
    wire.post("mara", REVISION, &session, &answer(&id, &accept()))
        .await;
    scene.seen(vec![reply], 1).await
}

/// The answer is given twice.
async fn second_use(scene: Scene) -> Seen {
    let wire = scene.world.wire;
    let session = wire.open_showing_forms("mara", REVISION).await;
    let (call, id) = asking(&scene, &session).await;
    let yes = answer(&id, &accept());
    tokio::join!(
        wire.post("mara", REVISION, &session, &yes),
        wire.post("mara", REVISION, &session, &yes)
    );
    let reply = call.rest().await.body;
    scene.seen(vec![reply], 1).await
}
