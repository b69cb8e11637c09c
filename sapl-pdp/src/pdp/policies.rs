//! The policies in force, and how others take their place.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;
use std::time::Duration;

use arc_swap::{ArcSwap, Guard};

use super::changes::{Changes, Ticket};
use super::snapshot::Snapshot;
use crate::eval::Limits;
use crate::source::{Configuration, ConfigurationError, PolicySource, TextsDigest};

/// The policies in force. Reading them takes no lock; those who put others in force wait for each other.
#[derive(Debug)]
pub(super) struct Policies {
    snapshot: ArcSwap<Snapshot>,
    pub(super) changes: Changes,
    writing: Mutex<Writing>,
}

#[derive(Debug)]
struct Writing {
    /// The newest version that was put in force, or found to be in force already.
    newest: u64,
    /// What of a folder is in force.
    origin: Option<TextsDigest>,
    limits: Limits,
    health: Health,
    refused: u64,
    is_closed: bool,
}

/// Whether a decision point has the newest policies, as [`EmbeddedPdp::health`](super::EmbeddedPdp::health) tells.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Health {
    /// Why the newest policies that were found in the folder or came from the source are refused. Those before are in
    /// force then, if there were any. Nothing if the newest are in force.
    pub problem: Option<Arc<ConfigurationError>>,
    /// How changes of the folder are noticed.
    pub following: Following,
}

/// How a decision point notices that the policies of its folder change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Following {
    /// Not at all: nobody has asked for it.
    #[default]
    Nothing,
    /// The operating system tells it; the folder is looked at now and then all the same.
    Notifications,
    /// The folder is looked at often, because the operating system can't tell.
    Polling,
}

impl Policies {
    /// A version that was begun before all others.
    pub(super) fn new(
        configuration: &Configuration,
        limits: Limits,
        origin: Option<TextsDigest>,
    ) -> Result<Self, ConfigurationError> {
        let changes = Changes::default();
        let version = changes.next_version();
        Ok(Self {
            snapshot: ArcSwap::from_pointee(Snapshot::new(configuration, limits, version)?),
            changes,
            writing: Mutex::new(Writing {
                newest: version,
                origin,
                limits,
                health: Health::default(),
                refused: version,
                is_closed: false,
            }),
        })
    }

    /// No policies, for a reason: until there are some, decisions are INDETERMINATE.
    pub(super) fn refused(problem: Arc<ConfigurationError>, limits: Limits) -> Self {
        let changes = Changes::default();
        let version = changes.next_version();
        Self {
            snapshot: ArcSwap::from_pointee(Snapshot::refused(version)),
            changes,
            writing: Mutex::new(Writing {
                newest: version,
                origin: None,
                limits,
                health: Health {
                    problem: Some(problem),
                    ..Health::default()
                },
                refused: version,
                is_closed: false,
            }),
        }
    }

    /// What is in force now.
    pub(super) fn load(&self) -> Guard<Arc<Snapshot>> {
        self.snapshot.load()
    }

    /// Puts a version in force, unless one that was begun after it is: what that has taken back must not return. The
    /// version has to be taken before what it is made of is read.
    pub(super) fn put(
        &self,
        version: u64,
        configuration: &Configuration,
        origin: Option<TextsDigest>,
    ) -> Result<(), ConfigurationError> {
        let limits = self.writing().limits;
        let snapshot = Arc::new(Snapshot::new(configuration, limits, version)?);
        let before = {
            let mut writing = self.writing();
            if version <= writing.newest {
                return Ok(());
            }
            writing.newest = version;
            writing.origin = origin;
            writing.solve(version);
            self.snapshot.swap(snapshot)
        };
        self.changes.announce();
        // All of it may go now, which takes a while.
        drop(before);
        Ok(())
    }

    /// Whether these texts of a folder, which were in force before, still are, or what never came from the folder is. Nothing
    /// that was begun before comes in force any more then.
    pub(super) fn confirm(&self, version: u64, digest: TextsDigest) -> bool {
        let mut writing = self.writing();
        let is_same = writing.origin.is_none_or(|origin| origin == digest);
        if is_same {
            writing.newest = writing.newest.max(version);
            writing.solve(version);
        }
        is_same
    }

    /// Notes why a version can't be in force.
    pub(super) fn refuse(&self, version: u64, problem: Arc<ConfigurationError>) {
        let mut writing = self.writing();
        if version > writing.newest && version > writing.refused {
            writing.refused = version;
            writing.health.problem = Some(problem);
        }
    }

    /// Follows a source for ever, and lets others run though the source always has something new.
    pub(super) async fn follow(&self, source: &mut impl PolicySource) {
        loop {
            source.changed().await;
            // Before it is read: who begins later reads what is there now, or what is newer.
            let version = self.changes.next_version();
            let read = source.read().await;
            match read.and_then(|configuration| self.put(version, &configuration, None)) {
                Ok(()) => tracing::info!("the changed policies are in force"),
                Err(error) => {
                    tracing::error!(%error, "the changed policies are refused, those before stay in force");
                    self.refuse(version, Arc::new(error));
                }
            }
            pause().await;
        }
    }

    /// Compiles under other limits from now on.
    pub(super) fn limit(&self, limits: Limits) {
        self.writing().limits = limits;
    }

    pub(super) fn followed_by(&self, following: Following) {
        self.writing().health.following = following;
    }

    pub(super) fn health(&self) -> Health {
        self.writing().health.clone()
    }

    /// The decision point is gone, and who follows for it can go.
    pub(super) fn close(&self) {
        self.writing().is_closed = true;
        self.changes.announce();
    }

    /// Ends when the decision point is gone.
    pub(super) async fn closed(&self) {
        struct Place<'a>(&'a Changes, Ticket);
        impl Drop for Place<'_> {
            fn drop(&mut self) {
                self.0.leave(&mut self.1);
            }
        }

        let mut place = Place(&self.changes, Ticket::default());
        poll_fn(|context| {
            // On the list first, so that an end between the two wakes the task.
            self.changes.wait(&mut place.1, context.waker());
            match self.writing().is_closed {
                true => Poll::Ready(()),
                false => Poll::Pending,
            }
        })
        .await;
    }

    fn writing(&self) -> MutexGuard<'_, Writing> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long a source is left alone when it has been read.
pub const SOURCE_PAUSE: Duration = Duration::from_millis(100);

/// Waits for so long by the timer of a Tokio runtime; elsewhere, until everybody else who can run has run.
async fn pause() {
    if tokio::runtime::Handle::try_current().is_ok() {
        return tokio::time::sleep(SOURCE_PAUSE).await;
    }
    let mut has_yielded = false;
    poll_fn(|context| {
        if std::mem::replace(&mut has_yielded, true) {
            return Poll::Ready(());
        }
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

impl Writing {
    fn solve(&mut self, version: u64) {
        if version > self.refused {
            self.health.problem = None;
        }
    }
}
