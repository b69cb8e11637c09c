//! Links between the documents lead somewhere.

use std::{
    fs,
    path::{Path, PathBuf},
};

#[test]
fn links_lead_to_files_and_headings_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut broken = Vec::new();
    let documents = [documents(&root), documents(&root.join("docs"))].concat();
    assert!(documents.len() > 8, "{documents:?}");
    for document in documents {
        let text = fs::read_to_string(&document).unwrap();
        for link in links(&text) {
            if link.contains("://") {
                continue;
            }
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            let leads =
                target.exists() && (heading.is_empty() || headings(&target).any(|known| known == heading));
            if !leads {
                broken.push(format!("{}: {link}", document.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

fn documents(folder: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect()
}

/// The targets of `[text](target)`.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The anchors that a site such as GitHub gives the headings of a document.
fn headings(document: &Path) -> impl Iterator<Item = String> {
    let text = fs::read_to_string(document).unwrap();
    let headings: Vec<String> = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let kept = |character: &char| character.is_alphanumeric() || "-_ ".contains(*character);
            let text = line.trim_start_matches('#').trim().to_lowercase();
            text.chars().filter(kept).collect::<String>().replace(' ', "-")
        })
        .collect();
    headings.into_iter()
}
