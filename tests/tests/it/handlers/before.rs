//! Handlers before the component: runnables and method invocations.

use sapl_mcp::{
    AuthorizationDecision, EnforceExt as _, constraint::MethodInvocation, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Behaviour, Log, Mode, Pdp, Server, World, prompt, resource, step, step_with, steps_builder, template,
    tool,
};
use serde_json::json;

use crate::common::{assert_denied, call, decided, ruled, value};

#[tokio::test]
async fn obligations_run_in_the_order_of_decision_and_registration_and_then_advice() {
    let log = Log::new();
    let decision = AuthorizationDecision::permit()
        .with_advice(step("run", "x"))
        .with_obligation(step("run", "a"))
        .with_obligation(step("run_async", "b"))
        .with_advice(step("invoke", "y"))
        .with_obligation(step("invoke", "c"))
        .with_obligation(step("run", "d"));
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::echo());
    let second = log.clone();
    let constraints = steps_builder(&log).runnable_fn("run", move |step: &serde_json::Value| {
        second.add(format!("run {} again", step["id"].as_str().unwrap_or_default()));
    });
    let pdp = Pdp::decides(&log, decision);
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.constraints(constraints.build())
    })
    .await;
    call(&world, json!({})).await.unwrap();
    assert_eq!(
        log.lines(),
        [
            "decide",
            "run a",
            "run a again",
            "run b",
            "run d",
            "run d again",
            "run x",
            "run x again",
            "invoke c {}",
            "invoke y {}",
            "component t"
        ]
    );
}

#[tokio::test]
async fn the_tool_gets_the_arguments_that_the_handlers_made() {
    let decision = AuthorizationDecision::permit()
        .with_obligation(step_with("invoke", "a", json!({"set": {"limit": 5}})))
        .with_obligation(step_with(
            "invoke_async",
            "b",
            json!({"set": {"limit": 3, "new": null}}),
        ));
    let world = decided(decision, Behaviour::echo()).await;
    let called = call(&world, json!({"limit": 100, "segment": "vip"})).await;
    let expected = json!({"limit": 3, "segment": "vip", "new": null});
    assert_eq!(value(&called), &expected);
    assert_eq!(world.server.only().arguments, expected);
    let lines = world.log.lines();
    assert!(
        lines.contains(&r#"invoke b {"limit":5,"segment":"vip"}"#.to_owned()),
        "{lines:?}"
    );
    // The decision was about the arguments as they were sent, and nothing was asked again.
    assert_eq!(
        world.pdp.only().resource()["arguments"],
        json!({"limit": 100, "segment": "vip"})
    );
}

#[tokio::test]
async fn a_call_without_arguments_gets_those_that_a_handler_sets_and_else_none() {
    for (set, expected) in [
        (json!({"limit": 5}), json!({"limit": 5})),
        (json!({}), json!(null)),
    ] {
        let decision =
            AuthorizationDecision::permit().with_obligation(step_with("invoke", "a", json!({"set": set})));
        let world = decided(decision, Behaviour::text("done")).await;
        world
            .ask("mara", "tools/call", json!({"name": "t"}))
            .await
            .result();
        assert_eq!(world.server.only().arguments, expected);
    }
}

#[tokio::test]
async fn a_cap_holds_whatever_was_sent() {
    let sent = [
        json!({}),
        json!({"limit": null}),
        json!({"limit": 100}),
        json!({"limit": "100"}),
        json!({"limit": -1}),
        json!({"limit": 5.5}),
        json!({"limit": [1]}),
        json!({"limit": 1e300}),
        json!({"limit": true}),
    ];
    let log = Log::new();
    let constraints = steps_builder(&log).method_invocation_fn("cap", |cap: &serde_json::Value, call| {
        call.cap("limit", cap["max"].as_u64().unwrap_or(0));
    });
    let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "cap", "max": 5}));
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::echo());
    let pdp = Pdp::decides(&log, decision);
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.constraints(constraints.build())
    })
    .await;
    let client = world.client("mara").await;
    for arguments in sent {
        let called = client.call("t", arguments.clone()).await;
        assert_eq!(value(&called)["limit"], 5, "{arguments}");
    }
    for limit in [0, 3, 5] {
        let called = client.call("t", json!({"limit": limit})).await;
        assert_eq!(value(&called)["limit"], limit);
    }
}

#[tokio::test]
async fn the_arguments_of_a_prompt_can_be_changed_too() {
    let log = Log::new();
    let decision = AuthorizationDecision::permit().with_obligation(step_with(
        "invoke",
        "a",
        json!({"set": {"topic": "weather"}}),
    ));
    let server = Server::new(&log).prompt(prompt("p").enforce(pre_enforce()), Behaviour::text("about it"));
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    world
        .client("mara")
        .await
        .prompt("p", json!({"topic": "salaries"}))
        .await
        .unwrap();
    assert_eq!(world.server.only().arguments, json!({"topic": "weather"}));
}

#[tokio::test]
async fn the_variables_of_a_template_can_be_seen_and_not_changed() {
    let log = Log::new();
    let uri = "data://customers/vip/names";
    for (set, allowed) in [
        (json!({}), true),
        (json!({"segment": "vip"}), true),
        (json!({"segment": "all"}), false),
    ] {
        let decision =
            AuthorizationDecision::permit().with_obligation(step_with("invoke", "a", json!({"set": set})));
        let server = Server::new(&log).template(
            template("data://customers/{segment}/{field}").enforce(pre_enforce()),
            Behaviour::text("Ann"),
        );
        let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
        let read = world.client("mara").await.read(uri).await;
        assert_eq!(read.is_ok(), allowed, "{set}: {read:?}");
        assert_eq!(world.server.received().len(), usize::from(allowed), "{set}");
        let seen = r#"invoke a {"field":"names","segment":"vip"}"#;
        assert!(log.take().contains(&seen.to_owned()));
    }
}

#[tokio::test]
async fn a_handler_that_puts_another_call_in_place_of_a_read_only_one_denies() {
    let log = Log::new();
    let constraints = steps_builder(&log).method_invocation_fn("swap", |_: &serde_json::Value, call| {
        *call = MethodInvocation::new("another", serde_json::Map::new());
    });
    let server = Server::new(&log).template(
        template("data://customers/{segment}/{field}").enforce(pre_enforce()),
        Behaviour::text("Ann"),
    );
    let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "swap"}));
    let pdp = Pdp::decides(&log, decision);
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.constraints(constraints.build())
    })
    .await;
    let error = world
        .client("mara")
        .await
        .read("data://customers/vip/names")
        .await
        .unwrap_err();
    assert_eq!(error.code, sapl_mcp::ACCESS_DENIED);
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn arguments_of_a_call_that_a_handler_put_in_place_of_one_without_any_reach_the_tool() {
    let log = Log::new();
    let constraints = steps_builder(&log).method_invocation_fn("swap", |_: &serde_json::Value, call| {
        let arguments = serde_json::Map::from_iter([("limit".to_owned(), json!(5))]);
        *call = MethodInvocation::new("another", arguments);
    });
    let server = Server::new(&log).tool(tool("t").enforce(pre_enforce()), Behaviour::text("done"));
    let decision = AuthorizationDecision::permit().with_obligation(json!({"type": "swap"}));
    let pdp = Pdp::decides(&log, decision);
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.constraints(constraints.build())
    })
    .await;
    world
        .ask("mara", "tools/call", json!({"name": "t"}))
        .await
        .result();
    assert_eq!(world.server.only().arguments, json!({"limit": 5}));
}

#[tokio::test]
async fn a_resource_of_its_own_has_no_arguments_to_set() {
    let log = Log::new();
    let decision = AuthorizationDecision::permit().with_obligation(step_with(
        "invoke",
        "a",
        json!({"set": {"limit": 5}}),
    ));
    let server = Server::new(&log).resource(
        resource("data://summary").enforce(pre_enforce()),
        Behaviour::text("sum"),
    );
    let world = World::new(&log, server, Pdp::decides(&log, decision)).await;
    let error = world
        .client("mara")
        .await
        .read("data://summary")
        .await
        .unwrap_err();
    assert_eq!(
        (error.code, &*error.message),
        (sapl_mcp::ACCESS_DENIED, "Access denied")
    );
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_method_invocation_is_no_handler_behind_the_component() {
    let obligation = AuthorizationDecision::permit().with_obligation(step("invoke", "a"));
    let world = ruled(post_enforce(), obligation, Behaviour::text("done")).await;
    assert_denied(&call(&world, json!({})).await);
    assert_eq!(world.log.lines(), ["component t", "decide"]);

    let advice = AuthorizationDecision::permit().with_advice(step("invoke", "a"));
    let world = ruled(post_enforce(), advice, Behaviour::text("done")).await;
    assert_eq!(
        crate::common::text(&call(&world, json!({})).await.unwrap()),
        "done"
    );
}

#[tokio::test]
async fn a_type_with_a_handler_that_can_run_is_handled_though_another_can_not() {
    let log = Log::new();
    let seen = log.clone();
    let constraints =
        steps_builder(&log).runnable_fn("invoke", move |_: &serde_json::Value| seen.add("run instead"));
    let server = Server::new(&log).tool(tool("t").enforce(post_enforce()), Behaviour::text("done"));
    let pdp = Pdp::decides(
        &log,
        AuthorizationDecision::permit().with_obligation(step("invoke", "a")),
    );
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder.constraints(constraints.build())
    })
    .await;
    assert_eq!(
        crate::common::text(&call(&world, json!({})).await.unwrap()),
        "done"
    );
    assert_eq!(log.lines(), ["component t", "decide", "run instead"]);
}
