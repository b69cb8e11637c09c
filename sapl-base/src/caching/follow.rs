//! The task behind an entry: it reads the stream, and leaves when nobody asks any more.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Weak},
    task::{Context, Poll},
    time::Duration,
};

use futures_core::stream::BoxStream;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::{
    clock::Clock,
    entry::Entry,
    table::{Lease, Table},
};
use crate::{AuthorizationDecision, PolicyDecisionPoint};

/// How often a follower looks after its entry although its stream brings nothing.
const ROUND: Duration = Duration::from_secs(5);

/// What a follower needs of the cache, none of which keeps the cache alive.
pub(super) struct Follower<P> {
    pub(super) pdp: Arc<P>,
    pub(super) leaving: Leaving,
    pub(super) lease: Lease,
    pub(super) clock: Clock,
    pub(super) idle_time: Duration,
}

impl<P: PolicyDecisionPoint> Follower<P> {
    /// Follows the decision until the entry leaves the table, is idle, or the stream ends. Says whether the decision
    /// point can be followed at all.
    pub(super) async fn run(mut self) -> bool {
        let entry = &*self.leaving.entry;
        let Some(mut decisions) = self.pdp.follow(&entry.subscription) else {
            return false;
        };
        let mut rounds = interval(ROUND);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut watch = Watch {
            entry,
            decisions: &mut decisions,
            rounds: &mut rounds,
            lease: &mut self.lease,
            clock: &self.clock,
            idle_time: self.idle_time,
        };
        poll_fn(|context| watch.poll(context)).await;
        true
    }
}

/// Takes the entry out when the follower ends, also by a panic or with its runtime, or never begins.
pub(super) struct Leaving {
    pub(super) entry: Arc<Entry>,
    pub(super) table: Weak<Table>,
}

impl Drop for Leaving {
    fn drop(&mut self) {
        self.entry.forget();
        if let Some(table) = self.table.upgrade() {
            table.remove(&self.entry);
        }
    }
}

struct Watch<'a, 'd> {
    entry: &'a Entry,
    decisions: &'a mut BoxStream<'d, AuthorizationDecision>,
    rounds: &'a mut Interval,
    lease: &'a mut Lease,
    clock: &'a Clock,
    idle_time: Duration,
}

impl Watch<'_, '_> {
    /// Ready when there is nothing more to follow.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if Pin::new(&mut *self.lease).poll(context).is_ready() {
            return Poll::Ready(());
        }
        while let Poll::Ready(next) = self.decisions.as_mut().poll_next(context) {
            match next {
                Some(decision) => self.entry.update(decision),
                None => return Poll::Ready(()),
            }
        }
        let now = self.clock.now();
        self.entry.attended(now);
        while self.rounds.poll_tick(context).is_ready() {
            if now.saturating_sub(self.entry.last_asked()) >= self.idle_time {
                return Poll::Ready(());
            }
        }
        Poll::Pending
    }
}
