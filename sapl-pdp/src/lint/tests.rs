use super::*;
use crate::source::Configuration;

fn document(text: &str) -> SourceDocument {
    SourceDocument::parse("a.sapl".to_owned(), text.to_owned()).unwrap()
}

/// The code, line, column and help of each warning.
fn warned(text: &str) -> Vec<(&'static str, u32, u32, String)> {
    let settings = r#"{"variables": {"limit": 3, "zero": 0}}"#;
    let configuration = Configuration::from_texts(Some(settings), [("a.sapl", text)]).unwrap();
    let document = document(text);
    assert!(refusals(&document, &configuration.variables).is_empty());
    warnings(&document, &configuration.variables)
        .into_iter()
        .map(|warning| {
            (
                warning.code().unwrap(),
                warning.line(),
                warning.column(),
                warning.help().unwrap_or_default().to_owned(),
            )
        })
        .collect()
}

#[track_caller]
fn warns(text: &str, expected: &[(&'static str, u32, u32, &str)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|&(code, line, column, help)| (code, line, column, help.to_owned()))
        .collect();
    assert_eq!(warned(text), expected, "{text}");
}

#[test]
fn good_documents_have_no_warnings() {
    warns(
        "import string.length as size\nset \"s\" first or deny for limit > 2\nvar a = subject.name;
         policy \"p\" permit var b = a schema {x: a}; size(b) > 1; { b: 1 } has b; resource |- { @.x : filter.blacken };
         policy \"q\" permit true; resource[?(@ == a)] == []; policy \"r\" deny",
        &[],
    );
}

#[test]
fn misspelled_functions_have_a_suggestion() {
    warns(
        "policy \"p\" permit string.lenght(\"a\");\nstrin.length(\"a\");\nx.y(1);\nmath.length(\"a\");\nresource |- filter.blaken;",
        &[
            ("unknown-function", 1, 19, "did you mean `string.length`?"),
            ("unknown-function", 2, 1, "did you mean `string.length`?"),
            ("unknown-function", 3, 1, ""),
            ("unknown-function", 4, 1, "did you mean `standard.length`?"),
            ("unknown-function", 5, 13, "did you mean `filter.blacken`?"),
        ],
    );
}

#[test]
fn misspelled_attributes_of_known_libraries_have_a_suggestion() {
    warns(
        "policy \"p\" permit <time.nowIsAftr(\"x\")>;\n<time.now> != subject.<shift.other>;",
        &[("unknown-attribute", 1, 20, "did you mean `time.nowIsAfter`?")],
    );
}

#[test]
fn wrong_numbers_of_arguments_are_told_with_the_right_ones() {
    warns(
        "policy \"p\" permit string.length(subject, 1) > 1;",
        &[("argument-count", 1, 19, "it is `string.length(str)`")],
    );
}

#[test]
fn unknown_names_have_a_suggestion() {
    warns(
        "policy \"p\" permit var amount = 3; amonut > subjct.x & lmit > nothing;",
        &[
            ("unused-variable", 1, 23, ""),
            ("unknown-name", 1, 35, "did you mean `amount`?"),
            ("unknown-name", 1, 44, "did you mean `subject`?"),
            ("unknown-name", 1, 55, "did you mean `limit`?"),
            ("unknown-name", 1, 62, ""),
        ],
    );
}

#[test]
fn what_nobody_uses_is_told() {
    warns(
        "import string.length\nset \"s\" priority deny or deny\nvar a = 1;\npolicy \"p\" permit\nvar b = 2;\npolicy \"q\" permit b == 1;",
        &[
            ("unused-import", 1, 1, ""),
            ("unused-variable", 3, 5, ""),
            ("unused-variable", 5, 5, ""),
            ("unknown-name", 6, 19, ""),
        ],
    );
}

#[test]
fn conditions_that_never_hold_are_told() {
    warns(
        "policy \"p\" permit\n1 == 2;\n1 / zero == 1;\n\"text\";\ntrue;\nsubject == 1;",
        &[
            ("never-applies", 2, 1, ""),
            ("always-an-error", 3, 1, ""),
            ("always-an-error", 4, 1, ""),
        ],
    );
    warns(
        "set \"s\" first or deny for 1 > 2 policy \"p\" permit",
        &[("never-applies", 1, 27, "")],
    );
}

#[test]
fn policies_behind_one_that_always_decides_are_told() {
    let help = "in a set with `first`, a policy without conditions such as `b` stands last";
    warns(
        "set \"s\" first or deny policy \"a\" permit subject == 1;\npolicy \"b\" deny true;\npolicy \"c\" permit\npolicy \"d\" permit",
        &[("unreachable-policy", 3, 8, help)],
    );
    warns(
        "set \"s\" unique or deny policy \"b\" deny policy \"c\" permit",
        &[],
    );
}

#[test]
fn keys_that_are_there_twice_are_told() {
    warns(
        "policy \"p\" permit obligation {a: 1, \"a\": 2, b: {a: 1}}",
        &[("duplicate-key", 1, 37, "")],
    );
}

#[test]
fn every_reason_for_a_refusal_is_told() {
    let text = "subject enforced schema 1\nset \"s\" first or deny for 1 / 0\nvar a = 1 / 0;\nvar b = 1 =~ \"(\";\n\
        policy \"p\" permit a; x =~ \"[\";\nobligation 1 / 0\nobligation a\npolicy \"q\" permit transform @";
    let problems = refusals(&document(text), &Object::default());
    let lines: Vec<_> = problems.iter().map(Diagnostic::line).collect();
    assert_eq!(lines.len(), 7, "{problems:#?}");
    let mut sorted = lines.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, [1, 2, 3, 4, 5, 6, 8]);
    assert!(problems.iter().all(|problem| problem.file() == Some("a.sapl")));
}

#[test]
fn refusals_end_at_their_limit() {
    let text = format!("policy \"p\" permit {}", "x =~ \"[\"; ".repeat(MAX_PROBLEMS + 1));
    assert_eq!(refusals(&document(&text), &Object::default()).len(), MAX_PROBLEMS);
}
