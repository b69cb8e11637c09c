//! The decision point on another machine.

use std::{fmt, future::Future, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_core::stream::BoxStream;
use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::time::{Instant, timeout_at};

use super::{
    PdpConfig, PdpConfigError,
    endpoint::Endpoint,
    exchange::{Discretion, Exchange, Payload},
    failure::NoDecision,
    multi::{self, MultiReply},
    reconnect::SILENCE_LIMIT,
    stream::CACHED_SILENCE_LIMIT,
    wire::{self, Part},
};
use crate::{
    AuthorizationDecision, AuthorizationSubscription, Deciding, IdentifiableAuthorizationDecision,
    MAX_DECISION_BYTES, MultiAuthorizationDecision, MultiAuthorizationSubscription, PolicyDecisionPoint,
};

/// The most requests that one multi-subscription has under way at a time.
pub const MAX_PARALLEL_PARTS: usize = 8;

/// A policy decision point behind the HTTP API of a SAPL node (4.1).
///
/// Decisions asked once are sent once and never again: whatever goes wrong on the way is INDETERMINATE, with the
/// cause in the log (`tracing`, at warn) and no credential or secret in it. A whole round trip takes no longer than
/// the configured [time-out](PdpConfig::timeout).
///
/// A [multi-subscription](PolicyDecisionPoint::multi_decide_all_once) that is more than a node takes in one request
/// ([`MAX_MULTI_ENTRIES`](super::MAX_MULTI_ENTRIES), [`MAX_REQUEST_BYTES`](super::MAX_REQUEST_BYTES)) goes in
/// several, at most [`MAX_PARALLEL_PARTS`] at a time and all within one time-out. Each of them is decided on a snapshot of
/// the policies of its own. A subscription that is too long by itself is sent nevertheless, since nodes can be
/// configured to take more; one that isn't answers 413, which is INDETERMINATE.
///
/// Streams of decisions connect again for ever, with pauses that grow to a minute; each outage shows once, as
/// INDETERMINATE. Each stream has an HTTP/1.1 connection of its own, so that a consumer that is slow holds up nobody
/// else, and lives no longer than the stream. See [`CachingPdp`](crate::CachingPdp) for decisions at hand.
///
/// It has to be used on a tokio runtime, of either flavour, with time and I/O enabled. Cheap to clone; clones share
/// connections and tokens.
///
/// ```no_run
/// use sapl_base::{
///     AuthorizationSubscription, Decision, PolicyDecisionPoint,
///     http::{HttpPdp, PdpConfig},
/// };
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let pdp = HttpPdp::new(PdpConfig::new("https://pdp.example:8443").token("sapl_7f3a_c2VjcmV0"))?;
/// let decision = pdp.decide_once(&AuthorizationSubscription::new("mara", "read", "report")).await;
/// assert_eq!(decision.decision, Decision::Permit);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct HttpPdp {
    pub(super) exchange: Arc<Exchange>,
    timeout: Duration,
}

impl HttpPdp {
    /// A decision point with these settings. Nothing is sent yet; certificates are read.
    ///
    /// # Errors
    /// When a setting is wrong; the error names it.
    pub fn new(config: PdpConfig) -> Result<Self, PdpConfigError> {
        let prepared = config.prepare()?;
        let timeout = prepared.timeout;
        Ok(Self {
            exchange: Arc::new(Exchange::new(prepared)),
            timeout,
        })
    }

    fn deadline(&self) -> Instant {
        Instant::now() + self.timeout
    }

    async fn within<T>(
        &self,
        deadline: Instant,
        asking: impl Future<Output = Result<T, NoDecision>>,
    ) -> Result<T, NoDecision> {
        // A future gets its first turn before the time is looked at, and would send a request that nobody waits for.
        if Instant::now() >= deadline {
            return Err(NoDecision::Timeout(self.timeout));
        }
        match timeout_at(deadline, asking).await {
            Ok(result) => result,
            Err(_) => Err(NoDecision::Timeout(self.timeout)),
        }
    }

    async fn ask(&self, endpoint: Endpoint, payload: &Payload) -> Result<(Bytes, Discretion), NoDecision> {
        let answer = self.exchange.open(endpoint, payload).await?;
        Ok((answer.body.collect(MAX_DECISION_BYTES).await?, answer.discretion))
    }

    async fn one(
        &self,
        subscription: &AuthorizationSubscription,
    ) -> Result<AuthorizationDecision, NoDecision> {
        let payload = wire::one(subscription).ok_or(NoDecision::Unwritable)?;
        let asking = self.ask(Endpoint::DecideOnce, &payload);
        let (json, discretion) = self.within(self.deadline(), asking).await?;
        AuthorizationDecision::from_json(&json)
            .map_err(|error| NoDecision::Malformed(discretion.shown(&error.to_string())))
    }

    /// The decisions of one request. Never fails: what has no decision is INDETERMINATE.
    async fn part(&self, part: Part<'_>, deadline: Instant) -> Vec<(String, AuthorizationDecision)> {
        let mut decided = Vec::with_capacity(part.ids.len());
        let asking = self.ask(Endpoint::MultiDecideAllOnce, &part.payload);
        let reply = self
            .within(deadline, asking)
            .await
            .and_then(|(json, discretion)| {
                serde_json::from_slice::<MultiReply>(&json)
                    .map_err(|error| NoDecision::Malformed(discretion.shown(&error.to_string())))
            });
        let failure = match reply {
            Ok(reply) => match reply.hand_out(&part.ids, &mut decided) {
                0 => return decided,
                missing => NoDecision::Missing {
                    missing,
                    asked: part.ids.len(),
                },
            },
            Err(failure) => {
                multi::indeterminate(&part.ids, &mut decided);
                failure
            }
        };
        failure.log(Endpoint::MultiDecideAllOnce);
        decided
    }

    async fn all(&self, subscriptions: &MultiAuthorizationSubscription) -> MultiAuthorizationDecision {
        let deadline = self.deadline();
        let mut parts = wire::parts(subscriptions);
        let mut under_way: FuturesUnordered<_> = parts
            .by_ref()
            .take(MAX_PARALLEL_PARTS)
            .map(|part| self.part(part, deadline))
            .collect();
        let mut decided = Vec::with_capacity(subscriptions.len());
        while let Some(answers) = under_way.next().await {
            decided.extend(answers);
            if let Some(part) = parts.next() {
                under_way.push(self.part(part, deadline));
            }
        }
        decided.into_iter().collect()
    }
}

impl PolicyDecisionPoint for HttpPdp {
    fn decide_once<'a>(&'a self, subscription: &'a AuthorizationSubscription) -> Deciding<'a> {
        Deciding::pending(async move {
            self.one(subscription).await.unwrap_or_else(|failure| {
                failure.log(Endpoint::DecideOnce);
                AuthorizationDecision::indeterminate()
            })
        })
    }

    fn multi_decide_all_once<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> Deciding<'a, MultiAuthorizationDecision> {
        if subscriptions.is_empty() {
            return Deciding::ready(MultiAuthorizationDecision::default());
        }
        Deciding::pending(self.all(subscriptions))
    }

    fn decide<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> BoxStream<'a, AuthorizationDecision> {
        self.decisions(subscription, SILENCE_LIMIT)
    }

    fn multi_decide<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, IdentifiableAuthorizationDecision> {
        self.each_decision(subscriptions, SILENCE_LIMIT)
    }

    fn multi_decide_all<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
    ) -> BoxStream<'a, MultiAuthorizationDecision> {
        self.all_decisions(subscriptions, SILENCE_LIMIT)
    }

    fn follow<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
    ) -> Option<BoxStream<'a, AuthorizationDecision>> {
        Some(self.decisions(subscription, CACHED_SILENCE_LIMIT))
    }
}

impl fmt::Debug for HttpPdp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpPdp")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}
