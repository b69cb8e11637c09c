//! The seed corpus of the fuzz targets, as an ordinary test.

#![cfg(feature = "full")]
#![expect(clippy::unwrap_used, reason = "a test may end this way")]

use std::fs;
use std::path::{Path, PathBuf};

/// What the targets do.
#[path = "../../fuzz/src/targets.rs"]
pub mod targets;

/// Runs all seeds of a target; the last one that is named is the one that fails.
fn run(target: &str, run: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/corpus")
        .join(target);
    let entries = fs::read_dir(&folder).unwrap();
    let mut seeds: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{} has no seeds", folder.display());
    for seed in seeds {
        println!("{}", seed.display());
        run(&fs::read(&seed).unwrap());
    }
}

#[test]
fn documents_parse_and_compile_or_have_a_diagnostic() {
    run("document", targets::document);
}

#[test]
fn expressions_are_evaluated_on_any_json() {
    run("expression", targets::expression);
}

#[test]
fn settings_are_read_or_have_a_diagnostic() {
    run("settings", targets::settings);
}

#[test]
fn formatting_keeps_the_meaning() {
    run("format", targets::format);
}
