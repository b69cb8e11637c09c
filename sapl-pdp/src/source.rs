//! Where policies come from: a folder with `*.sapl` files and a `pdp.json`, or texts in memory.
//!
//! ```
//! use sapl_pdp::source::Configuration;
//!
//! let configuration = Configuration::from_texts(
//!     Some(r#"{"variables": {"zone": "office"}}"#),
//!     [("readers.sapl", r#"policy "readers" permit action == "read";"#)],
//! )?;
//! assert_eq!(configuration.documents.len(), 1);
//!
//! let refused = Configuration::from_texts(None, [("bad.sapl", "policy permit")]).unwrap_err();
//! assert!(refused.to_string().contains("bad.sapl:1:8"));
//! # Ok::<(), sapl_pdp::source::ConfigurationError>(())
//! ```

use std::collections::HashMap;
use std::path::Path;

use sapl_base::Secret;

pub use crate::json::MAX_JSON_DEPTH;
use crate::syntax::tree::Document;
use crate::syntax::{self, CombiningAlgorithm, Diagnostic};
use crate::value::Object;

pub use check::{Checked, problems};
pub use error::ConfigurationError;
pub use folder::{MAX_FOLDER_BYTES, MAX_FOLDER_DOCUMENTS, MAX_FOLDER_READS, MAX_SETTINGS_BYTES};
pub(crate) use folder::{Texts, TextsDigest};
pub use policy_source::PolicySource;
pub use settings::DEFAULT_MAX_DOCUMENTS;
pub(crate) use state::{FolderState, Identity};

mod check;
mod error;
mod folder;
mod policy_source;
mod settings;
mod state;

/// The name of the file that holds the algorithm and the variables.
pub const SETTINGS_FILE: &str = "pdp.json";

/// Everything that decides, read and parsed but not yet compiled.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// How the votes of the documents are combined; never [`VotingMode::First`](syntax::VotingMode::First).
    pub algorithm: CombiningAlgorithm,
    /// Names that all policies see. A number beyond every double is an error value.
    pub variables: Object<'static>,
    /// What attribute finders see and policies don't.
    pub secrets: Secret<Object<'static>>,
    /// The documents, sorted by file name; the names of their policies and sets are unique.
    pub documents: Vec<SourceDocument>,
}

/// A document with its text, which diagnostics need.
#[derive(Clone, Debug)]
pub struct SourceDocument {
    /// The name of its file.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The text, parsed.
    pub tree: Document,
}

impl Configuration {
    /// Reads the files `*.sapl` (hidden ones too) and `pdp.json` of a folder, but not of its subfolders.
    ///
    /// # Errors
    ///
    /// The first thing that is wrong: a file that can't be read or is no UTF-8, a document that does not parse, two
    /// documents of one name, a `pdp.json` that does not follow its format, too many or too large files. A folder that
    /// changes meanwhile is read again, up to [`MAX_FOLDER_READS`] times, so that no two files are of different times.
    pub fn from_dir(folder: impl AsRef<Path>) -> Result<Self, ConfigurationError> {
        Texts::read(folder.as_ref())?.0.parse()
    }

    /// Makes a configuration of texts: that of `pdp.json`, if any, and of documents with the names of their files.
    ///
    /// # Errors
    ///
    /// As [`from_dir`](Self::from_dir).
    pub fn from_texts<F, T>(
        settings: Option<&str>,
        documents: impl IntoIterator<Item = (F, T)>,
    ) -> Result<Self, ConfigurationError>
    where
        F: Into<String>,
        T: Into<String>,
    {
        let settings = match settings {
            Some(text) => settings::parse(text).map_err(|problem| problem.in_file(SETTINGS_FILE))?,
            None => settings::Settings::default(),
        };
        let mut texts: Vec<_> = documents
            .into_iter()
            .map(|(file, text)| (file.into(), text.into()))
            .collect();
        settings.refuse_more_than_allowed(texts.len())?;
        texts.sort();
        let documents = texts
            .into_iter()
            .map(|(file, text)| SourceDocument::parse(file, text));
        let documents = documents.collect::<Result<Vec<_>, _>>()?;
        refuse_second_of_a_name(&documents)?;
        let settings::Settings {
            algorithm,
            variables,
            secrets,
            ..
        } = settings;
        Ok(Self {
            algorithm,
            variables,
            secrets: Secret::new(secrets),
            documents,
        })
    }
}

impl SourceDocument {
    /// Parses the text of a file.
    ///
    /// # Errors
    ///
    /// The first problem of the text, see [`syntax::parse`].
    pub fn parse(file: String, text: String) -> Result<Self, Diagnostic> {
        match syntax::parse(&text) {
            Ok(tree) => Ok(Self { file, text, tree }),
            Err(problem) => Err(problem.in_file(file)),
        }
    }

    /// A problem at a place of the document.
    #[must_use]
    pub fn diagnostic(&self, message: impl Into<String>, span: syntax::Span) -> Diagnostic {
        Diagnostic::new(message, span, &self.text).in_file(&self.file)
    }
}

fn refuse_second_of_a_name(documents: &[SourceDocument]) -> Result<(), Diagnostic> {
    match seconds_of_a_name(documents).next() {
        Some(problem) => Err(problem),
        None => Ok(()),
    }
}

/// A problem for each document that has the name of one before it.
fn seconds_of_a_name(documents: &[SourceDocument]) -> impl Iterator<Item = Diagnostic> {
    let mut files = HashMap::new();
    documents.iter().filter_map(move |document| {
        let name = document.tree.name();
        let first = files.insert(&name.value, &document.file)?;
        let message = format!("`{}` is the name of a document in `{first}` already", name.value);
        Some(document.diagnostic(message, name.span))
    })
}

#[cfg(test)]
mod tests;
