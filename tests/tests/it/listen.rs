//! `subscriptions/listen`: what is acknowledged tells nothing of what is hidden, and each URI is decided as a read.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        ListResourcesResult, PaginatedRequestParams, Resource, ServerCapabilities, ServerConfig,
        SubscriptionFilter,
    },
    service::RequestContext,
};
use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, EnforceExt as _, Rule, SaplLayer, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Ask, Behaviour, Log, Mode, Pdp, Reply, Revision, Server, Wire, World, resource, step, template,
};
use serde_json::{Value, json};

use crate::finalize::{finalized, finalizing};

const ACKNOWLEDGED: &str = "subscriptions/acknowledged";
const UPDATED: &str = "resources/updated";

fn server(log: &Log, rule: impl Fn() -> Rule) -> Server {
    let text = || Behaviour::text("secret");
    Server::new(log)
        .resource(resource("data://r").enforce(rule().shared()), text())
        .resource(resource("data://open"), text())
        .template(template("data://t/{id}").enforce(rule().shared()), text())
}

async fn world(rule: impl Fn() -> Rule, decision: AuthorizationDecision) -> World {
    let log = Log::new();
    let server = server(&log, rule);
    World::new(&log, server, Pdp::decides(&log, decision)).await
}

fn ask(uris: &Value) -> Ask {
    let params = json!({"notifications": {"toolsListChanged": true, "resourceSubscriptions": uris}});
    Ask::new(Revision::July2026, "sam", "subscriptions/listen", params)
}

async fn discover(world: &World) {
    let ask = Ask::new(Revision::July2026, "sam", "server/discover", json!({}));
    world.wire.ask(&ask).await.result();
}

/// The response up to the acknowledgement, of a stream that then stays open and silent.
async fn silent(world: &World, uris: &Value) -> Reply {
    let mut opened = world.wire.open_stream(&ask(uris)).await;
    let acknowledged = opened.until(ACKNOWLEDGED).await.unwrap();
    let more = tokio::time::timeout(Duration::from_millis(100), opened.until("\"id\"")).await;
    assert!(more.is_err(), "{more:?}");
    acknowledged
}

fn listens(world: &World) -> bool {
    world.log.lines().iter().any(|line| line == "listens")
}

#[tokio::test]
async fn a_permit_lets_the_server_notify() {
    let world = world(pre_enforce, AuthorizationDecision::permit()).await;
    for uris in [
        json!(["data://r", "data://t/7"]),
        json!(["data://open"]),
        json!([]),
    ] {
        let reply = world.wire.ask(&ask(&uris)).await;
        for uri in uris.as_array().unwrap() {
            assert_eq!(reply.body.matches(uri.as_str().unwrap()).count(), 2, "{reply:?}");
        }
        assert_eq!(reply.contains(UPDATED), uris != json!([]));
    }
    assert_eq!(world.pdp.asked().len(), 2);
    assert_eq!(
        world
            .audit
            .records()
            .iter()
            .map(|record| (record.operation.as_str(), record.outcome))
            .collect::<Vec<_>>(),
        [("subscribe", AuditOutcome::Completed); 2]
    );
}

#[tokio::test]
async fn a_denied_open_resource_ends_the_stream() {
    let permit = AuthorizationDecision::permit;
    for (rule, decision) in [
        (pre_enforce as fn() -> Rule, AuthorizationDecision::deny()),
        (pre_enforce, AuthorizationDecision::indeterminate()),
        (pre_enforce, permit().with_obligation(json!({"type": "unknown"}))),
        (pre_enforce, permit().with_obligation(step("map", "a"))),
        (pre_enforce, permit().with_resource(json!("another"))),
        (post_enforce, permit()),
    ] {
        let world = world(rule, decision.clone()).await;
        for uris in [
            json!(["data://r"]),
            json!(["data://open", "data://t/7"]),
            json!(["data://unknown", "data://r"]),
        ] {
            let reply = world.wire.ask(&ask(&uris)).await;
            assert!(
                reply.contains(r#""error":{"code":-32003,"message":"Access denied"}"#),
                "{decision:?} {reply:?}"
            );
        }
        assert!(!listens(&world));
    }
}

#[tokio::test]
async fn a_denied_hidden_resource_is_acknowledged_and_silent_like_an_unknown_one() {
    for rule in [|| pre_enforce().stealth(), gate] {
        let world = world(rule, AuthorizationDecision::deny()).await;
        for (hidden, unknown) in [("data://r", "data://u"), ("data://t/7", "data://u/7")] {
            for others in [json!([]), json!(["data://open"])] {
                let with = |uri: &str| {
                    let mut uris = others.clone();
                    uris.as_array_mut().unwrap().push(uri.into());
                    uris
                };
                let reply = silent(&world, &with(hidden)).await.naming(hidden, "URI");
                assert!(reply.contains("URI") && reply.contains("toolsListChanged"));
                let like = silent(&world, &with(unknown)).await.naming(unknown, "URI");
                assert_eq!(reply.head, like.head);
                assert_eq!(reply.message(), like.message());
            }
        }
        assert!(!listens(&world));
        let records = world.audit.records();
        assert_eq!(records.len(), 4, "of the hidden ones alone");
        assert!(
            records
                .iter()
                .all(|record| record.stealth && record.outcome == AuditOutcome::Denied)
        );
    }
}

#[tokio::test]
async fn what_the_server_is_asked_before_anybody_is_known_does_not_name_the_hidden() {
    for rule in [|| pre_enforce().stealth(), gate] {
        let world = world(rule, AuthorizationDecision::deny()).await;
        discover(&world).await;
        for _ in 0..2 {
            silent(
                &world,
                &json!(["data://r", "Data://t/7", "data://u", "data://open"]),
            )
            .await;
        }
        let accepts: Vec<Value> = world
            .log
            .lines()
            .iter()
            .filter_map(|line| serde_json::from_str(line.strip_prefix("accepts ")?).ok())
            .collect();
        let uris: Vec<&str> = accepts
            .iter()
            .flat_map(|filter| filter["resourceSubscriptions"].as_array().unwrap())
            .map(|uri| uri.as_str().unwrap())
            .collect();
        let [a, b, c, "data://open", d, e, f, "data://open"] = uris.as_slice() else {
            panic!("{uris:?}")
        };
        for (uri, scheme) in [
            (a, "data"),
            (b, "Data"),
            (c, "data"),
            (d, "data"),
            (e, "Data"),
            (f, "data"),
        ] {
            let random = uri
                .strip_prefix(scheme)
                .and_then(|rest| rest.strip_prefix("://"))
                .unwrap();
            assert!(
                random.len() == 32 && random.bytes().all(|byte| byte.is_ascii_hexdigit()),
                "{uri}"
            );
        }
        assert!(a != d && a != c);
    }
}

#[tokio::test]
async fn a_server_that_takes_only_what_it_knows_gives_no_hidden_resource_away() {
    let log = Log::new();
    let server = server(&log, || pre_enforce().stealth()).picky();
    let world = World::new(&log, server, Pdp::role(&log, "ANALYST")).await;
    let uris = json!(["data://r", "data://t/7", "data://u", "data://open"]);
    // Also where nobody has discovered or listed anything.
    for _ in 0..2 {
        let reply = world.wire.ask(&ask(&uris)).await;
        assert_eq!(reply.body.matches("data://open").count(), 2, "{reply:?}");
        assert_eq!(reply.body.matches("data://").count(), 2, "{reply:?}");
    }
    assert!(world.pdp.asked().is_empty());
}

/// Servers of one type under one layer, which sam may not look behind.
fn layer() -> SaplLayer {
    SaplLayer::builder(Pdp::decides(&Log::new(), AuthorizationDecision::deny()))
        .build()
        .unwrap()
}

async fn acknowledged(wire: &Wire, uris: &Value) -> Reply {
    let mut opened = wire.open_stream(&ask(uris)).await;
    opened.until(ACKNOWLEDGED).await.unwrap()
}

#[tokio::test]
async fn a_server_whose_lists_take_a_while_is_known_by_what_was_seen_of_it() {
    let server = server(&Log::new(), || pre_enforce().stealth()).picky().slow();
    let wire = Wire::serving(layer().layer(server.shared()), Mode::Json).await;
    let uris = json!(["data://r", "data://t/7", "data://u", "data://open"]);
    let first = acknowledged(&wire, &uris).await;
    assert!(!first.contains("data://"), "{first:?}");
    wire.ask(&Ask::new(Revision::July2026, "sam", "server/discover", json!({})))
        .await
        .result();
    let reply = acknowledged(&wire, &uris).await;
    assert_eq!(reply.body.matches("data://").count(), 1, "{reply:?}");
    assert!(reply.contains("data://open"));
}

#[tokio::test]
async fn what_one_server_lists_openly_tells_nothing_of_another_one_of_its_type() {
    for slow in [false, true] {
        let layer = layer();
        let of = |server: Server| match slow {
            true => server.picky().slow().shared(),
            false => server.picky().shared(),
        };
        let text = || Behaviour::text("text");
        let open = Server::new(&Log::new()).resource(resource("data://r"), text());
        let hidden =
            Server::new(&Log::new()).resource(resource("data://r").enforce(pre_enforce().stealth()), text());
        let open = Wire::serving(layer.layer(of(open)), Mode::Json).await;
        let hidden = Wire::serving(layer.layer(of(hidden)), Mode::Json).await;
        let uris = json!(["data://r"]);
        let discover = Ask::new(Revision::July2026, "sam", "server/discover", json!({}));
        open.ask(&discover).await.result();
        assert!(acknowledged(&open, &uris).await.contains("data://r"));
        for _ in 0..2 {
            assert!(!acknowledged(&hidden, &uris).await.contains("data://r"));
            hidden.ask(&discover).await.result();
        }
    }
}

/// A server whose resources change, and that knows which there are.
struct Changing {
    resources: Mutex<Vec<Resource>>,
    slow: bool,
}

impl Changing {
    fn now(&self) -> Vec<Resource> {
        self.resources.lock().unwrap().clone()
    }
}

impl ServerHandler for Changing {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_resources()
            .enable_resources_subscribe();
        ServerConfig::new(capabilities.build())
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        if self.slow {
            tokio::task::yield_now().await;
        }
        Ok(ListResourcesResult::with_all_items(self.now()))
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let mut accepted = requested.clone();
        let known = self.now();
        if let Some(uris) = &mut accepted.resource_subscriptions {
            uris.retain(|uri| known.iter().any(|resource| resource.uri == *uri));
        }
        Some(accepted)
    }
}

#[tokio::test]
async fn a_hidden_resource_that_is_added_later_is_not_acknowledged() {
    for slow in [false, true] {
        let server = Arc::new(Changing {
            resources: Mutex::new(vec![resource("data://open")]),
            slow,
        });
        let wire = Wire::serving(layer().layer(Arc::clone(&server)), Mode::Json).await;
        let uris = json!(["data://open", "data://later"]);
        wire.ask(&Ask::new(Revision::July2026, "sam", "server/discover", json!({})))
            .await
            .result();
        assert!(acknowledged(&wire, &uris).await.contains("data://open"));
        let later = resource("data://later").enforce(pre_enforce().stealth());
        server.resources.lock().unwrap().push(later);
        let reply = acknowledged(&wire, &uris).await;
        assert!(
            reply.contains("data://open") && !reply.contains("data://later"),
            "{reply:?}"
        );
    }
}

#[tokio::test]
async fn a_discovery_shows_the_layer_what_is_open() {
    for rule in [|| pre_enforce().stealth(), pre_enforce] {
        let log = Log::new();
        let server = server(&log, rule).picky();
        let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
        discover(&world).await;
        let reply = world.wire.ask(&ask(&json!(["data://open"]))).await;
        assert!(reply.contains(UPDATED), "{reply:?}");
    }
}

#[tokio::test]
async fn each_resource_is_finalized_once() {
    let log = Log::new();
    let rule = finalizing(pre_enforce(), &log).shared();
    let server = Server::new(&log)
        .resource(resource("data://a").enforce(rule), Behaviour::text("secret"))
        .resource(resource("data://b").enforce(rule), Behaviour::text("secret"));
    let pdp = Pdp::new(&log, |subscription| {
        Answer::Now(match subscription.resource()["name"] == "a" {
            true => AuthorizationDecision::permit(),
            false => AuthorizationDecision::deny(),
        })
    });
    let world = World::new(&log, server, pdp).await;
    world.wire.ask(&ask(&json!(["data://a", "data://b"]))).await;
    let finalized = finalized(log.lines());
    assert_eq!(
        finalized,
        ["finalize PERMIT completed a", "finalize DENY denied b"]
    );
}

#[tokio::test]
async fn a_stream_is_about_so_many_resources_at_most() {
    let world = world(pre_enforce, AuthorizationDecision::deny()).await;
    for (count, taken) in [(256, true), (257, false)] {
        let uris: Vec<String> = (0..count).map(|n| format!("data://u/{n}")).collect();
        let mut opened = world.wire.open_stream(&ask(&json!(uris))).await;
        let reply = opened.until(ACKNOWLEDGED).await.unwrap();
        assert_eq!(reply.contains("data://u/"), taken);
    }
}

#[tokio::test]
async fn a_server_whose_lists_can_not_be_read_notifies_of_no_resource() {
    let log = Log::new();
    let server = server(&log, pre_enforce).without_lists();
    let world = World::new(&log, server, Pdp::decides(&log, AuthorizationDecision::permit())).await;
    silent(&world, &json!(["data://r"])).await;
    silent(&world, &json!(["data://open"])).await;
    assert!(!listens(&world));
}
