//! What a decision costs that is made elsewhere: asked over HTTP, beside a bare HTTP client that posts the same bytes
//! to the same server; and at hand in a cache, beside one clone of the decision.
//!
//! The two take turns, so that both get the same of whatever else the machine does, and the median of the ratios is
//! what counts.

#![expect(clippy::unwrap_used, reason = "a benchmark that can't be set up ends")]

use std::{
    hint::black_box,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use futures_util::{FutureExt as _, StreamExt as _, stream};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use sapl_cli::serve::{ServeOptions, Server};
use sapl_mcp::{
    AuthorizationSubscription, CachingPdp, Decision, EmbeddedPdp, PolicyDecisionPoint,
    http::{HttpPdp, PdpConfig},
};
use sapl_mcp_benches::{Spread, request_body};
use sapl_mcp_examples::analytics::policy_folder;
use tokio::runtime::Runtime;

/// How often the two take turns.
const PAIRS: usize = 41;

/// Requests of one turn.
const REQUESTS: usize = 4_000;

/// Hits of one turn.
const HITS: u32 = 20_000;

/// An analyst's query, permitted with two obligations.
const QUERY: &str = r#"{"subject":{"preferred_username":"mara","realm_access":{"roles":["ANALYST"]},"sub":"mara-id"},"action":"call","resource":{"arguments":{"limit":100,"segment":"enterprise"},"name":"query_customer_data","tags":["pii"]}}"#;

fn main() {
    let url = served();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let config = || PdpConfig::new(&url).allow_insecure_connections(true);
    let subscription: AuthorizationSubscription = serde_json::from_str(QUERY).unwrap();

    let sent = runtime.block_on(request_body(|url| {
        let pdp = HttpPdp::new(PdpConfig::new(url).allow_insecure_connections(true)).unwrap();
        let subscription = subscription.clone();
        async move { drop(pdp.decide_once(&subscription).await) }
    }));
    assert_eq!(
        String::from_utf8(sent).unwrap(),
        QUERY,
        "both post the same bytes"
    );

    let pdp = HttpPdp::new(config()).unwrap();
    for in_flight in [1, 16, 64] {
        asked(&runtime, &pdp, &subscription, &url, in_flight);
    }
    at_hand(
        &runtime,
        CachingPdp::new(HttpPdp::new(config()).unwrap()),
        &subscription,
    );
}

/// Serves the demo's policies from a thread of its own, as long as the process lives.
fn served() -> String {
    let (sender, receiver) = std::sync::mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let pdp = Arc::new(EmbeddedPdp::from_dir(policy_folder()).unwrap());
            let server = Server::bind(pdp, ServeOptions::default()).await.unwrap();
            sender.send(server.url()).unwrap();
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().unwrap()
}

fn asked(
    runtime: &Runtime,
    pdp: &HttpPdp,
    subscription: &AuthorizationSubscription,
    url: &str,
    in_flight: usize,
) {
    let bare = reqwest::Client::builder().no_proxy().build().unwrap();
    let address = format!("{url}/api/pdp/decide-once");
    let ask = || async {
        let decided = pdp.decide_once(subscription).await;
        assert_eq!(decided.decision, Decision::Permit);
    };
    let post = || async {
        let request = bare
            .post(&address)
            .header(CONTENT_TYPE, "application/json")
            .header(ACCEPT, "application/json")
            .body(QUERY);
        black_box(request.send().await.unwrap().bytes().await.unwrap());
    };
    let asking = || runtime.block_on(turn(ask, in_flight));
    let posting = || runtime.block_on(turn(post, in_flight));

    let (ours, bare, ratios) = in_turn(asking, posting);
    let per_second = |turn: &Duration| f64::from(u32::try_from(REQUESTS).unwrap()) / turn.as_secs_f64();
    println!("remote/one-shot, {in_flight} in flight, requests per second");
    println!("  HttpPdp      {}", Spread::of(ours.iter().map(per_second)));
    println!("  bare client  {}", Spread::of(bare.iter().map(per_second)));
    println!("  ratio        {:.3}", Spread::of(ratios));
}

/// How long it takes to make all requests.
async fn turn<F: Future<Output = ()>>(make: impl Fn() -> F, in_flight: usize) -> Duration {
    let start = Instant::now();
    stream::iter(0..REQUESTS)
        .map(|_| make())
        .buffer_unordered(in_flight)
        .collect::<()>()
        .await;
    start.elapsed()
}

fn at_hand(runtime: &Runtime, pdp: CachingPdp<HttpPdp>, subscription: &AuthorizationSubscription) {
    let decision = runtime.block_on(async {
        // Asked directly, until the stream has the decision.
        loop {
            if let Some(decision) = pdp.decide_once(subscription).now_or_never() {
                break decision;
            }
            pdp.decide_once(subscription).await;
        }
    });
    assert_eq!(decision.decision, Decision::Permit);
    let _guard = runtime.enter();
    let hit = timed(|| drop(black_box(pdp.decide_once(subscription).now_or_never().unwrap())));
    let clone = timed(|| drop(black_box(decision.clone())));
    let (hits, clones, ratios) = in_turn(hit, clone);
    let nanoseconds = |turn: &Duration| turn.as_secs_f64() * 1e9 / f64::from(HITS);
    println!("remote/at hand, nanoseconds");
    println!(
        "  CachingPdp hit          {:.0}",
        Spread::of(hits.iter().map(nanoseconds))
    );
    println!(
        "  clone of the decision   {:.0}",
        Spread::of(clones.iter().map(nanoseconds))
    );
    println!("  ratio of speeds         {:.3}", Spread::of(ratios));
}

fn timed(work: impl Fn()) -> impl FnMut() -> Duration {
    move || {
        let start = Instant::now();
        for _ in 0..HITS {
            work();
        }
        start.elapsed()
    }
}

/// Runs both in turn, either first as often as the other, and gives the times of each and how many times as fast the
/// first was.
fn in_turn(
    mut first: impl FnMut() -> Duration,
    mut second: impl FnMut() -> Duration,
) -> (Vec<Duration>, Vec<Duration>, Vec<f64>) {
    // Connections, and whatever else is made once.
    first();
    second();
    let (mut firsts, mut seconds, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for pair in 0..PAIRS {
        let (one, other) = if pair % 2 == 0 {
            let one = first();
            (one, second())
        } else {
            let other = second();
            (first(), other)
        };
        ratios.push(other.as_secs_f64() / one.as_secs_f64());
        firsts.push(one);
        seconds.push(other);
    }
    (firsts, seconds, ratios)
}
