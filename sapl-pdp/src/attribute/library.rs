//! The finders of a decision point and the streams that are open.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use futures_util::{StreamExt as _, stream};

use super::feed::{Feed, Listener};
use super::{AttributeCall, AttributeFinder, Clock, SystemClock, finder_fn};
use crate::value::Value;

/// A finder is for a library that has one already, or that has no name that policies could write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LibraryTaken {
    library: String,
}

impl LibraryTaken {
    /// The name of the library.
    #[must_use]
    pub fn library(&self) -> &str {
        &self.library
    }
}

impl fmt::Display for LibraryTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` is the library of another attribute finder, or no name of a library",
            self.library.escape_debug()
        )
    }
}

impl std::error::Error for LibraryTaken {}

/// Finders by library, the clock, and the open streams.
#[derive(Debug)]
pub(crate) struct Attributes {
    finders: Finders,
    /// Attributes that have a value whatever finders say, by library and name.
    given: Given,
    clock: Arc<dyn Clock>,
    feeds: Arc<Feeds>,
}

struct Finders(HashMap<String, Arc<dyn AttributeFinder>>);

#[derive(Default)]
struct Given(HashMap<String, Arc<dyn AttributeFinder>>);

/// The streams that somebody listens to, by the hash of what they are about.
#[derive(Debug, Default)]
pub(super) struct Feeds {
    hasher: RandomState,
    open: Mutex<HashMap<u64, Vec<Weak<Feed>>>>,
}

/// The feature that a library of attributes needs and this build does not have.
pub(crate) fn missing_feature(library: &str) -> Option<&'static str> {
    match library {
        "jwt" | "x509" if cfg!(not(feature = "crypto")) => Some("crypto"),
        _ => None,
    }
}

impl Attributes {
    pub(crate) fn with_finder(mut self, finder: Arc<dyn AttributeFinder>) -> Result<Self, LibraryTaken> {
        let library = finder.library().to_owned();
        let is_name = library.starts_with(|first: char| first.is_ascii_alphabetic())
            && library.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if !is_name || self.finders.0.contains_key(&library) {
            return Err(LibraryTaken { library });
        }
        self.finders.0.insert(library, finder);
        Ok(self)
    }

    /// Gives an attribute a value, of whatever and with whatever arguments it is asked for.
    pub(crate) fn with_value(mut self, name: impl Into<String>, value: Value<'static>) -> Self {
        let finder = finder_fn(String::new(), move |_| {
            let value = stream::iter([value.clone()]);
            Some(value.chain(stream::pending()).boxed())
        });
        self.given.0.insert(name.into(), Arc::new(finder));
        self
    }

    pub(crate) fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// Lets `jwt` fetch keys.
    #[cfg(all(feature = "crypto", feature = "http"))]
    pub(crate) fn with_key_client(mut self, client: sapl_base::http::HttpClient) -> Self {
        let server = Some(super::jwt::KeyServer::new(client));
        let finder: Arc<dyn AttributeFinder> = Arc::new(super::jwt::Jwt { server });
        self.finders.0.insert(finder.library().to_owned(), finder);
        self
    }

    pub(super) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    /// Listens to an attribute: to a stream that is open already, unless it is to be a fresh one.
    pub(super) fn listen(&self, call: &Arc<AttributeCall>) -> Listener {
        let given = || self.given.0.get(&**call.full_name());
        let finder = || given().or_else(|| self.finders.0.get(call.library()));
        Listener::new(self.feeds.feed(call, || finder().map(Arc::clone)))
    }

    /// How many streams are open.
    #[cfg(test)]
    pub(crate) fn open(&self) -> usize {
        self.feeds.open().values().map(Vec::len).sum()
    }
}

impl Default for Attributes {
    fn default() -> Self {
        let finders: Vec<Arc<dyn AttributeFinder>> = vec![
            Arc::new(super::time::Time),
            #[cfg(feature = "crypto")]
            Arc::new(super::jwt::Jwt::default()),
            #[cfg(feature = "crypto")]
            Arc::new(super::x509::X509),
        ];
        let finders = finders
            .into_iter()
            .map(|finder| (finder.library().to_owned(), finder));
        Self {
            finders: Finders(finders.collect()),
            given: Given::default(),
            clock: Arc::new(SystemClock),
            feeds: Arc::default(),
        }
    }
}

impl Feeds {
    fn feed(
        self: &Arc<Self>,
        call: &Arc<AttributeCall>,
        finder: impl FnOnce() -> Option<Arc<dyn AttributeFinder>>,
    ) -> Arc<Feed> {
        if call.options().fresh {
            return Arc::new(Feed::new(Arc::clone(call), finder(), Weak::new()));
        }
        let hash = self.hash(call);
        let candidates: Vec<Arc<Feed>>;
        let feed = {
            let mut open = self.open();
            let bucket = open.entry(hash).or_default();
            candidates = bucket.iter().filter_map(Weak::upgrade).collect();
            match candidates.iter().find(|feed| feed.call.is_same(call)) {
                Some(feed) => Arc::clone(feed),
                None => {
                    let feed = Feed::new(Arc::clone(call), finder(), Arc::downgrade(self));
                    let feed = Arc::new(feed);
                    bucket.push(Arc::downgrade(&feed));
                    feed
                }
            }
        };
        // Outside of the lock: a feed whose last listener left in the meantime takes the lock when it is dropped.
        drop(candidates);
        feed
    }

    /// Forgets what nobody listens to any more of those with the hash of `call`.
    pub(super) fn forget(&self, call: &AttributeCall) {
        let hash = self.hash(call);
        let mut open = self.open();
        if let Some(bucket) = open.get_mut(&hash) {
            bucket.retain(|feed| feed.strong_count() > 0);
            if bucket.is_empty() {
                open.remove(&hash);
            }
        }
    }

    fn hash(&self, call: &AttributeCall) -> u64 {
        let mut hasher = self.hasher.build_hasher();
        call.hash(&mut hasher);
        hasher.finish()
    }

    fn open(&self) -> MutexGuard<'_, HashMap<u64, Vec<Weak<Feed>>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl fmt::Debug for Finders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
