//! One stream over all its connections.

use std::{
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use futures_core::{future::BoxFuture, stream::BoxStream};
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use tokio::time::{Instant, Sleep, sleep_until};

use crate::http::{
    HttpError,
    exchange::{Answer, Discretion},
    failure::NoDecision,
    reconnect::{Backoff, Closed, Feed, Outage, Reconnect, Step},
};

/// How many pieces are read in a row before other tasks get their turn.
const PIECES_IN_A_ROW: usize = 64;

/// A connection being made.
pub(super) type Connecting<'a> = BoxFuture<'a, Result<Line, NoLine>>;

/// An open connection: what it brings, and what of that must not be shown.
pub(super) struct Line {
    pieces: BoxStream<'static, Result<Bytes, HttpError>>,
    discretion: Option<Discretion>,
}

/// Why there is no connection, as a text for the log.
pub(super) struct NoLine(String);

/// A stream of decisions that connects again and again.
pub(super) struct Live<'a, F, C> {
    endpoint: &'static str,
    machine: Reconnect<F>,
    connect: C,
    connection: Connection<'a>,
    alarm: Option<Pin<Box<Sleep>>>,
}

enum Connection<'a> {
    None,
    Making(Connecting<'a>),
    Open(Line),
}

impl<'a, F, C> Live<'a, F, C>
where
    F: Feed + Send + 'a,
    F::Item: 'a,
    C: FnMut() -> Connecting<'a> + Send + 'a,
{
    /// A stream whose connections `connect` makes. Nothing happens before it is polled.
    pub(super) fn new(endpoint: &'static str, feed: F, silence_limit: Duration, connect: C) -> Self {
        let backoff = Backoff::new(RandomState::new().build_hasher().finish());
        Self {
            endpoint,
            machine: Reconnect::new(feed, silence_limit, backoff, Instant::now().into_std()),
            connect,
            connection: Connection::None,
            alarm: None,
        }
    }

    pub(super) fn into_stream(mut self) -> BoxStream<'a, F::Item> {
        stream::poll_fn(move |context| self.poll_news(context).map(Some)).boxed()
    }

    fn poll_news(&mut self, context: &mut Context<'_>) -> Poll<F::Item> {
        for _ in 0..PIECES_IN_A_ROW {
            loop {
                match self.machine.step(Instant::now().into_std()) {
                    Step::Emit(item) => return Poll::Ready(item),
                    Step::Connect => self.connection = Connection::Making((self.connect)()),
                    Step::Close(closed) => {
                        self.log(&closed);
                        self.connection = Connection::None;
                    }
                    Step::Wait(until) => {
                        // What has arrived counts before what has not: a consumer may have been away for long.
                        if self.poll_connection(context).is_pending() {
                            ready!(self.poll_alarm(until.into(), context));
                            self.machine.elapsed(Instant::now().into_std());
                        }
                        break;
                    }
                }
            }
        }
        // What arrived without a pause may still be no sign of life.
        self.machine.elapsed(Instant::now().into_std());
        context.waker().wake_by_ref();
        Poll::Pending
    }

    /// Ready when the connection brought something, of which the machine has been told.
    fn poll_connection(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let outage = match &mut self.connection {
            Connection::None => return Poll::Pending,
            Connection::Making(connecting) => match ready!(connecting.as_mut().poll(context)) {
                Ok(line) => {
                    self.connection = Connection::Open(line);
                    return Poll::Ready(());
                }
                Err(NoLine(reason)) => Outage::NoStream(reason),
            },
            Connection::Open(line) => match ready!(line.pieces.as_mut().poll_next(context)) {
                Some(Ok(piece)) => {
                    self.machine.received(piece);
                    return Poll::Ready(());
                }
                Some(Err(error)) => Outage::NoStream(error.to_string()),
                None => Outage::Ended,
            },
        };
        self.machine.failed(outage, Instant::now().into_std());
        Poll::Ready(())
    }

    fn poll_alarm(&mut self, until: Instant, context: &mut Context<'_>) -> Poll<()> {
        let alarm = self.alarm.get_or_insert_with(|| Box::pin(sleep_until(until)));
        if alarm.deadline() != until {
            alarm.as_mut().reset(until);
        }
        alarm.as_mut().poll(context)
    }

    fn log(&self, closed: &Closed) {
        let cause = match (&closed.outage, &self.connection) {
            (
                Outage::Malformed(reason),
                Connection::Open(Line {
                    discretion: Some(discretion),
                    ..
                }),
            ) => Outage::Malformed(discretion.shown(reason)).to_string(),
            (outage, _) => outage.to_string(),
        };
        if closed.first {
            tracing::warn!(
                endpoint = self.endpoint,
                %cause,
                retry_in = ?closed.retry_in,
                "a decision stream of the PDP is down, which makes its decisions INDETERMINATE until it is back"
            );
        } else {
            tracing::debug!(
                endpoint = self.endpoint,
                %cause,
                retry_in = ?closed.retry_in,
                "a decision stream of the PDP is still down"
            );
        }
    }
}

impl Line {
    #[cfg(test)]
    pub(super) fn of(
        pieces: impl futures_core::Stream<Item = Result<Bytes, HttpError>> + Send + 'static,
    ) -> Self {
        Self {
            pieces: pieces.boxed(),
            discretion: None,
        }
    }
}

impl From<Answer> for Line {
    fn from(answer: Answer) -> Self {
        Self {
            pieces: answer.body.into_data_stream().boxed(),
            discretion: Some(answer.discretion),
        }
    }
}

impl From<NoDecision> for NoLine {
    fn from(failure: NoDecision) -> Self {
        Self(failure.to_string())
    }
}

#[cfg(test)]
impl From<&str> for NoLine {
    fn from(reason: &str) -> Self {
        Self(reason.to_owned())
    }
}

#[cfg(test)]
mod tests;
