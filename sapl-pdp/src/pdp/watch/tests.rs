use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sapl_base::{AuthorizationSubscription, Decision, PolicyDecisionPoint as _};

use super::*;
use crate::EmbeddedPdp;

/// A folder with a decision point, and a thread's work without the thread.
struct Watched {
    folder: tempfile::TempDir,
    pdp: EmbeddedPdp,
    follower: Follower,
    now: SystemTime,
}

impl Watched {
    fn new(policy: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.sapl"), policy).unwrap();
        Self::of(folder)
    }

    fn of(folder: tempfile::TempDir) -> Self {
        let pdp = EmbeddedPdp::from_dir(folder.path()).unwrap();
        let policies = Arc::clone(&pdp.policies.0);
        Self {
            follower: Follower::new(pdp.folder.clone().unwrap(), policies),
            folder,
            pdp,
            // Long after all changes.
            now: SystemTime::now() + Duration::from_secs(60),
        }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, policy: &str) {
        fs::write(self.path().join("a.sapl"), policy).unwrap();
    }

    fn look(&mut self) -> Look {
        self.follower.look(self.now, false)
    }

    /// Looks until the folder does not change any more.
    fn settle(&mut self) -> Look {
        loop {
            match self.look() {
                Look::Changing => {}
                other => return other,
            }
        }
    }

    fn decision(&self) -> Decision {
        decision(&self.pdp)
    }
}

fn asked() -> AuthorizationSubscription {
    AuthorizationSubscription::new("mara", "read", "report")
}

fn decision(pdp: &EmbeddedPdp) -> Decision {
    pdp.decision(&asked()).decision
}

#[test]
fn a_change_is_in_force_when_two_looks_have_shown_the_same() {
    let mut watched = Watched::new("policy \"a\" permit");
    assert!(matches!(watched.look(), Look::Same));
    watched.write("policy \"a\" deny");
    assert!(matches!(watched.look(), Look::Changing));
    watched.write("policy \"a\" suspend");
    assert!(matches!(watched.look(), Look::Changing));
    assert_eq!(watched.decision(), Decision::Permit);
    assert!(matches!(watched.look(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Suspend);
    assert!(matches!(watched.look(), Look::Same));
}

#[test]
fn a_folder_that_never_rests_is_read_when_it_is_overdue() {
    let mut watched = Watched::new("policy \"a\" permit");
    watched.write("policy \"a\" deny");
    assert!(matches!(watched.follower.look(watched.now, true), Look::Changed));
    assert_eq!(watched.decision(), Decision::Deny);
}

#[test]
fn a_change_back_in_between_changes_nothing() {
    let mut watched = Watched::new("policy \"a\" permit");
    watched.write("policy \"a\" deny");
    assert!(matches!(watched.look(), Look::Changing));
    watched.write("policy \"a\" permit");
    assert!(matches!(watched.settle(), Look::Same));
    assert_eq!(watched.decision(), Decision::Permit);
}

#[test]
fn a_broken_folder_is_told_once_and_changes_nothing() {
    let mut watched = Watched::new("policy \"a\" permit");
    watched.write("policy \"a\" permit 1 +");
    assert!(matches!(watched.settle(), Look::Refused(_)));
    assert!(matches!(watched.settle(), Look::Same));
    assert_eq!(watched.decision(), Decision::Permit);
    let problem = watched.pdp.health().problem.unwrap().to_string();
    assert!(problem.contains("a.sapl:1:"), "{problem}");

    watched.write("policy \"a\" permit 2 *");
    assert!(matches!(watched.settle(), Look::Refused(_)));
    watched.write("policy \"a\" permit");
    assert!(matches!(watched.settle(), Look::Changed));
    assert!(watched.pdp.health().problem.is_none());
}

#[test]
fn a_folder_may_go_and_come_back() {
    let mut watched = Watched::new("policy \"a\" permit");
    let path = watched.path().to_owned();
    fs::remove_dir_all(&path).unwrap();
    assert!(matches!(watched.look(), Look::Changing));
    assert!(matches!(watched.look(), Look::Refused(_)));
    assert!(matches!(watched.look(), Look::Same));
    assert_eq!(watched.decision(), Decision::Permit);
    fs::create_dir(&path).unwrap();
    watched.write("policy \"a\" deny");
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Deny);
}

#[test]
fn a_file_that_is_renamed_into_place_is_seen_whatever_its_size_and_times() {
    let mut watched = Watched::new("policy \"a\" permit");
    let (file, other) = (watched.path().join("a.sapl"), watched.path().join("a.sapl~"));
    let modified = fs::metadata(&file).unwrap().modified().unwrap();
    fs::write(&other, "policy \"a\" deny  ").unwrap();
    fs::File::options()
        .write(true)
        .open(&other)
        .unwrap()
        .set_modified(modified)
        .unwrap();
    fs::rename(other, file).unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Deny);
}

#[test]
fn files_that_changed_a_moment_ago_are_read_again() {
    let mut watched = Watched::new("policy \"a\" permit");
    watched.now = SystemTime::now();
    watched.write("policy \"a\" deny");
    assert!(matches!(watched.settle(), Look::Changed));
    // As if the file system had shown nothing of a second change.
    let policy = "policy \"a\" permit";
    watched.write(policy);
    watched.follower.known = FolderState::of(watched.path()).ok();
    assert!(matches!(watched.look(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Permit);
}

#[test]
fn files_come_and_go() {
    let mut watched = Watched::new("policy \"a\" permit");
    let other = watched.path().join("b.sapl");
    fs::write(&other, "policy \"b\" deny").unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Deny);
    fs::remove_file(&other).unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Permit);
    fs::write(watched.path().join("pdp.json"), "{\"variables\": {\"x\": 1}}").unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    fs::remove_file(watched.path().join("a.sapl")).unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Deny);
}

#[cfg(unix)]
#[test]
fn links_that_are_swapped_are_followed() {
    use std::os::unix::fs::symlink;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    for (version, policy) in [("1", "policy \"a\" permit"), ("2", "policy \"a\" deny")] {
        fs::create_dir(path.join(version)).unwrap();
        fs::write(path.join(version).join("a.sapl"), policy).unwrap();
    }
    symlink("1", path.join("..data")).unwrap();
    symlink("..data/a.sapl", path.join("a.sapl")).unwrap();
    let mut watched = Watched::of(folder);
    symlink("2", path.join("..new")).unwrap();
    fs::rename(path.join("..new"), path.join("..data")).unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Deny);
    // A link that leads nowhere is a file that is not there.
    fs::remove_file(path.join("2/a.sapl")).unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    assert!(matches!(watched.settle(), Look::Same));
}

#[test]
fn what_the_host_puts_in_force_stays_until_the_folder_changes() {
    let mut watched = Watched::new("policy \"a\" permit");
    let other = crate::Configuration::from_texts(None, [("x", "policy \"x\" deny")]).unwrap();
    watched.pdp.replace(&other).unwrap();
    // The same text once more.
    watched.write("policy \"a\" permit");
    watched.settle();
    assert_eq!(watched.decision(), Decision::Deny);
    watched.write("policy \"a\" suspend");
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Suspend);
}

#[test]
fn a_reload_of_what_is_gone_again_does_not_stay() {
    let mut watched = Watched::new("policy \"a\" permit");
    watched.write("policy \"a\" deny");
    watched.pdp.reload().unwrap();
    assert_eq!(watched.decision(), Decision::Deny);
    watched.write("policy \"a\" permit");
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(watched.decision(), Decision::Permit);
}

#[test]
fn a_slow_reload_does_not_bring_back_what_a_look_has_seen_to_be_gone() {
    let mut watched = Watched::new("policy \"a\" permit");
    let slow = watched.pdp.policies.0.changes.next_version();
    let read = crate::Configuration::from_texts(None, [("a", "policy \"a\" deny")]).unwrap();
    watched.write("policy \"a\" permit");
    watched.settle();
    watched.pdp.policies.0.put(slow, &read, Some([0; 32])).unwrap();
    assert_eq!(watched.decision(), Decision::Permit);
}

/// Events of a watch, told to a test.
fn told() -> (WatchOptions, Receiver<String>) {
    let (tell, told) = channel();
    let options = WatchOptions::default().on_event(move |event| {
        let _ = tell.send(format!("{event:?}"));
    });
    (options, told)
}

fn next(told: &Receiver<String>) -> String {
    told.recv_timeout(Duration::from_secs(60)).unwrap()
}

#[tokio::test]
async fn streams_follow_a_watched_folder() {
    use futures_util::StreamExt as _;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.sapl");
    fs::write(&file, "policy \"a\" permit").unwrap();
    let pdp = EmbeddedPdp::watch_dir(folder.path()).unwrap();
    let asked = asked();
    let mut decisions = pdp.decide(&asked);
    let mut next = async || {
        let next = tokio::time::timeout(Duration::from_secs(60), decisions.next()).await;
        next.unwrap().unwrap().decision
    };
    assert_eq!(next().await, Decision::Permit);
    fs::write(&file, "policy \"a\" deny").unwrap();
    assert_eq!(next().await, Decision::Deny);
    fs::remove_dir_all(folder.path()).unwrap();
    fs::create_dir(folder.path()).unwrap();
    fs::write(&file, "policy \"a\" suspend").unwrap();
    // An empty folder denies, as what was before does.
    assert_eq!(next().await, Decision::Suspend);
}

#[test]
fn a_watch_tells_what_happens_and_ends_with_the_decision_point() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.sapl");
    fs::write(&file, "policy \"a\" permit").unwrap();
    for is_notified in [true, false] {
        let (mut options, told) = told();
        if !is_notified {
            options = options.without_notifications();
        }
        let pdp = EmbeddedPdp::from_dir(folder.path()).unwrap();
        let pdp = pdp.with_watch(options).unwrap();
        fs::write(&file, "policy \"a\" permit +").unwrap();
        let refused = next(&told);
        assert!(refused.starts_with("Refused"), "{refused}");
        assert_eq!(decision(&pdp), Decision::Permit);
        assert!(pdp.health().problem.is_some());
        let following = match is_notified && cfg!(feature = "notify") {
            true => Following::Notifications,
            false => Following::Polling,
        };
        assert_eq!(pdp.health().following, following);
        fs::write(&file, "policy \"a\" permit").unwrap();
        assert_eq!(next(&told), "Changed");
        drop(pdp);
        // The thread held the only sender.
        assert!(
            told.recv_timeout(Duration::from_secs(60))
                .is_err_and(|ended| { ended == std::sync::mpsc::RecvTimeoutError::Disconnected })
        );
    }
}

#[test]
fn a_panic_of_who_is_told_does_not_end_the_watch() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.sapl");
    fs::write(&file, "policy \"a\" permit").unwrap();
    let (tell, told) = channel();
    let options = WatchOptions::default().on_event(move |event| {
        tell.send(format!("{event:?}")).unwrap();
        panic!("told of a change");
    });
    let pdp = EmbeddedPdp::from_dir(folder.path()).unwrap();
    let pdp = pdp.with_watch(options).unwrap();
    for (policy, expected) in [
        ("policy \"a\" deny", Decision::Deny),
        ("policy \"a\" suspend", Decision::Suspend),
    ] {
        fs::write(&file, policy).unwrap();
        assert_eq!(next(&told), "Changed");
        assert_eq!(decision(&pdp), expected);
    }
}

#[test]
fn without_notifications_the_folder_is_polled_until_they_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let begun = Arc::new(AtomicUsize::new(0));
    let signal = Arc::new(Signal::default());
    let counted = Arc::clone(&begun);
    let mut notifications = Notifications::new(
        Arc::clone(&signal),
        Box::new(move |_| match counted.fetch_add(1, Ordering::Relaxed) {
            0 => Err("too many watches".to_owned()),
            _ => Ok(Box::new(())),
        }),
    );
    let start = Instant::now();
    assert_eq!(
        notifications.aim(folder.path(), start).as_deref(),
        Some("too many watches")
    );
    let before = start + RETRY_NOTIFICATIONS - Duration::from_nanos(1);
    assert_eq!(notifications.aim(folder.path(), before), None);
    assert!(!notifications.are_on());
    assert_eq!(
        notifications.aim(folder.path(), start + RETRY_NOTIFICATIONS),
        None
    );
    assert!(notifications.are_on());
    // Asked for once, while the folder is the same and nothing goes wrong.
    assert_eq!(
        notifications.aim(folder.path(), start + RETRY_NOTIFICATIONS),
        None
    );
    assert_eq!(begun.load(Ordering::Relaxed), 2);
    signal.trouble();
    assert_eq!(
        notifications.aim(folder.path(), start + RETRY_NOTIFICATIONS),
        None
    );
    assert_eq!(begun.load(Ordering::Relaxed), 3);
}

#[cfg(unix)]
#[test]
fn notifications_are_those_of_the_folder_that_has_the_name_now() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("policies");
    fs::create_dir(&folder).unwrap();
    let begun = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&begun);
    let mut notifications = Notifications::new(
        Arc::default(),
        Box::new(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(Box::new(()))
        }),
    );
    let now = Instant::now();
    notifications.aim(&folder, now);
    // The old one keeps its number while it exists.
    fs::rename(&folder, parent.path().join("old")).unwrap();
    assert_eq!(notifications.aim(&folder, now), None);
    assert!(!notifications.are_on());
    fs::create_dir(&folder).unwrap();
    notifications.aim(&folder, now);
    assert!(notifications.are_on());
    assert_eq!(begun.load(Ordering::Relaxed), 2);
}

#[test]
fn a_folder_that_is_refused_at_first_is_followed_until_it_is_mended() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policies").join("a.sapl");
    let pdp = EmbeddedPdp::from_dir_even_if_refused(file.parent().unwrap());
    let policies = Arc::clone(&pdp.policies.0);
    let mut watched = Watched {
        follower: Follower::new(pdp.folder.clone().unwrap(), policies),
        folder,
        pdp,
        now: SystemTime::now() + Duration::from_secs(60),
    };
    let decision = |watched: &Watched| {
        let asked = AuthorizationSubscription::new("mara", "read", "report");
        let several = [(&asked).into(), (&asked).into()];
        let decision = watched.pdp.decision(&asked);
        assert_eq!(
            watched.pdp.decisions_on(&several),
            [decision.clone(), decision.clone()]
        );
        decision.decision
    };
    let is_healthy = |watched: &Watched| watched.pdp.health().problem.is_none();
    assert_eq!(
        (decision(&watched), is_healthy(&watched)),
        (Decision::Indeterminate, false)
    );
    assert!(matches!(watched.settle(), Look::Same), "told already");
    fs::create_dir(file.parent().unwrap()).unwrap();
    fs::write(&file, "policy \"a\" allow").unwrap();
    assert!(matches!(watched.settle(), Look::Refused(_)));
    assert_eq!(
        (decision(&watched), is_healthy(&watched)),
        (Decision::Indeterminate, false)
    );
    fs::write(&file, "policy \"a\" permit").unwrap();
    assert!(matches!(watched.settle(), Look::Changed));
    assert_eq!(
        (decision(&watched), is_healthy(&watched)),
        (Decision::Permit, true)
    );

    // Documents that are refused are no others when they are read again.
    fs::write(&file, "policy \"a\" allow").unwrap();
    let pdp = EmbeddedPdp::from_dir_even_if_refused(file.parent().unwrap());
    let policies = Arc::clone(&pdp.policies.0);
    watched.follower = Follower::new(pdp.folder.clone().unwrap(), policies);
    watched.pdp = pdp;
    assert!(matches!(watched.settle(), Look::Same));
    assert_eq!(
        (decision(&watched), is_healthy(&watched)),
        (Decision::Indeterminate, false)
    );
    fs::write(&file, "policy \"a\" deny").unwrap();
    assert!(watched.pdp.reload().is_ok());
    assert_eq!((decision(&watched), is_healthy(&watched)), (Decision::Deny, true));
    // What is good from the beginning is there from the beginning.
    let good = EmbeddedPdp::from_dir_even_if_refused(file.parent().unwrap());
    assert!(good.health().problem.is_none());
}
