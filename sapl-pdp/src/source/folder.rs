//! Reads the files of a folder.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::state::FolderState;
use super::{Configuration, ConfigurationError, SETTINGS_FILE};
use crate::syntax::MAX_DOCUMENT_BYTES;

/// The largest `pdp.json` that is read, in bytes.
pub const MAX_SETTINGS_BYTES: u64 = 64 * 1024 * 1024;

/// How many bytes the documents of a folder may have together.
pub const MAX_FOLDER_BYTES: u64 = 256 * 1024 * 1024;

/// How many documents a folder may have, whatever its `pdp.json` allows.
pub const MAX_FOLDER_DOCUMENTS: usize = 100_000;

/// How often a folder is read that changes while it is read.
pub const MAX_FOLDER_READS: u32 = 20;

/// How long to wait between two such readings.
const READ_PAUSE: Duration = Duration::from_millis(25);

/// The texts of a folder's files, as they were at one time.
pub(crate) struct Texts {
    settings: Option<String>,
    /// By name.
    documents: Vec<(String, String)>,
}

/// What tells texts from others.
pub(crate) type TextsDigest = [u8; 32];

impl Texts {
    /// Reads a folder, and tells the state that it was in.
    ///
    /// # Errors
    /// A file that can't be read or is too large, or a folder that never stops changing.
    pub(crate) fn read(folder: &Path) -> Result<(Self, FolderState), ConfigurationError> {
        Self::read_whole(folder, Self::read_once, || thread::sleep(READ_PAUSE))
    }

    /// Reads until nothing has changed meanwhile, so that no two files are of different times.
    fn read_whole(
        folder: &Path,
        mut read: impl FnMut(&Path) -> Result<Self, ConfigurationError>,
        mut pause: impl FnMut(),
    ) -> Result<(Self, FolderState), ConfigurationError> {
        for _ in 0..MAX_FOLDER_READS {
            let before = FolderState::of(folder)?;
            let texts = read(folder);
            match FolderState::of(folder) {
                Ok(after) if after == before => return Ok((texts?, after)),
                // Errors too may come of the change.
                _ => pause(),
            }
        }
        Err(ConfigurationError::Changing {
            path: folder.to_owned(),
        })
    }

    fn read_once(folder: &Path) -> Result<Self, ConfigurationError> {
        let settings = settings(folder)?;
        let mut documents = documents(folder)?.into_iter().collect::<Result<Vec<_>, _>>()?;
        documents.sort();
        Ok(Self { settings, documents })
    }

    /// What tells them from others.
    pub(crate) fn digest(&self) -> TextsDigest {
        let mut digest = Sha256::new();
        let mut add = |text: &str| {
            digest.update((text.len() as u64).to_le_bytes());
            digest.update(text);
        };
        add(self.settings.as_ref().map_or("absent", |_| "present"));
        add(self.settings.as_deref().unwrap_or_default());
        for (name, text) in &self.documents {
            add(name);
            add(text);
        }
        digest.finalize().into()
    }

    /// Parses them.
    ///
    /// # Errors
    /// As [`Configuration::from_texts`].
    pub(crate) fn parse(self) -> Result<Configuration, ConfigurationError> {
        Configuration::from_texts(self.settings.as_deref(), self.documents)
    }
}

pub(super) fn is_document(name: &OsStr) -> bool {
    name.as_encoded_bytes().ends_with(b".sapl")
}

/// The text of the folder's settings, if it has any.
pub(super) fn settings(folder: &Path) -> Result<Option<String>, ConfigurationError> {
    let path = folder.join(SETTINGS_FILE);
    let unreadable = |error| ConfigurationError::Unreadable {
        path: path.clone(),
        error,
    };
    if path.try_exists().map_err(unreadable)? {
        return read_text(&path, MAX_SETTINGS_BYTES).map(Some);
    }
    tracing::debug!(folder = %folder.display(), "no {SETTINGS_FILE}, its defaults apply");
    Ok(None)
}

/// The name and text of a document, or why it can't be read.
pub(super) type DocumentText = Result<(String, String), ConfigurationError>;

/// Every document of the folder itself.
pub(super) fn documents(folder: &Path) -> Result<Vec<DocumentText>, ConfigurationError> {
    documents_within(folder, MAX_FOLDER_DOCUMENTS, MAX_FOLDER_BYTES)
}

fn documents_within(
    folder: &Path,
    maximum: usize,
    maximum_bytes: u64,
) -> Result<Vec<DocumentText>, ConfigurationError> {
    let unreadable = |error| ConfigurationError::Unreadable {
        path: folder.to_owned(),
        error,
    };
    let mut documents = Vec::new();
    let mut remaining = maximum_bytes;
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let path = entry.path();
        // The type of the entry itself would not follow links, by which containers mount configuration.
        if !is_document(&name) || !path.is_file() {
            continue;
        }
        if documents.len() == maximum {
            let found = maximum.saturating_add(1);
            return Err(ConfigurationError::TooManyDocuments { found, maximum });
        }
        let text = match read_text(&path, MAX_DOCUMENT_BYTES as u64) {
            Ok(text) => text,
            Err(error) => {
                documents.push(Err(error));
                continue;
            }
        };
        remaining = remaining
            .checked_sub(text.len() as u64)
            .ok_or_else(|| ConfigurationError::TooLarge {
                path: folder.to_owned(),
                maximum: maximum_bytes,
            })?;
        documents.push(Ok((name.to_string_lossy().into_owned(), text)));
    }
    Ok(documents)
}

/// Reads a file of at most `maximum` bytes; its size can't be trusted, since it may change meanwhile.
fn read_text(path: &Path, maximum: u64) -> Result<String, ConfigurationError> {
    let unreadable = |error| ConfigurationError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    file.take(maximum + 1)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    if bytes.len() as u64 > maximum {
        return Err(ConfigurationError::TooLarge {
            path: path.to_owned(),
            maximum,
        });
    }
    String::from_utf8(bytes).map_err(|error| ConfigurationError::NotUtf8 {
        path: path.to_owned(),
        valid_up_to: error.utf8_error().valid_up_to(),
    })
}

#[cfg(test)]
mod tests;
