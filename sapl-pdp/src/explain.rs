//! Why a decision is what it is: every policy, every condition with its value, and how the votes were combined.
//!
//! An [`Explainer`] evaluates what the decision point does, but all of it: nothing is skipped because something else has
//! decided already, but for the policies that a `first` or a target leaves out. It is made for people who look at single
//! decisions, and costs accordingly; decisions themselves know nothing of it.
//!
//! ```
//! use sapl_base::{AuthorizationSubscription, Decision};
//! use sapl_pdp::explain::{ExplainedDocument, ExplainedValue, Explainer};
//! use sapl_pdp::{Configuration, Input};
//! use serde_json::json;
//!
//! let policy = r#"policy "adults" permit subject.age >= 18; action == "read";"#;
//! let explainer = Explainer::new(Configuration::from_texts(None, [("adults.sapl", policy)])?)?;
//! let subscription = AuthorizationSubscription::new(json!({"age": 12}), "read", "book");
//! let explanation = explainer.explain(&Input::from(&subscription));
//! assert_eq!(explanation.decision.decision, Decision::Deny);
//! let ExplainedDocument::Policy(adults) = &explanation.documents[0] else { panic!() };
//! assert_eq!(adults.vote, Some(Decision::NotApplicable));
//! let condition = &adults.conditions[0];
//! assert_eq!(condition.text, "subject.age >= 18");
//! assert_eq!(condition.value, Some(ExplainedValue::Value(json!(false))));
//! assert_eq!(condition.parts[0].text, "subject.age");
//! assert_eq!(condition.parts[0].value, Some(ExplainedValue::Value(json!(12))));
//! # Ok::<(), sapl_pdp::ConfigurationError>(())
//! ```

use sapl_base::{AuthorizationDecision, Decision};
use serde::Serialize;

pub use combination::{Combination, CombinationStep};
pub use explainer::Explainer;
pub use value::{ExplainedError, ExplainedValue};

mod ballot;
mod combination;
mod evaluation;
mod explainer;
mod places;
mod value;

/// Why a decision is what it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explanation {
    /// The decision.
    pub decision: AuthorizationDecision,
    /// What each document has to do with it, in the order of the files.
    pub documents: Vec<ExplainedDocument>,
    /// How the votes of the documents were combined.
    pub combination: Combination,
}

/// What a document has to do with a decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum ExplainedDocument {
    /// A policy by itself.
    Policy(ExplainedPolicy),
    /// A set.
    Set(ExplainedSet),
}

/// What a set has to do with a decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedSet {
    /// Its name.
    pub name: String,
    /// The file it is in.
    pub file: String,
    /// Where its name stands.
    pub place: Place,
    /// Its vote.
    pub vote: Decision,
    /// Why it voted so, in a few words.
    pub reason: String,
    /// Its variables.
    pub variables: Vec<ExplainedVariable>,
    /// Its schemas and its target: what has to hold before its policies are asked.
    pub conditions: Vec<ExplainedExpression>,
    /// Its policies, in the order written.
    pub policies: Vec<ExplainedPolicy>,
    /// How their votes were combined; nothing when they were not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub combination: Option<Combination>,
}

/// What a policy has to do with a decision.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedPolicy {
    /// Its name.
    pub name: String,
    /// The file it is in.
    pub file: String,
    /// Where its name stands.
    pub place: Place,
    /// What it decides when its conditions hold.
    pub effect: Decision,
    /// Its vote; nothing when it was not asked.
    pub vote: Option<Decision>,
    /// Why it voted so, in a few words.
    pub reason: String,
    /// The variables of its body.
    pub variables: Vec<ExplainedVariable>,
    /// Its schemas and the conditions of its body, in the order written.
    pub conditions: Vec<ExplainedExpression>,
    /// Its obligations; evaluated when the conditions hold, as are advice and transform.
    pub obligations: Vec<ExplainedExpression>,
    /// Its advice.
    pub advice: Vec<ExplainedExpression>,
    /// What replaces the resource.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub transform: Option<ExplainedExpression>,
}

/// A variable and its value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedVariable {
    /// Its name.
    pub name: String,
    /// What it stands for.
    #[serde(flatten)]
    pub expression: ExplainedExpression,
}

/// An expression, its value, and the values that say why it has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExplainedExpression {
    /// The expression as it is written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// Its value; nothing when it was not evaluated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<ExplainedValue>,
    /// The expressions within it that are no literals.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ExplainedExpression>,
}

/// A place in a document: lines and columns from 1, columns in code points; the end is behind the last character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The first line.
    pub line: u32,
    /// The first column.
    pub column: u32,
    /// The last line.
    pub end_line: u32,
    /// The column behind the last character.
    pub end_column: u32,
}

impl ExplainedDocument {
    /// Its policies.
    #[must_use]
    pub fn policies(&self) -> &[ExplainedPolicy] {
        match self {
            Self::Policy(policy) => std::slice::from_ref(policy),
            Self::Set(set) => &set.policies,
        }
    }
}
