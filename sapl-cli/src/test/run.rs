//! Asks the decision point.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use sapl_base::Decision;
use sapl_pdp::attribute::{Clock, Value};
use sapl_pdp::explain::{ExplainedDocument, Explainer, Explanation};
use sapl_pdp::{Configuration, ConfigurationError, EmbeddedPdp, Input};

use super::cases::{Case, Surroundings, TestFile};
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
    policies: &Policies,
    files: Vec<TestFile>,
    coverage: &mut Coverage,
) -> Result<Vec<TestResult>, ConfigurationError> {
    let mut results = Vec::new();
    coverage.expect(&policies.explainer);
    for file in files {
        for case in file.cases {
            let other;
            let policies = match case.surroundings.is_empty() {
                true => policies,
                false => {
                    other = policies.within(&case.surroundings)?;
                    &other
                }
            };
            results.push(one(policies, &file.name, case, coverage).await);
        }
    }
    Ok(results)
}

/// The policies that are tested, and who decides by them and explains it.
pub(super) struct Policies {
    configuration: Configuration,
    pdp: EmbeddedPdp,
    pub(super) explainer: Explainer,
}

impl Policies {
    pub(super) fn new(configuration: Configuration) -> Result<Self, ConfigurationError> {
        Ok(Self {
            pdp: EmbeddedPdp::new(&configuration)?,
            explainer: Explainer::new(configuration.clone())?,
            configuration,
        })
    }

    /// The same policies in a world of which a test says what it needs.
    fn within(&self, surroundings: &Surroundings) -> Result<Self, ConfigurationError> {
        let mut policies = Self::new(self.configuration.clone())?;
        if let Some(now) = surroundings.now {
            policies.pdp = policies.pdp.with_clock(Fixed(now));
            policies.explainer = policies.explainer.with_clock(Fixed(now));
        }
        for (name, value) in &surroundings.attributes {
            let value = || Value::from_json(value).into_owned();
            policies.pdp = policies.pdp.with_attribute_value(name, value());
            policies.explainer = policies.explainer.with_attribute_value(name, value());
        }
        Ok(policies)
    }
}

/// A clock that shows one time. Waits end as ever, so that nobody waits for ever.
#[derive(Debug)]
struct Fixed(SystemTime);

impl Clock for Fixed {
    fn now(&self) -> SystemTime {
        self.0
    }

    fn sleep(&self, duration: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(tokio::time::sleep(duration))
    }
}

async fn one(policies: &Policies, file: &str, case: Case, coverage: &mut Coverage) -> TestResult {
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
    let explanation = policies.explainer.explain_once(&input).await;
    let decision = policies.pdp.decide_once_on(input).await;
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
