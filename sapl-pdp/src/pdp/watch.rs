//! Following the policies of a folder.

use std::fmt;
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Instant, SystemTime};

use super::policies::{Following, Policies};
use crate::source::{ConfigurationError, FolderState, TextsDigest};
use follower::{Follower, Look};
use notifier::Notifications;
use schedule::Schedule;
use signal::Signal;

mod follower;
mod notifier;
mod schedule;
mod signal;
#[cfg(test)]
mod tests;

pub use notifier::RETRY_NOTIFICATIONS;
pub use schedule::{LOOK_EVERY, LOOK_EVERY_NOTIFIED, MAX_WAIT_FOR_QUIET, QUIET};

/// How to watch a folder.
///
/// ```
/// use std::sync::mpsc;
///
/// use sapl_pdp::{EmbeddedPdp, WatchEvent, WatchOptions};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// std::fs::write(folder.join("a.sapl"), "policy \"a\" permit")?;
/// let (tell, told) = mpsc::channel();
/// let options = WatchOptions::default().on_event(move |event| {
///     if let WatchEvent::Refused(error) = event {
///         let _ = tell.send(error.to_string());
///     }
/// });
/// let pdp = EmbeddedPdp::from_dir(folder)?.with_watch(options)?;
///
/// std::fs::write(folder.join("a.new"), "policy \"a\" deny true")?;
/// std::fs::rename(folder.join("a.new"), folder.join("a.sapl"))?; // so that nobody reads half of it
/// assert!(told.recv()?.contains("a.sapl:1:21")); // the permit stays in force
/// assert!(pdp.health().problem.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Default)]
pub struct WatchOptions {
    on_event: Option<OnEvent>,
    without_notifications: bool,
}

type OnEvent = Box<dyn Fn(WatchEvent<'_>) + Send>;

/// What happens to a watched folder.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum WatchEvent<'a> {
    /// The folder's policies are in force now.
    Changed,
    /// The folder's policies are refused, for another reason than before if they were; those before stay in force.
    Refused(&'a ConfigurationError),
    /// The operating system can't tell of changes, for this reason; the folder is looked at more often instead.
    Polling(&'a str),
}

impl WatchOptions {
    /// Has a function told what happens, on the thread that watches. It is all logged too, so this is for those who do
    /// more about it.
    #[must_use]
    pub fn on_event(mut self, on_event: impl Fn(WatchEvent<'_>) + Send + 'static) -> Self {
        self.on_event = Some(Box::new(on_event));
        self
    }

    /// Looks at the folder every [`LOOK_EVERY`] and doesn't ask the operating system to tell of changes, for file
    /// systems of which it misses them.
    #[must_use]
    pub const fn without_notifications(mut self) -> Self {
        self.without_notifications = true;
        self
    }

    fn tell(&self, event: WatchEvent<'_>) {
        match event {
            WatchEvent::Changed => tracing::info!("the changed policies are in force"),
            WatchEvent::Refused(error) => {
                tracing::error!(%error, "the changed policies are refused, those before stay in force");
            }
            WatchEvent::Polling(reason) => {
                // Polled, changes are noticed all the same, only later.
                tracing::info!(
                    reason,
                    "no notifications of changed policies, so their folder is polled"
                );
            }
        }
        if let Some(on_event) = &self.on_event {
            // Whoever is told can't end the watch; the process says what has panicked.
            let _ = panic::catch_unwind(AssertUnwindSafe(|| on_event(event)));
        }
    }
}

impl fmt::Debug for WatchOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchOptions")
            .field("without_notifications", &self.without_notifications)
            .finish_non_exhaustive()
    }
}

/// The folder that a decision point was loaded from, as it was then.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    /// Nothing if the folder could not be read.
    pub(super) state: Option<FolderState>,
    pub(super) digest: Option<TextsDigest>,
    pub(super) read_at: SystemTime,
    /// Why its policies were refused.
    pub(super) problem: Option<Arc<ConfigurationError>>,
}

/// A folder that is watched for as long as this lives.
#[derive(Debug)]
pub(super) struct Watch(Arc<Signal>);

impl Watch {
    pub(super) fn start(
        folder: Folder,
        policies: Arc<Policies>,
        options: WatchOptions,
    ) -> Result<Self, ConfigurationError> {
        let signal = Arc::new(Signal::default());
        let notifications = match options.without_notifications {
            true => Notifications::none(),
            false => Notifications::of_system(Arc::clone(&signal)),
        };
        let path = folder.path.clone();
        let watching = Watching {
            follower: Follower::new(folder, Arc::clone(&policies)),
            policies,
            notifications,
            schedule: Schedule::new(Instant::now()),
            options,
        };
        let stop = Arc::clone(&signal);
        std::thread::Builder::new()
            .name("sapl-policies".to_owned())
            .spawn(move || watching.run(&stop))
            .map_err(|error| ConfigurationError::Unwatched { path, error })?;
        Ok(Self(signal))
    }
}

impl Drop for Watch {
    /// The thread ends soon, and nobody waits for it.
    fn drop(&mut self) {
        self.0.stop();
    }
}

/// What the thread has.
struct Watching {
    follower: Follower,
    policies: Arc<Policies>,
    notifications: Notifications,
    schedule: Schedule,
    options: WatchOptions,
}

impl Watching {
    fn run(mut self, signal: &Signal) {
        while let Some(noticed) = signal.wait(Instant::now(), &self.schedule) {
            if noticed {
                self.schedule.hurry(Instant::now());
            } else {
                signal.forget();
                self.look(Instant::now(), SystemTime::now());
            }
        }
    }

    fn look(&mut self, now: Instant, time: SystemTime) {
        // Before the look: what changes after it is told.
        if let Some(problem) = self.notifications.aim(self.follower.folder(), now) {
            self.options.tell(WatchEvent::Polling(&problem));
        }
        let is_notified = self.notifications.are_on();
        self.policies.followed_by(match is_notified {
            true => Following::Notifications,
            false => Following::Polling,
        });
        let look = self.follower.look(time, self.schedule.is_overdue(now));
        let is_changing = matches!(look, Look::Changing);
        match look {
            Look::Same | Look::Changing => {}
            Look::Changed => self.options.tell(WatchEvent::Changed),
            Look::Refused(error) => self.options.tell(WatchEvent::Refused(&error)),
        }
        self.schedule
            .looked(now, Instant::now(), is_changing, is_notified);
    }
}
