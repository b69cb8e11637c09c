//! What can go wrong.

use crate::model::{
    Answer, Constraint, Decision, Does, Fault, Field, HandlerKind, Moment, Point, Provider, Rule, Verdict,
};

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// Nothing does.
    Permitted,
    /// Another decision.
    Decided(Verdict),
    /// The decision point panics when it is asked.
    Panics,
    /// It panics while its answer is awaited.
    PanicsLater,
    /// It does not answer in time.
    Silent,
    /// It can't say: INDETERMINATE, or nothing about this one of a page.
    Errs,
    /// Nobody knows the obligation.
    UnknownObligation,
    /// The handler of an obligation or advice fails.
    Handler(Role, Provider, Way),
    /// A field of the subscription has no value.
    Field(Field, Fault),
    /// The token does not grant what the rule requires.
    Scopes,
    /// The marker of the definition is none of this process.
    Marker,
    /// The request is cancelled while the decision is pending.
    CancelledDeciding,
    /// The request is cancelled while the component runs.
    CancelledRunning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Obligation,
    Advice,
}

/// How a handler fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Fails,
    Panics,
    FailsToBeMade,
    PanicsInBeingMade,
    PanicsWhenAsked,
}

/// One provider of each kind.
const PROVIDERS: [Provider; 7] = [
    Provider::Runnable,
    Provider::MethodInvocation,
    Provider::Filter,
    Provider::Consumer,
    Provider::Mapping,
    Provider::ErrorHandler,
    Provider::ErrorMapping,
];

const WAYS: [Way; 5] = [
    Way::Fails,
    Way::Panics,
    Way::FailsToBeMade,
    Way::PanicsInBeingMade,
    Way::PanicsWhenAsked,
];

const FIELDS: [Field; 5] = [
    Field::Subject,
    Field::Action,
    Field::Resource,
    Field::Environment,
    Field::Secrets,
];

impl Trouble {
    /// Everything.
    pub(super) fn all() -> Vec<Self> {
        let mut all = vec![Self::Permitted];
        all.extend(Verdict::ALL.into_iter().skip(1).map(Self::Decided));
        all.extend([Self::Panics, Self::PanicsLater, Self::Silent, Self::Errs]);
        all.push(Self::UnknownObligation);
        for role in [Role::Obligation, Role::Advice] {
            for provider in PROVIDERS {
                all.extend(WAYS.map(|way| Self::Handler(role, provider, way)));
            }
        }
        for field in FIELDS {
            all.extend([Fault::None, Fault::Err, Fault::Panic].map(|fault| Self::Field(field, fault)));
        }
        all.extend([
            Self::Scopes,
            Self::Marker,
            Self::CancelledDeciding,
            Self::CancelledRunning,
        ]);
        all
    }

    /// Whether whoever asks gets the content all the same.
    pub(super) fn grants(self) -> bool {
        // A component comes to its end although its request is cancelled.
        matches!(
            self,
            Self::Permitted | Self::CancelledRunning | Self::Handler(Role::Advice, ..)
        )
    }

    /// Whether the handler of an obligation of one of these kinds fails when it runs, and not before.
    pub(super) fn fails_in(self, providers: &[Provider]) -> bool {
        match self {
            Self::Handler(Role::Obligation, provider, Way::Fails | Way::Panics) => {
                providers.contains(&provider)
            }
            _ => false,
        }
    }

    /// Whether a list shows a component that hides from those who may not use it: no handler runs for it.
    pub(super) fn shows(self, point: Point) -> bool {
        match self {
            Self::Handler(Role::Obligation, provider, way) => {
                let can_run = match point {
                    Point::Pre => true,
                    Point::Post => provider.kind() != HandlerKind::MethodInvocation,
                    Point::Gate => provider.kind() == HandlerKind::Runnable,
                };
                can_run && way != Way::PanicsWhenAsked
            }
            other => other.grants(),
        }
    }

    /// Whether the component has to fail for it.
    pub(super) fn needs_failure(self) -> bool {
        matches!(
            self,
            Self::Handler(_, Provider::ErrorHandler | Provider::ErrorMapping, _)
        )
    }

    /// The rule with which it comes to this.
    pub(super) fn rule(self, point: Point) -> Rule {
        let mut decision = Decision::of(Verdict::Permit);
        match self {
            Self::Decided(verdict) => decision.verdict = verdict,
            Self::UnknownObligation => decision.obligations.push(Constraint {
                id: "unknown".to_owned(),
                handlers: Vec::new(),
            }),
            Self::Handler(role, provider, way) => {
                let constraint = Constraint::of("c", provider, way.does());
                match role {
                    Role::Obligation => decision.obligations.push(constraint),
                    Role::Advice => decision.advice.push(constraint),
                }
            }
            _ => {}
        }
        let answer = match self {
            Self::Panics => Answer::Panic,
            Self::PanicsLater => Answer::PanicLater,
            Self::Silent => Answer::Never,
            Self::Errs => Answer::Missing,
            _ => Answer::Now(decision),
        };
        let mut rule = Rule::at(point, answer);
        match self {
            Self::Field(field, fault) => rule.faulty = Some((field, fault)),
            Self::Scopes => rule.scopes = vec!["admin"],
            _ => {}
        }
        rule
    }

    /// When the request is cancelled, if it is.
    pub(super) fn moment(self, point: Point) -> Option<Moment> {
        match (self, point) {
            (Self::CancelledDeciding, Point::Gate) => Some(Moment::DecidingGate),
            (Self::CancelledDeciding, _) => Some(Moment::DecidingEnforcement),
            (Self::CancelledRunning, _) => Some(Moment::Running),
            _ => None,
        }
    }
}

impl Way {
    fn does(self) -> Does {
        match self {
            Self::Fails => Does::Fail,
            Self::Panics => Does::Panic,
            Self::FailsToBeMade => Does::FailToMake,
            Self::PanicsInBeingMade => Does::PanicInMaking,
            Self::PanicsWhenAsked => Does::PanicWhenAsked,
        }
    }
}
