//! Under post-enforce the decision is made when the result is fetched, with the result in sight.

use sapl_mcp::{AuditOutcome, AuthorizationDecision, Slots, SubscriptionContext, gate, post_enforce};
use sapl_mcp_tests::{Answer, Asked, step};
use serde_json::json;

use super::*;
use crate::finalize::{finalized, finalizing};

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
    let finalized = finalized(world.log.take());
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
async fn a_task_that_nobody_may_hear_of_is_cancelled_before_the_operation_ends_and_for_every_client() {
    for revision in Revision::ALL {
        let state = State::working();
        let log = Log::new();
        let rule = finalizing(rule().stealth(), &log);
        let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
        let world = World::new(&log, server(&log, rule, &state), pdp).await;
        // Of the revisions only the last says at each request that the client takes tasks.
        let params = json!({"name": "t", "arguments": {}});
        let reply = world
            .wire
            .ask(&Ask::new(revision, "mara", "tools/call", params))
            .await;
        assert_eq!(reply.error()["message"], "tool not found");
        let methods: Vec<_> = world
            .server
            .received()
            .into_iter()
            .map(|received| received.method)
            .collect();
        assert_eq!(methods, ["tools/call", "tasks/cancel"], "{revision:?}");
        let expected = ["component t", "component task-1", "finalize DENY denied t"];
        assert_eq!(world.log.lines(), expected);
    }
}

#[tokio::test]
async fn what_the_component_was_given_is_there_when_its_result_is_decided() {
    let state = State::working();
    let log = Log::new();
    let rule =
        post_enforce().resource_fn(|ctx| json!({"round": ctx.round(), "answers": ctx.input_responses()}));
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    let world = World::new(&log, server(&log, rule, &state), pdp).await;
    begin(&world, "mara", "t").await;
    let mut expected = vec![json!({"round": 1, "answers": null})];
    state.complete(text("done"));
    get(&world, "mara", "task-1").await.result();
    for (key, round) in [("a", 2), ("b", 3)] {
        let answer = json!({"action": "accept", "content": {"row": round}});
        let params = json!({"taskId": "task-1", "inputResponses": {key: answer}});
        ask(&world, "mara", "tasks/update", params).await.result();
        get(&world, "mara", "task-1").await.result();
        let mut answers = expected.last().unwrap()["answers"].clone();
        answers[key] = answer;
        expected.push(json!({"round": round, "answers": answers}));
    }
    let asked = world.pdp.resources();
    assert_eq!(asked, expected);
}

#[tokio::test]
async fn input_for_which_there_is_no_room_is_denied_and_recorded() {
    let state = State::working();
    let log = Log::new();
    let pdp = Pdp::decides(&log, AuthorizationDecision::permit());
    let world = World::new(&log, server(&log, post_enforce(), &state), pdp).await;
    begin(&world, "mara", "t").await;
    // A body may have 2 MiB or so, and what was given is kept until the result is decided.
    let chunk = "x".repeat(1_000_000);
    let fits = MAX_TASK_BYTES_PER_PRINCIPAL / chunk.len();
    for nth in 0..=fits {
        let before = world.server.received().len();
        let params = json!({"taskId": "task-1", "inputResponses": {nth.to_string(): chunk}});
        let reply = ask(&world, "mara", "tasks/update", params).await;
        if nth < fits {
            reply.result();
        } else {
            assert_eq!(reply.error(), denied());
            assert_eq!(world.server.received().len(), before);
        }
    }
    let records = world.audit.records();
    let reason = records.last().unwrap().reason.clone();
    assert_eq!(
        reason.as_deref(),
        Some("no more bytes are kept for tasks of this principal")
    );
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
