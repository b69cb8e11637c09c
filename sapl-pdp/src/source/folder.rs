//! Reads the files of a folder.

use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;

use super::{Configuration, ConfigurationError, SETTINGS_FILE};
use crate::syntax::MAX_DOCUMENT_BYTES;

/// The largest `pdp.json` that is read, in bytes.
pub const MAX_SETTINGS_BYTES: u64 = 64 * 1024 * 1024;

/// How many bytes the documents of a folder may have together.
pub const MAX_FOLDER_BYTES: u64 = 256 * 1024 * 1024;

pub(super) fn read(folder: &Path) -> Result<Configuration, ConfigurationError> {
    let settings = settings(folder)?;
    let documents = documents(folder)?.into_iter().collect::<Result<Vec<_>, _>>()?;
    Configuration::from_texts(settings.as_deref(), documents)
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
    let unreadable = |error| ConfigurationError::Unreadable {
        path: folder.to_owned(),
        error,
    };
    let mut documents = Vec::new();
    let mut remaining = MAX_FOLDER_BYTES;
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = entry.file_name();
        let path = entry.path();
        // The type of the entry itself would not follow links, by which containers mount configuration.
        if !name.as_encoded_bytes().ends_with(b".sapl") || !path.is_file() {
            continue;
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
                maximum: MAX_FOLDER_BYTES,
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
