//! The rules of one component: its gate, its enforcement, or both.

use std::sync::Arc;

use super::{Mode, Rule};

/// What holds for a component: a gate, an enforcement, or an enforcement behind a gate; never two of a kind.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    /// What is decided first.
    first: Arc<Rule>,
    /// The enforcement, where the first is a gate.
    then: Option<Arc<Rule>>,
}

impl Rules {
    /// Both, where they are a gate and an enforcement, in either order.
    pub(crate) fn and(self, other: Self) -> Option<Self> {
        let (gate, enforcement) = match (self, other) {
            (
                Self { first, then: None },
                Self {
                    first: other,
                    then: None,
                },
            ) if first.is_gate() => (first, other),
            (
                Self { first, then: None },
                Self {
                    first: other,
                    then: None,
                },
            ) => (other, first),
            _ => return None,
        };
        (gate.is_gate() && !enforcement.is_gate()).then_some(Self {
            first: gate,
            then: Some(enforcement),
        })
    }

    /// The rule that is decided first: the gate, where there is one.
    pub(crate) fn first(&self) -> &Arc<Rule> {
        &self.first
    }

    /// The enforcement behind the gate.
    pub(crate) fn then(&self) -> Option<&Arc<Rule>> {
        self.then.as_ref()
    }

    /// Each rule, in the order in which they are decided.
    pub(crate) fn each(&self) -> impl Iterator<Item = &Arc<Rule>> {
        std::iter::once(&self.first).chain(&self.then)
    }

    /// What says how the component is enforced, if anything does.
    pub(crate) fn enforcement(&self) -> Option<&Arc<Rule>> {
        self.each().find(|rule| !rule.is_gate())
    }

    /// Whether there is a caller to whom the component does not exist.
    pub(crate) fn hides(&self) -> bool {
        self.each().any(|rule| rule.hides())
    }

    /// Whether the component runs before the last decision.
    pub(crate) fn is_post(&self) -> bool {
        self.enforcement().is_some_and(|rule| rule.mode() == Mode::Post)
    }

    /// Whether code of the author sees the context, which then needs the parts of the HTTP request.
    pub(crate) fn shows_context(&self) -> bool {
        self.each().any(|rule| rule.shows_context())
    }

    pub(crate) fn relaxes_output_schema(&self) -> bool {
        self.each().any(|rule| rule.relaxes_output_schema())
    }

    /// What clients are advised about calls of the component.
    pub(crate) fn advisory(&self) -> Option<&str> {
        self.enforcement()?.advisory()
    }

    /// Whether these are the very same rules.
    pub(crate) fn are(&self, other: &Self) -> bool {
        let then = match (&self.then, &other.then) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other),
            (None, None) => true,
            (Some(_), None) | (None, Some(_)) => false,
        };
        then && Arc::ptr_eq(&self.first, &other.first)
    }
}

impl From<Arc<Rule>> for Rules {
    fn from(rule: Arc<Rule>) -> Self {
        Self {
            first: rule,
            then: None,
        }
    }
}
