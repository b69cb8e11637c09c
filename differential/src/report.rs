//! What a run has seen.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Case;
use crate::check::{Difference, Verdict};
use crate::known::ACCIDENTS;

/// Counts of cases.
#[derive(Default)]
pub(crate) struct Report {
    kinds: BTreeMap<&'static str, usize>,
    features: BTreeMap<String, usize>,
    known: BTreeMap<&'static str, usize>,
    unanswered: BTreeMap<String, usize>,
    different: usize,
    shown: BTreeSet<String>,
}

impl Report {
    pub(crate) fn count(&mut self, case: &Case, verdict: &Verdict) {
        let count = case.count();
        *self.kinds.entry(case.kind()).or_default() += count;
        for feature in case.features() {
            *self.features.entry(feature).or_default() += count;
        }
        match verdict {
            Verdict::Same => {}
            Verdict::Unanswered(problem) => *self.unanswered.entry(problem.clone()).or_default() += count,
            Verdict::Known(accident) => *self.known.entry(accident.name).or_default() += 1,
            Verdict::Different(_) => self.different += 1,
        }
    }

    /// Prints a difference, unless one that uses the same of the language was printed before.
    pub(crate) fn show(&mut self, difference: &Difference) {
        let features: Vec<_> = difference.case.features().into_iter().collect();
        let key = format!("{}: {}", difference.case.kind(), features.join(", "));
        if self.shown.insert(key) {
            println!("{}\n    {}", difference.found, difference.vector);
        }
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.different == 0
    }

    pub(crate) fn total(&self) -> usize {
        self.kinds.values().sum()
    }

    pub(crate) fn print(&self) {
        for (feature, count) in &self.features {
            println!("{feature}: {count}");
        }
        for (kind, count) in &self.kinds {
            println!("{kind}: {count}");
        }
        for accident in ACCIDENTS {
            let count = self.known.get(accident.name).copied().unwrap_or_default();
            println!("known: {} {count} ({})", accident.name, accident.reason);
        }
        for (problem, count) in &self.unanswered {
            println!("unanswered: {problem}: {count}");
        }
        println!(
            "all: {} cases, {} without an answer of the reference, {} that differ",
            self.total(),
            self.unanswered.values().sum::<usize>(),
            self.different
        );
    }
}
