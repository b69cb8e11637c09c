//! Streams of decisions as server-sent events, byte for byte as a node writes them.

use std::future::Future as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use sapl_base::AuthorizationDecision;
use sapl_pdp::{EmbeddedPdp, LiveDecisions};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use super::question::{ByIds, Identified};

/// What is sent in between so that nobody takes a quiet stream for a dead one.
const KEEP_ALIVE: &[u8] = b": keep-alive\n\n";

/// What is sent before the server stops; its data is no JSON.
const SHUTDOWN: &[u8] = b"event: shutdown\ndata: SAPL Node stopping\n\n";

/// The events of one stream.
pub(super) struct Events {
    live: LiveDecisions<'static, Arc<EmbeddedPdp>>,
    form: Form,
    keep_alive: Interval,
    stop: Pin<Box<WaitForCancellationFutureOwned>>,
    ended: bool,
    _room: OwnedSemaphorePermit,
}

/// What an event tells.
pub(super) enum Form {
    /// The decision on the only subscription.
    One,
    /// The decision on one of these.
    Each(Vec<String>),
    /// The decisions on all of these.
    All(Vec<String>),
}

impl Events {
    pub(super) fn new(
        live: LiveDecisions<'static, Arc<EmbeddedPdp>>,
        form: Form,
        keep_alive: Duration,
        stop: CancellationToken,
        room: OwnedSemaphorePermit,
    ) -> Self {
        let mut keep_alive = interval_at(Instant::now() + keep_alive, keep_alive);
        keep_alive.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self {
            live,
            form,
            keep_alive,
            stop: Box::pin(stop.cancelled_owned()),
            ended: false,
            _room: room,
        }
    }

    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        if self.ended {
            return Poll::Ready(None);
        }
        if self.stop.as_mut().poll(context).is_ready() {
            self.ended = true;
            return Poll::Ready(Some(Bytes::from_static(SHUTDOWN)));
        }
        if let Poll::Ready(event) = self.poll_decision(context) {
            return Poll::Ready(Some(event));
        }
        self.keep_alive
            .poll_tick(context)
            .map(|_| Some(Bytes::from_static(KEEP_ALIVE)))
    }

    fn poll_decision(&mut self, context: &mut Context<'_>) -> Poll<Bytes> {
        match &self.form {
            Form::One => self.live.poll_each(context).map(|(_, decision)| event(decision)),
            Form::Each(ids) => self.live.poll_each(context).map(|(index, decision)| {
                event(&Identified {
                    subscription_id: ids.get(index).map_or("", String::as_str),
                    decision,
                })
            }),
            Form::All(ids) => self
                .live
                .poll_all(context)
                .map(|decisions| event(&ByIds { ids, decisions })),
        }
    }
}

/// The one event of a stream about nothing.
pub(super) fn about_nothing(form: &Form) -> Bytes {
    let decision = &AuthorizationDecision::indeterminate();
    match form {
        Form::One => event(decision),
        Form::Each(_) => event(&Identified {
            subscription_id: "",
            decision,
        }),
        Form::All(_) => event(&ByIds::NOTHING),
    }
}

fn event(data: &impl Serialize) -> Bytes {
    let mut frame = b"data:".to_vec();
    // Writing to memory can't fail, and keys are texts; no frame would be an empty one, which tells nothing.
    if serde_json::to_writer(&mut frame, data).is_err() {
        return Bytes::from_static(KEEP_ALIVE);
    }
    frame.extend_from_slice(b"\n\n");
    frame.into()
}
