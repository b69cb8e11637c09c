//! The canonical layout keeps the meaning of documents, and is its own.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use regex::Regex;
use sapl_pdp::syntax::{MAX_WIDTH, format, parse};
use serde::Deserialize;
use serde_json::Value as Json;

/// The tree without the places of its nodes and without comments, as text.
fn meaning(source: &str) -> String {
    let mut tree = parse(source).unwrap();
    tree.comments.clear();
    static SPANS: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"Span \{ start: \d+, end: \d+ \}").unwrap());
    SPANS.replace_all(&format!("{tree:?}"), "").into_owned()
}

fn comments(source: &str) -> Vec<String> {
    let tree = parse(source).unwrap();
    tree.comments
        .iter()
        .map(|comment| comment.span.text(source).trim_end().replace("\r\n", "\n"))
        .collect()
}

#[track_caller]
fn holds(source: &str) {
    let once = format(source).unwrap_or_else(|problem| panic!("{problem}\n{source}"));
    assert_eq!(meaning(source), meaning(&once), "{source}\n---\n{once}");
    assert_eq!(comments(source), comments(&once), "{source}\n---\n{once}");
    let twice = format(&once).unwrap();
    assert_eq!(once, twice, "{source}");
}

/// The texts of an entry; what else it has may hold numbers that no double can.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    document: Option<String>,
    imports: String,
    expr: Option<String>,
    policies: BTreeMap<String, Json>,
    files: BTreeMap<String, Json>,
}

/// Every text of the recorded answers that is a document, and every expression made one.
fn recorded() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors");
    let mut documents = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "json") {
            continue;
        }
        let entries: Vec<Entry> = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        for entry in entries {
            documents.extend(entry.document);
            let imports = entry.imports;
            documents.extend(
                entry
                    .expr
                    .map(|expression| format!("{imports}\npolicy \"e\" permit {expression};")),
            );
            for files in [entry.policies, entry.files] {
                let texts = files.into_values();
                documents.extend(texts.filter_map(|text| text.as_str().map(str::to_owned)));
            }
        }
    }
    documents.retain(|document| parse(document).is_ok());
    documents
}

#[test]
fn recorded_documents_keep_their_meaning() {
    let documents = recorded();
    assert!(documents.len() > 1_000, "{}", documents.len());
    for document in documents {
        holds(&document);
    }
}

#[test]
fn the_policies_of_the_examples_are_in_the_canonical_layout() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/policies");
    let mut documents = 0;
    for folder in fs::read_dir(folder).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "sapl") {
                let text = fs::read_to_string(&path).unwrap();
                assert_eq!(format(&text).as_deref(), Ok(&*text), "{}", path.display());
                documents += 1;
            }
        }
    }
    assert!(documents > 0);
}

#[test]
fn the_deepest_documents_need_little_stack() {
    let thread = std::thread::Builder::new().stack_size(512 * 1024);
    let deep = |open: &str, close: &str, depth: usize| {
        format!(
            "policy \"p\" permit {}1{};",
            open.repeat(depth),
            close.repeat(depth)
        )
    };
    let format_all = move || {
        for (open, close) in [
            ("[", "]"),
            ("(1 + 2 * ", ")"),
            ("{a: ", "}"),
            ("f.g(", ")"),
            ("!", ""),
            ("x :: ", ""),
        ] {
            // As deep as may be, whatever the limit for this is.
            let deepest = (1..200).rev().map(|depth| deep(open, close, depth));
            let document = deepest
                .into_iter()
                .find(|document| parse(document).is_ok())
                .unwrap();
            let once = format(&document).unwrap();
            assert_eq!(format(&once).as_deref(), Ok(&*once));
        }
    };
    thread.spawn(format_all).unwrap().join().unwrap();
}

/// Documents with comments and line breaks between their tokens.
fn scattered() -> impl Strategy<Value = String> {
    let documents = recorded();
    let gap = prop_oneof![
        6 => Just(""),
        2 => Just(" "),
        2 => Just("\n"),
        1 => Just("\n\n\n"),
        1 => Just("\r\n\t"),
        1 => Just(" // line \n"),
        1 => Just("\n// own line\n"),
        1 => Just("\n\n// far\r\n\r\n"),
        1 => Just("/* block */"),
        1 => Just("\n/* own */\n"),
        1 => Just("/* two\nlines */"),
        1 => Just("\n/* a *//* b */// c\r"),
    ];
    (0..documents.len(), prop::collection::vec(gap, 1..40))
        .prop_map(move |(index, gaps)| spread(&documents[index], &gaps))
}

/// The document with gaps at its white space and around its brackets and separators.
fn spread(document: &str, gaps: &[&str]) -> String {
    let mut gaps = gaps.iter().cycle();
    let mut next = || *gaps.next().unwrap();
    let mut spread = String::new();
    let (mut in_text, mut escaped) = (false, false);
    for character in document.chars() {
        if in_text {
            in_text = escaped || character != '"';
            escaped = !escaped && character == '\\';
            spread.push(character);
            continue;
        }
        in_text = character == '"';
        match character {
            ' ' | '\n' => {
                spread.push(' ');
                spread.push_str(next());
                spread.push(character);
            }
            '(' | ')' | '{' | '}' | ',' | ';' => {
                spread.push_str(next());
                spread.push(character);
                spread.push_str(next());
            }
            _ => spread.push(character),
        }
    }
    spread
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_and_line_breaks_anywhere_change_nothing_else(document in scattered()) {
        if parse(&document).is_ok() {
            holds(&document);
        }
    }

    #[test]
    fn names_of_any_length_fit_as_well_as_they_can(lengths in prop::collection::vec(1..70_usize, 1..8)) {
        let names: Vec<String> = lengths.iter().map(|length| "n".repeat(*length)).collect();
        let document = format!(
            "policy \"p\" permit {}; {} in [{}]; obligation {{ a: {} }}",
            names.join(" && "),
            names[0],
            names.join(", "),
            names.join(" + "),
        );
        holds(&document);
        let formatted = format(&document).unwrap();
        prop_assert!(formatted.lines().all(|line| line.len() <= MAX_WIDTH), "{}", formatted);
    }
}
