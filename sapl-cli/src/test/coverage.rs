//! What tests reach: which policies decided, and which conditions were true once and false once.

use std::collections::BTreeMap;

use sapl_base::Decision;
use sapl_pdp::Input;
use sapl_pdp::explain::{
    ExplainedDocument, ExplainedExpression, ExplainedPolicy, ExplainedValue, Explainer, Explanation, Place,
};
use serde_json::Value as Json;

/// What was reached of all policies, in the order of files and places.
#[derive(Debug, Default)]
pub(super) struct Coverage {
    pub(super) policies: BTreeMap<(String, Place), CoveredPolicy>,
    pub(super) conditions: BTreeMap<(String, Place), CoveredCondition>,
}

/// How often a policy was asked, and what came of it.
#[derive(Debug, Default)]
pub(super) struct CoveredPolicy {
    pub(super) name: String,
    pub(super) asked: usize,
    /// How often its own decision was its vote.
    pub(super) applied: usize,
}

/// How often a condition had which value while its policy was asked.
#[derive(Debug, Default)]
pub(super) struct CoveredCondition {
    pub(super) text: String,
    pub(super) held: usize,
    pub(super) failed: usize,
    pub(super) errors: usize,
}

impl CoveredCondition {
    /// Whether it was true once and false once.
    pub(super) const fn is_covered(&self) -> bool {
        self.held > 0 && self.failed > 0
    }

    /// What never happened.
    pub(super) const fn missing(&self) -> Option<&'static str> {
        match (self.held > 0, self.failed > 0) {
            (true, true) => None,
            (true, false) => Some("never false"),
            (false, true) => Some("never true"),
            (false, false) => Some("never true, never false"),
        }
    }
}

impl Coverage {
    /// Notes what there is to be reached.
    pub(super) fn expect(&mut self, explainer: &Explainer) {
        self.look_at(&explainer.explain(&Input::default()), false);
    }

    /// Notes what a question reached.
    pub(super) fn note(&mut self, explanation: &Explanation) {
        self.look_at(explanation, true);
    }

    fn look_at(&mut self, explanation: &Explanation, counts: bool) {
        for document in &explanation.documents {
            if let ExplainedDocument::Set(set) = document {
                for condition in &set.conditions {
                    self.condition(&set.file, condition, counts);
                }
            }
            for policy in document.policies() {
                self.policy(policy, counts);
            }
        }
    }

    fn policy(&mut self, policy: &ExplainedPolicy, counts: bool) {
        let covered = self
            .policies
            .entry((policy.file.clone(), policy.place))
            .or_default();
        if covered.name.is_empty() {
            covered.name.clone_from(&policy.name);
        }
        let is_asked = counts && policy.vote.is_some();
        covered.asked += usize::from(is_asked);
        covered.applied += usize::from(is_asked && policy.vote == Some(policy.effect));
        for condition in &policy.conditions {
            self.condition(&policy.file, condition, counts);
        }
    }

    fn condition(&mut self, file: &str, condition: &ExplainedExpression, counts: bool) {
        let covered = self
            .conditions
            .entry((file.to_owned(), condition.place))
            .or_default();
        if covered.text.is_empty() {
            covered.text.clone_from(&condition.text);
        }
        let Some(value) = condition.value.as_ref().filter(|_| counts) else {
            return;
        };
        match value {
            ExplainedValue::Value(Json::Bool(true)) => covered.held += 1,
            ExplainedValue::Value(Json::Bool(false)) => covered.failed += 1,
            _ => covered.errors += 1,
        }
    }

    pub(super) fn applied(&self) -> usize {
        self.policies.values().filter(|policy| policy.applied > 0).count()
    }

    pub(super) fn covered(&self) -> usize {
        self.conditions
            .values()
            .filter(|condition| condition.is_covered())
            .count()
    }
}

/// The decision as a word.
pub(super) fn word(decision: Option<Decision>) -> String {
    let json = decision.and_then(|decision| serde_json::to_value(decision).ok());
    json.as_ref()
        .and_then(Json::as_str)
        .map_or_else(|| "no decision".to_owned(), str::to_owned)
}
