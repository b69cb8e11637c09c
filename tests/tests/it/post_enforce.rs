//! Post-enforcement: the component runs first, and the decision sees what it returned.

use rmcp::model::{ErrorCode, ErrorData, InputRequiredResult};
use sapl_mcp::{AuditOutcome, AuthorizationDecision, EnforceExt as _, Rule, post_enforce, pre_enforce};
use sapl_mcp_tests::{
    Answer, Ask, Behaviour, Log, Pdp, Revision, Server, World, prompt, resource, step, tool,
};
use serde_json::{Value, json};

use crate::common::{assert_denied, call, ruled, text, value};

/// A rule whose resource is what the component returned, or how it failed.
fn seeing() -> Rule {
    post_enforce().resource_fn(|context| {
        json!({"value": context.return_value(), "error": context.error(), "arguments": context.arguments()})
    })
}

/// What the decision point saw of a component with this behaviour.
async fn seen(behaviour: Behaviour) -> Value {
    let world = ruled(seeing(), AuthorizationDecision::permit(), behaviour).await;
    let _ = call(&world, json!({"a": 1})).await;
    assert_eq!(world.log.lines(), ["component t", "decide"]);
    world.pdp.only().resource().clone()
}

#[tokio::test]
async fn the_decision_is_about_the_value() {
    let arguments = json!({"a": 1});
    for (behaviour, seen_value) in [
        (Behaviour::value(json!({"n": [1, 2]})), json!({"n": [1, 2]})),
        (Behaviour::text("plain"), json!("plain")),
        (Behaviour::text(r#" {"n": 1}"#), json!({"n": 1})),
        (Behaviour::text("[1, 2]"), json!([1, 2])),
        (Behaviour::text("[1, 2"), json!("[1, 2")),
        (Behaviour::text("5"), json!("5")),
        (Behaviour::echo(), arguments.clone()),
    ] {
        let expected = json!({"value": seen_value, "error": null, "arguments": arguments});
        assert_eq!(seen(behaviour).await, expected);
    }
}

#[tokio::test]
async fn a_failure_is_decided_too() {
    let error = ErrorData::new(ErrorCode(-32050), "broken", Some(json!({"secret": 1})));
    let expected =
        json!({"value": null, "error": {"code": -32050, "message": "broken"}, "arguments": {"a": 1}});
    assert_eq!(seen(Behaviour::fails(error.clone())).await, expected);
    let expected = json!({"value": null, "error": "broken", "arguments": {"a": 1}});
    assert_eq!(seen(Behaviour::is_error("broken")).await, expected);

    for behaviour in [
        Behaviour::fails(error.clone()),
        Behaviour::is_error("broken"),
        Behaviour::panics(),
    ] {
        let world = ruled(post_enforce(), AuthorizationDecision::deny(), behaviour).await;
        assert_denied(&call(&world, json!({})).await);
    }
    let world = ruled(
        post_enforce(),
        AuthorizationDecision::permit(),
        Behaviour::fails(error.clone()),
    )
    .await;
    assert_eq!(call(&world, json!({})).await.unwrap_err(), error);
}

#[tokio::test]
async fn a_value_is_suppressed_unless_the_decision_is_permit() {
    for answer in [
        Answer::Now(AuthorizationDecision::deny()),
        Answer::Now(AuthorizationDecision::indeterminate()),
        Answer::Now(AuthorizationDecision::not_applicable()),
        Answer::Now(AuthorizationDecision::new(sapl_mcp::Decision::Suspend)),
        Answer::Now(AuthorizationDecision::permit().with_obligation(json!({"type": "unknown"}))),
        Answer::Panic,
        Answer::PanicLater,
    ] {
        let log = Log::new();
        let server = Server::new(&log)
            .tool(tool("t").enforce(post_enforce()), Behaviour::text("secret"))
            .prompt(prompt("p").enforce(post_enforce()), Behaviour::text("secret"))
            .resource(
                resource("data://r").enforce(post_enforce()),
                Behaviour::text("secret"),
            );
        let world = World::new(&log, server, Pdp::always(&log, answer)).await;
        assert_denied(&call(&world, json!({})).await);
        for (method, params) in [
            ("prompts/get", json!({"name": "p"})),
            ("resources/read", json!({"uri": "data://r"})),
        ] {
            let reply = world.ask("mara", method, params).await;
            assert_eq!(reply.error(), json!({"code": -32003, "message": "Access denied"}));
        }
        assert_eq!(
            world.server.received().len(),
            3,
            "what the components did stays done"
        );
    }
}

#[tokio::test]
async fn a_caller_who_can_not_be_permitted_runs_nothing() {
    let rule = post_enforce().required_scopes(["admin"]);
    let world = ruled(rule, AuthorizationDecision::permit(), Behaviour::text("secret")).await;
    assert_eq!(world.call("mara", "t", json!({})).await.status, 403);
    assert_eq!(world.log.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn no_progress_can_be_sent_before_the_decision() {
    for revision in Revision::ALL {
        for (rule, passes) in [(post_enforce(), false), (pre_enforce(), true)] {
            let log = Log::new();
            let server = Server::new(&log)
                .tool(tool("t").enforce(rule.clone()), Behaviour::text("done"))
                .prompt(prompt("p").enforce(rule.clone()), Behaviour::text("done"))
                .resource(resource("data://r").enforce(rule), Behaviour::text("done"));
            let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
            for (method, params) in [
                ("tools/call", json!({"name": "t"})),
                ("prompts/get", json!({"name": "p"})),
                ("resources/read", json!({"uri": "data://r"})),
            ] {
                let mut params = params;
                params["_meta"] = json!({"progressToken": 7, "other": "kept"});
                world
                    .wire
                    .ask(&Ask::new(revision, "mara", method, params))
                    .await
                    .result();
            }
            for received in world.server.received() {
                let tokens =
                    [&received.meta, &received.context_meta].map(|meta| meta.get("progressToken").is_some());
                assert_eq!(tokens.contains(&true), passes, "{revision:?} {received:?}");
                let others = [&received.meta, &received.context_meta].map(|meta| meta.get("other").is_some());
                assert!(others.contains(&true), "{revision:?} {received:?}");
            }
        }
    }
}

#[tokio::test]
async fn filters_and_replacements_hold_behind_the_component_too() {
    let decision = AuthorizationDecision::permit().with_obligation(json!({
        "type": "filterJsonContent", "actions": [{"type": "delete", "path": "$.secret"}],
    }));
    let world = ruled(
        seeing(),
        decision,
        Behaviour::value(json!({"secret": 1, "open": 2})),
    )
    .await;
    assert_eq!(value(&call(&world, json!({})).await), &json!({"open": 2}));
    // The decision was about the value as it was.
    assert_eq!(
        world.pdp.only().resource()["value"],
        json!({"secret": 1, "open": 2})
    );

    let decision = AuthorizationDecision::permit().with_resource(json!("instead"));
    let world = ruled(post_enforce(), decision, Behaviour::text("secret")).await;
    assert_eq!(text(&call(&world, json!({})).await.unwrap()), "instead");
}

#[tokio::test]
async fn a_request_for_input_does_not_pass_an_obligation_on_the_output() {
    let input = Behaviour::result(InputRequiredResult::from_request_state("state"));
    let mapped = || AuthorizationDecision::permit().with_obligation(step("map", "m"));
    for (rule, decision, outcome) in [
        (pre_enforce(), mapped(), AuditOutcome::Denied),
        (post_enforce(), mapped(), AuditOutcome::Denied),
        (
            post_enforce(),
            AuthorizationDecision::deny(),
            AuditOutcome::Denied,
        ),
        (
            pre_enforce(),
            AuthorizationDecision::permit(),
            AuditOutcome::InputRequired,
        ),
        (
            post_enforce(),
            AuthorizationDecision::permit(),
            AuditOutcome::InputRequired,
        ),
    ] {
        let world = ruled(rule.clone(), decision, input.clone()).await;
        let params = json!({"name": "t", "arguments": {}});
        let ask = Ask::new(Revision::July2026, "mara", "tools/call", params);
        let reply = world.wire.ask(&ask).await;
        let denied = outcome == AuditOutcome::Denied;
        assert_eq!(reply.contains("Access denied"), denied, "{reply:?}");
        assert_eq!(reply.contains("requestState"), !denied, "{reply:?}");
        assert_eq!(world.audit.records()[0].outcome, outcome);
    }
}

#[tokio::test]
async fn a_request_for_input_passes_where_the_rule_says_so() {
    let rule = pre_enforce().input_required(sapl_mcp::InputRequired::Pass);
    let decision = AuthorizationDecision::permit().with_obligation(step("map", "m"));
    let input = Behaviour::result(InputRequiredResult::from_request_state("state"));
    let world = ruled(rule, decision, input).await;
    let ask = Ask::new(Revision::July2026, "mara", "tools/call", json!({"name": "t"}));
    assert!(world.wire.ask(&ask).await.result()["requestState"].is_string());
    assert_eq!(world.audit.records()[0].outcome, AuditOutcome::InputRequired);
}
