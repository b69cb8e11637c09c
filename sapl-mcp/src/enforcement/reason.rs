//! Why an operation is denied: for the log and the audit record, never for the client.

use std::fmt;

use sapl_base::constraint::ObligationFailed;

use super::{approval::Refusal, ask::NoAnswer};
use crate::{request_state::StateError, rule::FieldError, value::Unfit};

/// Why an operation is denied.
#[derive(Debug)]
pub(crate) enum Reason {
    /// The request came by a transport that knows no identity.
    NoTransport,
    /// The token lacks a scope that the rule requires.
    MissingScopes,
    /// The subscription could not be built.
    Field(FieldError),
    /// The decision point gave no decision.
    NoAnswer(NoAnswer),
    /// The decision was not PERMIT.
    NotPermitted,
    /// An obligation of the decision can't be handled.
    Unresolved(String),
    /// A handler of an obligation failed.
    ObligationFailed(ObligationFailed),
    /// A handler put another call in place of the one that it was shown.
    CallReplaced,
    /// The value does not fit into the result any more.
    Unfit(Unfit),
    /// The component answered with something that the stages can't look into.
    NotAValue,
    /// There is no output that an obligation could change or a rule could decide by.
    NoOutput,
    /// The component goes on as a task before it is decided whether the caller may know of it.
    TaskOfASecret,
    /// The state that the client sent, or that the component gave, is no good.
    RequestState(StateError),
    /// There is no place for another task, or its id is taken.
    NoPlace(super::task::NoPlace),
    /// Something panicked that nobody else caught: a destructor.
    Panicked,
    /// The decision permits only if a person agrees, and none did.
    Approval(Refusal),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoTransport => {
                f.write_str("the transport has no HTTP request parts, so there is no identity")
            }
            Self::MissingScopes => f.write_str("the token lacks a scope that the rule requires"),
            Self::Field(error) => error.fmt(f),
            Self::NoAnswer(none) => f.write_str(none.as_str()),
            Self::NotPermitted => f.write_str("the decision is not PERMIT"),
            Self::Unresolved(reason) => f.write_str(reason),
            Self::ObligationFailed(failed) => failed.fmt(f),
            Self::CallReplaced => {
                f.write_str("a handler replaced the call instead of changing its arguments")
            }
            Self::Unfit(unfit) => unfit.fmt(f),
            Self::NotAValue => {
                f.write_str("the component answered with something that the decision can't be enforced on")
            }
            Self::TaskOfASecret => f.write_str(
                "the component goes on as a task, but whether the caller may know of it is decided at its end",
            ),
            Self::NoOutput => f.write_str(
                "an obligation on the output, or a rule that decides behind the component, needs a value, and a \
                 request of this kind has none of the component's",
            ),
            Self::RequestState(error) => f.write_str(error.as_str()),
            Self::Panicked => f.write_str("something panicked on the way"),
            Self::NoPlace(none) => f.write_str(none.as_str()),
            Self::Approval(refusal) => refusal.fmt(f),
        }
    }
}
