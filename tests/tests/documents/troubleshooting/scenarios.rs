//! How each line of the document is brought about.
//!
//! A scenario is a function that runs by itself, with a runtime of its own on the thread that listens to the log.

mod approvals;
mod attributes;
mod clients;
mod code;
mod decisions;
pub(super) mod identity;
mod lists;
mod policies;
mod reasons;
pub(super) mod remote;
mod rules;
mod transports;

use rmcp::model::Tool;
use sapl_mcp::{AuthorizationDecision, EnforceExt as _, Rule, RuleHandle, SaplLayerBuilder};
use sapl_mcp_tests::{Answer, Behaviour, Log, Mode, Pdp, Server, World, tool};
use serde_json::{Value, json};

/// A line of the document, and what brings it about.
pub(crate) type Scenario = (&'static str, fn());

pub(crate) use rules::LAST;

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = Scenario> {
    let all: [&[Scenario]; 12] = [
        approvals::SCENARIOS,
        decisions::SCENARIOS,
        lists::SCENARIOS,
        rules::SCENARIOS,
        code::SCENARIOS,
        attributes::SCENARIOS,
        policies::SCENARIOS,
        transports::SCENARIOS,
        identity::SCENARIOS,
        clients::SCENARIOS,
        remote::SCENARIOS,
        reasons::SCENARIOS,
    ];
    all.into_iter().flatten().copied()
}

/// Runs to the end on this thread.
pub(super) fn block_on(scenario: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(scenario);
}

/// The tool `t` under this rule.
pub(super) fn ruled(rule: Rule) -> Tool {
    tool("t").enforce(rule.shared())
}

pub(super) fn permit() -> AuthorizationDecision {
    AuthorizationDecision::permit()
}

/// A server with the tool `t` under a plain rule.
pub(super) fn plain(log: &Log, behaviour: Behaviour) -> Server {
    Server::new(log).tool(ruled(sapl_mcp::pre_enforce()), behaviour)
}

/// A call of the tool `t` under this rule.
fn call(rule: impl Into<RuleHandle>, answer: Answer, behaviour: Behaviour) {
    let server = |log: &Log| Server::new(log).tool(tool("t").enforce(rule), behaviour);
    ask(
        server,
        answer,
        |builder| builder,
        "tools/call",
        json!({"name": "t"}),
    );
}

/// A call of the tool `t` under a plain rule.
fn decided(decision: AuthorizationDecision, behaviour: Behaviour) {
    call(sapl_mcp::pre_enforce(), Answer::Now(decision), behaviour);
}

/// One request.
fn ask(
    server: impl FnOnce(&Log) -> Server,
    answer: Answer,
    configure: impl FnOnce(SaplLayerBuilder) -> SaplLayerBuilder,
    method: &str,
    params: Value,
) {
    block_on(async {
        let log = Log::new();
        let pdp = Pdp::always(&log, answer);
        let world = World::with(&log, server(&log), pdp, Mode::Json, configure).await;
        world.ask("mara", method, params).await;
    });
}
