//! Rules that are damaged, forged or contradict each other.

use rmcp::model::{MetaObject, Tool};
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Mode, Pdp, Server, World, object, prompt, resource, template, tool};
use serde_json::{Value, json};

/// The key of the marker in `_meta`.
const KEY: &str = "io.sapl/enforcement";

fn meta(marker: Value) -> MetaObject {
    let mut meta = object(json!({"author": "upstream"}));
    meta.insert(KEY.to_owned(), marker);
    MetaObject(meta)
}

fn permits(log: &Log) -> Pdp {
    Pdp::decides(log, AuthorizationDecision::permit())
}

/// Nobody can use or list the component, and nothing of it is asked or run.
async fn assert_absent(world: &World) {
    for mara in ["mara", "sam"] {
        assert_eq!(
            world.call(mara, "t", json!({})).await.error()["message"],
            "tool not found"
        );
        let error = world.ask(mara, "prompts/get", json!({"name": "p"})).await.error();
        assert_eq!(error["message"], "prompt 'p' not found");
        for uri in ["data://r", "data://t/1"] {
            let error = world
                .ask(mara, "resources/read", json!({"uri": uri}))
                .await
                .error();
            assert_eq!(error["code"], -32002, "{uri}");
        }
        for (list, key) in [
            ("tools/list", "tools"),
            ("prompts/list", "prompts"),
            ("resources/list", "resources"),
            ("resources/templates/list", "resourceTemplates"),
        ] {
            let reply = world.ask(mara, list, json!({})).await;
            assert_eq!(reply.result()[key], json!([]), "{list}");
            assert!(!reply.contains(KEY));
        }
    }
    assert_eq!(world.log.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn a_forged_or_malformed_marker_makes_its_component_absent() {
    let forged = [
        Value::Null,
        json!(0),
        json!(true),
        json!(""),
        json!("x"),
        json!({}),
        json!([]),
        json!("00000000000000000000000000000000-0000"),
        json!("00000000000000000000000000000000-0001"),
        json!("ffffffffffffffffffffffffffffffff-ffff"),
        json!("00000000000000000000000000000000-0000-0000"),
        json!("-0000"),
        json!("0000"),
        json!("ä".repeat(37)),
    ];
    for marker in forged {
        let log = Log::new();
        let server = Server::new(&log)
            .tool(
                tool("t").with_meta(meta(marker.clone())),
                Behaviour::text("secret"),
            )
            .prompt(
                prompt("p").with_meta(meta(marker.clone())),
                Behaviour::text("secret"),
            )
            .resource(
                resource("data://r").with_meta(meta(marker.clone())),
                Behaviour::text("secret"),
            )
            .template(
                template("data://t/{id}").with_meta(meta(marker)),
                Behaviour::text("secret"),
            );
        assert_absent(&World::new(&log, server, permits(&log)).await).await;
    }
}

#[tokio::test]
async fn two_rules_on_one_definition_make_it_absent() {
    let log = Log::new();
    let twice = || (pre_enforce().tags(["a"]), pre_enforce().tags(["b"]));
    let (a, b) = twice();
    let server = Server::new(&log)
        .tool(
            tool("t").enforce(a.clone()).enforce(b.clone()),
            Behaviour::text("secret"),
        )
        .prompt(
            prompt("p").enforce(a.clone()).enforce(b.clone()),
            Behaviour::text("secret"),
        )
        .resource(
            resource("data://r").enforce(a.clone()).enforce(b.clone()),
            Behaviour::text("secret"),
        )
        .template(
            template("data://t/{id}").enforce(a).enforce(b),
            Behaviour::text("secret"),
        );
    assert_absent(&World::new(&log, server, permits(&log)).await).await;
}

#[tokio::test]
async fn a_rule_of_the_builder_and_one_of_the_definition_make_it_absent() {
    let log = Log::new();
    let rule = pre_enforce;
    let server = Server::new(&log)
        .tool(tool("t").enforce(rule()), Behaviour::text("secret"))
        .prompt(prompt("p").enforce(rule()), Behaviour::text("secret"))
        .resource(resource("data://r").enforce(rule()), Behaviour::text("secret"))
        .template(
            template("data://t/{id}").enforce(rule()),
            Behaviour::text("secret"),
        );
    let world = World::with(&log, server, permits(&log), Mode::Json, |builder| {
        builder
            .tool("t", rule())
            .prompt("p", rule())
            .resource("data://r", rule())
            .resource_template("data://t/{id}", rule())
    })
    .await;
    assert_absent(&world).await;
}

#[tokio::test]
async fn a_rule_that_captures_something_and_was_not_registered_makes_its_component_absent() {
    let log = Log::new();
    let captured = String::from("captured");
    let rule = move || {
        let captured = captured.clone();
        pre_enforce().resource_fn(move |_| captured.clone())
    };
    let server = Server::new(&log)
        .tool(tool("t").enforce(rule()), Behaviour::text("secret"))
        .prompt(prompt("p").enforce(rule()), Behaviour::text("secret"))
        .resource(resource("data://r").enforce(rule()), Behaviour::text("secret"))
        .template(
            template("data://t/{id}").enforce(rule()),
            Behaviour::text("secret"),
        );
    assert_absent(&World::new(&log, server, permits(&log)).await).await;
}

#[tokio::test]
async fn a_resource_that_is_listed_twice_with_different_rules_is_absent() {
    let log = Log::new();
    let server = Server::new(&log)
        .resource(
            resource("data://r").enforce(pre_enforce().tags(["a"])),
            Behaviour::text("secret"),
        )
        .resource(
            resource("data://r").enforce(pre_enforce().tags(["b"])),
            Behaviour::text("secret"),
        );
    let world = World::new(&log, server, permits(&log)).await;
    world
        .ask("mara", "resources/read", json!({"uri": "data://r"}))
        .await
        .error();
    assert_eq!(world.log.lines(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_stealth_in_one_listed_definition_of_two_is_in_no_list() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t"), Behaviour::text("secret"))
        .tool(
            tool("t").enforce(pre_enforce().stealth()),
            Behaviour::text("secret"),
        )
        .prompt(
            prompt("p").enforce(pre_enforce().stealth()),
            Behaviour::text("secret"),
        )
        .prompt(prompt("p"), Behaviour::text("secret"))
        .template(template("data://t/{id}"), Behaviour::text("secret"))
        .template(
            template("data://t/{id}").enforce(pre_enforce().stealth()),
            Behaviour::text("secret"),
        );
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    for (list, key) in [
        ("tools/list", "tools"),
        ("prompts/list", "prompts"),
        ("resources/templates/list", "resourceTemplates"),
    ] {
        let reply = world.ask("sam", list, json!({})).await;
        assert_eq!(reply.result()[key], json!([]), "{list}");
    }
}

#[tokio::test]
async fn a_tool_that_is_ruled_in_one_listed_definition_of_two_is_not_open() {
    let log = Log::new();
    let server = Server::new(&log)
        .without_look_up()
        .tool(tool("t"), Behaviour::text("secret"))
        .tool(tool("t").enforce(pre_enforce()), Behaviour::text("secret"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    let reply = world.call("sam", "t", json!({})).await;
    assert!(!reply.contains("secret"), "{reply:?}");
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_prompt_that_is_ruled_in_one_listed_definition_of_two_is_not_open() {
    let log = Log::new();
    let server = Server::new(&log)
        .prompt(prompt("p"), Behaviour::text("secret"))
        .prompt(prompt("p").enforce(pre_enforce()), Behaviour::text("secret"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    let reply = world.ask("sam", "prompts/get", json!({"name": "p"})).await;
    assert!(!reply.contains("secret"), "{reply:?}");
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_tool_whose_definition_by_name_lacks_the_rule_is_absent_once_it_was_listed() {
    let log = Log::new();
    let server = Server::new(&log)
        .tool(tool("t").enforce(pre_enforce()), Behaviour::text("secret"))
        .looking_up(|mut tool: Tool| {
            tool.meta = None;
            tool
        });
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    world.ask("sam", "tools/list", json!({})).await.result();
    assert_eq!(
        world.call("sam", "t", json!({})).await.error()["message"],
        "tool not found"
    );
    assert_eq!(world.server.received(), []);
}

#[tokio::test]
async fn a_rule_of_the_builder_holds_for_a_component_that_nobody_lists() {
    let log = Log::new();
    let server = Server::new(&log).tool(tool("other"), Behaviour::text("open"));
    let pdp = Pdp::decides(&log, AuthorizationDecision::deny());
    let world = World::with(&log, server, pdp, Mode::Json, |builder| {
        builder
            .tool("t", pre_enforce())
            .resource_template("data://t/{id}", pre_enforce())
    })
    .await;
    assert_eq!(
        world.call("sam", "t", json!({})).await.result()["content"][0]["text"],
        "Access denied"
    );
    let error = world
        .ask("sam", "resources/read", json!({"uri": "data://t/1"}))
        .await
        .error();
    assert_eq!(error["code"], -32003);
    assert_eq!(world.server.received(), []);
}
