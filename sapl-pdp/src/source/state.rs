//! What tells one state of a folder from another without reading the files.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::folder::{MAX_FOLDER_DOCUMENTS, is_document};
use super::{ConfigurationError, SETTINGS_FILE};

/// How long a change has to be over until a second one can't have left the same times and size.
pub(crate) const UNSETTLED: Duration = Duration::from_secs(2);

/// A folder and the files in it that matter, as the file system describes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FolderState {
    folder: Identity,
    /// Nothing for a link that leads nowhere.
    files: BTreeMap<OsString, Option<FileState>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct FileState {
    bytes: u64,
    modified: Option<SystemTime>,
    /// Another one took its name, or its times were set back.
    identity: Identity,
    changed: (i64, i64),
}

/// Which file or folder it is, whatever its name: device and number. All the same where a system has no such thing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity(u64, u64);

impl FolderState {
    /// How the folder is now.
    pub(crate) fn of(folder: &Path) -> Result<Self, ConfigurationError> {
        Self::within(folder, MAX_FOLDER_DOCUMENTS)
    }

    pub(super) fn within(folder: &Path, maximum: usize) -> Result<Self, ConfigurationError> {
        let unreadable = |error| ConfigurationError::Unreadable {
            path: folder.to_owned(),
            error,
        };
        let identity = Identity::of(&fs::metadata(folder).map_err(unreadable)?);
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name();
            if !is_document(&name) && name != SETTINGS_FILE {
                continue;
            }
            // Of what a link leads to.
            files.insert(
                name,
                fs::metadata(entry.path())
                    .ok()
                    .map(|metadata| FileState::of(&metadata)),
            );
            if files.len() > maximum.saturating_add(1) {
                return Err(ConfigurationError::TooManyDocuments {
                    found: files.len(),
                    maximum,
                });
            }
        }
        Ok(Self {
            folder: identity,
            files,
        })
    }

    /// Whether all changes of the files were long over when they were read.
    pub(crate) fn is_settled(&self, read_at: SystemTime) -> bool {
        let mut times = self.files.values().flatten().filter_map(|file| file.modified);
        // A time in the future is somebody's wrong clock, and would never be over.
        times.all(|modified| modified > read_at + UNSETTLED || modified + UNSETTLED < read_at)
    }
}

impl FileState {
    fn of(metadata: &Metadata) -> Self {
        Self {
            bytes: metadata.len(),
            modified: metadata.modified().ok(),
            identity: Identity::of(metadata),
            changed: changed(metadata),
        }
    }
}

impl Identity {
    /// Which folder is there now, if any.
    pub(crate) fn of_folder(folder: &Path) -> Option<Self> {
        fs::metadata(folder).ok().map(|metadata| Self::of(&metadata))
    }

    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;

        Self(metadata.dev(), metadata.ino())
    }

    #[cfg(not(unix))]
    fn of(_: &Metadata) -> Self {
        Self::default()
    }
}

/// When anything about the file changed, which nobody can set.
#[cfg(unix)]
fn changed(metadata: &Metadata) -> (i64, i64) {
    use std::os::unix::fs::MetadataExt as _;

    (metadata.ctime(), metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(_: &Metadata) -> (i64, i64) {
    (0, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_nobody_touched_for_a_while_are_settled() {
        let read_at = SystemTime::now();
        let state = |modified| FolderState {
            folder: Identity::default(),
            files: BTreeMap::from([(
                "a.sapl".into(),
                Some(FileState {
                    bytes: 1,
                    modified: Some(modified),
                    identity: Identity::default(),
                    changed: (0, 0),
                }),
            )]),
        };
        assert!(!state(read_at).is_settled(read_at));
        assert!(!state(read_at - UNSETTLED).is_settled(read_at));
        assert!(!state(read_at + UNSETTLED).is_settled(read_at));
        assert!(state(read_at - UNSETTLED - Duration::from_nanos(1)).is_settled(read_at));
        assert!(state(read_at + UNSETTLED + Duration::from_nanos(1)).is_settled(read_at));
    }

    #[test]
    fn only_what_is_loaded_is_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        let state = || FolderState::of(folder.path()).unwrap();
        let before = state();
        fs::write(folder.path().join("notes.txt"), "").unwrap();
        assert_eq!(state(), before);
        for name in ["a.sapl", "pdp.json"] {
            let before = state();
            fs::write(folder.path().join(name), "{}").unwrap();
            assert_ne!(state(), before);
        }
    }

    #[test]
    fn a_folder_of_more_documents_than_allowed_is_not_looked_at_to_its_end() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["a.sapl", "b.sapl", "pdp.json"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        assert!(FolderState::within(folder.path(), 2).is_ok());
        fs::write(folder.path().join("c.sapl"), "").unwrap();
        assert!(matches!(
            FolderState::within(folder.path(), 2),
            Err(ConfigurationError::TooManyDocuments { maximum: 2, .. })
        ));
    }
}
