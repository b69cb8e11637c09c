//! Two layers around one server, each of which wants a person to agree.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sapl_mcp::{SaplLayer, pre_enforce};
use sapl_mcp_tests::{Behaviour, Log, Mode, Person, Revision, Server, Wire, accept, decline, tool};
use serde_json::json;

use super::wants;
use crate::common::{assert_denied, value};

/// Two layers around a server, or one and the same twice.
async fn stacked(same: bool) -> (Wire, Arc<Server>) {
    let log = Log::new();
    let layer = || {
        let builder = SaplLayer::builder(wants(&log, json!({})));
        builder.tool("t", pre_enforce()).build().unwrap()
    };
    let inner = layer();
    let outer = match same {
        true => inner.clone(),
        false => layer(),
    };
    let server = Server::new(&log).tool(tool("t"), Behaviour::echo()).shared();
    let wire = Wire::serving(outer.layer(inner.layer(Arc::clone(&server))), Mode::Sessions).await;
    (wire, server)
}

/// Somebody who agrees so often, and then says no.
async fn person(wire: Wire, revision: Revision, agreed: usize) -> Person {
    let left = AtomicUsize::new(agreed);
    Person::connect(wire, "mara", revision, move |_| {
        let agrees = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        std::future::ready(match agrees {
            Ok(_) => accept(),
            Err(_) => decline(),
        })
    })
    .await
}

#[tokio::test]
async fn each_of_two_layers_asks_for_itself() {
    // Between two requests, the question of the inner one is a round of its own for the outer one.
    for (revision, questions) in [(Revision::November2025, 2), (Revision::July2026, 3)] {
        for same in [false, true] {
            for agreed in 0..=questions {
                let (wire, server) = stacked(same).await;
                let person = person(wire, revision, agreed).await;
                let called = person.call("t", json!({"a": 1})).await;
                let runs = agreed == questions;
                assert_eq!(server.received().len(), usize::from(runs), "{agreed}: {called:?}");
                if runs {
                    assert_eq!(value(&called), &json!({"a": 1}));
                    assert_eq!(person.asked().len(), questions);
                } else {
                    assert_denied(&called);
                }
            }
        }
    }
}
