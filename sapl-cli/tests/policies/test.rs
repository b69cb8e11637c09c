//! `sapl test`.

use std::fs;

use crate::ADULTS;
use crate::common::{folder, path, run};

const TESTS: &str = r#"[
    {"name": "an adult", "subscription": {"subject": {"age": 21}, "action": 1, "resource": 1},
     "expect": {"decision": "PERMIT", "obligations": [{"type": "log"}]}},
    {"name": "others", "cases": [
        {"subscription": {"subject": {"age": 12}, "action": 1, "resource": 1}, "expect": {"decision": "DENY"}}
    ]}
]"#;

#[test]
fn tests_that_pass_end_with_what_they_reached() {
    let folder = folder(&[("a.sapl", ADULTS), ("a.test.json", TESTS)]);
    assert_eq!(
        run(&["test", path(&folder)], ""),
        (
            Some(0),
            "a.test.json: 2 passed\npolicies that applied: 1 of 1\nconditions that were true and false: 1 of 1\n"
                .to_owned(),
            String::new()
        )
    );
}

#[test]
fn tests_that_fail_are_told_with_the_difference() {
    let wrong = TESTS.replace("\"type\": \"log\"", "\"type\": \"mail\"");
    let set = "set \"s\"\nfirst or abstain\nfor action == 2\npolicy \"p\" permit subject == 1;";
    let folder = folder(&[("a.sapl", ADULTS), ("b.sapl", set), ("a.test.json", &wrong)]);
    let (code, output, errors) = run(&["test", path(&folder)], "");
    assert_eq!(code, Some(1));
    assert_eq!(errors, "error: 1 of 2 tests failed\n");
    assert_eq!(
        output,
        "FAILED a.test.json: an adult
  - obligation {\"type\":\"mail\"}
  + obligation {\"type\":\"log\"}
  voted PERMIT by \"adults\" (a.sapl:1)

a.test.json: 1 passed, 1 failed
policies that applied: 1 of 2
  b.sapl:4: \"p\" never applied
conditions that were true and false: 1 of 3
  b.sapl:3: action == 2 was never true
  b.sapl:4: subject == 1 was never true, never false
"
    );
}

#[test]
fn tests_that_can_not_be_read_are_told() {
    let none = folder(&[("a.sapl", ADULTS)]);
    let (code, _, errors) = run(&["test", path(&none)], "");
    assert_eq!(code, Some(1));
    assert!(errors.contains("has no tests (`*.test.json`)"), "{errors}");
    let bad = folder(&[("a.sapl", ADULTS), ("a.test.json", "[\n{\"name\": 1}]")]);
    let (code, _, errors) = run(&["test", path(&bad)], "");
    assert_eq!(code, Some(1));
    assert!(
        errors.contains("a.test.json`") && errors.contains("line 2"),
        "{errors}"
    );
}

#[test]
fn the_report_is_one_file_that_loads_nothing() {
    let folder = folder(&[("a.sapl", ADULTS), ("a.test.json", TESTS)]);
    let report = format!("{}/report.html", path(&folder));
    let (code, _, errors) = run(&["test", path(&folder), "--html", &report], "");
    assert_eq!((code, errors.as_str()), (Some(0), ""));
    let html = fs::read_to_string(&report).unwrap();
    assert!(html.starts_with("<!doctype html>"));
    assert!(
        html.contains("<mark class=\"full\" title=\"true 1, false 1\">subject.age &gt;= 18</mark>"),
        "{html}"
    );
    assert!(!html.contains("<script") && !html.contains("http:") && !html.contains("https:"));
    let (code, _, errors) = run(&["test", path(&folder), "--html", "/no/such/folder/x.html"], "");
    assert_eq!(code, Some(1));
    assert!(errors.contains("can't write"), "{errors}");
}

#[test]
fn the_policies_of_the_examples_pass_their_tests() {
    for folder in ["analytics", "gate"] {
        let folder = format!("{}/../examples/policies/{folder}", env!("CARGO_MANIFEST_DIR"));
        let (code, output, errors) = run(&["test", &folder], "");
        assert_eq!((code, errors.as_str()), (Some(0), ""), "{output}");
        assert!(!output.contains("never"), "{output}");
    }
}

#[test]
fn a_test_says_what_time_it_is_and_what_attributes_are() {
    let policy = "policy \"duty\"\npermit\n  <time.nowIsAfter(\"2026-01-01T08:00:00Z\")>;\n  subject.<shift.onDuty(1)>;\n";
    let tests = r#"[{"name": "on duty", "now": "2026-01-01T09:00:00Z", "attributes": {"<shift.onDuty>": true}, "cases": [
        {"subscription": {"subject": "a", "action": 1, "resource": 1}, "expect": {"decision": "PERMIT"}},
        {"subscription": {"subject": "a", "action": 1, "resource": 1}, "expect": {"decision": "DENY"},
         "now": "2026-01-01T07:00:00Z"},
        {"subscription": {"subject": "a", "action": 1, "resource": 1}, "expect": {"decision": "DENY"},
         "attributes": {"<shift.onDuty>": false}}
    ]}]"#;
    let folder = folder(&[("a.sapl", policy), ("a.test.json", tests)]);
    assert_eq!(
        run(&["test", path(&folder)], ""),
        (
            Some(0),
            "a.test.json: 3 passed\npolicies that applied: 1 of 1\nconditions that were true and false: 2 of 2\n"
                .to_owned(),
            String::new()
        )
    );
}
