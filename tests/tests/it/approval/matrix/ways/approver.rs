//! A person elsewhere.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use sapl_mcp::{ApprovalAnswer, ApprovalRequest, constraint::HandlerError};
use sapl_mcp_tests::Revision;
use serde_json::json;
use tokio::sync::Notify;

use super::{Scene, Seen, agreeing, said};
use crate::approval::matrix::cell::Event;

/// What the approver knows and does.
#[derive(Default)]
struct Desk {
    asked: AtomicUsize,
    called: Notify,
    /// When it is too late.
    late: Notify,
    changes: std::sync::Mutex<Option<Arc<AtomicBool>>>,
}

pub(super) async fn run(event: Event, stealth: bool) -> Seen {
    let desk = Arc::new(Desk::default());
    let at_desk = Arc::clone(&desk);
    let approve = move |_: Arc<ApprovalRequest>| {
        let desk = Arc::clone(&at_desk);
        async move { answer(event, &desk).await }
    };
    let obligation = json!({"approver": "desk"});
    let scene = Scene::new(stealth, obligation, |builder| builder.approver("desk", approve)).await;
    *desk.changes.lock().unwrap() = Some(Arc::clone(&scene.changed));
    // The client could ask its user, who would agree, and is not asked.
    let person = agreeing(&scene, Revision::November2025).await;
    let mut replies = Vec::new();
    let calls = match event {
        Event::SecondUse => 2,
        _ => 1,
    };
    for _ in 0..calls {
        match event {
            Event::TimeOut | Event::Expired => {
                let (called, ()) = tokio::join!(person.call("t", json!({})), async {
                    desk.called.notified().await;
                    scene.let_time_pass().await;
                });
                replies.push(said(&called));
                desk.late.notify_one();
            }
            Event::Disconnect => {
                let wire = scene.world.wire;
                let session = wire.open_showing_forms("mara", Revision::November2025).await;
                let params = json!({"name": "t", "arguments": {}});
                let ask = sapl_mcp_tests::Ask::new(Revision::November2025, "mara", "tools/call", params)
                    .session(&session);
                let (call, ()) = tokio::join!(wire.open_stream(&ask), desk.called.notified());
                wire.end("mara", Revision::November2025, &session).await;
                drop(call);
            }
            _ => replies.push(said(&person.call("t", json!({})).await)),
        }
    }
    assert!(person.asked().is_empty());
    assert_eq!(desk.asked.load(Ordering::SeqCst), calls);
    scene.seen(replies, calls).await
}

async fn answer(event: Event, desk: &Desk) -> Result<ApprovalAnswer, HandlerError> {
    let before = desk.asked.fetch_add(1, Ordering::SeqCst);
    desk.called.notify_one();
    match event {
        Event::Accept => {}
        Event::Decline => return Ok(ApprovalAnswer::Declined),
        Event::Cancel => return Ok(ApprovalAnswer::Cancelled),
        Event::TimeOut | Event::Disconnect => return std::future::pending().await,
        Event::Expired => desk.late.notified().await,
        Event::PolicyChanged => {
            if let Some(changed) = &*desk.changes.lock().unwrap() {
                changed.store(true, Ordering::SeqCst);
            }
        }
        Event::SecondUse if before == 0 => {}
        Event::SecondUse => return Ok(ApprovalAnswer::Declined),
        Event::Replayed
        | Event::OtherArguments
        | Event::OtherSubject
        | Event::OtherTool
        | Event::Tampered => {
            unreachable!("nobody sends an approver anything")
        }
    }
    Ok(ApprovalAnswer::accepted("desk"))
}
