//! Under post-enforce the decision is made when the result is fetched, with the result in sight.

use sapl_mcp::{AuditOutcome, AuthorizationDecision, Slots, SubscriptionContext, gate, post_enforce};
use sapl_mcp_tests::{Answer, Asked, Component, step};
use serde_json::json;

use super::*;
use crate::finalize::finalizing;

/// Permits results that say `open`.
fn by_result(log: &Log) -> Pdp {
    Pdp::new(log, |subscription| {
        Answer::Now(match subscription.resource()["result"] == "open" {
            true => AuthorizationDecision::permit().with_obligation(step("map", "m")),
            false => AuthorizationDecision::deny(),
        })
    })
}

fn rule() -> Rule {
    post_enforce()
        .resource_fn(|ctx| json!({"result": ctx.return_value(), "error": ctx.error(), "name": ctx.name()}))
}

#[tokio::test]
async fn each_fetch_of_the_result_is_decided_with_the_result_in_sight() {
    let state = State::working();
    let log = Log::new();
    let rule = finalizing(rule(), &log);
    let pdp = by_result(&log);
    let world = World::new(&log, server(&log, rule, &state), pdp).await;
    let begun = begin(&world, "mara", "t").await;
    assert_eq!(
        (begun.get("statusMessage"), begun.get("_meta")),
        (None, None),
        "nothing is decided yet"
    );
    let working = get(&world, "mara", "task-1").await;
    assert!(
        working.contains("working") && !working.contains("secrets"),
        "{working:?}"
    );
    assert!(world.pdp.asked().is_empty());

    for (result, permitted) in [
        ("secret", false),
        ("open", true),
        ("open", true),
        ("secret", false),
    ] {
        state.complete(text(result));
        let reply = get(&world, "mara", "task-1").await;
        if permitted {
            assert_eq!(reply.result()["result"]["content"][0]["text"], "open+m");
        } else {
            assert_eq!(reply.error(), denied());
        }
        assert!(!reply.contains("secret"), "{reply:?}");
    }
    assert_eq!(world.pdp.asked().len(), 4);
    let Asked::One(first) = &world.pdp.asked()[0] else {
        panic!()
    };
    assert_eq!(
        first.resource(),
        &json!({"result": "secret", "error": null, "name": "t"})
    );
    assert_eq!(first.subject()["sub"], "mara");
    let finalized: Vec<_> = world
        .log
        .take()
        .into_iter()
        .filter(|line| line.starts_with("finalize"))
        .collect();
    assert_eq!(
        finalized,
        [
            "finalize DENY task t",
            "finalize DENY denied t",
            "finalize PERMIT completed t",
            "finalize PERMIT completed t",
            "finalize DENY denied t"
        ]
    );
    let outcomes: Vec<_> = world
        .audit
        .records()
        .iter()
        .map(|record| record.outcome)
        .collect();
    use AuditOutcome::{Completed, Denied, Task};
    assert_eq!(outcomes, [Task, Denied, Completed, Completed, Denied]);
}

#[tokio::test]
async fn a_failure_is_decided_too() {
    let state = State::working();
    let log = Log::new();
    let pdp = Pdp::new(&log, |subscription| {
        Answer::Now(match subscription.resource()["error"]["code"] == -32050 {
            true => AuthorizationDecision::permit(),
            false => AuthorizationDecision::deny(),
        })
    });
    let world = World::new(&log, server(&log, rule(), &state), pdp).await;
    begin(&world, "mara", "t").await;
    for (code, permitted) in [(-32050, true), (-32051, false)] {
        state.set(Ok(TaskPayload::Failed {
            error: object(json!({"code": code, "message": "secret"})),
        }));
        let reply = get(&world, "mara", "task-1").await;
        assert_eq!(reply.contains("secret"), permitted, "{reply:?}");
    }
}

#[tokio::test]
async fn a_task_of_a_secret_tool_is_not_found_and_cancelled() {
    let state = State::working();
    let log = Log::new();
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    let world = World::new(&log, server(&log, rule().stealth(), &state), pdp).await;
    let call = |name: &str| {
        let params = json!({"name": name, "arguments": {}});
        Ask::new(Revision::July2026, "mara", "tools/call", params)
    };
    let reply = world.wire.ask(&call("t")).await;
    assert_eq!(reply, world.wire.ask(&call("u")).await);
    let methods: Vec<_> = world
        .server
        .received()
        .into_iter()
        .map(|r| (r.method, r.name))
        .collect();
    let [called, cancelled] = methods.as_slice() else {
        panic!("{methods:?}")
    };
    assert_eq!((called.0.as_str(), called.1.as_str()), ("tools/call", "t"));
    assert_eq!(
        (cancelled.0.as_str(), cancelled.1.as_str()),
        ("tasks/cancel", "task-1")
    );
    assert!(get(&world, "mara", "task-1").await.contains("unknown task"));
}

#[tokio::test]
async fn behind_a_gate_the_enforcement_alone_is_decided_at_the_fetch() {
    let state = State::working();
    state.complete(text("open"));
    let log = Log::new();
    let pdp = Pdp::new(&log, |subscription| {
        Answer::Now(
            match subscription.action() == "t" || subscription.resource()["result"] == "open" {
                true => AuthorizationDecision::permit(),
                false => AuthorizationDecision::deny(),
            },
        )
    });
    let says = state.clone();
    let server = Server::new(&log)
        .tool(
            tool("t").enforce(rule().shared()).enforce(gate()),
            becomes("task-1"),
        )
        .tasks(move |id| says.get(id));
    let world = World::new(&log, server, pdp).await;
    begin(&world, "mara", "t").await;
    assert_eq!(world.pdp.asked().len(), 1);
    get(&world, "mara", "task-1").await.result();
    assert_eq!(world.pdp.asked().len(), 2);
    state.complete(text("secret"));
    assert_eq!(get(&world, "mara", "task-1").await.error(), denied());
}

#[tokio::test]
async fn what_the_tool_left_in_the_slots_is_there_at_the_fetch() {
    let state = State::working();
    state.complete(text("done"));
    let log = Log::new();
    let rule = post_enforce().resource_fn(|ctx: &SubscriptionContext| ctx.slot::<u32>().get());
    let behaviour = Behaviour::does(|_, context| async move {
        context.extensions.get::<Slots>().unwrap().slot::<u32>().set(7);
        let created = rmcp::model::CreateTaskResult::new(task("task-1"));
        Ok(Component::Tool(created.into()))
    });
    let says = state.clone();
    let server = Server::new(&log)
        .tool(tool("t").enforce(rule.shared()), behaviour)
        .tasks(move |id| says.get(id));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    begin(&world, "mara", "t").await;
    get(&world, "mara", "task-1").await.result();
    assert_eq!(world.pdp.only().resource(), &json!(7));
}
