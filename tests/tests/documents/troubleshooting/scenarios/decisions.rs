//! Decisions, their obligations, and the audit trail.

use std::io;

use sapl_mcp::{
    AuditRecord, AuthorizationDecision, AuthorizationSubscription, JsonLines, SaplLayer, SaplLayerBuilder,
};
use sapl_mcp_tests::{Answer, Behaviour, Log, Pdp, step_with};
use serde_json::json;

use super::{Scenario, ask, block_on, decided, permit, plain};

pub(super) const SCENARIOS: &[Scenario] = &[
    ("access denied", || {
        decided(AuthorizationDecision::deny(), Behaviour::text("secret"))
    }),
    ("constraint handler failed", || {
        let failing = step_with("run", "a", json!({"fail": "error"}));
        decided(permit().with_obligation(failing), Behaviour::text("secret"));
    }),
    ("no decision, so INDETERMINATE", || {
        block_on(async {
            let layer = SaplLayer::builder(Pdp::always(&Log::new(), Answer::Panic))
                .build()
                .unwrap();
            let subscription = AuthorizationSubscription::new("mara", "call", "export_csv");
            layer.decide_once(&subscription).await;
        });
    }),
    ("the audit sink panicked, and the record is lost", || {
        let sink = |_: &AuditRecord<'_>| panic!("the sink panics");
        audited(|builder| builder.audit(sink));
    }),
    ("an audit record can't be written", || {
        audited(|builder| builder.audit(JsonLines::new(Full)));
    }),
];

fn audited(configure: impl FnOnce(SaplLayerBuilder) -> SaplLayerBuilder) {
    let server = |log: &Log| plain(log, Behaviour::text("done"));
    ask(
        server,
        Answer::Now(permit()),
        configure,
        "tools/call",
        json!({"name": "t"}),
    );
}

/// A disk without room.
struct Full;

impl io::Write for Full {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::StorageFull.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
