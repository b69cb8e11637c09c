//! What the decision point says, and who makes what of it.

use serde_json::Value;

use super::content::{ContentFilter, Flaw};

/// How the decision point answers.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    Now(Decision),
    /// After others had their turn.
    Later(Decision),
    /// Not within the decision timeout.
    Never,
    Panic,
    PanicLater,
    /// The answer for a page does not hold the id. Asked alone it is INDETERMINATE.
    Missing,
}

#[derive(Clone, Debug)]
pub(crate) struct Decision {
    pub(crate) verdict: Verdict,
    pub(crate) obligations: Vec<Constraint>,
    pub(crate) advice: Vec<Constraint>,
    pub(crate) resource: Option<Value>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Permit,
    Deny,
    Suspend,
    Indeterminate,
    NotApplicable,
}

/// An obligation or advice: who is responsible for it, and what its handlers do. Nobody is for an unknown one.
#[derive(Clone, Debug)]
pub(crate) struct Constraint {
    pub(crate) id: String,
    pub(crate) handlers: Vec<(Provider, Does)>,
}

/// A provider, in the order of registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Provider {
    Runnable,
    /// A runnable that runs in listings too.
    ListingRunnable,
    AsyncRunnable,
    MethodInvocation,
    AsyncMethodInvocation,
    Filter,
    /// The built-in one for `jsonContentFilterPredicate`.
    ContentPredicate,
    Consumer,
    LateMapping,
    Mapping,
    EarlyMapping,
    /// The built-in one for `filterJsonContent`.
    ContentFilter,
    ErrorHandler,
    ErrorMapping,
    EarlyErrorMapping,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HandlerKind {
    Runnable,
    MethodInvocation,
    Filter,
    Consumer,
    Mapping,
    ErrorHandler,
    ErrorMapping,
}

/// What a provider or its handler does.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Does {
    /// The handler runs and changes nothing.
    Nothing,
    /// A method invocation sets an argument to it, a filter drops it, a mapping gives it.
    Change(Value),
    Fail,
    Panic,
    /// The factory of the handler fails: the constraint is not as it should be.
    FailToMake,
    PanicInMaking,
    /// The provider panics when it is asked whether it is responsible.
    PanicWhenAsked,
    /// Of a built-in filter: what the constraint says.
    Content(ContentFilter),
    /// Of a built-in filter: the constraint says nothing that can be carried out.
    Flawed(Flaw),
}

impl Decision {
    pub(crate) fn of(verdict: Verdict) -> Self {
        Self {
            verdict,
            obligations: Vec::new(),
            advice: Vec::new(),
            resource: None,
        }
    }

    /// The same with a name for each constraint.
    pub(crate) fn numbered(mut self) -> Self {
        for (letter, constraints) in [("o", &mut self.obligations), ("a", &mut self.advice)] {
            for (index, constraint) in constraints.iter_mut().enumerate() {
                constraint.id = format!("{letter}{index}");
            }
        }
        self
    }

    /// Each constraint and whether it is an obligation: obligations first.
    pub(crate) fn constraints(&self) -> impl Iterator<Item = (bool, &Constraint)> {
        let obligations = self.obligations.iter().map(|constraint| (true, constraint));
        obligations.chain(self.advice.iter().map(|constraint| (false, constraint)))
    }
}

impl Constraint {
    pub(crate) fn of(id: &str, provider: Provider, does: Does) -> Self {
        Self {
            id: id.to_owned(),
            handlers: vec![(provider, does)],
        }
    }
}

impl Provider {
    pub(crate) const ALL: [Self; 15] = [
        Self::Runnable,
        Self::ListingRunnable,
        Self::AsyncRunnable,
        Self::MethodInvocation,
        Self::AsyncMethodInvocation,
        Self::Filter,
        Self::ContentPredicate,
        Self::Consumer,
        Self::LateMapping,
        Self::Mapping,
        Self::EarlyMapping,
        Self::ContentFilter,
        Self::ErrorHandler,
        Self::ErrorMapping,
        Self::EarlyErrorMapping,
    ];

    pub(crate) fn kind(self) -> HandlerKind {
        match self {
            Self::Runnable | Self::ListingRunnable | Self::AsyncRunnable => HandlerKind::Runnable,
            Self::MethodInvocation | Self::AsyncMethodInvocation => HandlerKind::MethodInvocation,
            Self::Filter | Self::ContentPredicate => HandlerKind::Filter,
            Self::Consumer => HandlerKind::Consumer,
            Self::LateMapping | Self::Mapping | Self::EarlyMapping | Self::ContentFilter => {
                HandlerKind::Mapping
            }
            Self::ErrorHandler => HandlerKind::ErrorHandler,
            Self::ErrorMapping | Self::EarlyErrorMapping => HandlerKind::ErrorMapping,
        }
    }

    pub(crate) fn is_built_in(self) -> bool {
        matches!(self, Self::ContentPredicate | Self::ContentFilter)
    }

    pub(crate) fn priority(self) -> i32 {
        match self {
            Self::LateMapping => -10,
            Self::EarlyMapping | Self::EarlyErrorMapping => 10,
            _ => 0,
        }
    }
}

impl Verdict {
    pub(crate) const ALL: [Self; 5] = [
        Self::Permit,
        Self::Deny,
        Self::Suspend,
        Self::Indeterminate,
        Self::NotApplicable,
    ];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "PERMIT",
            Self::Deny => "DENY",
            Self::Suspend => "SUSPEND",
            Self::Indeterminate => "INDETERMINATE",
            Self::NotApplicable => "NOT_APPLICABLE",
        }
    }
}
