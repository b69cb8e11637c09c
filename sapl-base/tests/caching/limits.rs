//! How many streams there are, and when they end.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use sapl_base::{
    ASKED_TWICE_WITHIN, AuthorizationDecision, CachingPdp, DEFAULT_IDLE_TIME, DEFAULT_MAX_STREAMS,
    MAX_FOLLOWED_BYTES, PolicyDecisionPoint,
};
use tokio::{
    runtime::{Handle, Runtime},
    time::advance,
};

use crate::scripted::{Scripted, ask, follow, permitting, question, settle};

/// What was not asked for so long makes room.
const IN_USE: Duration = ASKED_TWICE_WITHIN.saturating_add(Duration::from_nanos(1));

/// Lets time pass in steps in which every task gets its turn.
async fn pass(time: Duration) {
    let step = Duration::from_secs(1);
    for _ in 0..time.as_secs() {
        advance(step).await;
        settle().await;
    }
}

#[tokio::test(start_paused = true)]
async fn there_are_1024_streams_and_not_one_more() {
    let pdp = CachingPdp::new(Scripted::default());
    for subject in 0..DEFAULT_MAX_STREAMS {
        let question = question(&subject.to_string());
        while pdp.streams() == subject {
            pdp.decide_once(&question).await;
        }
    }
    settle().await;
    assert_eq!(pdp.streams(), DEFAULT_MAX_STREAMS);
    assert_eq!(pdp.get_ref().open(), DEFAULT_MAX_STREAMS);
    advance(IN_USE).await;
    for _ in 0..2 {
        ask(&pdp, "one more").await;
    }
    assert_eq!(pdp.streams(), DEFAULT_MAX_STREAMS);
    assert_eq!(pdp.get_ref().open(), DEFAULT_MAX_STREAMS);
    pdp.get_ref()
        .say("one more", AuthorizationDecision::permit())
        .await;
    assert_eq!(ask(&pdp, "one more").await, AuthorizationDecision::permit());
}

#[tokio::test(start_paused = true)]
async fn a_subscription_that_would_fill_the_memory_is_asked_and_not_kept() {
    let pdp = CachingPdp::new(Scripted::default());
    let too_large = "x".repeat(MAX_FOLLOWED_BYTES);
    for asked in 1..10 {
        ask(&pdp, &too_large).await;
        assert_eq!(pdp.get_ref().asked(), asked);
    }
    assert_eq!((pdp.streams(), pdp.get_ref().open()), (0, 0));
    // Beside it, others are.
    follow(&pdp, &"x".repeat(MAX_FOLLOWED_BYTES / 2)).await;
    assert_eq!(pdp.streams(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_one_that_was_not_asked_for_the_longest_time_leaves() {
    let pdp = CachingPdp::new(Scripted::default()).with_max_streams(2);
    for subject in ["a", "b"] {
        follow(&pdp, subject).await;
        advance(Duration::from_millis(1)).await;
    }
    assert_eq!(ask(&pdp, "a").await, AuthorizationDecision::permit());
    advance(IN_USE).await;
    follow(&pdp, "c").await;
    assert_eq!((pdp.streams(), pdp.get_ref().open()), (2, 2));
    assert_eq!(ask(&pdp, "a").await, AuthorizationDecision::permit());
    assert_eq!(ask(&pdp, "c").await, AuthorizationDecision::permit());
    assert_eq!(ask(&pdp, "b").await, AuthorizationDecision::deny());
}

#[tokio::test(start_paused = true)]
async fn what_is_in_use_is_not_pushed_out_however_much_else_is_asked() {
    let pdp = CachingPdp::new(Scripted::default()).with_max_streams(2);
    for subject in ["a", "b"] {
        follow(&pdp, subject).await;
    }
    advance(ASKED_TWICE_WITHIN).await;
    for subject in 0..1000 {
        for _ in 0..2 {
            let decision = ask(&pdp, &subject.to_string()).await;
            assert_eq!(decision, AuthorizationDecision::deny());
        }
    }
    for subject in ["a", "b"] {
        assert_eq!(ask(&pdp, subject).await, AuthorizationDecision::permit());
    }
    assert_eq!(pdp.get_ref().opened.load(Ordering::SeqCst), 2);
}

#[tokio::test(start_paused = true)]
async fn no_streams_at_all_can_be_had() {
    let pdp = CachingPdp::new(Scripted::default()).with_max_streams(0);
    for _ in 0..5 {
        ask(&pdp, "mara").await;
    }
    assert_eq!(pdp.streams(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_nobody_asks_for_ends_after_five_minutes() {
    let pdp = permitting("mara").await;
    for _ in 0..3 {
        pass(DEFAULT_IDLE_TIME - Duration::from_secs(1)).await;
        assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::permit());
    }
    pass(DEFAULT_IDLE_TIME - Duration::from_secs(6)).await;
    assert_eq!(pdp.streams(), 1);
    pass(Duration::from_secs(12)).await;
    assert_eq!((pdp.streams(), pdp.get_ref().open()), (0, 0));
    assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::deny());
}

#[tokio::test(start_paused = true)]
async fn dropping_the_cache_ends_its_streams_and_tasks() {
    let pdp = CachingPdp::new(Scripted::default());
    for subject in ["a", "b", "c"] {
        follow(&pdp, subject).await;
    }
    let open = Arc::clone(&pdp.get_ref().open);
    let tasks = || Handle::current().metrics().num_alive_tasks();
    assert_eq!(tasks(), 3);
    drop(pdp);
    settle().await;
    assert_eq!(tasks(), 0);
    assert_eq!(open.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn a_thousand_comings_and_goings_leave_nothing_behind() {
    let pdp = CachingPdp::new(Scripted::default()).with_max_streams(4);
    for subject in 0..1000 {
        follow(&pdp, &subject.to_string()).await;
        advance(IN_USE).await;
    }
    assert_eq!((pdp.streams(), pdp.get_ref().open()), (4, 4));
    assert_eq!(Handle::current().metrics().num_alive_tasks(), 4);
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .unwrap()
}

#[test]
fn a_runtime_that_ends_before_a_stream_begins_leaves_no_entry() {
    let first = runtime();
    let pdp = CachingPdp::new(Scripted::default());
    {
        let _entered = first.enter();
        for _ in 0..2 {
            drop(pdp.decide_once(&question("mara")));
        }
    }
    assert_eq!(pdp.streams(), 1);
    drop(first);
    assert_eq!(pdp.streams(), 0);
    runtime().block_on(async {
        follow(&pdp, "mara").await;
        assert_eq!(ask(&pdp, "mara").await, AuthorizationDecision::permit());
    });
}

#[test]
fn the_end_of_the_runtime_is_the_end_of_its_streams() {
    let first = runtime();
    let pdp = first.block_on(permitting("mara"));
    assert_eq!(first.block_on(ask(&pdp, "mara")), AuthorizationDecision::permit());
    drop(first);
    assert_eq!(pdp.streams(), 0);
    assert_eq!(
        runtime().block_on(ask(&pdp, "mara")),
        AuthorizationDecision::deny()
    );
}
