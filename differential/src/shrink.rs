//! Makes cases small on which the engines differ.

use std::collections::HashSet;

use crate::check::{Difference, Verdict, verdict};
use crate::reference::Reference;

/// How often all cases are made smaller.
const ROUNDS: usize = 40;

/// How many smaller cases are tried of one in a round.
const CANDIDATES: usize = 80;

/// Leaves out and simplifies whatever does not make the difference go away.
pub(crate) fn shrink(differences: &mut [Difference], reference: &mut Reference) -> Result<(), String> {
    let mut open: Vec<&mut Difference> = differences.iter_mut().collect();
    for _ in 0..ROUNDS {
        if open.is_empty() {
            break;
        }
        let candidates: Vec<_> = open.iter().map(|difference| candidates(difference)).collect();
        let lines: Vec<String> = candidates
            .iter()
            .flatten()
            .map(|(line, _)| line.clone())
            .collect();
        let mut answers = reference.ask(&lines)?.into_iter();
        let mut still_open = Vec::new();
        for (difference, candidates) in open.into_iter().zip(candidates) {
            let mut smallest = None;
            for (_, candidate) in candidates {
                let answer = answers.next().flatten();
                if smallest.is_none()
                    && let Verdict::Different(found) = verdict(&candidate, answer.as_deref())
                {
                    smallest = Some(*found);
                }
            }
            if let Some(smaller) = smallest {
                *difference = smaller;
                still_open.push(difference);
            }
        }
        open = still_open;
    }
    Ok(())
}

/// The smallest ones first.
fn candidates(difference: &Difference) -> Vec<(String, crate::case::Case)> {
    let mut seen = HashSet::new();
    let own = difference.case.line("small").unwrap_or_default();
    let mut candidates = Vec::new();
    for case in difference.case.smaller() {
        if let Ok(line) = case.line("small")
            && line.len() < own.len()
            && seen.insert(line.clone())
        {
            candidates.push((line, case));
        }
    }
    candidates.sort_by_key(|(line, _)| line.len());
    spread(candidates)
}

/// So many, from the smallest to the largest.
fn spread<T>(all: Vec<T>) -> Vec<T> {
    let step = all.len().div_ceil(CANDIDATES).max(1);
    all.into_iter().step_by(step).collect()
}
