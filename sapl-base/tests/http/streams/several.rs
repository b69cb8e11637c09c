//! Streams about several subscriptions.

use std::collections::{BTreeMap, HashSet};

use sapl_base::{Decision, MultiAuthorizationSubscription, PolicyDecisionPoint};
use serde_json::{Value, json};

use super::{HEAD, chunk, next};
use crate::support::{Server, page, pdp};

/// The ids that a request asks about.
fn ids(request: &str) -> Vec<String> {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let asked: BTreeMap<String, Value> = serde_json::from_str(body).unwrap();
    asked.into_keys().collect()
}

/// A node that permits everything, one by one or in a snapshot, and ends its answer if told so.
async fn node(ends: bool) -> Server {
    Server::start(move |mut connection| async move {
        let request = connection.request().await?;
        connection.write(HEAD).await?;
        let permit = json!({"decision": "PERMIT"});
        if request.starts_with("POST /api/pdp/multi-decide ") {
            for id in ids(&request) {
                let event = json!({"subscriptionId": id, "decision": permit});
                connection.write(chunk(format!("data:{event}\n\n"))).await?;
            }
        } else {
            assert!(
                request.starts_with("POST /api/pdp/multi-decide-all "),
                "{request}"
            );
            let snapshot: BTreeMap<_, _> = ids(&request).into_iter().map(|id| (id, &permit)).collect();
            let event = serde_json::to_string(&snapshot).unwrap();
            connection.write(chunk(format!("data:{event}\n\n"))).await?;
        }
        if ends {
            return connection.write("0\r\n\r\n").await;
        }
        std::future::pending().await
    })
    .await
}

#[tokio::test]
async fn each_subscription_is_decided_over_as_many_connections_as_it_takes() {
    for (count, connections) in [(1, 1), (256, 1), (257, 2), (600, 3)] {
        let server = node(false).await;
        let (pdp, page) = (pdp(&server.url()), page(count));
        let mut decisions = pdp.multi_decide(&page);
        let mut decided = HashSet::new();
        for _ in 0..count {
            let news = next(&mut decisions).await;
            assert_eq!(news.decision.decision, Decision::Permit);
            assert!(decided.insert(news.subscription_id));
        }
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test]
async fn an_outage_is_one_indeterminate_for_each_subscription() {
    let server = node(true).await;
    let (pdp, page) = (pdp(&server.url()), page(300));
    let mut decisions = pdp.multi_decide(&page);
    let mut verdicts: BTreeMap<String, Vec<Decision>> = BTreeMap::new();
    for _ in 0..600 {
        let news = next(&mut decisions).await;
        verdicts
            .entry(news.subscription_id)
            .or_default()
            .push(news.decision.decision);
    }
    assert_eq!(verdicts.len(), 300);
    let permitted_and_lost = [Decision::Permit, Decision::Indeterminate];
    assert!(verdicts.values().all(|verdicts| *verdicts == permitted_and_lost));
}

#[tokio::test]
async fn a_snapshot_is_whole_however_many_connections_it_takes() {
    for (count, connections) in [(1, 1), (256, 1), (257, 2)] {
        let server = node(false).await;
        let (pdp, page) = (pdp(&server.url()), page(count));
        let mut snapshots = pdp.multi_decide_all(&page);
        let snapshot = next(&mut snapshots).await;
        assert_eq!(snapshot.len(), count);
        assert!(
            snapshot
                .iter()
                .all(|(_, decision)| decision.decision == Decision::Permit)
        );
        assert_eq!(server.connections(), connections);
    }
}

#[tokio::test]
async fn a_large_multi_subscription_is_split_by_bytes_too() {
    let server = node(false).await;
    let pdp = pdp(&server.url());
    let mut page = MultiAuthorizationSubscription::new();
    for id in ["a", "b", "c"] {
        let subject = "s".repeat(30_000);
        page.add(id, sapl_base::AuthorizationSubscription::new(subject, "a", "r"))
            .unwrap();
    }
    let mut snapshots = pdp.multi_decide_all(&page);
    assert_eq!(next(&mut snapshots).await.len(), 3);
    let mut asked: Vec<_> = server.requests().iter().map(|request| ids(request)).collect();
    asked.sort();
    assert_eq!(asked, [vec!["a", "b"], vec!["c"]]);
}

#[tokio::test]
async fn a_node_that_fails_makes_everything_indeterminate() {
    let failing = Server::start(|mut connection| async move {
        let request = connection.request().await?;
        connection.write(HEAD).await?;
        let event = if request.starts_with("POST /api/pdp/multi-decide ") {
            json!({"subscriptionId": "", "decision": {"decision": "INDETERMINATE"}})
        } else {
            json!({"": {"decision": "INDETERMINATE"}})
        };
        connection.write(chunk(format!("data:{event}\n\n"))).await?;
        connection.write("0\r\n\r\n").await
    })
    .await;
    let (pdp, page) = (pdp(&failing.url()), page(2));
    let mut decisions = pdp.multi_decide(&page);
    for _ in 0..2 {
        assert_eq!(
            next(&mut decisions).await.decision.decision,
            Decision::Indeterminate
        );
    }
    let snapshot = next(&mut pdp.multi_decide_all(&page)).await;
    assert_eq!(snapshot.len(), 2);
    assert!(
        snapshot
            .iter()
            .all(|(_, decision)| decision.decision == Decision::Indeterminate)
    );
}

#[tokio::test]
async fn nothing_asked_is_nothing_sent() {
    let server = node(false).await;
    let (pdp, nothing) = (pdp(&server.url()), page(0));
    assert!(next(&mut pdp.multi_decide_all(&nothing)).await.is_empty());
    let mut decisions = pdp.multi_decide(&nothing);
    assert!(futures_util::poll!(futures_util::StreamExt::next(&mut decisions)).is_pending());
    assert_eq!(server.connections(), 0);
}
