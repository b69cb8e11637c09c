//! Each symptom of the document, as it shows.

use std::{fs, sync::Arc};

use sapl_base::{
    Decision,
    http::{HttpPdp, PdpConfig},
};
use sapl_mcp::{
    AuthorizationDecision, BearerAuthLayer, ConfigError, EmbeddedPdp, EnforceExt as _, Identity,
    OwnedAuditRecord, PolicyDecisionPoint, RecordingAudit, Rule, Sapl, SaplLayer, SaplService, StaticTokens,
    TokenError, gate, post_enforce, pre_enforce,
};
use sapl_mcp_tests::{
    Answer, Ask, Behaviour, Log, McpClient, Mode, Pdp, Revision, Server, Wire, World, step_with, token, tool,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tracing::Level;

use super::{
    scenarios::{block_on, identity, permit, plain, remote, ruled},
    traced::capture,
};

/// The first cell of each row, and a function that fails when it does not show.
pub(crate) const ALL: &[(&str, fn())] = &[
    ("All decisions are INDETERMINATE", || {
        let (_socket, url) = remote::nowhere();
        let config = PdpConfig::new(url).allow_insecure_connections(true);
        let mut record = None;
        let events = capture(|| record = Some(decided_by(HttpPdp::new(config).unwrap())));
        assert_eq!(record.unwrap().decision, Some(Decision::Indeterminate));
        let line = "the PDP gave no decision, which makes it INDETERMINATE";
        assert!(
            events.iter().any(|event| event.is(Level::WARN, line)),
            "{events:?}"
        );
    }),
    ("All decisions are NOT_APPLICABLE, or DENY by default", || {
        let policies = policies("policy \"nobody\"\npermit\n    subject == \"nobody\";\n");
        let record = decided_by(EmbeddedPdp::from_dir(policies.path()).unwrap());
        assert!(matches!(
            record.decision,
            Some(Decision::NotApplicable | Decision::Deny)
        ));
    }),
    ("Denied although the decision is PERMIT", || {
        let records = called(
            pre_enforce(),
            permit().with_obligation(json!({"type": "unheardOf"})),
        );
        assert_eq!(records[0].decision, Some(Decision::Permit));
        assert_eq!(records[0].effective, Decision::Deny);
        assert!(records[0].reason.as_deref().unwrap().contains("unheardOf"));
    }),
    ("A handler does not run", || {
        let unheard_of = permit().with_advice(json!({"type": "unheardOf"}));
        assert_eq!(called(pre_enforce(), unheard_of)[0].effective, Decision::Permit);
        let too_late = permit().with_obligation(step_with("invoke", "a", json!({})));
        assert_eq!(
            called(pre_enforce(), too_late.clone())[0].effective,
            Decision::Permit
        );
        for rule in [post_enforce(), gate()] {
            assert_eq!(called(rule, too_late.clone())[0].effective, Decision::Deny);
        }
    }),
    ("The subject is `\"anonymous\"`", || {
        let nobody = Identity::new(token("mara"), json!({}));
        assert_eq!(subject_of(nobody.clone()), "anonymous");
        assert_eq!(subject_of(nobody.with_client_id("console")), "console");
    }),
    ("`stealth` or `finalize` on a gate does not compile", || {
        let built = SaplLayer::builder(EmbeddedPdp::from_dir(policies("").path()).unwrap())
            .tool("t", gate().stealth())
            .build();
        assert!(
            matches!(built, Err(ConfigError::GateArgument { .. })),
            "{built:?}"
        );
    }),
    ("An error says `SAPL is not configured`", || {
        let error = Sapl::get().unwrap_err().to_string();
        assert!(error.starts_with("SAPL is not configured"), "{error}");
    }),
    ("Everything is denied over standard input and output", || {
        assert!(!passes_without_http(|layer, server| layer.layer(server)));
        assert!(passes_without_http(|layer, server| {
            layer.enforce_stdio("mara").layer(server)
        }));
    }),
    ("Nothing is enforced over standard input and output", || {
        assert!(passes_without_http(|layer, server| layer.for_stdio(server)));
    }),
    ("A path of a content filter is refused", || {
        let filter = json!({
            "type": "filterJsonContent", "actions": [{"type": "delete", "path": "$.[name"}],
        });
        let records = called(pre_enforce(), permit().with_obligation(filter));
        let reason = records[0].reason.as_deref().unwrap();
        assert!(reason.contains("a path is malformed: expected"), "{reason}");
    }),
    ("HTTP 401", || {
        let events = capture(|| assert_eq!(answer("nobody"), 401));
        let line = "refused a request: bad bearer token";
        assert!(
            events.iter().any(|event| event.is(Level::INFO, line)),
            "{events:?}"
        );
    }),
    ("HTTP 403 with `insufficient_scope`", || {
        block_on(async {
            let rule = pre_enforce().required_scopes(["admin"]);
            let world = world(rule, Answer::Now(permit())).await;
            let reply = world.call("mara", "t", json!({})).await;
            let challenge = reply.header("www-authenticate").unwrap();
            assert_eq!(reply.status, 403);
            assert!(challenge.contains("insufficient_scope") && challenge.contains("admin"));
        });
    }),
    ("HTTP 404 for a session that worked", || {
        block_on(async {
            let log = Log::new();
            let pdp = Pdp::decides(&log, permit());
            let server = plain(&log, Behaviour::text("done"));
            let world = World::with(&log, server, pdp, Mode::Sessions, |builder| builder).await;
            let session = world.wire.open("mara", Revision::November2025).await;
            for (user, status) in [("mara", 200), ("sam", 404)] {
                let params = json!({"name": "t"});
                let ask = Ask::new(Revision::November2025, user, "tools/call", params).session(&session);
                assert_eq!(world.wire.ask(&ask).await.status, status, "{user}");
            }
        });
    }),
    ("HTTP 500 for everything", || {
        let layer = BearerAuthLayer::new(StaticTokens::new()).resource("not a URI");
        assert_eq!(identity::answer(layer), 500);
    }),
    ("HTTP 503", || {
        let closed = || Err(TokenError::unavailable("the vault is closed"));
        assert_eq!(identity::verified(closed), 503);
    }),
    (
        "A component is not found by anybody, and the log gives no reason",
        || {
            let events = capture(|| {
                block_on(async {
                    let world = world(pre_enforce(), Answer::Now(permit())).await;
                    let reply = world.call("mara", "unlisted", json!({})).await;
                    assert_eq!(reply.error()["message"], "tool not found");
                });
            });
            assert!(!events.iter().any(|event| event.is_trouble()), "{events:?}");
        },
    ),
    (
        "A stealth component is missing in a list, although calling it works",
        || {
            block_on(async {
                let log = Log::new();
                let pdp = Pdp::new(&log, |subscription| {
                    Answer::Now(match &subscription.resource()["arguments"]["segment"] {
                        Value::String(_) => permit(),
                        _ => AuthorizationDecision::deny(),
                    })
                });
                let rule = pre_enforce().stealth();
                let server = Server::new(&log).tool(ruled(rule), Behaviour::text("done"));
                let world = World::new(&log, server, pdp).await;
                let listed = world.ask("mara", "tools/list", json!({})).await.result();
                assert_eq!(listed["tools"], json!([]));
                let called = world.call("mara", "t", json!({"segment": "at_risk"})).await;
                assert_eq!(called.result()["content"][0]["text"], "done");
            });
        },
    ),
    ("A policy folder is not loaded", || {
        let policies = policies("policy \"broken\"\npermit\n    subject ==;\n");
        let error = EmbeddedPdp::from_dir(policies.path()).unwrap_err().to_string();
        assert!(error.contains("some.sapl:3:15"), "{error}");
    }),
];

/// A folder with this policy.
fn policies(policy: &str) -> TempDir {
    let folder = TempDir::new().unwrap();
    if !policy.is_empty() {
        fs::write(folder.path().join("some.sapl"), policy).unwrap();
    }
    folder
}

/// The record of a call that this decision point decides.
fn decided_by(pdp: impl PolicyDecisionPoint) -> OwnedAuditRecord {
    let audit = RecordingAudit::default();
    let layer = SaplLayer::builder(pdp).audit(audit.clone()).build().unwrap();
    block_on(async {
        let server = plain(&Log::new(), Behaviour::text("done")).shared();
        let service = layer.enforce_stdio("mara").layer(server);
        let client = McpClient::in_process(service, Revision::November2025).await;
        client.call("t", json!({})).await.unwrap();
    });
    audit.records().remove(0)
}

async fn world(rule: Rule, answer: Answer) -> World {
    let log = Log::new();
    let server = Server::new(&log).tool(
        tool("t").enforce(rule.shared()),
        Behaviour::value(json!({"name": "Ann"})),
    );
    World::with(&log, server, Pdp::always(&log, answer), Mode::Json, |builder| {
        builder
    })
    .await
}

/// The records of a call under this rule.
fn called(rule: Rule, decision: AuthorizationDecision) -> Vec<OwnedAuditRecord> {
    let mut records = Vec::new();
    block_on(async {
        let world = world(rule, Answer::Now(decision)).await;
        world.call("mara", "t", json!({})).await;
        records = world.audit.records();
    });
    records
}

/// The HTTP status of a call.
fn answer(user: &str) -> u16 {
    let mut status = 0;
    block_on(async {
        let world = world(pre_enforce(), Answer::Now(permit())).await;
        status = world.call(user, "t", json!({})).await.status;
    });
    status
}

/// The subject that the decision point is asked about.
fn subject_of(identity: Identity) -> Value {
    let mut subject = Value::Null;
    block_on(async {
        let log = Log::new();
        let pdp = Pdp::decides(&log, permit());
        let layer = SaplLayer::builder(pdp.clone()).build().unwrap();
        let service = layer.layer(plain(&log, Behaviour::text("done")).shared());
        let tokens = StaticTokens::new().with_identity(identity);
        let wire = Wire::serving_to(tokens, service, Mode::Json).await;
        let params = json!({"name": "t"});
        wire.ask(&Ask::new(Revision::November2025, "mara", "tools/call", params))
            .await
            .result();
        subject = pdp.only().subject().clone();
    });
    subject
}

/// Whether a call gets through by a client in this process.
fn passes_without_http(serve: impl FnOnce(&SaplLayer, Arc<Server>) -> SaplService<Arc<Server>>) -> bool {
    let mut passes = false;
    block_on(async {
        let log = Log::new();
        let layer = SaplLayer::builder(Pdp::decides(&log, permit())).build().unwrap();
        let server = plain(&log, Behaviour::text("done")).shared();
        let client = McpClient::in_process(serve(&layer, server), Revision::November2025).await;
        passes = client.call("t", json!({})).await.unwrap().is_error != Some(true);
    });
    passes
}
