//! `sapl check`.

use serde_json::{Value as Json, json};

use crate::common::{folder, path, run};

#[test]
fn check_tells_every_problem_of_a_document_and_of_others() {
    let folder = folder(&[
        ("a.sapl", "policy \"a\" permit 1 +; 2 *;\nobligation ]"),
        ("b.sapl", "policy \"b\" permit x =~ \"(\"; y =~ \"[\";"),
    ]);
    let (code, output, errors) = run(&["check", path(&folder)], "");
    assert_eq!((code, output.as_str()), (Some(1), ""));
    let places: Vec<&str> = errors
        .lines()
        .filter_map(|line| line.split_once(".sapl:"))
        .map(|(_, place)| place)
        .collect();
    assert_eq!(places, ["1:22", "1:27", "2:12", "1:19", "1:29"], "{errors}");
    assert!(errors.ends_with("error: 5 problems found\n"), "{errors}");
}

#[test]
fn check_warns_and_ends_well_unless_warnings_are_denied() {
    let folder = folder(&[("a.sapl", "policy \"a\" permit string.lenght(subject.name) > 3;")]);
    let (code, output, errors) = run(&["check", path(&folder)], "");
    assert_eq!(code, Some(0));
    assert_eq!(output, format!("{}: 1 document, 1 warning\n", path(&folder)));
    assert_eq!(
        errors,
        format!(
            "warning: unknown function `string.lenght`
 --> {}/a.sapl:1:19
  |
1 | policy \"a\" permit string.lenght(subject.name) > 3;
  |                   ^^^^^^^^^^^^^ always an error
  |
  = help: did you mean `string.length`?

",
            path(&folder)
        )
    );
    let (code, _, errors) = run(&["check", "--deny-warnings", path(&folder)], "");
    assert_eq!(code, Some(1));
    assert!(errors.ends_with("error: 1 warning found\n"), "{errors}");
}

#[test]
fn check_writes_json() {
    let folder = folder(&[
        ("a.sapl", "policy \"a\" allow"),
        ("b.sapl", "policy \"b\" permit\n  amount > 3;"),
    ]);
    let (code, output, errors) = run(&["check", "--format", "json", path(&folder)], "");
    assert_eq!(
        (code, errors.as_str()),
        (Some(1), "error: 1 problem and 1 warning found\n")
    );
    let report: Json = serde_json::from_str(&output).unwrap();
    let file = |name: &str| format!("{}/{name}", path(&folder));
    assert_eq!(
        report,
        json!([{
            "folder": path(&folder),
            "documents": 2,
            "problems": [
                {
                    "severity": "error",
                    "message": "expected `permit`, `deny` or `suspend`, found `allow`",
                    "file": file("a.sapl"), "line": 1, "column": 12, "end_line": 1, "end_column": 17
                },
                {
                    "severity": "warning",
                    "code": "unknown-name",
                    "message": "`amount` is no variable and no part of the subscription",
                    "label": "always undefined",
                    "file": file("b.sapl"), "line": 2, "column": 3, "end_line": 2, "end_column": 9
                }
            ]
        }])
    );
    let (code, output, _) = run(&["check", "--format", "json", "no such folder"], "");
    assert_eq!(code, Some(1));
    assert!(output.contains("can't read `no such folder`"), "{output}");
}

#[test]
fn check_warns_of_folders_without_documents() {
    let empty = folder(&[("pdp.json", "{}"), ("a.txt", "policy")]);
    let folder = path(&empty);
    assert_eq!(
        run(&["check", folder], ""),
        (
            Some(0),
            format!("{folder}: 0 documents, 1 warning\n"),
            format!("warning: `{folder}` has no documents (`*.sapl`)\n\n")
        )
    );
    let (code, _, errors) = run(&["check", "--deny-warnings", folder], "");
    assert_eq!(code, Some(1));
    assert!(errors.ends_with("error: 1 warning found\n"), "{errors}");
    let (code, output, _) = run(&["check", "--format", "json", folder], "");
    assert_eq!(code, Some(0));
    let report: Json = serde_json::from_str(&output).unwrap();
    assert_eq!(report[0]["problems"][0]["code"], "no-documents");
}
