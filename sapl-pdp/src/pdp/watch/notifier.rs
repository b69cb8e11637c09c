//! Having the operating system tell of changes.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::signal::Signal;
use crate::source::Identity;

/// How long after a refusal the operating system is asked for notifications again.
pub const RETRY_NOTIFICATIONS: Duration = Duration::from_secs(60);

/// Has a signal raised when something in a folder changes, until it is dropped.
type Begin = Box<dyn FnMut(&Path) -> Result<Handle, String> + Send>;

type Handle = Box<dyn Send>;

/// Notifications of changes in a folder, as far as they can be had.
pub(super) struct Notifications {
    begin: Option<Begin>,
    signal: Arc<Signal>,
    /// Those of the folder that has the name now, or had it.
    on: Option<(Identity, Handle)>,
    not_before: Option<Instant>,
}

impl Notifications {
    /// None.
    pub(super) fn none() -> Self {
        Self {
            begin: None,
            signal: Arc::default(),
            on: None,
            not_before: None,
        }
    }

    /// Those of any kind.
    #[cfg(any(test, feature = "notify"))]
    pub(super) fn new(signal: Arc<Signal>, begin: Begin) -> Self {
        Self {
            begin: Some(begin),
            signal,
            on: None,
            not_before: None,
        }
    }

    #[cfg(feature = "notify")]
    pub(super) fn of_system(signal: Arc<Signal>) -> Self {
        let raised = Arc::clone(&signal);
        Self::new(
            signal,
            Box::new(move |folder| system::begin(folder, Arc::clone(&raised))),
        )
    }

    #[cfg(not(feature = "notify"))]
    pub(super) fn of_system(_: Arc<Signal>) -> Self {
        Self::none()
    }

    /// Whether changes of the folder are told.
    pub(super) const fn are_on(&self) -> bool {
        self.on.is_some()
    }

    /// Asks for those of the folder that has the name now, and says why there are none.
    pub(super) fn aim(&mut self, folder: &Path, now: Instant) -> Option<String> {
        let begin = self.begin.as_mut()?;
        let there = Identity::of_folder(folder);
        if self.signal.take_trouble() || self.on.as_ref().map(|(identity, _)| *identity) != there {
            self.on = None;
        }
        if self.on.is_some() || self.not_before.is_some_and(|time| now < time) {
            return None;
        }
        // One that is not there is no problem of the notifications.
        let there = there?;
        match begin(folder) {
            Ok(handle) => {
                self.not_before = None;
                self.on = Some((there, handle));
                None
            }
            Err(problem) => {
                self.not_before = Some(now + RETRY_NOTIFICATIONS);
                Some(problem)
            }
        }
    }
}

#[cfg(feature = "notify")]
mod system {
    use std::path::Path;
    use std::sync::Arc;

    use notify::event::{AccessKind, AccessMode};
    use notify::{Event, EventKind, RecursiveMode, Watcher as _};

    use crate::pdp::watch::signal::Signal;

    pub(super) fn begin(folder: &Path, signal: Arc<Signal>) -> Result<Box<dyn Send>, String> {
        let told = move |event: notify::Result<Event>| match event {
            Ok(event) if is_change(event.kind) => signal.news(),
            Ok(_) => {}
            Err(_) => signal.trouble(),
        };
        let watcher = notify::recommended_watcher(told).and_then(|mut watcher| {
            watcher.watch(folder, RecursiveMode::NonRecursive)?;
            Ok(watcher)
        });
        match watcher {
            Ok(watcher) => Ok(Box::new(watcher)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Reading is none, or each look would bring the next one.
    const fn is_change(kind: EventKind) -> bool {
        match kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => true,
            EventKind::Access(_) => false,
            _ => true,
        }
    }
}
