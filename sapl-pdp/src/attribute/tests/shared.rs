//! Streams with several listeners.

use std::sync::Barrier;
use std::sync::atomic::AtomicBool;
use std::task::{Context, Poll, Wake, Waker};
use std::thread;

use super::*;
use crate::attribute::finder_fn;
use sapl_base::MultiAuthorizationSubscription;
use serde_json::json;

#[tokio::test]
async fn all_who_ask_for_the_same_share_one_stream_and_the_last_one_ends_it() {
    let (pdp, sensors) = sensing(&["policy \"p\" permit <sensor.a>;"]);
    sensors.set("a", true);
    let one = subscription();
    let other = AuthorizationSubscription::new("otto", "write", "thing");
    let (mut first, mut second) = (pdp.decide(&one), pdp.decide(&other));
    assert_eq!(now(&mut first).map(|told| told.decision), Some(Decision::Permit));
    assert_eq!(now(&mut second).map(|told| told.decision), Some(Decision::Permit));
    assert_eq!((sensors.asked().len(), sensors.alive()), (1, 1));
    drop(first);
    assert_eq!(sensors.alive(), 1);
    sensors.set("a", false);
    assert_eq!(now(&mut second).map(|told| told.decision), Some(Decision::Deny));
    drop(second);
    assert_eq!((sensors.alive(), pdp.open_attributes()), (0, 0));
}

#[tokio::test]
async fn other_entities_arguments_options_and_secrets_have_streams_of_their_own() {
    let (pdp, sensors) = sensing(&[
        "policy \"1\" permit subject.<sensor.a>;",
        "policy \"2\" permit resource.<sensor.a>;",
        "policy \"3\" permit <sensor.a>;",
        "policy \"4\" permit <sensor.a(2.0)>;",
        "policy \"5\" permit <sensor.a(2.00)>;",
        "policy \"6\" permit <sensor.a[{retries: 1}]>;",
        "policy \"7\" permit <sensor.a[{retries: 3}]>;",
    ]);
    sensors.set("a", true);
    let one = subscription();
    let mut first = pdp.decide(&one);
    assert!(now(&mut first).is_some());
    // The last has the options that are the defaults.
    assert_eq!(sensors.alive(), 6);
    let secrets = json!({"key": 1}).as_object().cloned().unwrap();
    let other = subscription().with_secrets(secrets);
    let mut second = pdp.decide(&other);
    assert!(now(&mut second).is_some());
    assert_eq!(sensors.alive(), 12);
}

#[tokio::test]
async fn fresh_streams_are_not_shared() {
    let (pdp, sensors) = sensing(&["policy \"p\" permit <sensor.a[{fresh: true}]>;"]);
    sensors.set("a", true);
    let asked = subscription();
    let (mut first, mut second) = (pdp.decide(&asked), pdp.decide(&asked));
    assert!(now(&mut first).is_some() && now(&mut second).is_some());
    assert_eq!((sensors.asked().len(), sensors.alive()), (2, 2));
}

#[tokio::test]
async fn a_multi_subscription_shares_too_and_is_told_each_and_all() {
    let (pdp, sensors) = sensing(&["policy \"p\" permit action == \"read\"; <sensor.a>;"]);
    sensors.set("a", true);
    let mut page = MultiAuthorizationSubscription::new();
    page.add("one", subscription()).expect("new");
    page.add("two", AuthorizationSubscription::new("mara", "write", "thing"))
        .expect("new");
    page.add("three", subscription()).expect("new");
    let verdicts = |decisions: &sapl_base::MultiAuthorizationDecision| {
        ["one", "two", "three"].map(|id| decisions.decision(id).decision)
    };
    let permitted = [Decision::Permit, Decision::Deny, Decision::Permit];
    assert_eq!(verdicts(&pdp.multi_decide_all_once(&page).await), permitted);
    let (mut each, mut all) = (pdp.multi_decide(&page), pdp.multi_decide_all(&page));
    assert_eq!(std::iter::from_fn(|| now(&mut each)).count(), 3);
    assert_eq!(now(&mut all).as_ref().map(verdicts), Some(permitted));
    assert_eq!((sensors.asked().len(), sensors.alive()), (2, 1));
    sensors.set("a", false);
    let told: Vec<_> = std::iter::from_fn(|| now(&mut each)).collect();
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|told| told.decision.decision == Decision::Deny));
    assert_eq!(now(&mut all).as_ref().map(verdicts), Some([Decision::Deny; 3]));
    assert!(now(&mut all).is_none() && now(&mut each).is_none());
}

#[tokio::test(start_paused = true)]
async fn who_comes_late_is_told_nothing_old_though_no_other_listener_is_polled() {
    let pdp = policies(&["policy \"p\" permit <time.nowIsBefore(\"1970-01-01T00:00:10Z\")>;"]);
    let pdp = pdp.with_clock(Virtual::at(0));
    let asked = subscription();
    let mut stalled = pdp.decide(&asked);
    assert_eq!(
        stalled.next().await.map(|told| told.decision),
        Some(Decision::Permit)
    );
    tokio::time::advance(Duration::from_secs(11)).await;
    assert_eq!(once(&pdp).await, Decision::Deny);
    assert_eq!(
        stalled.next().await.map(|told| told.decision),
        Some(Decision::Deny)
    );
}

#[tokio::test(start_paused = true)]
async fn who_comes_late_waits_for_a_finder_that_was_to_be_asked_again_long_ago() {
    let count = AtomicUsize::new(0);
    let finder = finder_fn("f", move |_| {
        let number = count.fetch_add(1, Ordering::SeqCst);
        let answer = async move {
            tokio::time::sleep(Duration::from_millis(100)).await;
            Value::from(number)
        };
        Some(stream::once(answer).boxed())
    });
    let pdp = policies(&["policy \"p\" permit transform <f.a>"]).with_clock(Virtual::at(0));
    let pdp = pdp.with_attribute_finder(finder).unwrap();
    let asked = subscription();
    let mut stalled = pdp.decide(&asked);
    let told = stalled.next().await.and_then(|told| told.resource);
    assert_eq!(told, Some(json!(0)));
    // It rests, and what it said last stays.
    assert!(now(&mut stalled).is_none());
    assert_eq!(pdp.decide_once(&asked).await.resource, Some(json!(0)));
    tokio::time::advance(Duration::from_secs(3600)).await;
    assert_eq!(pdp.decide_once(&asked).await.resource, Some(json!(1)));
}

#[tokio::test]
async fn who_comes_late_passes_over_so_many_values_at_most() {
    let finder = finder_fn("f", |_| Some(stream::iter(0_i64..).map(Value::from).boxed()));
    let pdp = policies(&["policy \"p\" permit transform <f.a>"]).with_attribute_finder(finder);
    let (pdp, asked) = (pdp.unwrap(), subscription());
    let mut stalled = pdp.decide(&asked);
    let told = stalled.next().await.and_then(|told| told.resource);
    assert_eq!(told, Some(json!(0)));
    let late = pdp.decide_once(&asked).await.resource;
    assert_eq!(late, Some(json!(crate::attribute::feed::MAX_BACKLOG)));
}

/// Whether a task was woken.
#[derive(Default)]
struct Woken(AtomicBool);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn a_change_is_not_lost_with_the_listener_that_was_looking_at_the_stream() {
    // The stream is held in its third look, until the barrier is passed a second time.
    let gate = Arc::new(Barrier::new(2));
    let newest = Arc::new(AtomicUsize::new(1));
    let waker: Arc<Mutex<Option<Waker>>> = Arc::default();
    let (held, value, kept) = (Arc::clone(&gate), Arc::clone(&newest), Arc::clone(&waker));
    let finder = finder_fn("f", move |_| {
        let (held, value, kept) = (Arc::clone(&held), Arc::clone(&value), Arc::clone(&kept));
        let (mut told, mut looks) = (0, 0);
        let stream = stream::poll_fn(move |context| {
            looks += 1;
            *kept.lock().unwrap() = Some(context.waker().clone());
            let seen = value.load(Ordering::SeqCst);
            if looks == 3 {
                held.wait();
                held.wait();
            }
            if seen == told {
                return Poll::Pending;
            }
            told = seen;
            Poll::Ready(Some(Value::from(seen)))
        });
        Some(stream.boxed())
    });
    let pdp = policies(&["policy \"p\" permit transform <f.a>"]);
    let pdp = pdp.with_attribute_finder(finder).unwrap();
    let asked = subscription();
    let (mut looking, mut other) = (pdp.decide(&asked), pdp.decide(&asked));
    assert!(now(&mut looking).is_some() && now(&mut other).is_some());
    let woken = Arc::new(Woken::default());
    let other_waker = Waker::from(Arc::clone(&woken));
    let mut look = || {
        let told = other.poll_next_unpin(&mut Context::from_waker(&other_waker));
        told.map(|told| told.and_then(|told| told.resource))
    };
    thread::scope(|scope| {
        scope.spawn(move || assert!(now(&mut looking).is_none()));
        gate.wait();
        assert_eq!(look(), Poll::Pending);
        newest.store(2, Ordering::SeqCst);
        waker.lock().unwrap().take().unwrap().wake();
        assert!(woken.0.swap(false, Ordering::SeqCst));
        assert_eq!(look(), Poll::Pending);
        gate.wait();
    });
    assert!(woken.0.load(Ordering::SeqCst));
    assert_eq!(look(), Poll::Ready(Some(json!(2))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_listener_misses_the_last_value_whoever_else_listens() {
    const LISTENERS: usize = 40;
    const CHANGES: i64 = 300;
    let (pdp, sensors) = sensing(&["policy \"p\" permit transform <sensor.a>"]);
    let pdp = Arc::new(pdp);
    sensors.set("a", 0_i64);
    let mut tasks = Vec::new();
    for number in 0..LISTENERS {
        let pdp = Arc::clone(&pdp);
        tasks.push(tokio::spawn(async move {
            let asked = AuthorizationSubscription::new(number.to_string(), "read", "thing");
            let mut decisions = pdp.decide(&asked);
            let mut last = -1;
            while last < CHANGES {
                let told = decisions.next().await.expect("the stream goes on");
                let next = told.resource.and_then(|value| value.as_i64()).expect("a number");
                assert!(next > last, "{next} after {last}");
                last = next;
            }
        }));
    }
    for value in 1..=CHANGES {
        sensors.set("a", value);
        tokio::task::yield_now().await;
    }
    for task in tasks {
        let ended = tokio::time::timeout(Duration::from_secs(60), task).await;
        ended.expect("the last value came").expect("in order");
    }
    assert_eq!((sensors.alive(), pdp.open_attributes()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn who_joins_one_that_stands_still_is_told_that_there_is_nothing_in_time() {
    let sensors = Sensors::default();
    let pdp = EmbeddedPdp::from_texts(
        Some(SETTINGS),
        [("p.sapl", "policy \"p\" permit <sensor.a> == undefined;")],
    );
    let pdp = pdp.unwrap().with_attribute_finder(sensors.clone()).unwrap();
    let asked = subscription();
    let standing = thread::scope(|scope| {
        let asks = || {
            let mut told = pdp.decide(&asked);
            assert!(now(&mut told).is_none());
            told
        };
        scope.spawn(asks).join().unwrap()
    });
    let began = tokio::time::Instant::now();
    let decision = tokio::time::timeout(Duration::from_secs(60), once(&pdp)).await;
    assert_eq!(decision, Ok(Decision::Permit));
    assert_eq!(began.elapsed(), Duration::from_secs(3));
    assert_eq!(sensors.asked().len(), 1);
    // What comes later is told as ever.
    sensors.set("a", true);
    assert_eq!(once(&pdp).await, Decision::Deny);
    drop(standing);
}

#[tokio::test]
async fn a_finder_is_asked_again_though_who_asked_first_stands_still() {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let finder = finder_fn("sensor", move |_| {
        count.fetch_add(1, Ordering::SeqCst);
        Some(stream::iter([Value::from(true)]).boxed())
    });
    let clock = Standing(watch::Sender::new(0));
    let pdp = policies(&["policy \"p\" permit <sensor.a>;"]).with_clock(clock.clone());
    let pdp = pdp.with_attribute_finder(finder).unwrap();
    let asks = subscription();
    let mut first = pdp.decide(&asks);
    assert_eq!(now(&mut first).map(|told| told.decision), Some(Decision::Permit));
    assert!(now(&mut first).is_none(), "the finder has said all");
    for (seconds, times) in [(29, 1), (30, 2), (31, 2)] {
        clock.0.send_replace(seconds);
        assert_eq!(once(&pdp).await, Decision::Permit);
        assert_eq!(asked.load(Ordering::SeqCst), times, "{seconds}");
    }
}

/// A clock by which nobody wakes up.
#[derive(Clone, Debug)]
struct Standing(watch::Sender<u64>);

impl Clock for Standing {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(*self.0.borrow())
    }

    fn sleep(&self, _: Duration) -> BoxFuture<'static, ()> {
        std::future::pending().boxed()
    }
}
