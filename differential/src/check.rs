//! Whether the engines agree.

use serde_json::Value as Json;

use crate::case::Case;
use crate::entry::{Entry, Outcome};
use crate::known::{Accident, accident};
use crate::run;

/// What became of a case.
pub(crate) enum Verdict {
    Same,
    /// The reference has no answer that could be compared.
    Unanswered,
    Known(&'static Accident),
    Different(Difference),
}

/// A case on which the engines differ.
#[derive(Clone)]
pub(crate) struct Difference {
    pub(crate) case: Case,
    /// The case with the reference's answer: a vector.
    pub(crate) vector: String,
    pub(crate) found: String,
}

/// Compares an answer of the reference with ours.
pub(crate) fn verdict(case: &Case, answer: Option<&str>) -> Verdict {
    let Some(answer) = answer.filter(|answer| is_comparable(answer)) else {
        return Verdict::Unanswered;
    };
    let entry: Entry = match serde_json::from_str(answer) {
        Ok(entry) => entry,
        Err(_) => return Verdict::Unanswered,
    };
    let mut known = None;
    for outcome in run::entry(&entry) {
        if outcome.difference.is_none() {
            continue;
        }
        match accident(case, &entry, &outcome) {
            Some(accident) => known = Some(accident),
            None => {
                return Verdict::Different(Difference {
                    case: case.clone(),
                    vector: answer.trim().to_owned(),
                    found: found(outcome),
                });
            }
        }
    }
    known.map_or(Verdict::Same, Verdict::Known)
}

fn found(outcome: Outcome) -> String {
    let warning = if outcome.permits_wrongly { "PERMITS WRONGLY: " } else { "" };
    format!("{warning}{}", outcome.difference.unwrap_or_default())
}

/// Whether the reference came to an answer that can be written as JSON.
fn is_comparable(answer: &str) -> bool {
    let Ok(answer) = serde_json::from_str::<Json>(answer) else {
        return false;
    };
    let threw = |expect: Option<&Json>| expect.is_some_and(|expect| expect.get("threw").is_some());
    let cases = answer.get("cases").and_then(Json::as_array);
    let cases_threw = cases.is_some_and(|cases| cases.iter().any(|case| threw(case.get("expect"))));
    answer.get("oracle_error").is_none() && !threw(answer.get("expect")) && !cases_threw
}
