//! What a policy decision point answers.

mod read;

use std::fmt;

use serde::{Serialize, Serializer, ser::SerializeStruct};
use serde_json::Value;

pub use read::{MAX_DECISION_BYTES, MalformedDecision};

/// The verdict. Only [`Decision::Permit`] ever grants access.
///
/// The enum is exhaustive on purpose: whoever matches on it says what each verdict means to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Decision {
    /// Access is granted, if every obligation is fulfilled.
    Permit,
    /// Access is denied.
    Deny,
    /// Access is suspended: a stream may permit later, a one-shot operation is denied.
    Suspend,
    /// The policies could not be evaluated.
    Indeterminate,
    /// No policy applies.
    NotApplicable,
}

/// A verdict together with what has to be done about it.
///
/// ```
/// use sapl_base::{AuthorizationDecision, Decision};
///
/// let decision = AuthorizationDecision::from_json(
///     br#"{"decision": "PERMIT", "obligations": [{"type": "logAccess"}], "resource": null}"#,
/// )?;
/// assert_eq!(decision.decision, Decision::Permit);
/// assert_eq!(decision.resource, Some(serde_json::Value::Null)); // a replacement by null
/// # Ok::<(), sapl_base::MalformedDecision>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizationDecision {
    /// The verdict.
    pub decision: Decision,
    /// What must be done; if any of it can't be done, access is denied.
    pub obligations: Vec<Value>,
    /// What should be done; a failure is logged and changes nothing.
    pub advice: Vec<Value>,
    /// What to return in place of the protected resource. Absent and `null` differ.
    pub resource: Option<Value>,
}

impl AuthorizationDecision {
    /// A decision without obligations, advice and replacement.
    pub const fn new(decision: Decision) -> Self {
        Self {
            decision,
            obligations: Vec::new(),
            advice: Vec::new(),
            resource: None,
        }
    }

    /// A plain PERMIT.
    pub const fn permit() -> Self {
        Self::new(Decision::Permit)
    }

    /// A plain DENY.
    pub const fn deny() -> Self {
        Self::new(Decision::Deny)
    }

    /// A plain INDETERMINATE, the answer to everything that went wrong.
    pub const fn indeterminate() -> Self {
        Self::new(Decision::Indeterminate)
    }

    /// A plain NOT_APPLICABLE.
    pub const fn not_applicable() -> Self {
        Self::new(Decision::NotApplicable)
    }

    /// Adds an obligation.
    #[must_use]
    pub fn with_obligation(mut self, obligation: Value) -> Self {
        self.obligations.push(obligation);
        self
    }

    /// Adds an advice.
    #[must_use]
    pub fn with_advice(mut self, advice: Value) -> Self {
        self.advice.push(advice);
        self
    }

    /// Sets the replacement of the protected resource.
    #[must_use]
    pub fn with_resource(mut self, resource: Value) -> Self {
        self.resource = Some(resource);
        self
    }
}

impl Decision {
    /// The name on the wire, as in the SAPL documentation.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "PERMIT",
            Self::Deny => "DENY",
            Self::Suspend => "SUSPEND",
            Self::Indeterminate => "INDETERMINATE",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }
}

impl fmt::Display for Decision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// As the HTTP API of a SAPL node writes it: empty lists and an absent replacement are left out.
impl Serialize for AuthorizationDecision {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let fields = 1
            + usize::from(!self.obligations.is_empty())
            + usize::from(!self.advice.is_empty())
            + usize::from(self.resource.is_some());
        let mut object = serializer.serialize_struct("AuthorizationDecision", fields)?;
        object.serialize_field("decision", &self.decision)?;
        if !self.obligations.is_empty() {
            object.serialize_field("obligations", &self.obligations)?;
        }
        if !self.advice.is_empty() {
            object.serialize_field("advice", &self.advice)?;
        }
        if let Some(resource) = &self.resource {
            object.serialize_field("resource", resource)?;
        }
        object.end()
    }
}
