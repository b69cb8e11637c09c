//! Connections that are kept, and for how long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use futures_util::future::join_all;
use sapl_base::{
    AuthorizationDecision, PolicyDecisionPoint,
    http::{MAX_IDLE_CONNECTIONS, POOL_IDLE_TIMEOUT},
};
use tokio::{
    sync::{Barrier, mpsc},
    task, time,
};

use crate::support::{Server, ok, pdp, subscription};

#[tokio::test]
async fn a_connection_is_used_again() {
    let server = Server::answering(ok(r#"{"decision":"PERMIT"}"#)).await;
    let pdp = pdp(&server.url());
    for _ in 0..20 {
        let decision = pdp.clone().decide_once(&subscription()).await;
        assert_eq!(decision, AuthorizationDecision::permit());
    }
    assert_eq!(server.connections(), 1);
    assert_eq!(server.requests().len(), 20);
}

#[tokio::test]
async fn an_idle_connection_is_given_up_before_a_node_closes_it() {
    let server = Server::answering(ok(r#"{"decision":"PERMIT"}"#)).await;
    let pdp = pdp(&server.url());
    pdp.decide_once(&subscription()).await;
    time::pause();
    time::advance(POOL_IDLE_TIMEOUT - Duration::from_secs(1)).await;
    time::resume();
    pdp.decide_once(&subscription()).await;
    assert_eq!(server.connections(), 1);
    time::pause();
    time::advance(POOL_IDLE_TIMEOUT + Duration::from_secs(1)).await;
    time::resume();
    let decision = pdp.decide_once(&subscription()).await;
    assert_eq!(decision, AuthorizationDecision::permit());
    assert_eq!(server.connections(), 2);
}

#[tokio::test]
async fn a_kept_connection_that_was_closed_is_replaced() {
    let (closed, mut is_closed) = mpsc::unbounded_channel();
    let server = Server::start(move |mut connection| {
        let closed = closed.clone();
        async move {
            connection.request().await?;
            connection.write(ok(r#"{"decision":"PERMIT"}"#)).await?;
            drop(connection);
            closed.send(()).unwrap();
            Ok(())
        }
    })
    .await;
    let pdp = pdp(&server.url());
    for asked in 1..=5 {
        let decision = pdp.decide_once(&subscription()).await;
        assert_eq!(decision, AuthorizationDecision::permit());
        assert_eq!(server.connections(), asked);
        is_closed.recv().await.unwrap();
        // Enough turns for the end of the connection to be noticed.
        for _ in 0..500 {
            task::yield_now().await;
        }
    }
    assert_eq!(server.requests().len(), 5);
}

#[tokio::test]
async fn a_caller_who_gives_up_leaves_no_connection_behind() {
    let (ended, mut has_ended) = mpsc::unbounded_channel();
    let server = Server::start(move |mut connection| {
        let ended = ended.clone();
        async move {
            connection.request().await?;
            ended.send("asked").unwrap();
            // Nothing more comes but the end.
            let end = connection.request().await;
            assert!(end.is_err());
            ended.send("ended").unwrap();
            Ok(())
        }
    })
    .await;
    let pdp = pdp(&server.url());
    let subscription = subscription();
    tokio::select! {
        _ = pdp.decide_once(&subscription) => panic!("nobody answered"),
        asked = has_ended.recv() => assert_eq!(asked, Some("asked")),
    }
    assert_eq!(has_ended.recv().await, Some("ended"));
}

#[tokio::test]
async fn an_answer_that_nobody_asked_for_is_none_to_the_next_question() {
    let permit = ok(r#"{"decision":"PERMIT"}"#);
    let half = permit.len() / 2;
    // All at once, an answer and a half, and a second one that comes later.
    for (first, later) in [
        ([&permit[..], &permit].concat(), &b""[..]),
        ([&permit[..], &permit[..half]].concat(), &permit[half..]),
        (permit.clone(), &permit[..]),
    ] {
        for _ in 0..20 {
            let connections = Arc::new(AtomicUsize::new(0));
            let (first, later) = (first.clone(), later.to_vec());
            let server = Server::start(move |mut connection| {
                let number = connections.fetch_add(1, Ordering::SeqCst);
                let (first, later) = (first.clone(), later.clone());
                async move {
                    connection.request().await?;
                    if number > 0 {
                        return connection.write(ok(r#"{"decision":"DENY"}"#)).await;
                    }
                    connection.write(first).await?;
                    connection.write(later).await?;
                    connection.request().await?;
                    connection.write(ok(r#"{"decision":"DENY"}"#)).await
                }
            })
            .await;
            let pdp = pdp(&server.url());
            let decision = pdp.decide_once(&subscription()).await;
            assert_eq!(decision, AuthorizationDecision::permit());
            for _ in 0..100 {
                task::yield_now().await;
            }
            let decision = pdp.decide_once(&subscription()).await;
            assert_eq!(decision, AuthorizationDecision::deny());
        }
    }
}

#[tokio::test]
async fn so_many_idle_connections_are_kept_and_not_one_more() {
    let at_once = MAX_IDLE_CONNECTIONS + 1;
    let barrier = Arc::new(Barrier::new(at_once));
    let server = Server::start(move |mut connection| {
        let barrier = Arc::clone(&barrier);
        async move {
            loop {
                connection.request().await?;
                // Nobody is answered before all have asked, so each needs a connection of its own.
                barrier.wait().await;
                connection.write(ok(r#"{"decision":"PERMIT"}"#)).await?;
            }
        }
    })
    .await;
    let pdp = pdp(&server.url());
    let subscription = subscription();
    for connections in [at_once, at_once + 1] {
        let decisions = join_all((0..at_once).map(|_| pdp.decide_once(&subscription))).await;
        assert!(
            decisions
                .iter()
                .all(|decision| *decision == AuthorizationDecision::permit())
        );
        assert_eq!(server.connections(), connections);
        // Connections go back to the pool in turns of their own.
        for _ in 0..500 {
            task::yield_now().await;
        }
    }
}
