//! What a stream holds after a thousand connections. A binary of its own, since it counts every byte that is allocated.

use std::{
    alloc::System,
    io::{Read, Write},
    net::TcpListener,
    thread,
    time::Duration,
};

use futures_util::StreamExt;
use sapl_base::{
    AuthorizationSubscription, Decision, PolicyDecisionPoint,
    http::{HttpPdp, PdpConfig},
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use tokio::{runtime::Handle, time};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What is allocated at the moment.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats.bytes_allocated.wrapping_sub(stats.bytes_deallocated)
}

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n\
    1d\r\ndata:{\"decision\":\"PERMIT\"}\n\n\r\n0\r\n\r\n";

#[tokio::test]
async fn a_thousand_reconnects_take_no_more_memory_and_no_more_tasks() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        let mut request = [0; 4096];
        for connection in listener.incoming() {
            let mut connection = connection.unwrap();
            assert!(connection.read(&mut request).unwrap() > 0);
            connection.write_all(ANSWER).unwrap();
        }
    });
    let pdp = HttpPdp::new(PdpConfig::new(url).allow_insecure_connections(true)).unwrap();
    let subscription = AuthorizationSubscription::new("mara", "read", "report");
    let mut decisions = pdp.decide(&subscription);
    let mut held_at = [0; 2];
    for (held_now, reconnects) in held_at.iter_mut().zip([100, 1000]) {
        for _ in 0..reconnects {
            assert_eq!(decisions.next().await.unwrap().decision, Decision::Permit);
            assert_eq!(decisions.next().await.unwrap().decision, Decision::Indeterminate);
            // The next connection comes at once.
            assert!(futures_util::poll!(decisions.next()).is_pending());
            time::pause();
            time::advance(Duration::from_secs(1)).await;
            time::resume();
        }
        while Handle::current().metrics().num_alive_tasks() > 0 {
            tokio::task::yield_now().await;
        }
        *held_now = held();
    }
    let [after_100, after_1100] = held_at;
    assert!(
        after_1100 <= after_100 + 16 * 1024,
        "{after_100} bytes after 100 connections, {after_1100} after 1,100"
    );
}
