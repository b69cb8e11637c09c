//! After a pre-enforce decision: the stages of its permit are kept, and run when the result is fetched.

use rmcp::model::{ElicitRequest, ElicitRequestParams, InputRequest, InputRequests};
use sapl_mcp::{AuditOutcome, AuthorizationDecision, InputRequired, gate, post_enforce, pre_enforce};
use sapl_mcp_tests::{Mode, Wire, step, step_with};
use serde_json::json;

use super::*;
use crate::finalize::{finalized, finalizing};

fn permit() -> AuthorizationDecision {
    AuthorizationDecision::permit()
}

fn asking() -> TaskPayload {
    let params = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: "which row of the secrets?".to_owned(),
        requested_schema: serde_json::from_value(json!({"type": "object", "properties": {}})).unwrap(),
    };
    let request = InputRequest::Elicitation(ElicitRequest::new(params));
    TaskPayload::InputRequired {
        input_requests: InputRequests::from_iter([("a".to_owned(), request)]),
    }
}

#[tokio::test]
async fn without_an_output_obligation_a_task_is_the_same_to_the_last_byte() {
    let states = [
        Ok(TaskPayload::Working),
        Ok(TaskPayload::Cancelled),
        Ok(asking()),
        Ok(TaskPayload::Completed {
            result: object(json!({"content": [], "unknown": 1.0, "_meta": {"kept": 1.50}})),
        }),
        Ok(TaskPayload::Completed {
            result: object(text("done")),
        }),
        Ok(TaskPayload::Completed {
            result: object(
                json!({"content": [{"type": "text", "text": "broken"}], "isError": true, "more": []}),
            ),
        }),
        Ok(TaskPayload::Failed {
            error: object(json!({"code": -1, "message": "no", "data": {"row": 7}, "more": 1})),
        }),
    ];
    let decisions = [
        permit(),
        permit()
            .with_obligation(step("run", "a"))
            .with_obligation(step("look", "b"))
            .with_obligation(step("on_error", "c"))
            .with_advice(step("keep", "d")),
    ];
    for mode in [Mode::Json, Mode::Sse] {
        for payload in &states {
            let state = State::working();
            let log = Log::new();
            let bare = Wire::serving(server(&log, pre_enforce(), &state).shared(), mode).await;
            for rule in [pre_enforce(), gate()] {
                for decision in &decisions {
                    let is_gate = format!("{rule:?}").contains("Gate");
                    if is_gate && *decision != permit() {
                        continue;
                    }
                    state.set(Ok(TaskPayload::Working));
                    let world = world_by(
                        mode,
                        rule.clone(),
                        |log| Pdp::decides(log, decision.clone()),
                        &state,
                    )
                    .await;
                    let call = Ask::new(
                        Revision::July2026,
                        "mara",
                        "tools/call",
                        json!({"name": "t", "arguments": {}}),
                    );
                    assert_eq!(world.wire.ask(&call).await, bare.ask(&call).await);
                    state.set(payload.clone());
                    let fetch = Ask::new(
                        Revision::July2026,
                        "mara",
                        "tasks/get",
                        json!({"taskId": "task-1"}),
                    );
                    for _ in 0..2 {
                        assert_eq!(world.wire.ask(&fetch).await, bare.ask(&fetch).await);
                    }
                }
            }
        }
    }
}

#[tokio::test]
async fn the_output_stages_run_once_on_the_first_fetch_of_the_result() {
    let state = State::working();
    let decision = permit()
        .with_obligation(step("run", "r"))
        .with_obligation(step("invoke", "i"))
        .with_obligation(step("look", "l"))
        .with_obligation(step("map", "m"));
    let world = world(pre_enforce(), decision, &state).await;
    begin(&world, "mara", "t").await;
    let before = ["decide", "run r", "invoke i {}", "component t"];
    assert_eq!(world.log.take(), before);
    get(&world, "mara", "task-1").await.result();
    assert_eq!(world.log.take(), ["component task-1"], "there is no result yet");
    state.complete(text("secret"));
    for stages in [
        &["component task-1", "look l \"secret\"", "map m \"secret\""][..],
        &["component task-1"],
    ] {
        let got = get(&world, "mara", "task-1").await.result();
        assert_eq!(got["status"], "completed");
        assert_eq!(
            got["result"]["content"],
            json!([{"type": "text", "text": "secret+m"}])
        );
        assert_eq!(world.log.take(), stages);
    }
}

#[tokio::test]
async fn the_call_and_the_fetch_of_the_result_are_recorded_and_finalized() {
    let state = State::working();
    let log = Log::new();
    let rule = finalizing(pre_enforce(), &log);
    let decision = permit().with_obligation(step("map", "m"));
    let world = World::new(&log, server(&log, rule, &state), Pdp::decides(&log, decision)).await;
    begin(&world, "mara", "t").await;
    assert_eq!(world.log.take().last().unwrap(), "finalize PERMIT task t");
    get(&world, "mara", "task-1").await;
    state.complete(text("secret"));
    get(&world, "mara", "task-1").await;
    get(&world, "mara", "task-1").await;
    let finalized = finalized(world.log.take());
    assert_eq!(finalized, ["finalize PERMIT completed t"]);
    let records = world.audit.records();
    let outcomes: Vec<_> = records
        .iter()
        .map(|record| (record.outcome, record.constraints.len()))
        .collect();
    assert_eq!(outcomes, [(AuditOutcome::Task, 1), (AuditOutcome::Completed, 1)]);
}

#[tokio::test]
async fn under_an_output_obligation_a_task_says_nothing_but_its_enforced_result() {
    let states = [
        Ok(TaskPayload::Working),
        Ok(TaskPayload::Cancelled),
        Ok(TaskPayload::Failed {
            error: object(json!({"code": -1, "message": "row 7 of the secrets", "data": {"row": 7}})),
        }),
        Ok(TaskPayload::Completed {
            result: object(
                json!({"content": [{"type": "text", "text": "row 7 of the secrets"}], "isError": true}),
            ),
        }),
        Ok(TaskPayload::Completed {
            result: object(
                json!({"content": [{"type": "text", "text": "done"}], "_meta": {"row": "of the secrets"}}),
            ),
        }),
    ];
    for mode in [Mode::Json, Mode::Sse] {
        for payload in &states {
            let state = State::working();
            let decision = permit().with_obligation(step("map", "m"));
            let world = world_by(mode, pre_enforce(), |log| Pdp::decides(log, decision), &state).await;
            let call = ask(
                &world,
                "mara",
                "tools/call",
                json!({"name": "t", "arguments": {}}),
            )
            .await;
            state.set(payload.clone());
            let got = get(&world, "mara", "task-1").await;
            for reply in [&call, &got] {
                let result = reply.result();
                assert_eq!(
                    (result["taskId"].as_str(), result["createdAt"].as_str()),
                    (Some("task-1"), Some(TIME))
                );
                for secret in ["secrets", "of the server", "statusMessage", "row"] {
                    assert!(!reply.contains(secret), "{reply:?}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_no_handler_has_seen_does_not_pass_an_output_obligation_that_changes_nothing() {
    let secret = "row 7 of the secrets";
    let states = [
        TaskPayload::Completed {
            result: object(json!({
                "content": [{"type": "text", "text": "done", "row": secret}],
                "row": secret
            })),
        },
        TaskPayload::Completed {
            result: object(json!({
                "content": [{"type": "text", "text": "{\"state\":\"done\"}"}],
                "structuredContent": {"state": "done"},
                "row": secret
            })),
        },
        TaskPayload::Failed {
            error: object(json!({"code": -32050, "message": "The operation failed", "row": secret})),
        },
    ];
    for payload in states {
        for rule in [pre_enforce(), post_enforce()] {
            let state = State::working();
            let world = world(rule, permit().with_obligation(step("keep", "k")), &state).await;
            begin(&world, "mara", "t").await;
            state.set(Ok(payload.clone()));
            for _ in 0..2 {
                let got = get(&world, "mara", "task-1").await;
                let status = got.result()["status"].clone();
                assert!(status == "completed" || status == "failed", "{got:?}");
                assert!(!got.contains("secrets"), "{got:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_result_that_can_not_be_enforced_is_denied_for_good() {
    let failing = permit().with_obligation(step_with("map", "m", json!({"fail": "error"})));
    let panicking = permit().with_obligation(step_with("look", "l", json!({"fail": "panic"})));
    for (decision, payload) in [
        (
            failing,
            TaskPayload::Completed {
                result: object(text("secret")),
            },
        ),
        (
            panicking,
            TaskPayload::Completed {
                result: object(text("secret")),
            },
        ),
        // No result of a tool.
        (
            permit(),
            TaskPayload::Completed {
                result: object(json!({"secret": 1})),
            },
        ),
        (
            permit(),
            TaskPayload::Completed {
                result: object(json!({"resultType": "task", "taskId": "secret", "content": []})),
            },
        ),
        (
            permit(),
            TaskPayload::Completed {
                result: object(
                    json!({"resultType": "input_required", "content": [], "requestState": "secret"}),
                ),
            },
        ),
        (
            permit(),
            TaskPayload::Completed {
                result: object(json!({"content": "secret"})),
            },
        ),
        (
            permit(),
            TaskPayload::Failed {
                error: object(json!({"message": "secret"})),
            },
        ),
    ] {
        for rule in [pre_enforce(), pre_enforce().stealth()] {
            let state = State::working();
            let log = Log::new();
            let stealth = format!("{rule:?}").contains("stealth: true");
            let rule = finalizing(rule, &log);
            let pdp = Pdp::decides(&log, decision.clone());
            let world = World::new(&log, server(&log, rule, &state), pdp).await;
            begin(&world, "mara", "t").await;
            state.set(Ok(payload.clone()));
            for _ in 0..2 {
                let reply = get(&world, "mara", "task-1").await;
                assert!(!reply.contains("secret"), "{reply:?}");
                if stealth {
                    let unknown = get(&world, "mara", "task-9").await;
                    assert_eq!(reply.naming("task-1", "task-9"), unknown);
                } else {
                    assert_eq!(reply.error(), denied());
                }
                // What comes later makes it no better.
                state.complete(text("harmless but secret"));
            }
            let finalized = finalized(world.log.take());
            assert_eq!(finalized, ["finalize PERMIT task t", "finalize DENY denied t"]);
            let outcomes: Vec<_> = world
                .audit
                .records()
                .iter()
                .map(|record| record.outcome)
                .collect();
            use AuditOutcome::{Denied, Task};
            if stealth {
                // It is unknown from then on.
                assert_eq!(outcomes, [Task, Denied]);
            } else {
                assert_eq!(outcomes, [Task, Denied, Denied]);
                let last = &world.audit.records()[2];
                assert_eq!(last.name, "t");
                assert_eq!(
                    last.reason.as_deref(),
                    Some("the result of the task was denied before")
                );
            }
        }
    }
}

#[tokio::test]
async fn a_task_that_takes_its_result_back_is_denied_for_good_and_recorded() {
    for decision in [permit(), permit().with_obligation(step("keep", "k"))] {
        let state = State::working();
        let world = world(pre_enforce(), decision, &state).await;
        begin(&world, "mara", "t").await;
        state.complete(text("done"));
        get(&world, "mara", "task-1").await.result();
        state.complete(json!({"secret": 1}));
        let reasons = [
            "the task says something else than the result that was let through",
            "the result of the task was denied before",
        ];
        for reason in reasons {
            assert_eq!(get(&world, "mara", "task-1").await.error(), denied());
            let records = world.audit.records();
            assert_eq!(records.last().unwrap().reason.as_deref(), Some(reason));
            state.complete(text("done"));
        }
    }
}

#[tokio::test]
async fn a_result_for_which_there_is_no_room_is_denied_for_good_and_takes_none() {
    let much = "secret".repeat(MAX_TASK_BYTES_PER_PRINCIPAL / 6 + 1);
    for (obligation, payload) in [
        (
            step("keep", "k"),
            TaskPayload::Completed {
                result: object(text(&much)),
            },
        ),
        (
            step("map_error", "e"),
            TaskPayload::Failed {
                error: object(json!({"code": -32050, "message": much})),
            },
        ),
    ] {
        let state = State::working();
        let world = world(pre_enforce(), permit().with_obligation(obligation), &state).await;
        begin(&world, "mara", "t").await;
        state.set(Ok(payload));
        for _ in 0..2 {
            assert_eq!(get(&world, "mara", "task-1").await.error(), denied());
            state.complete(text("harmless but secret"));
        }
        let reason = world.audit.records()[1].reason.clone().unwrap();
        assert_eq!(reason, "no more bytes are kept for tasks of this principal");
        // There is room for others.
        begin(&world, "mara", "open").await;
    }
}

#[tokio::test]
async fn a_result_that_nothing_is_done_to_is_not_kept() {
    let state = State::working();
    let world = world(pre_enforce(), permit(), &state).await;
    begin(&world, "mara", "t").await;
    for said in ["one", "another"] {
        state.complete(text(&said.repeat(MAX_TASK_BYTES_PER_PRINCIPAL / 3)));
        assert!(get(&world, "mara", "task-1").await.contains(said));
    }
    begin(&world, "mara", "open").await;
}

#[tokio::test]
async fn a_failure_goes_through_the_error_stages() {
    let decision = permit()
        .with_obligation(step("map_error", "e"))
        .with_obligation(step("on_error", "o"));
    for (payload, expected) in [
        (
            TaskPayload::Failed {
                error: object(json!({"code": -32050, "message": "no"})),
            },
            json!({"error": {"code": -32050, "message": "no+e"}}),
        ),
        (
            TaskPayload::Completed {
                result: object(json!({"content": [{"type": "text", "text": "no"}], "isError": true})),
            },
            json!({"result": {"resultType": "complete", "content": [{"type": "text", "text": "no+e"}], "isError": true}}),
        ),
    ] {
        let state = State::working();
        let world = world(pre_enforce(), decision.clone(), &state).await;
        begin(&world, "mara", "t").await;
        state.set(Ok(payload));
        for _ in 0..2 {
            let got = get(&world, "mara", "task-1").await.result();
            for (key, value) in object(expected.clone()) {
                assert_eq!(got[&key], value);
            }
        }
        assert_eq!(world.audit.records()[1].outcome, AuditOutcome::Failed);
    }
}

#[tokio::test]
async fn under_an_output_obligation_a_request_for_input_is_denied_unless_the_rule_passes_it() {
    let update = || json!({"taskId": "task-1", "inputResponses": {"a": {"action": "accept"}}});
    let state = State::working();
    let mapped = || permit().with_obligation(step("map", "m"));
    let closed = world(pre_enforce(), mapped(), &state).await;
    begin(&closed, "mara", "t").await;
    assert_eq!(
        ask(&closed, "mara", "tasks/update", update()).await.error(),
        denied()
    );
    let record = closed.audit.records().pop().unwrap();
    assert_eq!(
        (
            record.operation,
            record.outcome,
            record.name.as_str(),
            record.subject.as_deref()
        ),
        (sapl_mcp::Operation::Task, AuditOutcome::Denied, "t", Some("mara"))
    );
    assert!(record.reason.is_some_and(|reason| reason.contains("input")));
    state.set(Ok(asking()));
    let reply = get(&closed, "mara", "task-1").await;
    assert_eq!(reply.error(), denied());
    state.complete(text("done"));
    assert_eq!(get(&closed, "mara", "task-1").await.error(), denied());

    for (rule, decision) in [
        (pre_enforce(), permit()),
        (pre_enforce().input_required(InputRequired::Pass), mapped()),
    ] {
        let state = State::working();
        let world = world(rule, decision, &state).await;
        begin(&world, "mara", "t").await;
        state.set(Ok(asking()));
        let got = get(&world, "mara", "task-1").await.result();
        assert_eq!(got["inputRequests"]["a"]["method"], "elicitation/create");
        ask(&world, "mara", "tasks/update", update()).await.result();
        assert_eq!(world.server.received().last().unwrap().method, "tasks/update");
        state.complete(text("done"));
        assert!(get(&world, "mara", "task-1").await.contains("done"));
    }
}

#[tokio::test]
async fn a_call_that_is_denied_makes_no_task() {
    let state = State::working();
    state.complete(text("secret"));
    let world = world(pre_enforce(), AuthorizationDecision::deny(), &state).await;
    let reply = ask(
        &world,
        "mara",
        "tools/call",
        json!({"name": "t", "arguments": {}}),
    )
    .await;
    assert_eq!(reply.result()["isError"], true);
    get(&world, "mara", "task-1").await.error();
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_result_without_its_marker_is_sent() {
    let ruled = || sapl_mcp_tests::resource("data://x").enforce(pre_enforce());
    let mut link = json!(ruled());
    link["type"] = "resource_link".into();
    let meta = || json!(ruled().meta);
    let state = State::working();
    state.complete(json!({
        "content": [
            link,
            {"type": "resource", "resource": {"uri": "data://y", "text": "y", "_meta": meta()}, "_meta": meta()},
            {"type": "image", "data": "", "mimeType": "image/png", "_meta": meta()},
        ],
        "_meta": meta(),
    }));
    for (tool, id) in [("t", "task-1"), ("open", "task-2")] {
        let world = world(pre_enforce(), permit(), &state).await;
        begin(&world, "mara", tool).await;
        for _ in 0..2 {
            let reply = get(&world, "mara", id).await;
            assert!(
                reply.contains("data://x") && reply.contains("data://y") && !reply.contains("io.sapl"),
                "{reply:?}"
            );
        }
    }
}
