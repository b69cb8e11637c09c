//! How votes are combined, as a set or `pdp.json` says it.

/// A combining algorithm: how votes meet, what decides when none applies, and what becomes of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CombiningAlgorithm {
    /// How the votes of the members meet.
    pub mode: VotingMode,
    /// The decision when no member applies.
    pub default: DefaultDecision,
    /// What becomes of an INDETERMINATE outcome.
    pub errors: ErrorHandling,
}

/// How the votes of several policies meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum VotingMode {
    /// `first`: the first vote that is not NOT_APPLICABLE; for sets only.
    First,
    /// `priority deny`
    PriorityDeny,
    /// `priority permit`
    PriorityPermit,
    /// `priority suspend`
    PrioritySuspend,
    /// `unanimous`: votes that apply must agree on the decision.
    Unanimous,
    /// `unanimous strict`: votes that apply must agree on the whole decision.
    UnanimousStrict,
    /// `unique`: exactly one vote may apply.
    Unique,
}

/// The decision when no member applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DefaultDecision {
    /// DENY
    Deny,
    /// PERMIT
    Permit,
    /// SUSPEND
    Suspend,
    /// NOT_APPLICABLE
    Abstain,
}

/// What becomes of an INDETERMINATE outcome.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ErrorHandling {
    /// It becomes NOT_APPLICABLE; what a set without `errors` does.
    #[default]
    Abstain,
    /// It stays INDETERMINATE.
    Propagate,
}

impl CombiningAlgorithm {
    /// What decides when `pdp.json` or its algorithm is missing.
    pub const DEFAULT: Self = Self {
        mode: VotingMode::PriorityDeny,
        default: DefaultDecision::Deny,
        errors: ErrorHandling::Propagate,
    };
}

impl Default for CombiningAlgorithm {
    fn default() -> Self {
        Self::DEFAULT
    }
}
