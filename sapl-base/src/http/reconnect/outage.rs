//! Why a stream has no decision at the moment.

use std::{fmt, time::Duration};

use crate::http::{sse::SseError, text::quoted};

/// What ended a connection.
#[derive(Debug)]
pub(crate) enum Outage {
    /// No frame came within this time of the beginning.
    NoFirstFrame(Duration),
    /// No frame came for this time.
    Silent(Duration),
    /// The decision point ended the stream.
    Ended,
    /// The decision point said that it stops.
    Shutdown,
    /// What came is no event stream.
    NoEventStream(SseError),
    /// An event is no decision, for this reason, which may repeat parts of the event.
    Malformed(String),
    /// There was no stream to begin with, or it broke, as this text tells. It is fit for the log.
    NoStream(String),
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFirstFrame(limit) => write!(f, "nothing came within {limit:?}"),
            Self::Silent(limit) => write!(f, "nothing came for {limit:?}"),
            Self::Ended => f.write_str("the stream ended"),
            Self::Shutdown => f.write_str("the decision point shuts down"),
            Self::NoEventStream(error) => error.fmt(f),
            Self::Malformed(reason) => write!(f, "an event is no decision: {}", quoted(reason)),
            Self::NoStream(reason) => f.write_str(reason),
        }
    }
}
