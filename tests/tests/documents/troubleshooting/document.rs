//! What the document quotes: the first cells of the tables in two of its sections.

use std::{fs, path::Path};

/// `docs/troubleshooting.md`.
pub(crate) struct Document(String);

/// What one of its rows quotes.
pub(crate) struct Quote {
    pub(crate) text: String,
    pub(crate) kind: Kind,
}

pub(crate) enum Kind {
    /// A line of the log.
    Line { level: String },
    /// A part of what stands in a field of a line.
    Field { name: &'static str },
}

/// The sections that quote fields.
const FIELDS: [(&str, &str); 2] = [
    ("## Reasons of a denial", "reason"),
    ("## Causes of a missing decision", "cause"),
];

impl Document {
    pub(crate) fn read() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/troubleshooting.md");
        Self(fs::read_to_string(path).unwrap())
    }

    /// The first cells of the section by symptom.
    pub(crate) fn symptoms(&self) -> Vec<String> {
        let cells = table(section(&self.0, "## By symptom")).map(|cells| cells[0].to_owned());
        // Below the header and the line under it.
        cells.skip(2).collect()
    }

    /// All quotations.
    pub(crate) fn quotes(&self) -> Vec<Quote> {
        let lines = rows(section(&self.0, "## By message")).map(|cells| Quote {
            text: quoted(cells[0]),
            kind: Kind::Line {
                level: cells[1].to_owned(),
            },
        });
        let fields = FIELDS.into_iter().flat_map(|(heading, name)| {
            rows(section(&self.0, heading)).map(move |cells| Quote {
                text: quoted(cells[0]),
                kind: Kind::Field { name },
            })
        });
        lines.chain(fields).collect()
    }
}

/// From the heading to the next one of its level.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let (_, section) = text.split_once(&format!("\n{heading}\n")).unwrap();
    section.split("\n## ").next().unwrap_or(section)
}

/// The cells of the rows whose first cell is a quotation.
fn rows(section: &str) -> impl Iterator<Item = Vec<&str>> {
    table(section).filter(|cells| cells[0].starts_with('`'))
}

/// The cells of all rows.
fn table(section: &str) -> impl Iterator<Item = Vec<&str>> {
    let rows = section.lines().filter(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(str::trim).collect())
}

/// The text of a code span, which stands between as many backticks on either side.
fn quoted(cell: &str) -> String {
    let ticks: String = cell.chars().take_while(|character| *character == '`').collect();
    let inner = cell
        .strip_prefix(&ticks)
        .and_then(|cell| cell.strip_suffix(&ticks));
    inner
        .unwrap_or_else(|| panic!("not a quotation: {cell}"))
        .trim()
        .to_owned()
}
