//! A gate in front of what a person is asked about.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sapl_mcp::{AuditOutcome, AuthorizationDecision, EnforceExt as _, gate, pre_enforce};
use sapl_mcp_tests::{
    Answer, Asked, Behaviour, Log, Mode, Pdp, Person, Revision, Server, World, accept, tool,
};
use serde_json::{Value, json};

use super::require;
use crate::finalize::finalized;
use crate::{common::value, finalize::finalizing};

/// A world whose gate is open this often.
async fn open_for(times: usize) -> World {
    let log = Log::new();
    let rule = finalizing(pre_enforce(), &log);
    let gated = tool("t").enforce(rule.shared()).enforce(gate());
    let server = Server::new(&log).tool(gated, Behaviour::echo());
    let asked = Arc::new(AtomicUsize::new(0));
    let pdp = Pdp::new(&log, move |subscription| {
        let permit = AuthorizationDecision::permit();
        Answer::Now(if subscription.action() == "t" {
            match asked.fetch_add(1, Ordering::SeqCst) < times {
                true => permit,
                false => AuthorizationDecision::deny(),
            }
        } else if subscription.environment().is_none() {
            permit.with_obligation(require(json!({})))
        } else {
            permit
        })
    });
    World::with(&log, server, pdp, Mode::Sessions, |builder| builder).await
}

async fn person(world: &World, revision: Revision) -> Person {
    Person::connect(world.wire, "mara", revision, |_| std::future::ready(accept())).await
}

fn actions(world: &World) -> Vec<Value> {
    let action = |asked: &Asked| match asked {
        Asked::One(subscription) => subscription.action().clone(),
        other => panic!("{other:?}"),
    };
    world.pdp.asked().iter().map(action).collect()
}

#[tokio::test]
async fn a_gate_is_decided_again_when_a_person_has_agreed() {
    for revision in [Revision::November2025, Revision::July2026] {
        let world = open_for(2).await;
        let person = person(&world, revision).await;
        assert_eq!(value(&person.call("t", json!({"a": 1})).await), &json!({"a": 1}));
        assert_eq!(person.asked().len(), 1);
        assert_eq!(actions(&world), ["t", "call", "t", "call"]);
    }
}

#[tokio::test]
async fn a_gate_that_has_closed_meanwhile_hides_the_component() {
    for revision in [Revision::November2025, Revision::July2026] {
        let world = open_for(1).await;
        let person = person(&world, revision).await;
        let error = person.call("t", json!({"a": 1})).await.unwrap_err();
        assert_eq!(person.asked().len(), 1);
        assert_eq!(actions(&world), ["t", "call", "t"]);
        assert!(world.server.received().is_empty());
        assert_eq!(error, person.call("nobody", json!({})).await.unwrap_err());
        let denied = |record: &sapl_mcp::OwnedAuditRecord| record.outcome == AuditOutcome::Denied;
        assert!(world.audit.records().iter().any(denied));
        let ended = finalized(world.log.lines());
        assert_eq!(ended.len(), 1, "{ended:?}");
    }
}
