//! A folder of policies that may change.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use std::{fs, io};

use sapl_pdp::source::SETTINGS_FILE;
use sapl_pdp::{Configuration, ConfigurationError, EmbeddedPdp};

/// How long a file that was changed is read again at every look: a second change within the resolution of the clock
/// leaves no trace in the file's times.
const UNSETTLED: Duration = Duration::from_secs(2);

/// Looks whether the policies of a folder have changed, and puts them in force. Policies that are refused change nothing.
///
/// ```
/// use std::time::SystemTime;
///
/// use sapl_cli::serve::{Look, Watch};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// std::fs::write(folder.join("a.sapl"), "policy \"a\" permit")?;
/// let (pdp, mut watch) = Watch::load(folder)?;
/// std::fs::write(folder.join("a.sapl"), "policy \"a\" deny true")?;
/// assert!(matches!(watch.look(SystemTime::now()), Look::Refused(_))); // the permit stays in force
/// std::fs::write(folder.join("a.sapl"), "policy \"a\" deny")?;
/// assert!(matches!(watch.look(SystemTime::now()), Look::Changed));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Watch {
    pdp: Arc<EmbeddedPdp>,
    folder: PathBuf,
    files: Files,
    read_at: SystemTime,
    problem: Option<String>,
}

/// What a look has shown.
#[derive(Debug)]
pub enum Look {
    /// Nothing new.
    Same,
    /// The folder's policies are in force now.
    Changed,
    /// The folder's policies are refused, for another reason than at the last look; those before stay in force.
    Refused(Box<ConfigurationError>),
}

/// What tells one state of a folder from another without reading the files.
#[derive(Debug, PartialEq)]
struct Files(BTreeMap<OsString, Option<(u64, SystemTime)>>);

impl Watch {
    /// Loads a folder.
    ///
    /// # Errors
    /// The first thing that is wrong with the folder.
    pub fn load(folder: impl AsRef<Path>) -> Result<(Arc<EmbeddedPdp>, Self), ConfigurationError> {
        let folder = folder.as_ref();
        // Looked at before it is read: what changes in between is seen at the next look.
        let (read_at, files) = (SystemTime::now(), Files::of(folder));
        let pdp = Arc::new(EmbeddedPdp::from_dir(folder)?);
        let watch = Self {
            pdp: Arc::clone(&pdp),
            folder: folder.to_owned(),
            files: files.unwrap_or_else(|_| Files(BTreeMap::new())),
            read_at,
            problem: None,
        };
        Ok((pdp, watch))
    }

    /// Looks at the folder, `now`.
    pub fn look(&mut self, now: SystemTime) -> Look {
        let files = match Files::of(&self.folder) {
            Ok(files) => files,
            Err(error) => {
                let path = self.folder.clone();
                return self.refused(ConfigurationError::Unreadable { path, error });
            }
        };
        let is_other = files != self.files;
        // What was refused may have been unreadable for a moment, which leaves no trace in the files' times.
        if !is_other && self.problem.is_none() && files.are_settled(self.read_at) {
            return Look::Same;
        }
        self.files = files;
        self.read_at = now;
        let configuration = Configuration::from_dir(&self.folder);
        match configuration.and_then(|configuration| self.pdp.replace(&configuration)) {
            Ok(()) if self.problem.take().is_some() || is_other => Look::Changed,
            Ok(()) => Look::Same,
            Err(error) => self.refused(error),
        }
    }

    fn refused(&mut self, error: ConfigurationError) -> Look {
        let problem = error.to_string();
        if self.problem.as_ref() == Some(&problem) {
            return Look::Same;
        }
        self.problem = Some(problem);
        Look::Refused(Box::new(error))
    }
}

impl Files {
    fn of(folder: &Path) -> io::Result<Self> {
        let mut files = BTreeMap::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = entry.file_name();
            if !name.as_encoded_bytes().ends_with(b".sapl") && name != SETTINGS_FILE {
                continue;
            }
            // Of what a link leads to; one that leads nowhere is a state too.
            let metadata = fs::metadata(entry.path()).ok();
            let state = metadata.and_then(|metadata| Some((metadata.len(), metadata.modified().ok()?)));
            files.insert(name, state);
        }
        Ok(Self(files))
    }

    /// Whether all changes of the files were long over when they were read.
    fn are_settled(&self, read_at: SystemTime) -> bool {
        let mut times = self.0.values().flatten().map(|(_, modified)| *modified);
        // A time in the future is somebody's wrong clock, and would never be over.
        times.all(|modified| modified > read_at || modified + UNSETTLED < read_at)
    }
}

#[cfg(test)]
mod tests {
    use sapl_base::{AuthorizationSubscription, Decision};

    use super::*;

    struct Folder {
        folder: tempfile::TempDir,
        pdp: Arc<EmbeddedPdp>,
        watch: Watch,
    }

    impl Folder {
        fn new(policy: &str) -> Self {
            let folder = tempfile::tempdir().unwrap();
            fs::write(folder.path().join("a.sapl"), policy).unwrap();
            let (pdp, watch) = Watch::load(folder.path()).unwrap();
            Self { folder, pdp, watch }
        }

        fn write(&self, policy: &str) {
            fs::write(self.folder.path().join("a.sapl"), policy).unwrap();
        }

        fn look(&mut self) -> Look {
            self.watch.look(SystemTime::now())
        }

        fn decision(&self) -> Decision {
            let asked = AuthorizationSubscription::new("mara", "read", "report");
            self.pdp.decision(&asked).decision
        }
    }

    #[test]
    fn a_changed_file_is_in_force_after_the_next_look() {
        let mut folder = Folder::new("policy \"a\" permit");
        assert!(matches!(folder.look(), Look::Same));
        folder.write("policy \"a\" deny");
        assert!(matches!(folder.look(), Look::Changed));
        assert_eq!(folder.decision(), Decision::Deny);
        assert!(matches!(folder.look(), Look::Same));
    }

    #[test]
    fn a_change_that_leaves_size_and_times_as_they_were_is_seen_soon_after_another() {
        let mut folder = Folder::new("policy \"a\" permit  ");
        let path = folder.folder.path().join("a.sapl");
        let modified = fs::metadata(&path).unwrap().modified().unwrap();
        folder.write("policy \"a\" suspend ");
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(modified)
            .unwrap();
        folder.look();
        assert_eq!(folder.decision(), Decision::Suspend);
    }

    #[test]
    fn files_that_nobody_touched_for_a_while_are_not_read_again() {
        let read_at = SystemTime::now();
        let files = |modified| Files(BTreeMap::from([("a.sapl".into(), Some((1, modified)))]));
        assert!(!files(read_at).are_settled(read_at));
        assert!(!files(read_at - UNSETTLED).are_settled(read_at));
        assert!(files(read_at - UNSETTLED - Duration::from_secs(1)).are_settled(read_at));
        assert!(files(read_at + Duration::from_secs(3600)).are_settled(read_at));
    }

    #[test]
    fn a_broken_folder_is_told_once_and_changes_nothing() {
        let mut folder = Folder::new("policy \"a\" permit");
        folder.write("policy \"a\" permit 1 +");
        assert!(matches!(folder.look(), Look::Refused(_)));
        assert!(matches!(folder.look(), Look::Same));
        assert_eq!(folder.decision(), Decision::Permit);
        folder.write("policy \"a\" permit 2 *");
        assert!(matches!(folder.look(), Look::Refused(_)));
        folder.write("policy \"a\" permit");
        assert!(matches!(folder.look(), Look::Changed));
        fs::remove_dir_all(folder.folder.path()).unwrap();
        assert!(matches!(folder.look(), Look::Refused(_)));
        assert!(matches!(folder.look(), Look::Same));
        assert_eq!(folder.decision(), Decision::Permit);
    }

    #[test]
    fn what_was_refused_is_read_again_although_no_file_shows_a_change() {
        let long_ago = SystemTime::now() - Duration::from_secs(3600);
        let mut folder = Folder::new("policy \"a\" permit");
        let path = folder.folder.path().join("a.sapl");
        let write = |policy: &str| {
            fs::write(&path, policy).unwrap();
            let file = fs::File::options().write(true).open(&path).unwrap();
            file.set_modified(long_ago).unwrap();
        };
        write("policy \"a\" deny +");
        assert!(matches!(folder.look(), Look::Refused(_)));
        assert!(matches!(folder.look(), Look::Same));
        write("policy \"a\" deny  ");
        assert!(matches!(folder.look(), Look::Changed));
        assert_eq!(folder.decision(), Decision::Deny);
    }

    #[test]
    fn files_come_and_go() {
        let mut folder = Folder::new("policy \"a\" permit");
        let other = folder.folder.path().join("b.sapl");
        fs::write(&other, "policy \"b\" deny").unwrap();
        folder.look();
        assert_eq!(folder.decision(), Decision::Deny);
        fs::remove_file(&other).unwrap();
        assert!(matches!(folder.look(), Look::Changed));
        assert_eq!(folder.decision(), Decision::Permit);
        let settings = folder.folder.path().join("pdp.json");
        let algorithm = r#"{"algorithm": {"votingMode": "UNIQUE", "defaultDecision": "DENY", "errorHandling": "PROPAGATE"}}"#;
        fs::write(settings, algorithm).unwrap();
        assert!(matches!(folder.look(), Look::Changed));
        fs::remove_file(folder.folder.path().join("a.sapl")).unwrap();
        folder.look();
        assert_eq!(folder.decision(), Decision::Deny);
    }
}
