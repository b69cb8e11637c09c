//! How names and URIs find their rules.

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sapl_mcp::{
    AuthorizationDecision, ConfigError, EnforceExt as _, Rule, SaplLayer, decide_fn, pre_enforce,
};
use sapl_mcp_tests::{Behaviour, Log, Pdp, Reply, Server, World, prompt, resource, template, tool};
use serde_json::{Value, json};

fn text() -> Behaviour {
    Behaviour::text("text")
}

fn tagged(tag: &str) -> Rule {
    pre_enforce().tags([tag])
}

async fn world(server: impl FnOnce(Server) -> Server) -> World {
    let log = Log::new();
    let server = server(Server::new(&log));
    World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await
}

async fn read(world: &World, uri: &str) -> Reply {
    world.ask("mara", "resources/read", json!({"uri": uri})).await
}

/// The tags of the rule that the last read was decided by.
fn last_tags(world: &World) -> Value {
    match world.pdp.asked().pop() {
        Some(sapl_mcp_tests::Asked::One(subscription)) => subscription.resource()["tags"].clone(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn tools_and_prompts_are_found_by_their_exact_names_alone() {
    let world = world(|server| {
        server
            .tool(tool("name").enforce(pre_enforce()), text())
            .prompt(prompt("name").enforce(pre_enforce()), text())
    })
    .await;
    for name in [
        "Name",
        "NAME",
        " name",
        "name ",
        "name\u{0}",
        "na%6de",
        "ｎame",
        "name/",
        "./name",
        "",
    ] {
        for method in ["tools/call", "prompts/get"] {
            let error = world.ask("mara", method, json!({"name": name})).await.error();
            assert_eq!(error["code"], -32602, "{method} {name:?}");
        }
    }
    assert_eq!(world.server.received(), []);
    for method in ["tools/call", "prompts/get"] {
        world.ask("mara", method, json!({"name": "name"})).await.result();
    }
}

#[tokio::test]
async fn of_several_templates_the_one_with_the_most_literal_characters_counts() {
    let world = world(|server| {
        server
            .template(template("data://{kind}/{id}").enforce(tagged("two")), text())
            .template(template("data://vault/{id}").enforce(tagged("one")), text())
            .template(template("data://vault/{id}/x").enforce(tagged("longer")), text())
            .template(template("data://{kind}/7").enforce(tagged("seven")), text())
            .template(template("data://vault/unruled-{id}"), text())
    })
    .await;
    for (uri, tag) in [
        ("data://vault/8", "one"),
        ("data://other/8", "two"),
        ("data://other/7", "seven"),
        ("data://vault/8/x", "longer"),
        // More characters of it are literal, but what has no rule shadows nothing that has one.
        ("data://vault/unruled-8", "one"),
        // Five characters are more than one.
        ("data://vault/7", "one"),
    ] {
        read(&world, uri).await.result();
        assert_eq!(last_tags(&world), json!([tag]), "{uri}");
    }
}

#[tokio::test]
async fn two_templates_that_match_equally_well_deny_unless_they_have_one_rule() {
    let different = world(|server| {
        server
            .template(template("data://{kind}/ab").enforce(tagged("one")), text())
            .template(template("data://ab/{id}").enforce(tagged("two")), text())
    })
    .await;
    assert_eq!(read(&different, "data://ab/ab").await.error()["code"], -32002);
    read(&different, "data://ab/x").await.result();
    let same = world(|server| {
        server
            .template(template("data://{kind}/ab").enforce(tagged("one")), text())
            .template(template("data://ab/{id}").enforce(tagged("one")), text())
    })
    .await;
    read(&same, "data://ab/ab").await.result();
    let built = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny()))
        .resource_template("data://{kind}/ab", tagged("one"))
        .resource_template("data://ab/{id}", tagged("two"))
        .build();
    assert!(matches!(built, Err(ConfigError::AmbiguousTemplates { .. })));
}

#[tokio::test]
async fn a_ruled_template_that_nobody_can_match_denies_what_no_exact_rule_claims() {
    for syntax in [
        "data://t/{a*}",
        "data://t/{+a}",
        "data://t/{a,b}",
        "data://t/{a",
        "data://{a}{b}",
    ] {
        let world = world(|server| {
            server
                .template(template(syntax).enforce(tagged("odd")), text())
                .template(template("data://even/{id}").enforce(tagged("even")), text())
                .resource(resource("data://exact").enforce(tagged("exact")), text())
                .resource(resource("data://open"), text())
        })
        .await;
        for uri in ["data://t/1", "data://even/1", "data://open", "other://x"] {
            assert_eq!(read(&world, uri).await.error()["code"], -32002, "{syntax} {uri}");
        }
        read(&world, "data://exact").await.result();
        assert_eq!(last_tags(&world), json!(["exact"]));
        let built = SaplLayer::builder(decide_fn(|_| AuthorizationDecision::deny()))
            .resource_template(syntax, tagged("odd"))
            .build();
        assert!(matches!(built, Err(ConfigError::Template { .. })), "{syntax}");
    }
}

#[tokio::test]
async fn an_exact_rule_goes_before_that_of_a_template() {
    let world = world(|server| {
        server
            .template(template("data://t/{id}").enforce(tagged("template")), text())
            .resource(resource("data://t/7").enforce(tagged("exact")), text())
    })
    .await;
    for (uri, tag) in [("data://t/7", "exact"), ("data://t/8", "template")] {
        read(&world, uri).await.result();
        assert_eq!(last_tags(&world), json!([tag]));
    }
}

#[tokio::test]
async fn variables_are_one_segment_and_decoded_once() {
    let world =
        world(|server| server.template(template("data://t/{id}").enforce(pre_enforce()), text())).await;
    for (uri, id) in [
        ("data://t/%2525", "%25"),
        ("data://t/%C3%A9", "é"),
        ("data://t/a%3Fb", "a?b"),
        ("data://t/a+b", "a+b"),
    ] {
        read(&world, uri).await.result();
        match world.pdp.asked().pop() {
            Some(sapl_mcp_tests::Asked::One(asked)) => {
                assert_eq!(asked.resource()["arguments"], json!({"id": id}), "{uri}");
            }
            other => panic!("{other:?}"),
        }
    }
    let reached = world.server.received().len();
    for uri in [
        "data://t/a/b",
        "data://t/a?b",
        "data://t/a#b",
        "data://t/",
        "data://t/%2F",
        "data://t/%FF",
        "data://t/%C3",
        "data://t/%0",
        "data://t/%00",
    ] {
        assert_eq!(read(&world, uri).await.error()["code"], -32002, "{uri}");
    }
    assert_eq!(world.server.received().len(), reached);
}

/// Another spelling of a URI: the case of scheme and host, percent-encodings of what needs none, dot segments.
fn respelled(uri: &str, choices: &[u8]) -> String {
    let mut choices = choices.iter().map(|choice| choice % 3).cycle();
    let (scheme, rest) = uri.split_once("://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    let mut spelled = |text: &str, slash: &str| {
        let of = |character: char| match choices.next() {
            Some(1) if slash.is_empty() => character.to_ascii_uppercase().to_string(),
            Some(1) if character == '/' => slash.to_owned(),
            Some(2) if character.is_ascii_alphanumeric() => format!("%{:02x}", u32::from(character)),
            _ => character.to_string(),
        };
        text.chars().map(of).collect::<String>()
    };
    let host = spelled(host, "");
    let path = spelled(&format!("/{path}"), "/./x/../");
    let scheme = spelled(scheme, "").to_ascii_uppercase();
    match scheme.contains('%') {
        true => format!("data://{host}{path}"),
        false => format!("{scheme}://{host}{path}"),
    }
}

#[test]
fn no_spelling_of_a_uri_goes_around_its_rule() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let log = Log::new();
    let server = Server::new(&log)
        .resource(resource("data://host/vault/key").enforce(pre_enforce()), text())
        .template(template("data://host/vaults/{id}").enforce(pre_enforce()), text());
    let denies = Pdp::decides(&log, AuthorizationDecision::deny());
    let world = runtime.block_on(World::new(&log, server, denies));
    let uris = prop_oneof![Just("data://host/vault/key"), Just("data://host/vaults/key7")];
    let mut runner = TestRunner::new(Config::with_cases(128));
    runner
        .run(
            &(uris, prop::collection::vec(any::<u8>(), 1..24)),
            |(uri, choices)| {
                let spelled = respelled(uri, &choices);
                for method in [
                    "resources/read",
                    "resources/subscribe",
                    "resources/directory/read",
                ] {
                    let reply = runtime.block_on(world.ask("sam", method, json!({"uri": spelled})));
                    prop_assert!(reply.message().get("error").is_some(), "{method} {spelled}");
                }
                Ok(())
            },
        )
        .unwrap();
    assert_eq!(world.server.received(), []);
}
