//! Finders that don't do what they should.

use super::*;
use crate::attribute::finder_fn;

/// Decided by a finder `f` whose streams are made one after the other by a function of their number, from 0.
fn found(
    policy: &str,
    make: impl Fn(usize) -> AttributeStream + Send + Sync + 'static,
) -> (EmbeddedPdp, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let finder = finder_fn("f", move |_| Some(make(counted.fetch_add(1, Ordering::SeqCst))));
    let pdp = policies(&[policy])
        .with_clock(Virtual::at(0))
        .with_attribute_finder(finder);
    (pdp.unwrap(), count)
}

fn values<const N: usize>(values: [i64; N]) -> AttributeStream {
    stream::iter(values.map(Value::from)).boxed()
}

fn silent() -> AttributeStream {
    stream::pending().boxed()
}

const SHOWN: &str = "policy \"p\" permit transform [<f.a>]";

/// What is told and when, in milliseconds.
async fn told(pdp: &EmbeddedPdp, count: usize) -> Vec<(u128, Option<serde_json::Value>)> {
    let began = Instant::now();
    let asked = subscription();
    let decisions = pdp.decide(&asked).take(count);
    let told = decisions.map(|told| (began.elapsed().as_millis(), told.resource));
    told.collect().await
}

fn shown(value: i64) -> Option<serde_json::Value> {
    Some(serde_json::json!([value]))
}

fn undefined() -> Option<serde_json::Value> {
    Some(serde_json::json!([]))
}

/// INDETERMINATE has no resource.
const ERROR: Option<serde_json::Value> = None;

#[tokio::test(start_paused = true)]
async fn a_finder_that_does_not_answer_in_time_leaves_the_attribute_undefined() {
    let (pdp, _) = found(SHOWN, |_| silent());
    assert_eq!(told(&pdp, 1).await, [(3000, undefined())]);
    let (pdp, _) = found(
        "policy \"p\" permit transform [<f.a[{initialTimeOutMs: 20}]>]",
        |_| silent(),
    );
    assert_eq!(told(&pdp, 1).await, [(20, undefined())]);
}

#[tokio::test(start_paused = true)]
async fn options_have_defaults_in_the_settings() {
    let settings = r#"{"variables": {"attributeFinderOptions": {"initialTimeOutMs": 10}}}"#;
    let finder = finder_fn("f", |_| Some(silent()));
    let pdp = EmbeddedPdp::from_texts(Some(settings), [("p.sapl", SHOWN)]).unwrap();
    let pdp = pdp
        .with_clock(Virtual::at(0))
        .with_attribute_finder(finder)
        .unwrap();
    assert_eq!(told(&pdp, 1).await, [(10, undefined())]);
    let refused = r#"{"variables": {"attributeFinderOptions": {"initialTimeOutMs": 0}}}"#;
    assert!(EmbeddedPdp::from_texts(Some(refused), [("p.sapl", SHOWN)]).is_err());
    for refused in ["[{retries: -1}]", "[5]", "[{retries: subject}]"] {
        let policy = format!("policy \"p\" permit <f.a{refused}>;");
        assert!(
            EmbeddedPdp::from_texts(None, [("p.sapl", policy)]).is_err(),
            "{refused}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_that_comes_late_counts_from_then_on() {
    let (pdp, _) = found(SHOWN, |_| {
        let late = async {
            tokio::time::sleep(Duration::from_secs(4)).await;
            Value::from(1_i64)
        };
        stream::once(late).chain(stream::pending()).boxed()
    });
    assert_eq!(told(&pdp, 2).await, [(3000, undefined()), (4000, shown(1))]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_ends_is_asked_for_again_and_its_value_stays_till_then() {
    let (pdp, count) = found(SHOWN, |number| match number {
        0 => values([1, 2]),
        1 => values([]),
        2 => values([5]),
        _ => silent(),
    });
    let expected = [
        (0, shown(1)),
        (0, shown(2)),
        (30_000, undefined()),
        (60_000, shown(5)),
        (93_000, undefined()),
    ];
    assert_eq!(told(&pdp, 5).await, expected);
    assert_eq!(count.load(Ordering::SeqCst), 4);
}

#[tokio::test(start_paused = true)]
async fn a_finder_that_panics_is_an_error_and_is_asked_again_later_and_later() {
    let (pdp, count) = found(SHOWN, |number| match number {
        0 => panic!("asked"),
        1 => stream::poll_fn(|_| panic!("polled")).boxed(),
        2 | 3 => values([1]).chain(stream::poll_fn(|_| panic!("later"))).boxed(),
        4..7 => panic!("again"),
        _ => values([2]),
    });
    let told = told(&pdp, 6).await;
    let expected = [
        (0, ERROR),
        // The second one fails as well, so nothing is told of it after a second; the third comes 2 s later.
        (3000, shown(1)),
        (3000, ERROR),
        // Having had a value, it begins anew.
        (4000, shown(1)),
        (4000, ERROR),
        // 1, 2 and 4 s, then the poll interval.
        (4000 + 1000 + 2000 + 4000 + 30_000, shown(2)),
    ];
    assert_eq!(told, expected);
    assert!(count.load(Ordering::SeqCst) >= 8);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_panics_when_it_is_dropped_harms_nobody() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            assert!(std::thread::panicking(), "dropped");
        }
    }
    let (pdp, _) = found("policy \"p\" permit <f.a> == 1;", |_| {
        let bomb = Bomb;
        let value = stream::once(async { Value::from(1_i64) });
        let value = value.chain(stream::pending());
        value
            .map(move |value| {
                let _ = &bomb;
                value
            })
            .boxed()
    });
    assert_eq!(once(&pdp).await, Decision::Permit);
    assert_eq!(pdp.open_attributes(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_error_is_a_value_that_makes_the_decision_indeterminate() {
    let (pdp, _) = found("policy \"p\" permit <f.a>;", |_| {
        let error = crate::value::ErrorKind::Attribute("no connection");
        stream::iter([Value::error(error)])
            .chain(stream::pending())
            .boxed()
    });
    assert_eq!(once(&pdp).await, Decision::Indeterminate);
}

#[tokio::test]
async fn a_finder_that_floods_leaves_time_for_others() {
    let flood = |_| {
        let mut number = 0_i64;
        stream::poll_fn(move |_| {
            number += 1;
            std::task::Poll::Ready(Some(Value::from(number)))
        })
        .boxed()
    };
    // Every value another decision: whoever polls is told one, and may go.
    let (pdp, _) = found(SHOWN, flood);
    let asked = subscription();
    let mut decisions = pdp.decide(&asked);
    assert!(now(&mut decisions).is_some() && now(&mut decisions).is_some());
    // Every value the same decision: looking ends after a while.
    let (pdp, _) = found("policy \"p\" permit <f.a> > 0;", flood);
    let mut decisions = pdp.decide(&asked);
    assert!(now(&mut decisions).is_some());
    assert!(now(&mut decisions).is_none());
    drop(decisions);
    let follow = tokio::spawn(async move {
        let asked = subscription();
        pdp.decide(&asked).count().await
    });
    tokio::task::yield_now().await;
    tokio::time::sleep(Duration::from_millis(5)).await;
    follow.abort();
    assert!(follow.await.unwrap_err().is_cancelled());
    // The same value all the time.
    let (pdp, _) = found("policy \"p\" permit <f.a> > 0;", |_| {
        stream::repeat(Value::from(1_i64)).boxed()
    });
    let mut decisions = pdp.decide(&asked);
    assert!(now(&mut decisions).is_some());
    assert!(now(&mut decisions).is_none());
}

#[tokio::test(start_paused = true)]
async fn streams_that_end_at_once_do_not_spin() {
    let (pdp, count) = found(SHOWN, |_| values([]));
    let asked = subscription();
    let mut decisions = pdp.decide(&asked);
    let followed = async { while decisions.next().await.is_some() {} };
    let ended = tokio::time::timeout(Duration::from_secs(100), followed).await;
    assert!(ended.is_err());
    assert_eq!(count.load(Ordering::SeqCst), 4);
}
