//! Differences that are meant to be: accidents of the reference that are not reproduced.

use crate::case::Case;
use crate::entry::{Entry, Outcome};

/// A difference that is no mistake of ours.
pub(crate) struct Accident {
    /// A short name, for the report.
    pub(crate) name: &'static str,
    /// Why it is not reproduced.
    pub(crate) reason: &'static str,
    applies: fn(&Case, &Entry, &Outcome) -> bool,
}

pub(crate) const ACCIDENTS: &[Accident] = &[
    Accident {
        name: "equal constants",
        reason: "equal numbers of one configuration share the text form of the first that was compiled",
        applies: |_, _, outcome| outcome.differs_in_number_forms,
    },
];

/// The accident that a difference is.
pub(crate) fn accident(case: &Case, entry: &Entry, outcome: &Outcome) -> Option<&'static Accident> {
    ACCIDENTS
        .iter()
        .find(|accident| !outcome.permits_wrongly && (accident.applies)(case, entry, outcome))
}
