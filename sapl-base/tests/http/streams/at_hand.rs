//! Decisions at hand come from a stream that lives, and from none that doesn't.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use sapl_base::{
    AuthorizationDecision, CachingPdp, Decision, PolicyDecisionPoint,
    http::{CACHED_SILENCE_LIMIT, HttpPdp, MAX_RECONNECT_DELAY},
};
use tokio::{task, time};

use super::{HEAD, PERMIT, chunk};
use crate::support::{Server, ok, pdp, reply, subscription};

/// A node that denies when asked and permits in its first stream, of which it goes on as told.
async fn node(then: &'static str) -> Server {
    let streams = Arc::new(AtomicUsize::new(0));
    Server::start(move |mut connection| {
        let streams = Arc::clone(&streams);
        async move {
            loop {
                let request = connection.request().await?;
                if !request.starts_with("POST /api/pdp/decide ") {
                    connection.write(ok(r#"{"decision":"DENY"}"#)).await?;
                } else if streams.fetch_add(1, Ordering::SeqCst) > 0 {
                    connection.write(reply("401 Unauthorized", "", "")).await?;
                } else {
                    connection.write(HEAD).await?;
                    connection.write(chunk(PERMIT)).await?;
                    connection.write(then).await?;
                }
            }
        }
    })
    .await
}

/// The decision at hand, once there is one.
async fn at_hand(pdp: &CachingPdp<HttpPdp>) -> Decision {
    loop {
        if let Ok(AuthorizationDecision { decision, .. }) = pdp.decide_once(&subscription()).now() {
            return decision;
        }
        pdp.decide_once(&subscription()).await;
    }
}

async fn pass(time: Duration) {
    time::advance(time).await;
    for _ in 0..500 {
        task::yield_now().await;
    }
}

#[tokio::test]
async fn a_permit_does_not_outlive_the_silence_of_its_stream() {
    let server = node("").await;
    let pdp = CachingPdp::new(pdp(&server.url()));
    assert_eq!(at_hand(&pdp).await, Decision::Permit);
    time::pause();
    pass(CACHED_SILENCE_LIMIT - Duration::from_secs(1)).await;
    assert_eq!(at_hand(&pdp).await, Decision::Permit);
    // And what the timer rounds up.
    pass(Duration::from_millis(1010)).await;
    assert_eq!(at_hand(&pdp).await, Decision::Indeterminate);
}

#[tokio::test]
async fn a_permit_does_not_outlive_the_credentials_of_its_stream() {
    let server = node("0\r\n\r\n").await;
    let pdp = CachingPdp::new(pdp(&server.url()));
    while at_hand(&pdp).await == Decision::Permit {
        task::yield_now().await;
    }
    time::pause();
    for _ in 0..10 {
        assert_eq!(at_hand(&pdp).await, Decision::Indeterminate);
        pass(MAX_RECONNECT_DELAY).await;
    }
}
