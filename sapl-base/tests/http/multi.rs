//! Many questions at once.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use sapl_base::{
    AuthorizationDecision, AuthorizationSubscription, Decision, MultiAuthorizationSubscription,
    PolicyDecisionPoint,
    http::{MAX_MULTI_ENTRIES, MAX_PARALLEL_PARTS},
};
use serde_json::{Map, Value, json};
use tokio::{sync::Barrier, task, time};

use crate::support::{Log, Server, ok, page, pdp, reply};

fn ids(request: &str) -> Vec<String> {
    let (_, body) = request.split_once("\r\n\r\n").unwrap();
    let body: Map<String, Value> = serde_json::from_str(body).unwrap();
    body.into_iter().map(|(id, _)| id).collect()
}

/// Permits what was asked.
fn permits(request: &str) -> Vec<u8> {
    let all: Map<String, Value> = ids(request)
        .into_iter()
        .map(|id| (id, json!({"decision": "PERMIT"})))
        .collect();
    ok(Value::Object(all).to_string())
}

#[tokio::test]
async fn each_id_gets_its_decision() {
    let server = Server::answering(ok(
        r#"{"1":{"decision":"DENY"},"0":{"decision":"PERMIT","advice":[1]},"9":{"decision":"PERMIT"}}"#,
    ))
    .await;
    let log = Log::start();
    let decisions = pdp(&server.url()).multi_decide_all_once(&page(3)).await;
    assert_eq!(decisions.len(), 3);
    assert_eq!(
        *decisions.decision("0"),
        AuthorizationDecision::permit().with_advice(json!(1))
    );
    assert_eq!(decisions.decision("1").decision, Decision::Deny);
    assert_eq!(decisions.decision("2").decision, Decision::Indeterminate);
    let log = log.take();
    assert!(
        log.contains("the answer leaves out 1 of 3 subscriptions"),
        "{log}"
    );
    assert!(server.requests()[0].starts_with("POST /api/pdp/multi-decide-all-once HTTP/1.1\r\n"));
}

#[tokio::test]
async fn no_question_is_no_request() {
    let server = Server::answering(ok("{}")).await;
    let nothing = MultiAuthorizationSubscription::new();
    assert!(
        pdp(&server.url())
            .multi_decide_all_once(&nothing)
            .await
            .is_empty()
    );
    assert_eq!(server.connections(), 0);
}

#[tokio::test]
async fn what_a_node_does_not_take_at_once_goes_in_parts_and_comes_back_whole() {
    let server = Server::answering_with(permits).await;
    let decisions = pdp(&server.url()).multi_decide_all_once(&page(600)).await;
    assert_eq!(decisions.len(), 600);
    assert!(
        decisions
            .iter()
            .all(|(_, decision)| decision.decision == Decision::Permit)
    );
    let mut sizes: Vec<_> = server
        .requests()
        .iter()
        .map(|request| ids(request).len())
        .collect();
    sizes.sort_unstable();
    assert_eq!(sizes, [88, 256, 256]);
}

#[tokio::test]
async fn a_part_that_fails_takes_no_other_with_it() {
    let server = Server::answering_with(|request| {
        if ids(request).contains(&"300".to_owned()) {
            reply("503 Service Unavailable", "", "")
        } else {
            permits(request)
        }
    })
    .await;
    let decisions = pdp(&server.url()).multi_decide_all_once(&page(600)).await;
    assert_eq!(decisions.len(), 600);
    for (id, decision) in decisions.iter() {
        let id: usize = id.parse().unwrap();
        let failed = (MAX_MULTI_ENTRIES..2 * MAX_MULTI_ENTRIES).contains(&id);
        let expected = if failed {
            Decision::Indeterminate
        } else {
            Decision::Permit
        };
        assert_eq!(decision.decision, expected, "{id}");
    }
}

#[tokio::test]
async fn a_part_decides_about_its_own_ids_alone() {
    // The answer to the first part permits an id of the second, whose own answer denies it.
    let server = Server::answering_with(|request| {
        if ids(request).contains(&"0".to_owned()) {
            ok(r#"{"0":{"decision":"PERMIT"},"299":{"decision":"PERMIT"}}"#)
        } else {
            ok(r#"{"0":{"decision":"DENY"},"299":{"decision":"DENY"}}"#)
        }
    })
    .await;
    let decisions = pdp(&server.url()).multi_decide_all_once(&page(300)).await;
    assert_eq!(decisions.decision("0").decision, Decision::Permit);
    assert_eq!(decisions.decision("299").decision, Decision::Deny);
}

#[tokio::test]
async fn eight_parts_are_under_way_at_a_time_and_not_one_more() {
    let barrier = Arc::new(Barrier::new(MAX_PARALLEL_PARTS));
    let under_way = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |mut connection| {
        let barrier = Arc::clone(&barrier);
        let under_way = Arc::clone(&under_way);
        async move {
            loop {
                let request = connection.request().await?;
                let others = under_way.fetch_add(1, Ordering::SeqCst);
                assert!(others < MAX_PARALLEL_PARTS);
                // Fewer would wait here for ever.
                barrier.wait().await;
                under_way.fetch_sub(1, Ordering::SeqCst);
                connection.write(permits(&request)).await?;
            }
        }
    })
    .await;
    let asked = 2 * MAX_PARALLEL_PARTS * MAX_MULTI_ENTRIES;
    let decisions = pdp(&server.url()).multi_decide_all_once(&page(asked)).await;
    assert_eq!(decisions.len(), asked);
    assert!(
        decisions
            .iter()
            .all(|(_, decision)| decision.decision == Decision::Permit)
    );
}

#[tokio::test]
async fn what_has_not_been_asked_when_the_time_is_over_is_not_asked_any_more() {
    let asked = Arc::new(AtomicUsize::new(0));
    let server = Server::start(move |mut connection| {
        let asked = Arc::clone(&asked);
        async move {
            connection.request().await?;
            if asked.fetch_add(1, Ordering::SeqCst) + 1 == MAX_PARALLEL_PARTS {
                time::pause();
            }
            std::future::pending().await
        }
    })
    .await;
    let pages = 3 * MAX_PARALLEL_PARTS * MAX_MULTI_ENTRIES;
    let decisions = pdp(&server.url()).multi_decide_all_once(&page(pages)).await;
    assert_eq!(decisions.len(), pages);
    assert!(
        decisions
            .iter()
            .all(|(_, decision)| decision.decision == Decision::Indeterminate)
    );
    for _ in 0..500 {
        task::yield_now().await;
    }
    assert_eq!(server.connections(), MAX_PARALLEL_PARTS);
}

#[tokio::test]
async fn a_subscription_too_long_for_a_node_is_the_nodes_to_refuse() {
    let server = Server::answering_with(|request| {
        if request.len() > 70_000 {
            reply("413 Payload Too Large", "", "")
        } else {
            permits(request)
        }
    })
    .await;
    let mut page = page(2);
    let long = AuthorizationSubscription::new("s".repeat(80_000), "read", "report");
    page.add("long", long.clone()).unwrap();
    let log = Log::start();
    let pdp = pdp(&server.url());
    let decisions = pdp.multi_decide_all_once(&page).await;
    assert_eq!(decisions.decision("0").decision, Decision::Permit);
    assert_eq!(decisions.decision("long").decision, Decision::Indeterminate);
    assert!(log.take().contains("status 413 (a node takes 65,536 bytes"));
    assert_eq!(pdp.decide_once(&long).await.decision, Decision::Indeterminate);
}

#[tokio::test]
async fn an_answer_that_can_be_read_in_two_ways_decides_nothing() {
    for json in [
        r#"{"0":{"decision":"DENY"},"0":{"decision":"PERMIT"}}"#,
        r#"{"0":{"decision":"PERMIT"},"1":{"decision":"DENY","decision":"PERMIT"}}"#,
        r#"{"0":{"decision":"PERMIT"}}{"0":{"decision":"DENY"}}"#,
        r#"{"decision":"PERMIT"}"#,
    ] {
        let server = Server::answering(ok(json)).await;
        let decisions = pdp(&server.url()).multi_decide_all_once(&page(2)).await;
        assert_eq!(decisions.len(), 2);
        assert!(
            decisions
                .iter()
                .all(|(_, decision)| decision.decision == Decision::Indeterminate),
            "{json}"
        );
    }
}
