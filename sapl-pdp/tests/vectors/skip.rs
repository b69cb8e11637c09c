//! Entries that need a library that this build does not have.

use sapl_pdp::function::libraries;

use crate::entry::Entry;

pub(crate) fn calls_switched_off_library(entry: &Entry) -> bool {
    let mut texts = entry.expr.iter().chain(entry.document.as_ref());
    texts.any(|text| {
        let mut switched_off = libraries().filter(|library| !library.is_available());
        switched_off.any(|library| calls(text, library.name()))
    })
}

/// Whether a text has the name, with a point behind it and no letter before it.
fn calls(text: &str, library: &str) -> bool {
    text.match_indices(library).any(|(offset, name)| {
        let before = text.get(..offset).unwrap_or_default();
        let behind = text.get(offset + name.len()..).unwrap_or_default();
        behind.starts_with('.') && !before.ends_with(|last: char| last.is_ascii_alphanumeric())
    })
}
