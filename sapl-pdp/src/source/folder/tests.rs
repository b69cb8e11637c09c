use super::*;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn texts(texts: &Texts) -> Vec<&str> {
    texts.documents.iter().map(|(_, text)| text.as_str()).collect()
}

#[test]
fn what_changes_while_it_is_read_is_read_anew() {
    let folder = folder(&[("a.sapl", "old"), ("b.sapl", "old")]);
    let mut reads = 0;
    let read = |path: &Path| {
        reads += 1;
        if reads > 2 {
            return Texts::read_once(path);
        }
        // The first file of one state, the second one of the next.
        let mut mixed = Texts::read_once(path)?;
        for name in ["a.sapl", "b.sapl"] {
            fs::write(path.join(name), format!("new{reads}")).unwrap();
        }
        mixed.documents.truncate(1);
        mixed.documents.extend(Texts::read_once(path)?.documents.pop());
        Ok(mixed)
    };
    let mut pauses = 0;
    let (read, state) = Texts::read_whole(folder.path(), read, || pauses += 1).unwrap();
    assert_eq!((texts(&read), pauses), (vec!["new2", "new2"], 2));
    assert_eq!(state, FolderState::of(folder.path()).unwrap());
}

#[test]
fn a_failure_that_comes_of_a_change_is_none() {
    let folder = folder(&[("a.sapl", "old")]);
    let mut fails = true;
    let read = |path: &Path| {
        if std::mem::take(&mut fails) {
            fs::remove_file(path.join("a.sapl")).unwrap();
            let failed = read_text(&path.join("a.sapl"), 1).map(|_| unreachable!("it is gone"));
            fs::write(path.join("a.sapl"), "newer").unwrap();
            return failed;
        }
        Texts::read_once(path)
    };
    let (read, _) = Texts::read_whole(folder.path(), read, || {}).unwrap();
    assert_eq!(texts(&read), ["newer"]);
}

#[test]
fn a_folder_that_never_stops_changing_is_refused() {
    let folder = folder(&[("a.sapl", "")]);
    for (changes, is_read) in [(MAX_FOLDER_READS - 1, true), (MAX_FOLDER_READS, false)] {
        let mut reads = 0;
        let read = |path: &Path| {
            reads += 1;
            if reads <= changes {
                fs::write(
                    path.join("a.sapl"),
                    format!("{changes} {}", "x".repeat(reads as usize)),
                )
                .unwrap();
            }
            Texts::read_once(path)
        };
        match Texts::read_whole(folder.path(), read, || {}) {
            Ok(_) => assert!(is_read),
            Err(error) => assert!(!is_read && matches!(error, ConfigurationError::Changing { .. })),
        }
        assert!(reads <= MAX_FOLDER_READS);
    }
}

#[test]
fn texts_that_differ_in_anything_have_other_digests() {
    let digest = |files: &[(&str, &str)]| Texts::read(folder(files).path()).unwrap().0.digest();
    let of = [
        digest(&[]),
        digest(&[("pdp.json", "")]),
        digest(&[("pdp.json", "{}")]),
        digest(&[("a.sapl", "{}")]),
        digest(&[("a.sapl", "bc")]),
        digest(&[("ab.sapl", "c")]),
        digest(&[("a.sapl", "b"), ("c.sapl", "")]),
    ];
    for (index, one) in of.iter().enumerate() {
        assert!(of.iter().skip(index + 1).all(|other| one != other), "{index}");
    }
    assert_eq!(
        digest(&[("a.sapl", "1"), ("b.sapl", "2")]),
        digest(&[("b.sapl", "2"), ("a.sapl", "1")])
    );
}

#[test]
fn the_documents_of_a_folder_and_their_bytes_end_at_their_limits() {
    let folder = folder(&[("a.sapl", "12"), ("b.sapl", "345"), ("pdp.json", "{}")]);
    let within = |documents, bytes| documents_within(folder.path(), documents, bytes);
    assert_eq!(within(2, 5).unwrap().len(), 2);
    assert!(matches!(
        within(1, 5),
        Err(ConfigurationError::TooManyDocuments { found: 2, maximum: 1 })
    ));
    assert!(matches!(
        within(2, 4),
        Err(ConfigurationError::TooLarge { maximum: 4, .. })
    ));
}

#[cfg(unix)]
#[test]
fn a_swapped_link_to_all_files_gives_the_files_of_one_side() {
    use std::os::unix::fs::symlink;

    let folder = folder(&[]);
    let path = folder.path();
    for version in ["1", "2"] {
        fs::create_dir(path.join(version)).unwrap();
        for name in ["a.sapl", "b.sapl"] {
            fs::write(path.join(version).join(name), version).unwrap();
        }
    }
    symlink("1", path.join("..data")).unwrap();
    for name in ["a.sapl", "b.sapl"] {
        symlink(Path::new("..data").join(name), path.join(name)).unwrap();
    }
    let mut swaps = true;
    let read = |path: &Path| {
        let before = Texts::read_once(path)?;
        if !std::mem::take(&mut swaps) {
            return Ok(before);
        }
        symlink("2", path.join("..new")).unwrap();
        fs::rename(path.join("..new"), path.join("..data")).unwrap();
        let mut mixed = Texts::read_once(path)?;
        mixed.documents.splice(..1, before.documents.into_iter().take(1));
        assert_eq!(texts(&mixed), ["1", "2"]);
        Ok(mixed)
    };
    let (read, _) = Texts::read_whole(path, read, || {}).unwrap();
    assert_eq!(texts(&read), ["2", "2"]);
}
