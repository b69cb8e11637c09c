//! Decision streams: the async shell of [`Reconnect`], and what `HttpPdp` makes of it.
//!
//! A stream does its work when it is polled and owns its connection, so one that nobody polls reads nothing, and one
//! that is dropped leaves nothing behind.

mod live;
mod merge;

use std::time::Duration;

use futures_core::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};

use super::{
    HttpPdp,
    endpoint::Endpoint,
    exchange::Payload,
    failure::NoDecision,
    reconnect::{Each, Feed, Single, Snapshot},
    wire,
};
use crate::{
    AuthorizationDecision, AuthorizationSubscription, IdentifiableAuthorizationDecision,
    MultiAuthorizationDecision, MultiAuthorizationSubscription,
};
use live::{Connecting, Line, Live, NoLine};

/// How long a stream that others are answered from may be silent: little more than the 15 s after which a SAPL node
/// shows life.
pub const CACHED_SILENCE_LIMIT: Duration = Duration::from_secs(20);

impl HttpPdp {
    pub(super) fn decisions<'a>(
        &'a self,
        subscription: &'a AuthorizationSubscription,
        silence_limit: Duration,
    ) -> BoxStream<'a, AuthorizationDecision> {
        let payload = wire::one(subscription);
        self.live(Endpoint::Decide, payload, Single::default(), silence_limit)
    }

    pub(super) fn each_decision<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
        silence_limit: Duration,
    ) -> BoxStream<'a, IdentifiableAuthorizationDecision> {
        let parts = wire::parts(subscriptions).map(|part| {
            let feed = Each::new(part.ids);
            self.live(Endpoint::MultiDecide, Some(part.payload), feed, silence_limit)
        });
        // A stream of nothing has no news, but doesn't end either.
        stream::select_all(parts.chain([stream::pending().boxed()])).boxed()
    }

    pub(super) fn all_decisions<'a>(
        &'a self,
        subscriptions: &'a MultiAuthorizationSubscription,
        silence_limit: Duration,
    ) -> BoxStream<'a, MultiAuthorizationDecision> {
        let parts = wire::parts(subscriptions).map(|part| {
            let feed = Snapshot::new(part.ids);
            self.live(Endpoint::MultiDecideAll, Some(part.payload), feed, silence_limit)
        });
        merge::snapshots(parts.collect())
    }

    fn live<'a, F>(
        &'a self,
        endpoint: Endpoint,
        payload: Option<Payload>,
        feed: F,
        silence_limit: Duration,
    ) -> BoxStream<'a, F::Item>
    where
        F: Feed + Send + 'a,
        F::Item: 'a,
    {
        let connect = move || -> Connecting<'a> {
            let payload = payload.clone();
            async move {
                let payload = payload.ok_or(NoDecision::Unwritable).map_err(NoLine::from)?;
                let answer = self.exchange.open(endpoint, &payload).await?;
                Ok(Line::from(answer))
            }
            .boxed()
        };
        Live::new(endpoint.name(), feed, silence_limit, connect).into_stream()
    }
}
