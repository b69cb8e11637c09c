//! Runs the key cache: asks it, waits where it says so, and fetches in a task of its own.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use futures_util::future::BoxFuture;
use tokio::{runtime::Handle, sync::watch, task::AbortHandle, time::timeout};

pub(in super::super) use super::cache::Found;
use super::{
    super::idp::IdpClient,
    cache::{Answer, Fetched, KeyCache, MAX_JWKS_WAIT, Step},
    source::{HttpKeys, Location},
};

/// Where keys come from.
pub(super) trait KeySource: Send + Sync + 'static {
    /// Fetches the keys. It takes a bounded time.
    fn fetch(&self) -> BoxFuture<'_, Result<Fetched, FetchError>>;
}

/// Why keys could not be fetched, for the log.
pub(super) type FetchError = Box<dyn std::error::Error + Send + Sync>;

/// The keys of an issuer, fetched when they are needed. Nothing runs on behind it when it is dropped.
pub(in super::super) struct RemoteKeys {
    shared: Arc<Shared>,
    /// The task of the last fetch.
    task: Mutex<Option<AbortHandle>>,
}

struct Shared {
    source: Box<dyn KeySource>,
    cache: Mutex<KeyCache>,
    /// As in the cache, to be read without its lock.
    epoch: AtomicU64,
    landed: watch::Sender<()>,
    /// The number of the newest fetch.
    fetches: AtomicU64,
}

/// One token's search for its key.
#[derive(Debug, Default)]
pub(in super::super) struct Search {
    waited: bool,
}

/// Why there is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum NoKey {
    /// The issuer publishes none of that id.
    Absent,
    /// The keys can't be had now.
    Unavailable,
}

impl RemoteKeys {
    /// Keys that are fetched from `location`.
    pub(in super::super) fn over_http(client: IdpClient, location: Location) -> Self {
        Self::new(HttpKeys::new(client, location))
    }

    fn new(source: impl KeySource) -> Self {
        let shared = Shared {
            source: Box::new(source),
            cache: Mutex::default(),
            epoch: AtomicU64::new(0),
            landed: watch::Sender::new(()),
            fetches: AtomicU64::new(0),
        };
        Self {
            shared: Arc::new(shared),
            task: Mutex::default(),
        }
    }

    /// Which key set is in use. What was verified with another one is to be verified anew.
    pub(in super::super) fn epoch(&self) -> u64 {
        self.shared.epoch.load(Ordering::Acquire)
    }

    /// Keys to verify with.
    ///
    /// # Errors
    /// There are none that could be used.
    pub(in super::super) async fn keys(&self, search: &mut Search) -> Result<Found, NoKey> {
        self.ask(search, |cache, now, waited| cache.keys(now, waited))
            .await
    }

    /// Keys to try where the set of `epoch` had none of the id that the token names.
    ///
    /// # Errors
    /// The issuer has no such key, as far as can be told now.
    pub(in super::super) async fn others(&self, search: &mut Search, epoch: u64) -> Result<Found, NoKey> {
        self.ask(search, |cache, now, waited| cache.unknown_key(now, epoch, waited))
            .await
    }

    async fn ask(
        &self,
        search: &mut Search,
        step: impl Fn(&mut KeyCache, Instant, bool) -> Answer,
    ) -> Result<Found, NoKey> {
        loop {
            // Before the question: what lands from now on is noticed.
            let mut landed = self.shared.landed.subscribe();
            let answer = step(&mut self.shared.cache(), now(), search.waited);
            if answer.fetch {
                self.fetch();
            }
            match answer.step {
                Step::Use(found) => return Ok(found),
                Step::Absent => return Err(NoKey::Absent),
                Step::Unavailable => return Err(NoKey::Unavailable),
                Step::Wait => {
                    // The sender is ours, so this ends with the fetch, if that ends. Without a runtime nobody can wait.
                    if Handle::try_current().is_ok() {
                        let _ = timeout(MAX_JWKS_WAIT, landed.changed()).await;
                    }
                    search.waited = true;
                }
            }
        }
    }

    /// Fetches in a task, which goes on when the request that began it is gone: others wait for it too.
    fn fetch(&self) {
        let landing = Landing {
            shared: Arc::clone(&self.shared),
            number: self.shared.fetches.fetch_add(1, Ordering::Relaxed) + 1,
            landed: false,
        };
        let Ok(runtime) = Handle::try_current() else {
            tracing::error!("no keys can be fetched: there is no tokio runtime");
            return;
        };
        let task = runtime.spawn(async move {
            let result = landing.shared.source.fetch().await;
            landing.land(result);
        });
        // The one before has landed, or is lost.
        if let Some(before) = lock(&self.task).replace(task.abort_handle()) {
            before.abort();
        }
    }
}

impl Drop for RemoteKeys {
    fn drop(&mut self) {
        if let Some(task) = lock(&self.task).take() {
            task.abort();
        }
    }
}

impl Shared {
    fn cache(&self) -> MutexGuard<'_, KeyCache> {
        lock(&self.cache)
    }
}

/// Sees to it that a fetch ends for those who wait, also when it panics or its task is dropped.
struct Landing {
    shared: Arc<Shared>,
    number: u64,
    landed: bool,
}

impl Landing {
    fn land(mut self, result: Result<Fetched, FetchError>) {
        self.landed = true;
        match result {
            Ok(fetched) => {
                let mut cache = self.shared.cache();
                cache.fetched(now(), fetched);
                self.shared.epoch.store(cache.epoch(), Ordering::Release);
            }
            Err(error) => self.failed(&*error),
        }
        self.shared.landed.send_replace(());
    }

    /// Whether it was given up and another one was begun, which is to say what came of it.
    fn is_lost(&self) -> bool {
        self.shared.fetches.load(Ordering::Relaxed) != self.number
    }

    fn failed(&self, reason: &dyn fmt::Display) {
        if self.is_lost() {
            return;
        }
        let wait = self.shared.cache().failed(now());
        tracing::error!(%reason, retry_after = ?wait, "the keys of the issuer can't be fetched");
    }
}

impl Drop for Landing {
    fn drop(&mut self) {
        if self.landed || self.is_lost() {
            return;
        }
        if std::thread::panicking() {
            self.failed(&"fetching them panicked");
        } else {
            // The verifier or the runtime is gone.
            self.shared.cache().failed(now());
        }
        self.shared.landed.send_replace(());
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The time of tokio, which tests can stop.
fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

impl fmt::Debug for RemoteKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeys").finish_non_exhaustive()
    }
}
