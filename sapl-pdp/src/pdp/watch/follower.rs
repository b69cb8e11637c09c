//! What a look at a folder shows, and what comes of it.

use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::Folder;
use crate::pdp::policies::Policies;
use crate::source::{ConfigurationError, FolderState, Texts, TextsDigest};

/// Puts the policies of a folder in force when they have changed.
pub(super) struct Follower {
    policies: Arc<Policies>,
    folder: PathBuf,
    /// The state that was read last; none if the folder could not be read.
    pub(super) known: Option<FolderState>,
    /// The texts that were accepted last, if any were.
    accepted: Option<TextsDigest>,
    read_at: SystemTime,
    /// The other state that the last look has shown.
    seen: Option<Option<FolderState>>,
    refused: Option<Refused>,
}

struct Refused {
    message: String,
    digest: Option<TextsDigest>,
}

/// What a look has shown.
#[derive(Debug)]
pub(super) enum Look {
    /// Nothing new.
    Same,
    /// The folder is another one than before and may still change.
    Changing,
    /// The folder's policies are in force now.
    Changed,
    /// The folder's policies are refused, for another reason than at the last look; those before stay in force.
    Refused(Arc<ConfigurationError>),
}

impl Follower {
    pub(super) fn new(loaded: Folder, policies: Arc<Policies>) -> Self {
        let digest = loaded.digest;
        let refused = loaded.problem.map(|problem| Refused {
            message: problem.to_string(),
            digest,
        });
        Self {
            policies,
            folder: loaded.path,
            known: loaded.state,
            accepted: digest.filter(|_| refused.is_none()),
            read_at: loaded.read_at,
            seen: None,
            refused,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Looks at the folder at `now`. What has changed is read when two looks show the same, or if `is_overdue`.
    pub(super) fn look(&mut self, now: SystemTime, is_overdue: bool) -> Look {
        let state = FolderState::of(&self.folder).ok();
        if state == self.known {
            self.seen = None;
            let is_settled = state.is_some_and(|state| state.is_settled(self.read_at));
            // What was refused may have been unreadable for a moment, which leaves no trace in the files' times.
            return match is_settled && self.refused.is_none() {
                true => Look::Same,
                false => self.read(now),
            };
        }
        if !is_overdue && self.seen.as_ref() != Some(&state) {
            self.seen = Some(state);
            return Look::Changing;
        }
        self.seen = None;
        self.known = state;
        self.read(now)
    }

    fn read(&mut self, now: SystemTime) -> Look {
        // Before it is read: who begins later reads what is there now, or what is newer.
        let version = self.policies.changes.next_version();
        let texts = match Texts::read(&self.folder) {
            Ok((texts, state)) => {
                self.known = Some(state);
                self.read_at = now;
                texts
            }
            Err(error) => return self.refuse(version, error, None),
        };
        let digest = texts.digest();
        if self.accepted == Some(digest) && self.policies.confirm(version, digest) {
            return match self.refused.take() {
                Some(_) => Look::Changed,
                None => Look::Same,
            };
        }
        if self
            .refused
            .as_ref()
            .is_some_and(|refused| refused.digest == Some(digest))
        {
            return Look::Same;
        }
        let load = || {
            let configuration = texts.parse()?;
            self.policies.put(version, &configuration, Some(digest))
        };
        // The folder goes on being watched whatever is in it.
        let put = panic::catch_unwind(AssertUnwindSafe(load));
        let put = put.unwrap_or(Err(ConfigurationError::Panicked));
        match put {
            Ok(()) => {
                self.accepted = Some(digest);
                self.refused = None;
                Look::Changed
            }
            Err(error) => self.refuse(version, error, Some(digest)),
        }
    }

    fn refuse(&mut self, version: u64, error: ConfigurationError, digest: Option<TextsDigest>) -> Look {
        let message = error.to_string();
        let is_told = self
            .refused
            .as_ref()
            .is_some_and(|refused| refused.message == message);
        let error = Arc::new(error);
        self.policies.refuse(version, Arc::clone(&error));
        self.refused = Some(Refused { message, digest });
        match is_told {
            true => Look::Same,
            false => Look::Refused(error),
        }
    }
}
