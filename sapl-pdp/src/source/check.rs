//! Everything that is wrong with a folder.

use std::path::Path;

use super::settings::{self, Settings};
use super::{ConfigurationError, SETTINGS_FILE, SourceDocument, folder, seconds_of_a_name};
use crate::compile::Compiler;
use crate::eval::Limits;
use crate::lint;
use crate::syntax::{self, Diagnostic};

/// What became of a folder's documents.
#[derive(Debug)]
pub struct Checked {
    /// How many there are.
    pub documents: usize,
    /// What is wrong, by document, under its path. Without any, the folder can be loaded.
    pub problems: Vec<ConfigurationError>,
    /// Likely mistakes, of documents with nothing wrong.
    pub warnings: Vec<Diagnostic>,
}

/// Checks all documents of a folder and its `pdp.json`, as loading would, but doesn't end with the first problem.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// std::fs::write(folder.join("a.sapl"), "policy \"a\" allow")?;
/// std::fs::write(folder.join("b.sapl"), "policy \"b\" permit")?;
/// std::fs::write(folder.join("c.sapl"), "policy \"c\" permit obligation 1 / 0")?;
/// let checked = sapl_pdp::source::problems(folder);
/// assert_eq!((checked.documents, checked.problems.len()), (3, 2));
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use]
pub fn problems(folder: impl AsRef<Path>) -> Checked {
    let folder = folder.as_ref();
    let mut problems = Vec::new();
    let settings = settings_of(folder).unwrap_or_else(|problem| {
        problems.push(problem);
        Settings::default()
    });
    let mut texts = folder::documents(folder).unwrap_or_else(|problem| vec![Err(problem)]);
    texts.sort_by(|one, other| name(one).cmp(&name(other)));
    let count = texts.len();
    problems.extend(settings.refuse_more_than_allowed(count).err());
    let mut documents = Vec::with_capacity(count);
    for text in texts {
        let (file, text) = match text {
            Ok(text) => text,
            Err(problem) => {
                problems.push(problem);
                continue;
            }
        };
        match syntax::parse_all(&text) {
            Ok(tree) => documents.push(SourceDocument { file, text, tree }),
            Err(found) => problems.extend(found.into_iter().map(|problem| problem.in_file(&file).into())),
        }
    }
    problems.extend(seconds_of_a_name(&documents).map(ConfigurationError::from));
    let mut warnings = Vec::new();
    for document in &documents {
        let refusals = lint::refusals(document, &settings.variables);
        if refusals.is_empty() {
            warnings.extend(lint::warnings(document, &settings.variables));
        }
        problems.extend(refusals.into_iter().map(ConfigurationError::from));
    }
    if problems.is_empty() {
        // Some limits are for all documents together.
        let mut compiler = Compiler::new(&settings.variables, Limits::default());
        let compiled = documents.iter().find_map(|document| {
            let compiled = compiler.document(&document.tree, &document.text);
            compiled.err().map(|problem| problem.in_file(&document.file))
        });
        problems.extend(compiled.map(ConfigurationError::from));
    }
    Checked {
        documents: count,
        problems: problems
            .into_iter()
            .map(|problem| located(problem, folder))
            .collect(),
        warnings: warnings
            .into_iter()
            .map(|warning| in_folder(warning, folder))
            .collect(),
    }
}

fn settings_of(folder: &Path) -> Result<Settings, ConfigurationError> {
    match folder::settings(folder)? {
        Some(text) => Ok(settings::parse(&text).map_err(|problem| problem.in_file(SETTINGS_FILE))?),
        None => Ok(Settings::default()),
    }
}

fn name(text: &folder::DocumentText) -> Option<&str> {
    text.as_ref().ok().map(|(file, _)| file.as_str())
}

/// The problem with the path of its file for the mere name.
fn located(problem: ConfigurationError, folder: &Path) -> ConfigurationError {
    match problem {
        ConfigurationError::Invalid(problem) => in_folder(*problem, folder).into(),
        other => other,
    }
}

fn in_folder(problem: Diagnostic, folder: &Path) -> Diagnostic {
    let path = folder.join(problem.file().unwrap_or_default());
    problem.in_file(path.display().to_string())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn found(files: &[(&str, &[u8])]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            fs::write(folder.path().join(name), content).unwrap();
        }
        let prefix = folder.path().display().to_string();
        let checked = problems(folder.path());
        // What can be loaded has no problems, and the other way round.
        let loaded = crate::EmbeddedPdp::from_dir(folder.path());
        assert_eq!(loaded.is_ok(), checked.problems.is_empty());
        let found = checked.problems.into_iter().map(|problem| problem.to_string());
        found.map(|problem| problem.replace(&prefix, "DIR")).collect()
    }

    #[test]
    fn every_document_is_checked_and_named_by_its_path() {
        let found = found(&[
            ("a.sapl", b"policy \"a\" allow"),
            ("b.sapl", b"policy \"b\" permit"),
            ("c.sapl", b"policy \"c\" permit\nobligation 1 / 0"),
            ("d.sapl", b"\xff"),
            ("e.sapl", b"policy \"b\" deny"),
            ("f.sapl", b"set \"b\" first or deny policy \"y\" permit"),
            ("pdp.json", b"{"),
        ]);
        let starts = |text: &str, place: &str| {
            assert!(
                found
                    .iter()
                    .any(|problem| problem.starts_with(text) && problem.contains(place)),
                "{found:#?}"
            );
        };
        starts("error: expected", "--> DIR/pdp.json:1:2");
        starts("error: ", "--> DIR/a.sapl:1:12");
        starts("error: ", "--> DIR/c.sapl:2:12");
        starts("`DIR/d.sapl` is not UTF-8", "offset 0");
        starts("error: `b` is the name", "--> DIR/e.sapl:1:8");
        starts("error: `b` is the name", "--> DIR/f.sapl:1:5");
        assert_eq!(found.len(), 6);
    }

    #[test]
    fn a_good_folder_has_no_problems() {
        assert!(found(&[]).is_empty());
        assert!(found(&[("a.sapl", b"policy \"a\" permit"), ("pdp.json", b"{}")]).is_empty());
    }

    #[test]
    fn variables_are_those_of_the_settings() {
        let good = (
            "pdp.json",
            br#"{"variables": {"divisor": 0}, "compilerOptions": {"maxPolicyDocuments": 1}}"#.as_slice(),
        );
        let policy = b"policy \"a\" permit obligation 1 / divisor".as_slice();
        assert_eq!(found(&[good, ("a.sapl", policy)]).len(), 1);
        let many = found(&[
            good,
            ("a.sapl", b"policy \"a\" permit"),
            ("b.sapl", b"policy \"b\" permit"),
        ]);
        assert_eq!(many, ["there are 2 documents, at most 1 are allowed"]);
    }

    #[test]
    fn a_missing_folder_is_a_problem() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(problems(folder.path().join("missing")).problems.len(), 1);
    }
}
