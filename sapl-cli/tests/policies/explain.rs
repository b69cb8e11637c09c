//! `sapl explain`.

use serde_json::{Value as Json, json};

use crate::ADULTS;
use crate::common::{folder, path, run};

const SUBJECT: &str =
    r#"{"subject": {"age": 12}, "action": "read", "resource": "book", "secrets": {"key": "hunter2"}}"#;
#[test]
fn explain_prints_why_and_no_secrets() {
    let folder = folder(&[("a.sapl", ADULTS)]);
    let (code, output, errors) = run(&["explain", path(&folder)], SUBJECT);
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    assert_eq!(
        output,
        "DENY

a.sapl:1: policy \"adults\": NOT_APPLICABLE (a condition is false)
  false  subject.age >= 18
           subject.age = 12

all documents together: priority deny or deny, errors propagate
  nobody votes
  nothing applies, so the default decides: DENY
"
    );
    let (code, output, _) = run(&["explain", path(&folder)], &SUBJECT.replace("12", "21"));
    assert_eq!(code, Some(0));
    assert!(
        output.starts_with("PERMIT\n  obligation {\"type\":\"log\"}\n"),
        "{output}"
    );
    assert!(
        output.contains("  obligation {\"type\":\"log\"}\n\nall documents"),
        "{output}"
    );
    assert!(!output.contains("hunter2"), "{output}");
    let (code, _, errors) = run(&["explain", path(&folder)], "{}");
    assert_eq!(code, Some(1));
    assert!(errors.contains("the subscription has no `subject`"), "{errors}");
}

#[test]
fn explain_writes_json_and_reads_files() {
    let folder = folder(&[("a.sapl", ADULTS), ("asked.json", SUBJECT)]);
    let asked = format!("{}/asked.json", path(&folder));
    let (code, output, _) = run(&["explain", "--format", "json", path(&folder), &asked], "");
    assert_eq!(code, Some(0));
    let explanation: Json = serde_json::from_str(&output).unwrap();
    let at = |pointer: &str| explanation.pointer(pointer).unwrap();
    assert_eq!(*at("/decision"), json!({"decision": "DENY"}));
    assert_eq!(*at("/documents/0/kind"), "policy");
    assert_eq!(*at("/documents/0/conditions/0/value"), json!({"value": false}));
    assert_eq!(*at("/documents/0/conditions/0/place/line"), 3);
    assert!(!output.contains("hunter2"), "{output}");
    let (code, output, _) = run(&["decide-once", path(&folder), &asked], "");
    assert_eq!((code, output.as_str()), (Some(0), "{\"decision\":\"DENY\"}\n"));
    assert_eq!(run(&["decide-once", path(&folder), "-"], SUBJECT).0, Some(0));
    assert_eq!(
        run(&["decide-once", path(&folder), "no such file"], "").0,
        Some(1)
    );
}

#[test]
fn names_and_values_can_not_move_the_cursor() {
    let folder = folder(&[(
        "a.sapl",
        "policy \"a\\u001b[2J\" permit \"\\u202e\" in subject.x;",
    )]);
    let asked = r#"{"subject": {"x": "\u202e\u001b"}, "action": 1, "resource": 1}"#;
    for arguments in [["explain", path(&folder)], ["check", path(&folder)]] {
        let (_, output, errors) = run(&arguments, asked);
        let all = format!("{output}{errors}");
        assert!(!all.contains(['\u{1b}', '\u{202e}']), "{all:?}");
    }
}
