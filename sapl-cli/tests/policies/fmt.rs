//! `sapl fmt` as it is run.

use std::fs;

use crate::common::{folder, path, run};

const BAD: &str = "policy \"a\" permit a==1; // one";
const GOOD: &str = "policy \"a\"\npermit\n  a == 1; // one\n";

#[test]
fn files_are_formatted_in_place_and_nothing_is_said() {
    let folder = folder(&[("a.sapl", BAD), ("b.sapl", GOOD), ("c.txt", BAD)]);
    assert_eq!(
        run(&["fmt", path(&folder)], ""),
        (Some(0), String::new(), String::new())
    );
    let read = |name| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!([read("a.sapl"), read("b.sapl"), read("c.txt")], [GOOD, GOOD, BAD]);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 3);
}

#[test]
fn check_names_the_files_and_changes_nothing() {
    let folder = folder(&[("a.sapl", BAD), ("b.sapl", GOOD)]);
    let (code, output, errors) = run(&["fmt", "--check", path(&folder)], "");
    assert_eq!(code, Some(1));
    assert_eq!(output, format!("{}/a.sapl\n", path(&folder)));
    assert_eq!(errors, "error: 1 file not in the canonical layout\n");
    assert_eq!(fs::read_to_string(folder.path().join("a.sapl")).unwrap(), BAD);
    let file = folder.path().join("b.sapl");
    assert_eq!(run(&["fmt", "--check", file.to_str().unwrap()], "").0, Some(0));
}

#[test]
fn standard_input_goes_to_standard_output() {
    assert_eq!(run(&["fmt", "-"], BAD), (Some(0), GOOD.to_owned(), String::new()));
    assert_eq!(run(&["fmt", "--check", "-"], GOOD).0, Some(0));
    assert_eq!(run(&["fmt", "--check", "-"], BAD).0, Some(1));
}

#[test]
fn what_does_not_parse_stays_and_the_rest_is_formatted() {
    let broken = "policy \"b\" allow";
    let folder = folder(&[("b.sapl", broken), ("c.sapl", BAD)]);
    let (code, _, errors) = run(&["fmt", path(&folder)], "");
    assert_eq!(code, Some(1));
    assert!(errors.contains("b.sapl:1:12"), "{errors}");
    assert!(errors.ends_with("error: 1 file can't be formatted\n"), "{errors}");
    assert_eq!(fs::read_to_string(folder.path().join("b.sapl")).unwrap(), broken);
    assert_eq!(fs::read_to_string(folder.path().join("c.sapl")).unwrap(), GOOD);
    assert_eq!(run(&["fmt", "-"], broken).0, Some(1));
}

#[cfg(unix)]
#[test]
fn the_file_behind_a_link_is_formatted_and_keeps_its_permissions() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    let folder = folder(&[("target.txt", BAD)]);
    let target = folder.path().join("target.txt");
    fs::set_permissions(&target, fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&target, folder.path().join("a.sapl")).unwrap();
    assert_eq!(run(&["fmt", path(&folder)], "").0, Some(0));
    assert_eq!(fs::read_to_string(&target).unwrap(), GOOD);
    assert_eq!(fs::metadata(&target).unwrap().permissions().mode() & 0o777, 0o640);
    assert!(
        fs::symlink_metadata(folder.path().join("a.sapl"))
            .unwrap()
            .is_symlink()
    );
}
