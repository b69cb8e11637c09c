//! Whether the engines agree.

use serde::Deserialize;
use serde_json::Value as Json;

use crate::case::Case;
use crate::entry::{Entry, Outcome};
use crate::known::{Accident, accident};
use crate::run;

/// What became of a case.
pub(crate) enum Verdict {
    Same,
    /// The reference has no answer that could be compared, and why.
    Unanswered(String),
    Known(&'static Accident),
    Different(Box<Difference>),
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
    let Some(answer) = answer else {
        return Verdict::Unanswered("died".to_owned());
    };
    if let Some(problem) = problem(answer) {
        return Verdict::Unanswered(problem);
    }
    let entry: Entry = match serde_json::from_str(answer) {
        Ok(entry) => entry,
        Err(error) => return Verdict::Unanswered(error.to_string()),
    };
    let mut known = None;
    for outcome in run::entry(&entry) {
        if outcome.difference.is_none() {
            continue;
        }
        match accident(case, &entry, &outcome) {
            Some(accident) => known = Some(accident),
            None => {
                return Verdict::Different(Box::new(Difference {
                    case: case.clone(),
                    vector: answer.trim().to_owned(),
                    found: found(outcome),
                }));
            }
        }
    }
    known.map_or(Verdict::Same, Verdict::Known)
}

fn found(outcome: Outcome) -> String {
    let warning = if outcome.permits_wrongly {
        "PERMITS WRONGLY: "
    } else {
        ""
    };
    format!(
        "{}: {warning}{}",
        outcome.name,
        outcome.difference.unwrap_or_default()
    )
}

/// What is looked at before an answer is compared; numbers of subscriptions may be beyond every double.
#[derive(Deserialize)]
struct Answer {
    oracle_error: Option<String>,
    expect: Option<Json>,
    #[serde(default)]
    cases: Vec<Expectation>,
}

#[derive(Deserialize)]
struct Expectation {
    expect: Option<Json>,
}

/// Why the reference came to no answer that can be written as JSON, in its first words.
fn problem(answer: &str) -> Option<String> {
    let answer: Answer = match serde_json::from_str(answer) {
        Ok(answer) => answer,
        Err(error) => return Some(error.to_string()),
    };
    let expected = answer.cases.iter().map(|case| &case.expect);
    let threw = expected
        .chain([&answer.expect])
        .find_map(|expect| expect.as_ref()?.get("threw")?.as_str());
    let problem = answer.oracle_error.as_deref().or(threw)?;
    Some(problem.trim().chars().take(30).collect())
}
