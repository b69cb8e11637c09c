//! The life of a decision stream across its connections, without input or output: bytes and time in, decisions out.
//!
//! Whatever goes wrong with a connection makes every decision INDETERMINATE, once, and leads to the next connection.

mod backoff;
mod feed;
mod outage;

use std::time::{Duration, Instant};

use bytes::Bytes;

pub use backoff::{FIRST_RECONNECT_DELAY, MAX_RECONNECT_DELAY};
pub(crate) use {
    backoff::Backoff,
    feed::{Each, Feed, Single, Snapshot},
    outage::Outage,
};

use super::sse::{SseDecoder, SseFrame};
use feed::Origin;

/// How long a stream waits for its first frame, connecting included, before it is an outage.
pub const FIRST_FRAME_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a stream may be silent before it is an outage. A SAPL node shows life every 15 s.
pub const SILENCE_LIMIT: Duration = Duration::from_secs(60);

/// The name of the event by which a SAPL node says that it stops.
const SHUTDOWN: &str = "shutdown";

/// The state of one stream.
///
/// Its driver does what [`step`](Self::step) says and reports what happened: [`received`](Self::received),
/// [`failed`](Self::failed) or [`elapsed`](Self::elapsed). Times are those of one monotonic clock.
#[derive(Debug)]
pub(crate) struct Reconnect<F> {
    feed: F,
    silence_limit: Duration,
    backoff: Backoff,
    decoder: SseDecoder,
    /// What was received and not decoded yet.
    unread: Bytes,
    phase: Phase,
    /// The connection was lost, and the driver has yet to drop it.
    closed: Option<Closed>,
    /// No connection brought a decision since the last outage.
    out: bool,
}

/// What the driver has to do now.
#[derive(Debug)]
pub(crate) enum Step<T> {
    /// Give the consumer this.
    Emit(T),
    /// Begin a connection, which is bounded like everything after it by the next [`Step::Wait`].
    Connect,
    /// Drop the connection, if there is one.
    Close(Closed),
    /// Wait for the connection, if there is one, and at most until then.
    Wait(Instant),
}

/// Why a connection is dropped.
#[derive(Debug)]
pub(crate) struct Closed {
    /// What happened.
    pub(crate) outage: Outage,
    /// Whether a decision came since the last outage, so that this one is worth a warning.
    pub(crate) first: bool,
    /// When the next connection is tried.
    pub(crate) retry_in: Duration,
}

#[derive(Debug)]
enum Phase {
    /// Between connections.
    Resting { until: Instant },
    /// A connection is being made or open.
    Connected {
        since: Instant,
        last_frame: Option<Instant>,
        waited_for_all: bool,
    },
}

impl<F: Feed> Reconnect<F> {
    /// A stream that connects at once.
    pub(crate) fn new(feed: F, silence_limit: Duration, backoff: Backoff, now: Instant) -> Self {
        Self {
            feed,
            silence_limit,
            backoff,
            decoder: SseDecoder::default(),
            unread: Bytes::new(),
            phase: Phase::Resting { until: now },
            closed: None,
            out: false,
        }
    }

    /// What to do now. Each call goes on from the one before.
    pub(crate) fn step(&mut self, now: Instant) -> Step<F::Item> {
        loop {
            // The connection goes first: a consumer may take its time before it asks for more.
            if let Some(closed) = self.closed.take() {
                return Step::Close(closed);
            }
            if let Some(item) = self.feed.take() {
                return Step::Emit(item);
            }
            match self.phase {
                Phase::Resting { until } if now < until => return Step::Wait(until),
                Phase::Resting { .. } => {
                    self.decoder = SseDecoder::default();
                    self.phase = Phase::Connected {
                        since: now,
                        last_frame: None,
                        waited_for_all: false,
                    };
                    return Step::Connect;
                }
                Phase::Connected { .. } => {
                    if !self.read_frame(now) {
                        return Step::Wait(self.deadline());
                    }
                }
            }
        }
    }

    /// The connection brought bytes.
    pub(crate) fn received(&mut self, bytes: Bytes) {
        self.unread = bytes;
    }

    /// The connection could not be made, was refused, broke or ended.
    pub(crate) fn failed(&mut self, outage: Outage, now: Instant) {
        self.feed.lose();
        self.unread = Bytes::new();
        let retry_in = self.backoff.next_delay();
        self.phase = Phase::Resting {
            until: now + retry_in,
        };
        self.closed = Some(Closed {
            outage,
            first: !std::mem::replace(&mut self.out, true),
            retry_in,
        });
    }

    /// The time to wait has passed, and the connection brought nothing.
    pub(crate) fn elapsed(&mut self, now: Instant) {
        let Phase::Connected {
            since,
            last_frame,
            waited_for_all,
        } = &mut self.phase
        else {
            return;
        };
        match *last_frame {
            None if now >= *since + FIRST_FRAME_TIMEOUT => {
                self.failed(Outage::NoFirstFrame(FIRST_FRAME_TIMEOUT), now);
            }
            Some(last) if now >= last + self.silence_limit => {
                self.failed(Outage::Silent(self.silence_limit), now);
            }
            // The other side lives and has not decided everything. The consumer shall know where it stands.
            Some(_) if now >= *since + FIRST_FRAME_TIMEOUT => {
                *waited_for_all = true;
                self.feed.give_up_waiting();
            }
            _ => {}
        }
    }

    /// Takes one frame of what was received in. Says whether there was one, or an end of the connection.
    fn read_frame(&mut self, now: Instant) -> bool {
        let outage = match self.decoder.decode(&mut self.unread) {
            Ok(None) => return false,
            Ok(Some(SseFrame::Alive)) => None,
            Ok(Some(SseFrame::Event { name: None, data })) => match self.feed.read(data) {
                Ok(Origin::Decision) => {
                    self.backoff.reset();
                    self.out = false;
                    None
                }
                Ok(Origin::Failure | Origin::Unasked) => None,
                Err(malformed) => Some(Outage::Malformed(malformed.to_string())),
            },
            Ok(Some(SseFrame::Event {
                name: Some(SHUTDOWN), ..
            })) => Some(Outage::Shutdown),
            // An event with a name is never a decision, whatever its data looks like.
            Ok(Some(SseFrame::Event { name: Some(_), .. })) => None,
            Err(error) => Some(Outage::NoEventStream(error)),
        };
        if let Some(outage) = outage {
            self.failed(outage, now);
        } else if let Phase::Connected { last_frame, .. } = &mut self.phase {
            *last_frame = Some(now);
        }
        true
    }

    fn deadline(&self) -> Instant {
        match self.phase {
            Phase::Connected {
                since,
                last_frame: None,
                ..
            } => since + FIRST_FRAME_TIMEOUT,
            Phase::Connected {
                last_frame: Some(last),
                waited_for_all: true,
                ..
            } => last + self.silence_limit,
            Phase::Connected {
                since,
                last_frame: Some(last),
                waited_for_all: false,
            } => (last + self.silence_limit).min(since + FIRST_FRAME_TIMEOUT),
            Phase::Resting { until } => until,
        }
    }
}

#[cfg(test)]
mod tests;
