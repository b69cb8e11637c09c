//! Where an enforcement stands, and what kinds of handlers there are.

use std::fmt;

use serde::Serialize;

/// Where in an operation the decision is enforced. It says which kinds of handlers can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum EnforcementPoint {
    /// The decision comes before the component runs: all kinds.
    PreEnforce,
    /// The decision comes after the component ran: all kinds but [`HandlerKind::MethodInvocation`].
    PostEnforce,
    /// The decision is a yes or no about a component: only [`HandlerKind::Runnable`], and no resource replacement.
    Gate,
}

/// The seven kinds of handlers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HandlerKind {
    /// Runs when the decision arrives, for its side effect.
    Runnable,
    /// Runs before the component and may change its arguments.
    MethodInvocation,
    /// Looks at the component's value.
    Consumer,
    /// Replaces the component's value.
    Mapping,
    /// Drops elements of a list, or a single value.
    FilterPredicate,
    /// Looks at the component's error.
    ErrorHandler,
    /// Replaces the component's error.
    ErrorMapping,
}

/// Whether a constraint has to be fulfilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ConstraintRole {
    /// Must be fulfilled, or access is denied.
    Obligation,
    /// Should be fulfilled; a failure is logged.
    Advice,
}

impl EnforcementPoint {
    /// Whether handlers of `kind` can run here.
    pub const fn runs(self, kind: HandlerKind) -> bool {
        match self {
            Self::PreEnforce => true,
            Self::PostEnforce => !matches!(kind, HandlerKind::MethodInvocation),
            Self::Gate => matches!(kind, HandlerKind::Runnable),
        }
    }
}

impl HandlerKind {
    /// The name in logs and audit records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Runnable => "runnable",
            Self::MethodInvocation => "method_invocation",
            Self::Consumer => "consumer",
            Self::Mapping => "mapping",
            Self::FilterPredicate => "filter_predicate",
            Self::ErrorHandler => "error_handler",
            Self::ErrorMapping => "error_mapping",
        }
    }
}

impl ConstraintRole {
    /// The name in logs and audit records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Obligation => "obligation",
            Self::Advice => "advice",
        }
    }
}

impl fmt::Display for HandlerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for ConstraintRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_are_the_same_wherever_they_are_written() {
        for kind in [
            HandlerKind::Runnable,
            HandlerKind::MethodInvocation,
            HandlerKind::Consumer,
            HandlerKind::Mapping,
            HandlerKind::FilterPredicate,
            HandlerKind::ErrorHandler,
            HandlerKind::ErrorMapping,
        ] {
            assert_eq!(json!(kind), kind.as_str());
            assert_eq!(kind.to_string(), kind.as_str());
        }
        for role in [ConstraintRole::Obligation, ConstraintRole::Advice] {
            assert_eq!(json!(role), role.as_str());
            assert_eq!(role.to_string(), role.as_str());
        }
    }
}
