//! What a policy says of a call.

use std::{borrow::Cow, fmt};

use sapl_base::constraint::ConstraintBundle;
use serde::Serialize;

/// Whether a call may be made. The order is that of strictness: what is greater allows less.
///
/// The enum is exhaustive on purpose: whoever matches on it says what each decision means to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GuardDecision {
    /// The call is made.
    Allow,
    /// The call is made if a person agrees.
    ApprovalRequired,
    /// The call is not made.
    Deny,
}

/// A decision with its reason, and with what has to be done to arguments and result if the call is made.
///
/// ```
/// use sapl_mcp::client::{GuardDecision, Judgement};
///
/// let user = Judgement::allow("a tool of my own");
/// let server = Judgement::approval_required("it sends mail");
/// let judgement = user.strictest(server);
/// assert_eq!(judgement.decision(), GuardDecision::ApprovalRequired);
/// assert_eq!(judgement.reason(), "it sends mail");
/// ```
#[derive(Debug)]
#[must_use = "a judgement that nobody looks at guards nothing"]
pub struct Judgement {
    decision: GuardDecision,
    reason: Cow<'static, str>,
    /// What a person is told in place of the reason. Nobody else is: not the caller, and no record.
    told: Option<String>,
    constraints: Vec<ConstraintBundle>,
}

impl Judgement {
    /// A decision and why.
    pub fn new(decision: GuardDecision, reason: impl Into<Cow<'static, str>>) -> Self {
        Self {
            decision,
            reason: reason.into(),
            told: None,
            constraints: Vec::new(),
        }
    }

    /// The call may be made.
    pub fn allow(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(GuardDecision::Allow, reason)
    }

    /// The call may be made if a person agrees.
    pub fn approval_required(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(GuardDecision::ApprovalRequired, reason)
    }

    /// The call may not be made.
    pub fn deny(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(GuardDecision::Deny, reason)
    }

    /// Adds constraints that the call is made under. Their on-decision handlers have to have run; the guard runs those
    /// that change arguments, and those on the result.
    pub fn with_constraints(mut self, constraints: ConstraintBundle) -> Self {
        self.constraints.push(constraints);
        self
    }

    /// The decision.
    pub const fn decision(&self) -> GuardDecision {
        self.decision
    }

    /// Why, for the user and the record.
    pub fn reason(&self) -> &str {
        &self.reason
    }

    /// The stricter of the two, with its reason; where they are equally strict, that of `self`. The constraints of both
    /// hold, those of `self` first.
    pub fn strictest(mut self, other: Self) -> Self {
        self.constraints.extend(other.constraints);
        if other.decision > self.decision {
            self.decision = other.decision;
            self.reason = other.reason;
            self.told = other.told;
        }
        self
    }

    /// Says something else to a person who is asked, and to nobody else.
    #[cfg(feature = "embedded")]
    pub(super) fn telling(mut self, told: String) -> Self {
        self.told = Some(told);
        self
    }

    /// A person has to agree for this reason too, where the call is not denied.
    pub(super) fn asked_also(mut self, reason: &'static str) -> Self {
        match self.decision {
            GuardDecision::Allow => self = self.strictest(Self::approval_required(reason)),
            GuardDecision::ApprovalRequired => {
                self.reason = format!("{reason}; {}", self.reason).into();
                self.told = self.told.map(|told| format!("{reason}; {told}"));
            }
            GuardDecision::Deny => {}
        }
        self
    }

    pub(super) fn told(&self) -> Option<&str> {
        self.told.as_deref()
    }

    pub(super) fn into_constraints(self) -> Vec<ConstraintBundle> {
        self.constraints
    }

    pub(super) fn constraints_mut(&mut self) -> &mut [ConstraintBundle] {
        &mut self.constraints
    }
}

impl GuardDecision {
    /// The name in records: `allow`, `approval_required` or `deny`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::ApprovalRequired => "approval_required",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for GuardDecision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn decision() -> impl Strategy<Value = GuardDecision> {
        prop_oneof![
            Just(GuardDecision::Allow),
            Just(GuardDecision::ApprovalRequired),
            Just(GuardDecision::Deny),
        ]
    }

    proptest! {
        #[test]
        fn what_is_added_to_a_judgement_only_ever_makes_it_stricter(
            first in decision(),
            others in proptest::collection::vec(decision(), 0..5),
        ) {
            let mut judgement = Judgement::new(first, first.as_str());
            for (at, other) in others.iter().enumerate() {
                let before = judgement.decision();
                judgement = judgement.strictest(Judgement::new(*other, other.as_str()));
                prop_assert!(judgement.decision() >= before);
                prop_assert!(judgement.decision() >= *other);
                let strictest = others.iter().take(at + 1).fold(first, |one, other| one.max(*other));
                prop_assert_eq!(judgement.decision(), strictest);
                prop_assert_eq!(judgement.reason(), strictest.as_str());
            }
        }
    }

    #[test]
    fn a_person_is_asked_for_one_more_reason_unless_the_call_is_denied() {
        for (before, decision, reason) in [
            (Judgement::allow("fine"), GuardDecision::ApprovalRequired, "new"),
            (
                Judgement::approval_required("maybe"),
                GuardDecision::ApprovalRequired,
                "new; maybe",
            ),
            (Judgement::deny("no"), GuardDecision::Deny, "no"),
        ] {
            let after = before.asked_also("new");
            assert_eq!((after.decision(), after.reason()), (decision, reason));
            assert_eq!(after.told(), None);
        }
    }

    #[cfg(feature = "embedded")]
    #[test]
    fn what_a_person_is_told_goes_with_the_reason() {
        let advised = || Judgement::approval_required("advised").telling("advised: it is late".to_owned());
        let told = |judgement: Judgement| judgement.told().map(str::to_owned);
        assert_eq!(
            told(advised().asked_also("new")).as_deref(),
            Some("new; advised: it is late")
        );
        assert_eq!(
            told(Judgement::allow("fine").strictest(advised())).as_deref(),
            Some("advised: it is late")
        );
        assert_eq!(
            told(Judgement::approval_required("maybe").strictest(advised())),
            None
        );
        assert_eq!(told(advised().strictest(Judgement::deny("no"))), None);
    }

    #[test]
    fn the_constraints_of_both_hold() {
        let one = Judgement::allow("one").with_constraints(ConstraintBundle::default());
        let other = Judgement::deny("other").with_constraints(ConstraintBundle::default());
        assert_eq!(one.strictest(other).into_constraints().len(), 2);
    }
}
