//! Entries that need a library that this build does not have.

use sapl_pdp::function::libraries;
use sapl_pdp::syntax;

use crate::entry::Entry;

pub(crate) fn calls_switched_off_library(entry: &Entry) -> bool {
    let switched_off: Vec<_> = libraries().filter(|library| !library.is_available()).collect();
    let documents = entry
        .document
        .iter()
        .chain(entry.policies.iter().flatten().map(|(_, text)| text));
    let has_schemas = switched_off.iter().any(|library| library.name() == "jsonschema")
        && documents.clone().any(|text| has_enforced_schema(text));
    let mut texts = entry.expr.iter().chain(documents);
    has_schemas
        || texts.any(|text| {
            // The only library that has attributes and no functions.
            cfg!(not(feature = "crypto")) && calls(text, "jwt")
                || switched_off.iter().any(|library| calls(text, library.name()))
        })
}

fn has_enforced_schema(text: &str) -> bool {
    syntax::parse(text).is_ok_and(|document| document.schemas.iter().any(|schema| schema.enforced))
}

/// Whether a text has the name, with a point behind it and no letter before it.
fn calls(text: &str, library: &str) -> bool {
    text.match_indices(library).any(|(offset, name)| {
        let before = text.get(..offset).unwrap_or_default();
        let behind = text.get(offset + name.len()..).unwrap_or_default();
        behind.starts_with('.') && !before.ends_with(|last: char| last.is_ascii_alphanumeric())
    })
}
