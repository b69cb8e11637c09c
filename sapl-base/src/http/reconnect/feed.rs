//! What the events of a stream say, and what of it is news to the consumer.

mod each;
mod read;
mod single;
mod snapshot;

use std::fmt;

pub(crate) use each::Each;
pub(crate) use single::Single;
pub(crate) use snapshot::Snapshot;

use crate::AuthorizationDecision;

/// The state of the decisions that a stream is about, across connections.
///
/// A decision that equals the one before it is no news. [`take`](Self::take) is asked until it has nothing before
/// anything else goes in.
pub(crate) trait Feed {
    /// What the consumer gets.
    type Item;

    /// Takes the data of an event in.
    ///
    /// # Errors
    /// When it is malformed; then nothing of it has been taken in.
    fn read(&mut self, data: &str) -> Result<Origin, Malformed>;

    /// The connection is lost: every decision is INDETERMINATE.
    fn lose(&mut self);

    /// Waiting has its end: what has never been decided is INDETERMINATE.
    fn give_up_waiting(&mut self);

    /// The next news.
    fn take(&mut self) -> Option<Self::Item>;
}

/// Where the content of an event comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The decision point decided.
    Decision,
    /// The decision point failed, and says so in the form of a decision.
    Failure,
    /// It is about nothing that was asked.
    Unasked,
}

/// An event that is none of its endpoint.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Malformed(String);

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One decision, and whether the consumer has yet to hear of it.
#[derive(Debug, Default)]
struct Slot {
    decision: Option<AuthorizationDecision>,
    due: bool,
}

impl Slot {
    /// Whether that is news.
    fn set(&mut self, decision: AuthorizationDecision) -> bool {
        let news = self.decision.as_ref() != Some(&decision);
        if news {
            self.decision = Some(decision);
            self.due = true;
        }
        news
    }

    fn take(&mut self) -> Option<AuthorizationDecision> {
        if std::mem::take(&mut self.due) {
            self.decision.clone()
        } else {
            None
        }
    }

    fn lose(&mut self) -> bool {
        self.set(AuthorizationDecision::indeterminate())
    }

    fn give_up_waiting(&mut self) -> bool {
        self.decision.is_none() && self.lose()
    }
}

/// Several decisions by id.
#[derive(Debug)]
struct Slots {
    /// In the order of their ids.
    by_id: Vec<(String, Slot)>,
}

impl Slots {
    fn new<'a>(ids: impl IntoIterator<Item = &'a str>) -> Self {
        let mut by_id: Vec<_> = ids
            .into_iter()
            .map(|id| (id.to_owned(), Slot::default()))
            .collect();
        by_id.sort_unstable_by(|(a, _), (b, _)| a.cmp(b));
        by_id.dedup_by(|(a, _), (b, _)| a == b);
        Self { by_id }
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.by_id
            .binary_search_by(|(known, _)| known.as_str().cmp(id))
            .ok()
    }

    /// Changes every slot, and says whether any of it was news.
    fn change_all(&mut self, change: impl Fn(&mut Slot) -> bool) -> bool {
        self.by_id
            .iter_mut()
            .fold(false, |news, (_, slot)| change(slot) | news)
    }
}

#[cfg(test)]
mod tests;
