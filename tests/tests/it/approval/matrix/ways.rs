//! Each event, by each way, over HTTP.

mod approver;
mod elicitation;
mod rounds;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, SystemTime},
};

use sapl_mcp::{
    AuditOutcome, AuthorizationDecision, EnforceExt as _, OwnedAuditRecord, SaplLayerBuilder, pre_enforce,
};
use sapl_mcp_tests::{Answer, Ask, Behaviour, Log, Mode, Pdp, Person, Revision, Server, World, accept, tool};
use serde_json::{Value, json};

use super::{
    super::require,
    cell::{Cell, Expected, Way},
};
use crate::finalize::finalizing;

/// A word that stands in what the tool gives.
const CONTENT: &str = "the-content";

/// How long there is to answer: less than sessions live without requests.
const TIME: Duration = Duration::from_secs(60);

/// How many turns the other tasks have until an operation has ended.
const TURNS: usize = 60_000;

/// How many of them they have before a second passes.
const TURNS_OF_A_SECOND: usize = 1_000;

/// What came of a cell.
pub(super) struct Seen {
    /// The replies, as text.
    replies: Vec<String>,
    /// What an unknown tool is answered with.
    unknown: String,
    runs: usize,
    records: Vec<OwnedAuditRecord>,
    finalized: Vec<String>,
}

/// The scene of a cell.
struct Scene {
    world: World,
    /// Whether the policy has changed.
    changed: Arc<AtomicBool>,
    /// How many seconds the clock is ahead.
    ahead: Arc<AtomicU64>,
}

/// Runs a cell.
pub(super) async fn run(cell: Cell, stealth: bool) -> Seen {
    match cell.way {
        Way::Elicitation => elicitation::run(cell.event, stealth).await,
        Way::Rounds => rounds::run(cell.event, stealth).await,
        Way::Approver => approver::run(cell.event, stealth).await,
    }
}

impl Scene {
    /// A server with the tools `t` and `u`, whose calls need approval.
    async fn new(
        stealth: bool,
        mut obligation: Value,
        configure: impl FnOnce(SaplLayerBuilder) -> SaplLayerBuilder,
    ) -> Self {
        obligation["expiresIn"] = "PT1M".into();
        let log = Log::new();
        let changed = Arc::new(AtomicBool::new(false));
        let ahead = Arc::new(AtomicU64::new(0));
        let rule = finalizing(pre_enforce().stealth_if(stealth), &log).shared();
        let gives = || Behaviour::value(json!({"value": CONTENT}));
        let server = Server::new(&log)
            .tool(tool("t").enforce(rule), gives())
            .tool(tool("u").enforce(rule), gives());
        let switch = Arc::clone(&changed);
        let pdp = Pdp::new(&log, move |subscription| {
            let approved = subscription
                .environment()
                .is_some_and(|it| it.get("approval").is_some());
            let permit = AuthorizationDecision::permit();
            Answer::Now(match (approved, switch.load(Ordering::SeqCst)) {
                (true, false) => permit,
                (false, _) => permit.with_obligation(require(obligation.clone())),
                (true, true) => permit.with_obligation(require(json!({"message": "changed"}))),
            })
        });
        let seconds = Arc::clone(&ahead);
        let world = World::with(&log, server, pdp, Mode::Sessions, |builder| {
            configure(builder)
                .clock(move || SystemTime::now() + Duration::from_secs(seconds.load(Ordering::SeqCst)))
        })
        .await;
        Self {
            world,
            changed,
            ahead,
        }
    }

    /// The policy changes.
    fn change_policy(&self) {
        self.changed.store(true, Ordering::SeqCst);
    }

    /// The time that there is to answer is over: by the clock on the wall, and for those who wait.
    async fn let_time_pass(&self) {
        self.ahead.fetch_add(TIME.as_secs(), Ordering::SeqCst);
        pass(TIME).await;
    }

    /// What came of it.
    async fn seen(self, replies: Vec<String>, operations: usize) -> Seen {
        let Self { world, .. } = self;
        let finalized = || -> Vec<String> {
            let lines = world.log.lines();
            lines
                .into_iter()
                .filter(|line| line.starts_with("finalize"))
                .collect()
        };
        // An operation whose client has gone ends by itself, after some time.
        let mut turns = 0;
        while finalized().len() < operations && turns < TURNS {
            tokio::task::yield_now().await;
            turns += 1;
            if turns % TURNS_OF_A_SECOND == 0 {
                pass(Duration::from_secs(1)).await;
            }
        }
        let records = world.audit.records();
        let finalized = finalized();
        let params = json!({"name": "nobody", "arguments": {}});
        let unknown = Ask::new(Revision::July2026, "mara", "tools/call", params);
        let unknown = world.wire.ask(&unknown).await.error();
        Seen {
            replies,
            unknown: unknown["message"].as_str().unwrap().to_owned(),
            runs: world.server.received().len(),
            records,
            finalized,
        }
    }
}

impl Seen {
    /// In an order of which it does not matter who was first.
    fn sort(&mut self) {
        self.records
            .sort_by_key(|record| record.outcome != AuditOutcome::InputRequired && record.reason.is_some());
        self.finalized.sort_by_key(|line| line.contains("denied"));
    }

    /// It is as expected, and nothing else has happened.
    pub(super) fn assert_is(&self, expected: &Expected, stealth: bool) {
        let records: Vec<_> = self
            .records
            .iter()
            .map(|record| {
                let reason = record.reason.clone().unwrap_or_default();
                (record.outcome.to_string(), reason)
            })
            .collect();
        let replies = &self.replies;
        assert_eq!(self.runs, expected.runs, "{records:?} {replies:?}");
        assert_eq!(records.len(), expected.records.len(), "{records:?}");
        for ((outcome, reason), (wanted, words)) in records.iter().zip(&expected.records) {
            assert_eq!(outcome, wanted, "{records:?}");
            assert!(reason.contains(words), "{records:?}");
            assert_eq!(reason.is_empty(), words.is_empty(), "{records:?}");
        }
        // Each operation was finalized once, with the outcome of its record.
        let finalized: Vec<_> = self
            .finalized
            .iter()
            .filter_map(|line| line.split(' ').nth(2))
            .collect();
        let outcomes: Vec<_> = expected.records.iter().map(|(outcome, _)| *outcome).collect();
        assert_eq!(finalized, outcomes);
        // The content is in as many replies as there were runs, and the others are the denial.
        let with_content = replies.iter().filter(|reply| reply.contains(CONTENT)).count();
        assert_eq!(with_content, expected.runs, "{replies:?}");
        let denial = match stealth {
            true => self.unknown.replace("nobody", "t"),
            false => "Access denied".to_owned(),
        };
        for reply in replies.iter().filter(|reply| !reply.contains(CONTENT)) {
            let other_tool = denial.replace("'t'", "'u'");
            assert!(reply.contains(&denial) || reply.contains(&other_tool), "{reply}");
        }
    }
}

/// Lets time pass for those who wait, at once.
async fn pass(time: Duration) {
    tokio::time::pause();
    tokio::time::advance(time).await;
    tokio::time::resume();
}

/// Somebody who agrees whenever he is asked.
async fn agreeing(scene: &Scene, revision: Revision) -> Person {
    Person::connect(scene.world.wire, "mara", revision, |_| {
        std::future::ready(accept())
    })
    .await
}

/// What rmcp's client got, as text.
fn said(called: &crate::common::Called) -> String {
    match called {
        Ok(result) => serde_json::to_string(result).unwrap(),
        Err(error) => serde_json::to_string(error).unwrap(),
    }
}
