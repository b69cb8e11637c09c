//! What can happen, and what is to come of it.

/// How the person is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// By an elicitation while the call waits.
    Elicitation,
    /// By the client, between two requests.
    Rounds,
    /// By an approver of the server.
    Approver,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Event {
    Accept,
    Decline,
    Cancel,
    /// Nobody answers.
    TimeOut,
    /// The client goes while it is asked.
    Disconnect,
    /// What was answered is sent once more.
    Replayed,
    /// The answer comes with other arguments.
    OtherArguments,
    /// Somebody else answers.
    OtherSubject,
    /// The answer comes with the call of another tool.
    OtherTool,
    /// The answer comes too late.
    Expired,
    /// What the client holds was changed.
    Tampered,
    /// The policy wants something else by now.
    PolicyChanged,
    /// One answer for two calls.
    SecondUse,
}

/// Why a combination does not apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NotApplicable {
    /// Between two requests nobody waits: the time is over when the answer comes, which is `Expired`, or no answer comes.
    NothingWaits,
    /// The client holds no state: an answer goes to the call that waits, and says nothing of a tool or of arguments.
    NoState,
    /// An approver's answer is what its future gives to the one call that awaits it: no message comes from anywhere.
    NoMessage,
}

/// One combination.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cell {
    pub(super) way: Way,
    pub(super) event: Event,
}

/// What is to come of it.
pub(super) struct Expected {
    /// How often the tool runs.
    pub(super) runs: usize,
    /// For each operation how it ends, and words of its reason.
    pub(super) records: Vec<(&'static str, &'static str)>,
}

impl Way {
    pub(super) const ALL: [Self; 3] = [Self::Elicitation, Self::Rounds, Self::Approver];
}

impl Event {
    pub(super) const ALL: [Self; 13] = [
        Self::Accept,
        Self::Decline,
        Self::Cancel,
        Self::TimeOut,
        Self::Disconnect,
        Self::Replayed,
        Self::OtherArguments,
        Self::OtherSubject,
        Self::OtherTool,
        Self::Expired,
        Self::Tampered,
        Self::PolicyChanged,
        Self::SecondUse,
    ];
}

impl Cell {
    /// What is to come of it, or why it can't be.
    pub(super) fn expected(self) -> Result<Expected, NotApplicable> {
        use Event::{
            Accept, Cancel, Decline, Disconnect, Expired, OtherArguments, OtherSubject, OtherTool,
            PolicyChanged, Replayed, SecondUse, Tampered, TimeOut,
        };
        use Way::{Approver, Elicitation, Rounds};
        let ran = ("completed", "");
        let denied = |reason| ("denied", reason);
        let (runs, ends) = match (self.way, self.event) {
            (Rounds, TimeOut | Disconnect) => return Err(NotApplicable::NothingWaits),
            (Elicitation, OtherArguments | OtherTool | Tampered) => return Err(NotApplicable::NoState),
            (Approver, Replayed | OtherArguments | OtherSubject | OtherTool | Tampered) => {
                return Err(NotApplicable::NoMessage);
            }
            (_, Accept) => (1, vec![ran]),
            (_, Decline) => (0, vec![denied("the person declined")]),
            (_, Cancel) => (0, vec![denied("turned away")]),
            (_, TimeOut) => (0, vec![denied("in time")]),
            (_, Disconnect) => (0, vec![("cancelled", "before an answer whether to approve")]),
            // The next call waits for an answer of its own, and gets a no.
            (Elicitation, Replayed) => (1, vec![ran, denied("the person declined")]),
            (Rounds, Replayed | SecondUse) => (1, vec![ran, denied("used before")]),
            (_, OtherArguments) => (0, vec![denied("not those that were approved")]),
            // The one who was asked says no afterwards.
            (Elicitation, OtherSubject) => (0, vec![denied("the person declined")]),
            (_, OtherSubject | OtherTool | Tampered) => (0, vec![denied("forged")]),
            (Rounds, Expired) => (0, vec![denied("too late")]),
            (_, Expired) => (0, vec![denied("in time")]),
            (_, PolicyChanged) => (0, vec![denied("another approval")]),
            (Elicitation, SecondUse) => (1, vec![ran]),
            (Approver, SecondUse) => (1, vec![ran, denied("the person declined")]),
        };
        let asked = (self.way == Rounds).then_some(("input_required", ""));
        Ok(Expected {
            runs,
            records: asked.into_iter().chain(ends).collect(),
        })
    }
}
