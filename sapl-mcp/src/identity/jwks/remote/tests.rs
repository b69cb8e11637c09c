use std::{future::pending, sync::atomic::AtomicUsize, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use tokio::time::{advance, sleep, timeout};

use super::*;
use crate::identity::{jwks::UNKNOWN_KEY_INTERVAL, jwt::KeySet};

const MINUTE: Duration = Duration::from_secs(60);

/// Answers after a second, each time as told.
struct Source {
    fetches: Arc<AtomicUsize>,
    plan: fn(usize) -> Plan,
}

enum Plan {
    Keys,
    Error,
    Panic,
    Never,
}

impl KeySource for Source {
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, FetchError>> {
        let number = self.fetches.fetch_add(1, Ordering::Relaxed);
        Box::pin(async move {
            sleep(Duration::from_secs(1)).await;
            match (self.plan)(number) {
                Plan::Keys => Ok(set(number)),
                Plan::Error => Err("not today".into()),
                Plan::Panic => panic!("not today"),
                Plan::Never => pending().await,
            }
        })
    }
}

fn set(number: usize) -> Fetched {
    let document = format!(
        r#"{{"keys": [{{"kid": "{number}", "kty": "OKP", "crv": "Ed25519",
            "x": "anp_f0qYKeBqNf_PUJH7B8z7V2rT3gx-E1FnJ5otgtU"}}]}}"#
    );
    Fetched {
        keys: KeySet::read(document.as_bytes()).unwrap(),
        document: Bytes::from(document),
        lifetime: 10 * MINUTE,
    }
}

fn remote(plan: fn(usize) -> Plan) -> (RemoteKeys, impl Fn() -> usize) {
    let fetches = Arc::new(AtomicUsize::new(0));
    let source = Source {
        fetches: Arc::clone(&fetches),
        plan,
    };
    (RemoteKeys::new(source), move || fetches.load(Ordering::Relaxed))
}

async fn epoch(keys: &RemoteKeys) -> Result<u64, NoKey> {
    let found = keys.keys(&mut Search::default()).await;
    found.map(|found| found.epoch)
}

async fn others(keys: &RemoteKeys, epoch: u64) -> Result<u64, NoKey> {
    let found = keys.others(&mut Search::default(), epoch).await;
    found.map(|found| found.epoch)
}

#[tokio::test(start_paused = true)]
async fn a_crowd_waits_for_one_fetch() {
    let (keys, fetches) = remote(|_| Plan::Keys);
    let answers = join_all((0..1000).map(|_| epoch(&keys))).await;
    assert!(answers.iter().all(|answer| *answer == Ok(1)));
    assert_eq!((fetches(), keys.epoch()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn keys_are_fetched_ahead_without_a_wait() {
    let (keys, fetches) = remote(|_| Plan::Keys);
    assert_eq!(epoch(&keys).await, Ok(1));
    advance(8 * MINUTE).await;
    let before = tokio::time::Instant::now();
    assert_eq!(epoch(&keys).await, Ok(1));
    assert_eq!(before.elapsed(), Duration::ZERO);
    advance(Duration::from_secs(2)).await;
    assert_eq!(epoch(&keys).await, Ok(1));
    sleep(Duration::from_secs(2)).await;
    assert_eq!(epoch(&keys).await, Ok(2));
    assert_eq!(fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_takes_the_fetch_from_nobody() {
    let (keys, fetches) = remote(|_| Plan::Keys);
    let impatient = timeout(Duration::from_millis(500), epoch(&keys)).await;
    assert!(impatient.is_err());
    assert_eq!(epoch(&keys).await, Ok(1));
    assert_eq!(fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn unknown_keys_in_any_number_cost_one_fetch_an_interval() {
    let (keys, fetches) = remote(|_| Plan::Keys);
    assert_eq!(epoch(&keys).await, Ok(1));
    for _ in 0..1000 {
        assert_eq!(others(&keys, 1).await, Err(NoKey::Absent));
    }
    assert_eq!(fetches(), 1);
    advance(UNKNOWN_KEY_INTERVAL).await;
    let answers = join_all((0..1000).map(|_| others(&keys, 1))).await;
    assert!(answers.iter().all(|answer| *answer == Ok(2)));
    for _ in 0..1000 {
        assert_eq!(others(&keys, 2).await, Err(NoKey::Absent));
    }
    assert_eq!(fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_failure_answers_all_and_the_next_fetch_waits() {
    let (keys, fetches) = remote(|number| if number < 2 { Plan::Error } else { Plan::Keys });
    let answers = join_all((0..100).map(|_| epoch(&keys))).await;
    assert!(answers.iter().all(|answer| *answer == Err(NoKey::Unavailable)));
    for _ in 0..100 {
        assert_eq!(epoch(&keys).await, Err(NoKey::Unavailable));
    }
    assert_eq!(fetches(), 1);
    advance(Duration::from_secs(1)).await;
    assert_eq!(epoch(&keys).await, Err(NoKey::Unavailable));
    assert_eq!(fetches(), 2);
    advance(Duration::from_secs(2)).await;
    assert_eq!(epoch(&keys).await, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_panics_is_a_failure() {
    let (keys, fetches) = remote(|number| if number == 0 { Plan::Panic } else { Plan::Keys });
    assert_eq!(epoch(&keys).await, Err(NoKey::Unavailable));
    advance(Duration::from_secs(1)).await;
    assert_eq!(epoch(&keys).await, Ok(1));
    assert_eq!(fetches(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_fetch_outlives_the_keys() {
    let (keys, _) = remote(|_| Plan::Never);
    let shared = Arc::downgrade(&keys.shared);
    assert!(timeout(MAX_JWKS_WAIT / 2, epoch(&keys)).await.is_err());
    drop(keys);
    // The task is dropped when the runtime comes to it.
    sleep(Duration::from_secs(1)).await;
    assert!(shared.upgrade().is_none());
}

#[tokio::test(start_paused = true)]
async fn nobody_waits_for_a_fetch_that_never_ends() {
    let (keys, fetches) = remote(|number| if number == 0 { Plan::Never } else { Plan::Keys });
    let before = tokio::time::Instant::now();
    assert_eq!(epoch(&keys).await, Err(NoKey::Unavailable));
    assert_eq!(before.elapsed(), MAX_JWKS_WAIT);
    assert_eq!(epoch(&keys).await, Ok(1));
    assert_eq!(fetches(), 2);
}

#[test]
fn without_a_runtime_there_are_no_keys() {
    use futures_util::FutureExt as _;

    let (keys, fetches) = remote(|_| Plan::Keys);
    assert_eq!(epoch(&keys).now_or_never(), Some(Err(NoKey::Unavailable)));
    assert_eq!(fetches(), 0);
}
