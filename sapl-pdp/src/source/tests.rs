use std::fs;

use super::*;
use crate::syntax::{DefaultDecision, ErrorHandling, VotingMode};

const NO_DOCUMENTS: [(&str, &str); 0] = [];

fn settings(text: &str) -> Result<Configuration, String> {
    Configuration::from_texts(Some(text), NO_DOCUMENTS).map_err(|error| error.to_string())
}

fn folder(files: &[(&str, &[u8])]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

#[test]
fn a_folder_gives_its_documents_sorted_and_nothing_else() {
    let folder = folder(&[
        ("b.sapl", b"policy \"b\" permit"),
        (".sapl", b"policy \"hidden\" permit"),
        ("a.sapl", b"policy \"a\" permit"),
        ("c.sapl.bak", b"broken"),
        ("sub/d.sapl", b"broken"),
        ("D.SAPL", b"broken"),
        ("dir.sapl/x", b""),
    ]);
    let configuration = Configuration::from_dir(folder.path()).unwrap();
    let files: Vec<_> = configuration
        .documents
        .iter()
        .map(|document| document.file.as_str())
        .collect();
    assert_eq!(files, [".sapl", "a.sapl", "b.sapl"]);
    assert_eq!(configuration.algorithm, CombiningAlgorithm::DEFAULT);
}

#[test]
fn a_bad_document_is_refused_with_file_line_column_and_caret() {
    let folder = folder(&[
        ("a.sapl", b"policy \"a\" permit"),
        ("bad.sapl", b"policy \"bad\" permit\n  subject ==\n;"),
    ]);
    let error = Configuration::from_dir(folder.path()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "error: expected an expression, found `;`\n --> bad.sapl:3:1\n  |\n3 | ;\n  | ^"
    );
    assert_eq!(error.diagnostic().map(Diagnostic::line), Some(3));
}

#[test]
fn documents_of_one_name_are_refused() {
    let error = Configuration::from_texts(
        None,
        [
            ("b.sapl", "set \"x\" first or deny policy \"y\" permit"),
            ("a.sapl", "policy \"x\" permit"),
        ],
    )
    .unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("error: `x` is the name of a document in `a.sapl` already\n --> b.sapl:1:5")
    );
    assert!(
        Configuration::from_texts(None, [("a", "policy \"x\" permit"), ("b", "policy \"X\" permit")]).is_ok()
    );
}

#[test]
fn documents_are_strict_utf8_without_a_byte_order_mark() {
    let bad = folder(&[("a.sapl", b"policy \"\xff\" permit")]);
    assert!(matches!(
        Configuration::from_dir(bad.path()),
        Err(ConfigurationError::NotUtf8 { valid_up_to: 8, .. })
    ));
    let marked = folder(&[("a.sapl", "\u{feff}policy \"a\" permit".as_bytes())]);
    assert!(matches!(
        Configuration::from_dir(marked.path()),
        Err(ConfigurationError::Invalid(_))
    ));
}

#[test]
fn a_document_of_more_than_two_mebibytes_is_not_read_to_its_end() {
    let maximum = syntax::MAX_DOCUMENT_BYTES;
    let mut text = b"policy \"a\" permit".to_vec();
    text.resize(maximum, b' ');
    let at_limit = folder(&[("a.sapl", &text)]);
    assert!(Configuration::from_dir(at_limit.path()).is_ok());
    text.push(b' ');
    let beyond = folder(&[("a.sapl", &text)]);
    assert!(matches!(
        Configuration::from_dir(beyond.path()),
        Err(ConfigurationError::TooLarge { .. })
    ));
}

#[test]
fn a_missing_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing");
    assert!(matches!(
        Configuration::from_dir(missing),
        Err(ConfigurationError::Unreadable { .. })
    ));
}

#[test]
fn settings_name_the_algorithm_and_variables() {
    let configuration = settings(
        r#"{"algorithm": {"votingMode": "UNANIMOUS_STRICT", "defaultDecision": "ABSTAIN", "errorHandling": "ABSTAIN"},
            "variables": {"zone": "office"}, "secrets": {"key": "hunter2"}, "unknown": 1}"#,
    )
    .unwrap();
    assert_eq!(
        configuration.algorithm,
        CombiningAlgorithm {
            mode: VotingMode::UnanimousStrict,
            default: DefaultDecision::Abstain,
            errors: ErrorHandling::Abstain,
        }
    );
    assert_eq!(
        configuration
            .variables
            .get("zone")
            .as_ref()
            .and_then(|zone| zone.as_text()),
        Some("office")
    );
    assert!(configuration.variables.get("key").is_none());
    assert!(!format!("{configuration:?}").contains("hunter2"));
}

#[test]
fn settings_without_an_algorithm_have_the_default() {
    for text in [
        "{}",
        "null",
        "5",
        "[]",
        "\"text\"",
        "{\"algorithm\": null}",
        "{\"Algorithm\": 1}",
        "{\"variables\": 5}",
    ] {
        assert_eq!(
            settings(text).unwrap().algorithm,
            CombiningAlgorithm::DEFAULT,
            "{text}"
        );
    }
}

#[test]
fn an_algorithm_that_is_not_whole_is_refused() {
    let good =
        r#"{"algorithm": {"votingMode": "UNIQUE", "defaultDecision": "DENY", "errorHandling": "PROPAGATE"}}"#;
    assert!(settings(good).is_ok());
    for (from, to, message) in [
        ("\"UNIQUE\"", "\"FIRST\"", "`FIRST` is for sets only"),
        ("\"UNIQUE\"", "\"unique\"", "`votingMode` must be one of"),
        ("\"UNIQUE\"", "null", "`votingMode` must be one of"),
        ("\"UNIQUE\"", "1", "`votingMode` must be one of"),
        ("\"votingMode\"", "\"mode\"", "`algorithm` has no `votingMode`"),
        (
            "\"DENY\"",
            "\"INDETERMINATE\"",
            "`defaultDecision` must be one of",
        ),
        ("\"PROPAGATE\"", "\"\"", "`errorHandling` must be one of"),
        ("{\"votingMode\"", "[{\"votingMode\"", "expected"),
    ] {
        let error = settings(&good.replacen(from, to, 1)).unwrap_err();
        assert!(
            error.contains(message) && error.contains("pdp.json:1:"),
            "{error}"
        );
    }
    assert!(
        settings("{\"algorithm\": \"UNIQUE\"}")
            .unwrap_err()
            .contains("must be an object")
    );
}

#[test]
fn the_number_of_documents_ends_at_its_limit() {
    let text = r#"{"compilerOptions": {"maxPolicyDocuments": 2}}"#;
    let with = |documents: &[(&str, &str)]| Configuration::from_texts(Some(text), documents.iter().copied());
    let all = [
        ("a", "policy \"a\" permit"),
        ("b", "policy \"b\" permit"),
        ("c", "policy \"c\" permit"),
    ];
    assert!(with(&all[..2]).is_ok());
    assert!(matches!(
        with(&all),
        Err(ConfigurationError::TooManyDocuments { found: 3, maximum: 2 })
    ));
    assert!(settings(r#"{"compilerOptions": {"indexing": "BOGUS"}}"#).is_err());
    assert!(settings(r#"{"compilerOptions": {"indexing": "auto"}}"#).is_ok());
}
