//! `resources/directory/read`: decided as reading the directory, and its entries are shown as in a list.

use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, EnforceExt as _, Rule, SubscriptionContext, gate, post_enforce,
    pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Ask, Asked, Behaviour, Log, Mode, Pdp, Reply, Revision, Server, World, resource, step_with,
    template,
};
use serde_json::{Value, json};

use crate::finalize::{finalized, finalizing};

const METHOD: &str = "resources/directory/read";

/// A directory under this rule with an open and a stealth entry, which are mara's to see.
fn server(log: &Log, rule: impl Fn() -> Rule) -> Server {
    let text = || Behaviour::text("secret");
    Server::new(log)
        .resource(resource("data://d/").enforce(rule().shared()), text())
        .resource(resource("data://d/open"), text())
        .resource(
            resource("data://d/secret").enforce(pre_enforce().stealth()),
            text(),
        )
        .template(template("data://t/{id}").enforce(rule().shared()), text())
}

/// Mara may see what is hidden; what else is asked is decided so.
async fn world(rule: impl Fn() -> Rule, decision: AuthorizationDecision) -> World {
    let log = Log::new();
    let server = server(&log, rule);
    let pdp = Pdp::new(&log, move |subscription| {
        let is_secret = subscription.resource()["uri"] == "data://d/secret";
        Answer::Now(match is_secret {
            true if subscription.subject()["sub"] == "mara" => AuthorizationDecision::permit(),
            true => AuthorizationDecision::deny(),
            false => decision.clone(),
        })
    });
    World::new(&log, server, pdp).await
}

async fn read(world: &World, user: &str, uri: &str) -> Reply {
    world.ask(user, METHOD, json!({"uri": uri})).await
}

#[track_caller]
fn uris(reply: &Reply) -> Vec<String> {
    let result = reply.result();
    let entries = result["resources"].as_array().unwrap();
    entries
        .iter()
        .map(|entry| entry["uri"].as_str().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn a_permit_shows_the_entries_that_a_list_would_show() {
    for rule in [pre_enforce, post_enforce, gate] {
        let world = world(rule, AuthorizationDecision::permit()).await;
        let mine = read(&world, "mara", "data://d/").await;
        assert_eq!(uris(&mine), ["data://d/", "data://d/open", "data://d/secret"]);
        assert_eq!(
            uris(&read(&world, "sam", "data://d/").await),
            ["data://d/", "data://d/open"]
        );
        assert!(!mine.contains("io.sapl"));
    }
}

#[tokio::test]
async fn a_slash_more_or_less_is_no_way_around_a_rule() {
    for rule in [pre_enforce, || pre_enforce().stealth(), gate] {
        let world = world(rule, AuthorizationDecision::deny()).await;
        for uri in ["data://d", "data://t/7/"] {
            assert_eq!(read(&world, "sam", uri).await.error()["code"], -32002, "{uri}");
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn the_question_is_that_of_a_read() {
    let rule = || pre_enforce().environment_fn(|context: &SubscriptionContext| json!(context.operation()));
    let world = world(rule, AuthorizationDecision::permit()).await;
    read(&world, "sam", "data://t/7").await.result();
    let asked = world.pdp.asked();
    let Asked::One(asked) = &asked[0] else {
        panic!("{asked:?}")
    };
    assert_eq!(asked.action(), "read");
    assert_eq!(
        asked.resource(),
        &json!({"name": "data://t/{id}", "tags": [], "arguments": {"id": "7"}, "uri": "data://t/7"})
    );
    assert_eq!(asked.environment(), Some(&json!("read")));
}

#[tokio::test]
async fn whatever_is_no_permit_denies() {
    for rule in [pre_enforce, post_enforce] {
        for decision in [
            AuthorizationDecision::deny(),
            AuthorizationDecision::permit().with_obligation(json!({"type": "unknown"})),
            AuthorizationDecision::permit().with_obligation(step_with("map", "a", json!({"fail": "panic"}))),
            AuthorizationDecision::permit().with_obligation(step_with("map", "a", json!({"to": "no page"}))),
        ] {
            let world = world(rule, decision).await;
            for uri in ["data://d/", "data://t/7"] {
                let error = read(&world, "mara", uri).await.error();
                assert_eq!(error, json!({"code": -32003, "message": "Access denied"}));
            }
        }
    }
}

#[tokio::test]
async fn what_is_hidden_answers_as_what_is_unknown() {
    for rule in [|| pre_enforce().stealth(), gate] {
        let world = world(rule, AuthorizationDecision::deny()).await;
        for revision in Revision::ALL {
            for (hidden, unknown) in [
                ("data://d/secret", "data://d/absent"),
                ("data://t/7", "data://u/7"),
            ] {
                let ask = |uri| Ask::new(revision, "sam", METHOD, json!({"uri": uri}));
                let reply = world.wire.ask(&ask(hidden)).await.naming(hidden, "URI");
                assert_eq!(reply, world.wire.ask(&ask(unknown)).await.naming(unknown, "URI"));
                reply.error();
            }
        }
        assert_eq!(world.server.received(), []);
    }
}

#[tokio::test]
async fn an_obligation_on_the_output_changes_the_page_that_its_reader_may_see() {
    let filter = json!({
        "type": "filterJsonContent",
        "actions": [{"type": "replace", "path": "$.resources[*].name", "replacement": "X"}],
    });
    let world = world(
        pre_enforce,
        AuthorizationDecision::permit().with_obligation(filter),
    )
    .await;
    let result = read(&world, "sam", "data://d/").await.result();
    let names: Vec<&Value> = result["resources"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| &entry["name"])
        .collect();
    assert_eq!(names, ["X", "X"]);
}

#[tokio::test]
async fn it_is_finalized_and_recorded_once() {
    let log = Log::new();
    let rule = finalizing(pre_enforce(), &log).shared();
    let server = Server::new(&log).resource(resource("data://d/").enforce(rule), Behaviour::text("text"));
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    read(&world, "sam", "data://d/").await.result();
    let finalized = finalized(log.lines());
    assert_eq!(finalized.len(), 1);
    let records = world.audit.records();
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].outcome, AuditOutcome::Completed);
}

#[tokio::test]
async fn a_directory_that_nobody_lists_is_there_if_something_open_is_in_it() {
    let log = Log::new();
    let text = || Behaviour::text("text");
    let hidden = || pre_enforce().stealth();
    let server = Server::new(&log)
        .resource(resource("data://a/b/open"), text())
        .resource(resource("data://a/b/secret").enforce(hidden()), text())
        .resource(resource("data://c/secret").enforce(hidden()), text());
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::deny())).await;
    for uri in ["data://a/b/", "data://a/"] {
        assert_eq!(uris(&read(&world, "sam", uri).await), ["data://a/b/open"]);
    }
    let unknown = read(&world, "sam", "data://x/").await.naming("data://x/", "URI");
    for uri in [
        "data://c/",
        "data://a/./b/",
        "data://a/x/../b/",
        "data://a/b/secret/",
        "Data://a/",
    ] {
        let reply = read(&world, "sam", uri).await.naming(uri, "URI");
        assert_eq!(reply.message(), unknown.message(), "{uri}");
    }
}

#[tokio::test]
async fn a_page_whose_entries_are_all_hidden_is_empty_and_keeps_its_cursor() {
    let log = Log::new();
    let text = || Behaviour::text("text");
    let mut server = Server::new(&log).paged(2);
    for uri in ["data://d/1", "data://d/2"] {
        server = server.resource(resource(uri).enforce(pre_enforce().stealth()), text());
    }
    let server = server
        .resource(resource("data://d/3"), text())
        .resource(resource("data://d/"), text());
    let world = World::with(&log, server, Pdp::role(&log, "ANALYST"), Mode::Json, |builder| {
        builder
    })
    .await;
    let first = read(&world, "sam", "data://d/").await;
    assert_eq!(uris(&first), Vec::<String>::new());
    let cursor = first.result()["nextCursor"].clone();
    let second = world
        .ask("sam", METHOD, json!({"uri": "data://d/", "cursor": cursor}))
        .await;
    assert_eq!(uris(&second), ["data://d/3", "data://d/"]);
}
