//! `sapl decide` as it is run.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::Child;

use crate::common::{folder, path, sapl};

/// A command that runs until it is dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn each_line_is_a_decision_that_is_another() {
    let folder = folder(&[("a.sapl", "policy \"a\" permit")]);
    let mut running = Running(sapl(&["decide", path(&folder)]).spawn().unwrap());
    let mut input = running.0.stdin.take().unwrap();
    input
        .write_all(br#"{"subject": "mara", "action": "read", "resource": "report"}"#)
        .unwrap();
    drop(input);
    let mut decisions = BufReader::new(running.0.stdout.take().unwrap()).lines();
    let mut problems = BufReader::new(running.0.stderr.take().unwrap()).lines();
    let mut next = || decisions.next().unwrap().unwrap();
    assert_eq!(next(), "{\"decision\":\"PERMIT\"}");
    let file = folder.path().join("a.sapl");
    fs::write(&file, "policy \"a\" permit obligation").unwrap();
    assert!(problems.next().unwrap().unwrap().starts_with("error: "));
    fs::write(&file, "policy \"a\" permit true;").unwrap();
    // The same decision is not told again.
    let told = problems.by_ref().map(|line| line.unwrap());
    assert!(told.take_while(|line| !line.contains("in force")).count() > 0);
    fs::write(&file, "policy \"a\" deny advice 1").unwrap();
    assert_eq!(next(), "{\"decision\":\"DENY\",\"advice\":[1]}");
}
