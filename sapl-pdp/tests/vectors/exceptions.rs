//! What may differ from the recorded answers, and why.

use std::fs;
use std::path::Path;

use sapl_pdp::syntax;

use crate::entry::Entry;

/// The list of exceptions. Each line has an area, a name and a reason; a name that ends with `*` stands for all that
/// begin with it, and `enforced-schema` for documents with one.
pub(crate) struct Exceptions {
    list: Vec<Exception>,
}

struct Exception {
    area: String,
    name: String,
    reason: String,
    /// Whether a case failed that it excepts.
    needed: bool,
    /// Whether a case passed that it names.
    passed: bool,
}

impl Exceptions {
    pub(crate) fn read(file: &Path) -> Self {
        let text = fs::read_to_string(file).unwrap_or_default();
        let lines = text
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        let list = lines.map(|line| {
            let mut words = line.splitn(3, ' ');
            let mut word = || words.next().unwrap_or_default().to_owned();
            Exception {
                area: word(),
                name: word(),
                reason: word(),
                needed: false,
                passed: false,
            }
        });
        Self { list: list.collect() }
    }

    /// Whether an exception names the entry; notes whether it was needed.
    pub(crate) fn applies(&mut self, area: &str, entry: &Entry, failed: bool) -> bool {
        let mut applies = false;
        for exception in self.list.iter_mut().filter(|exception| exception.area == area) {
            if exception.names(entry) {
                applies = true;
                exception.needed |= failed;
                exception.passed |= !failed;
            }
        }
        applies
    }

    /// The exceptions that are not needed: of a single name when it passes, else when nothing failed.
    pub(crate) fn stale(&self) -> impl Iterator<Item = String> {
        let stale = |exception: &&Exception| !exception.needed || exception.passed && !exception.is_class();
        self.list.iter().filter(stale).map(
            |Exception {
                 area, name, reason, ..
             }| format!("{area} {name} ({reason})"),
        )
    }
}

impl Exception {
    fn is_class(&self) -> bool {
        self.name.ends_with('*') || self.name == ENFORCED_SCHEMA
    }

    fn names(&self, entry: &Entry) -> bool {
        match self.name.strip_suffix('*') {
            Some(beginning) => entry.name.starts_with(beginning),
            None if self.name == ENFORCED_SCHEMA => has_enforced_schema(entry),
            None => entry.name == self.name,
        }
    }
}

const ENFORCED_SCHEMA: &str = "enforced-schema";

fn has_enforced_schema(entry: &Entry) -> bool {
    let enforces = |text: &str| {
        syntax::parse(text).is_ok_and(|document| document.schemas.iter().any(|schema| schema.enforced))
    };
    let of_policies = entry.policies.iter().flatten().any(|(_, text)| enforces(text));
    of_policies || entry.document.as_deref().is_some_and(enforces)
}
