//! The seed corpus of the fuzz target for requests, as an ordinary test.

use std::{fs, path::Path};

/// What the target does.
#[path = "../../../fuzz/src/jsonrpc.rs"]
#[expect(unreachable_pub, reason = "it is public where it belongs")]
mod jsonrpc;

#[test]
fn requests_of_any_form_give_no_content_without_a_permit() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/jsonrpc");
    let mut seeds: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    seeds.sort();
    assert!(seeds.len() > 20, "{seeds:?}");
    for seed in seeds {
        // The last one that is named is the one that fails.
        println!("{}", seed.display());
        jsonrpc::jsonrpc(&fs::read(&seed).unwrap());
    }
}
