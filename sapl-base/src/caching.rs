//! Decisions at hand: a live stream for each question that is asked again and again.

mod clock;
mod entry;
mod follow;
mod key;
mod sightings;
mod table;
mod weight;

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use foldhash::fast::RandomState;
use futures_core::stream::BoxStream;
use tokio::runtime::Handle;

use crate::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, IdentifiableAuthorizationDecision,
    MultiAuthorizationDecision, MultiAuthorizationSubscription, PolicyDecisionPoint,
};
use clock::Clock;
use entry::Entry;
use follow::{Follower, Leaving};
use sightings::Sightings;
use table::Table;

pub use sightings::ASKED_TWICE_WITHIN;
pub use weight::MAX_FOLLOWED_BYTES;

/// How many streams a [`CachingPdp`] keeps unless told otherwise.
pub const DEFAULT_MAX_STREAMS: usize = 1024;

/// How long a [`CachingPdp`] keeps a stream that nobody asks for, unless told otherwise.
pub const DEFAULT_IDLE_TIME: Duration = Duration::from_secs(5 * 60);

/// A decision point that answers repeated questions from live streams, so that a remote one costs a look-up per call.
///
/// A subscription that is asked twice within [`ASKED_TWICE_WITHIN`] is followed: a stream of its decisions is kept
/// open, and one-shot questions are answered from the newest one. Everything else is asked directly, as is a
/// subscription whose stream has not decided yet. When more than
/// [`with_max_streams`](Self::with_max_streams) would be open, the one that was not asked for the longest time
/// closes; where even that one was asked within [`ASKED_TWICE_WITHIN`], it stays, and the new subscription is asked
/// directly. A stream that nobody asks for [`with_idle_time`](Self::with_idle_time) closes too. A subscription of more
/// than [`MAX_FOLLOWED_BYTES`] is always asked directly, so that callers can't fill the memory with their arguments.
///
/// # How stale an answer can be
///
/// As long as the stream lives, an answer is as old as the way from the decision point to here: it sends every
/// change at once. While the stream is known to be down the answer is INDETERMINATE. A connection that is dead
/// without a sign of it is found out by its silence, within
/// [`CACHED_SILENCE_LIMIT`](crate::http::CACHED_SILENCE_LIMIT) for an [`HttpPdp`](crate::http::HttpPdp): so long can a
/// decision outlive its revocation, and not longer. It is time in which the machine runs: after a suspension the clock
/// goes on where it stood.
///
/// Obligations and advice are part of the decision, and each caller gets them. One that holds a value of the moment,
/// such as a time or a number to be used once, is as the decision point sent it last: in a stream it stands until
/// the decision point sends another. Where each operation needs an answer of its own, put something that is its own
/// into the subscription (an id of the request in the environment); such a question never comes twice.
///
/// # What is the same question
///
/// The whole subscription counts, secrets included. A subject that holds a whole token is another one after each
/// renewal (`exp`, `iat`, `jti`), and then nothing is asked twice: leave such claims out of it.
///
/// A decision point that doesn't [follow](PolicyDecisionPoint::follow) changes is asked every time. The streams run as
/// tasks on the runtime on which the question was asked, and end with this.
///
/// ```
/// use sapl_base::{AuthorizationSubscription, CachingPdp, PolicyDecisionPoint, http::{HttpPdp, PdpConfig}};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let pdp = CachingPdp::new(HttpPdp::new(PdpConfig::new("https://pdp.example:8443"))?)
///     .with_max_streams(200);
/// let decision = pdp.decide_once(&AuthorizationSubscription::new("mara", "read", "report")).await;
/// # let _ = decision;
/// # Ok(())
/// # }
/// ```
pub struct CachingPdp<P> {
    pdp: Arc<P>,
    table: Arc<Table>,
    sightings: Sightings,
    /// Cleared when the decision point turned out not to follow changes.
    follows: Arc<AtomicBool>,
    /// Fast rather than hard to collide with: what collides is compared, found different and asked directly.
    keys: RandomState,
    clock: Clock,
    max_streams: usize,
    idle_time: Duration,
}

impl<P> CachingPdp<P> {
    /// Keeps the decisions of `pdp` at hand. Nothing is asked yet.
    pub fn new(pdp: P) -> Self {
        Self {
            pdp: Arc::new(pdp),
            table: Arc::default(),
            sightings: Sightings::new(),
            follows: Arc::new(AtomicBool::new(true)),
            keys: RandomState::default(),
            clock: Clock::new(),
            max_streams: DEFAULT_MAX_STREAMS,
            idle_time: DEFAULT_IDLE_TIME,
        }
    }

    /// Sets how many streams are open at a time; with 0 everything is asked directly. Over HTTP/1.1, which is all that
    /// a SAPL node talks as shipped, each is a connection of its own.
    #[must_use]
    pub const fn with_max_streams(mut self, max_streams: usize) -> Self {
        self.max_streams = max_streams;
        self
    }

    /// Sets after what time without a question a stream closes (to within 5 s).
    #[must_use]
    pub const fn with_idle_time(mut self, idle_time: Duration) -> Self {
        self.idle_time = idle_time;
        self
    }

    /// How many subscriptions are followed at the moment.
    pub fn streams(&self) -> usize {
        self.table.len()
    }

    /// The decision point behind.
    pub fn get_ref(&self) -> &P {
        &self.pdp
    }
}

impl<P: PolicyDecisionPoint> CachingPdp<P> {
    /// The decision at hand, if there is one. If not, the question is noted.
    fn answer(&self, subscription: &AuthorizationSubscription) -> Option<AuthorizationDecision> {
        let digest = key::digest(subscription, &self.keys);
        let now = self.clock.now();
        let known = self.table.with(digest, |entry| {
            let same = key::same(&entry.subscription, subscription);
            Some(if same { entry.answer(now) } else { None })
        });
        match known {
            Some(answer) => answer,
            None => {
                self.miss(digest, subscription, now);
                None
            }
        }
    }

    #[cold]
    fn miss(&self, digest: u64, subscription: &AuthorizationSubscription, now: Duration) {
        if self.sightings.again(digest, now) && self.follows.load(Ordering::Relaxed) {
            self.follow(digest, subscription, now);
        }
    }

    fn follow(&self, digest: u64, subscription: &AuthorizationSubscription, now: Duration) {
        // Without a runtime there is nobody to follow.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if !weight::is_followed(subscription) {
            return;
        }
        let entry = Arc::new(Entry::new(digest, subscription.clone(), now));
        let Some(lease) = self.table.add(Arc::clone(&entry), self.max_streams) else {
            return;
        };
        let follower = Follower {
            pdp: Arc::clone(&self.pdp),
            leaving: Leaving {
                entry,
                table: Arc::downgrade(&self.table),
            },
            lease,
            clock: self.clock,
            idle_time: self.idle_time,
        };
        let follows = Arc::clone(&self.follows);
        runtime.spawn(async move {
            if !follower.run().await {
                follows.store(false, Ordering::Relaxed);
            }
        });
    }
}

impl<P: PolicyDecisionPoint> PolicyDecisionPoint for CachingPdp<P> {
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        match self.answer(subscription) {
            Some(decision) => Deciding::ready(decision),
            None => self.pdp.decide_once(subscription),
        }
    }

    /// What is at hand, and the rest in one question. The two may come from different versions of the policies.
    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        let mut known = Vec::with_capacity(subscriptions.len());
        let mut rest = Vec::new();
        for (id, subscription) in subscriptions.iter() {
            match self.answer(subscription) {
                Some(decision) => known.push((id.to_owned(), decision)),
                None => rest.push((id, subscription)),
            }
        }
        if rest.is_empty() {
            return Deciding::ready(known.into_iter().collect());
        }
        if known.is_empty() {
            return self.pdp.multi_decide_all_once(subscriptions);
        }
        let mut asked = MultiAuthorizationSubscription::with_capacity(rest.len());
        for (id, subscription) in &rest {
            // These ids were accepted once; one that isn't now would have no answer, which is INDETERMINATE.
            let _ = asked.add(*id, (*subscription).clone());
        }
        Deciding::pending(async move {
            let mut answers = self.pdp.multi_decide_all_once(&asked).await;
            known.extend(rest.iter().map(|(id, _)| ((*id).to_owned(), answers.take(id))));
            known.into_iter().collect()
        })
    }

    fn decide<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> BoxStream<'a, AuthorizationDecision> {
        self.pdp.decide(subscription)
    }

    fn multi_decide<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, IdentifiableAuthorizationDecision> {
        self.pdp.multi_decide(subscriptions)
    }

    fn multi_decide_all<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, MultiAuthorizationDecision> {
        self.pdp.multi_decide_all(subscriptions)
    }

    fn follow<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> Option<BoxStream<'a, AuthorizationDecision>> {
        self.pdp.follow(subscription)
    }
}

impl<P: fmt::Debug> fmt::Debug for CachingPdp<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachingPdp")
            .field("pdp", &self.pdp)
            .field("streams", &self.streams())
            .field("max_streams", &self.max_streams)
            .field("idle_time", &self.idle_time)
            .finish_non_exhaustive()
    }
}
