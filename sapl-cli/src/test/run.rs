//! Asks the decision point.

use sapl_base::Decision;
use sapl_pdp::explain::{ExplainedDocument, Explainer, Explanation};
use sapl_pdp::{EmbeddedPdp, Input};

use super::cases::{Case, TestFile};
use super::compare::differences;
use super::coverage::Coverage;

/// What came of a test.
#[derive(Debug)]
pub(super) struct TestResult {
    pub(super) file: String,
    pub(super) name: String,
    /// The text of the subscription.
    pub(super) subscription: String,
    /// The decision, when there was one.
    pub(super) decision: Option<Decision>,
    /// What differs from what was expected, a line each.
    pub(super) differences: Vec<String>,
    /// Who voted, and how.
    pub(super) votes: Vec<String>,
}

impl TestResult {
    pub(super) fn is_failed(&self) -> bool {
        !self.differences.is_empty()
    }
}

/// Runs all tests, in the order of the files, and notes what they reach.
pub(super) async fn all(
    pdp: &EmbeddedPdp,
    explainer: &Explainer,
    files: Vec<TestFile>,
    coverage: &mut Coverage,
) -> Vec<TestResult> {
    let mut results = Vec::new();
    coverage.expect(explainer);
    for file in files {
        for case in file.cases {
            results.push(one(pdp, explainer, &file.name, case, coverage).await);
        }
    }
    results
}

async fn one(
    pdp: &EmbeddedPdp,
    explainer: &Explainer,
    file: &str,
    case: Case,
    coverage: &mut Coverage,
) -> TestResult {
    let mut result = TestResult {
        file: file.to_owned(),
        name: case.name,
        decision: None,
        differences: Vec::new(),
        votes: Vec::new(),
        subscription: case.subscription,
    };
    let input = match Input::from_json(&result.subscription) {
        Ok(input) => input,
        Err(problem) => {
            result.differences.push(problem.message().to_owned());
            return result;
        }
    };
    let explanation = explainer.explain_once(&input).await;
    let decision = pdp.decide_once_on(input).await;
    coverage.note(&explanation);
    result.decision = Some(decision.decision);
    result.differences = differences(&case.expect, &decision);
    result.votes = votes(&explanation);
    result
}

/// The policies that voted, and sets whose conditions are errors.
fn votes(explanation: &Explanation) -> Vec<String> {
    let mut votes = Vec::new();
    let name = |decision: Decision| serde_json::to_value(decision).unwrap_or_default();
    for document in &explanation.documents {
        for policy in document.policies() {
            if let Some(vote) = policy.vote.filter(|vote| *vote != Decision::NotApplicable) {
                let vote = name(vote);
                let vote = vote.as_str().unwrap_or_default();
                votes.push(format!(
                    "{vote} by \"{}\" ({}:{})",
                    policy.name, policy.file, policy.place.line
                ));
            }
        }
        if let ExplainedDocument::Set(set) = document
            && set.combination.is_none()
            && set.vote == Decision::Indeterminate
        {
            votes.push(format!("INDETERMINATE by \"{}\": {}", set.name, set.reason));
        }
    }
    votes
}
