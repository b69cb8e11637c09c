//! What may differ from the recorded answers, and why.

use std::fs;
use std::path::Path;

use crate::entry::{Entry, Outcome};

/// The list of exceptions. Each line has an area, a name and a reason. A name that ends with `*` stands for all that
/// begin with it, and the names of [`CLASSES`] for what they tell.
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
    pub(crate) fn applies(&mut self, area: &str, entry: &Entry, outcome: &Outcome) -> bool {
        let failed = outcome.difference.is_some();
        let mut applies = false;
        for exception in self.list.iter_mut().filter(|exception| exception.area == area) {
            if exception.names(entry, outcome) {
                applies = true;
                exception.needed |= failed;
                exception.passed |= !failed;
            }
        }
        applies
    }

    /// Notes that an entry did not run, so that nobody knows whether an exception for it is needed.
    pub(crate) fn skip(&mut self, area: &str, entry: &Entry) {
        for exception in self.list.iter_mut().filter(|exception| exception.area == area) {
            exception.needed |= exception.names_entry(entry);
        }
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
    fn class(&self) -> Option<Class> {
        CLASSES
            .iter()
            .find(|(name, _)| *name == self.name)
            .map(|(_, class)| *class)
    }

    /// Whether it stands for entries that may pass.
    fn is_class(&self) -> bool {
        self.name.ends_with('*') || self.class().is_some()
    }

    fn names(&self, entry: &Entry, outcome: &Outcome) -> bool {
        self.class()
            .map_or_else(|| self.names_entry(entry), |class| class(entry, outcome))
    }

    /// Whether it names the entry by name.
    fn names_entry(&self, entry: &Entry) -> bool {
        match self.name.strip_suffix('*') {
            Some(beginning) => entry.name.starts_with(beginning),
            None => entry.name == self.name,
        }
    }
}

type Class = fn(&Entry, &Outcome) -> bool;

/// Exceptions that are told by what is asked and answered instead of by name.
const CLASSES: &[(&str, Class)] = &[
    // The same texts but for numbers, spelled as equal constants of the expression are.
    ("equal-constants", |_, outcome| outcome.differs_in_number_forms),
];
