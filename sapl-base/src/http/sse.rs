//! The event stream of a decision point, decoded without input or output: bytes in, frames out.
//!
//! The format is that of the [WHATWG specification](https://html.spec.whatwg.org/multipage/server-sent-events.html),
//! with two differences that suit decisions: a frame is bounded, and invalid UTF-8 is an error rather than replaced.
//! Event ids and `retry` are left aside, since a decision point replays nothing and the pace of reconnects is ours.
// The crates that decode such streams hold a line of any length, and none of them tells of comments, which are what
// shows that a quiet connection lives.

use std::fmt;

use bytes::{Buf, Bytes};

/// The most bytes of a frame of an event stream, with its line ends, comments and unknown fields: 1 MiB.
pub const MAX_SSE_FRAME_BYTES: usize = 1024 * 1024;

/// A buffer that a frame made larger than this is given back after it, since a stream may be quiet for days.
const KEPT_CAPACITY: usize = 16 * 1024;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Takes the bytes of one connection in and gives its frames out, each as soon as its last byte is there.
///
/// It holds at most [`MAX_SSE_FRAME_BYTES`] of an unfinished frame.
#[derive(Debug, Default)]
pub(crate) struct SseDecoder {
    /// The beginning of a line whose end has not come yet.
    line: Vec<u8>,
    data: String,
    name: String,
    /// How many bytes of the unfinished frame went by.
    frame_bytes: usize,
    progress: Progress,
    any_line: bool,
    /// The last line ended in CR, so that an LF at this place belongs to it.
    after_carriage_return: bool,
    failed: Option<SseError>,
}

/// What a connection showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SseFrame<'a> {
    /// A comment, or an event without data, which is none: the other side lives.
    Alive,
    /// An event.
    Event {
        /// Its type, unless it has none.
        name: Option<&'a str>,
        /// Its data, several lines joined by LF.
        data: &'a str,
    },
}

/// Bytes that are no event stream. The connection can't be used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SseError {
    /// A frame has more than [`MAX_SSE_FRAME_BYTES`].
    TooLong,
    /// A line is not UTF-8.
    NotUtf8,
}

/// How much of a frame is there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Progress {
    /// Nothing but blank lines since the last one.
    #[default]
    Between,
    /// A field, but no data.
    Fields,
    /// Data.
    Data,
    /// A whole frame without an event was handed out.
    GaveAlive,
    /// A whole event was handed out.
    GaveEvent,
}

impl SseDecoder {
    /// The next frame, or `None` when all of `input` is used up and it has no further one.
    ///
    /// # Errors
    /// When a frame is too long or not UTF-8, from then on always.
    pub(crate) fn decode(&mut self, input: &mut Bytes) -> Result<Option<SseFrame<'_>>, SseError> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        match self.advance(input) {
            Ok(()) => Ok(self.frame()),
            Err(error) => {
                *self = Self {
                    failed: Some(error),
                    ..Self::default()
                };
                Err(error)
            }
        }
    }

    /// Reads on to the end of a frame or of the input.
    fn advance(&mut self, input: &mut Bytes) -> Result<(), SseError> {
        if self.gave() {
            self.begin();
        }
        while !self.gave() {
            if self.after_carriage_return {
                match input.first() {
                    None => return Ok(()),
                    Some(b'\n') => {
                        // At the end of a frame it belongs to none, so that a frame is as long in one chunk as in two.
                        self.count(usize::from(self.frame_bytes > 0))?;
                        input.advance(1);
                    }
                    Some(_) => {}
                }
                self.after_carriage_return = false;
            }
            let Some(end) = input.iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
                self.count(input.len())?;
                self.line.extend_from_slice(input);
                input.clear();
                return Ok(());
            };
            self.count(end + 1)?;
            let rest = input.split_to(end);
            self.after_carriage_return = input.get_u8() == b'\r';
            if self.line.is_empty() {
                self.take_line(&rest)?;
            } else {
                let mut line = std::mem::take(&mut self.line);
                line.extend_from_slice(&rest);
                self.take_line(&line)?;
                line.clear();
                self.line = line;
            }
        }
        Ok(())
    }

    fn take_line(&mut self, line: &[u8]) -> Result<(), SseError> {
        let line = std::str::from_utf8(line).map_err(|_| SseError::NotUtf8)?;
        let line = match line.strip_prefix(BYTE_ORDER_MARK) {
            Some(line) if !self.any_line => line,
            _ => line,
        };
        self.any_line = true;
        if line.is_empty() {
            match self.progress {
                Progress::Data => self.progress = Progress::GaveEvent,
                Progress::Fields => self.progress = Progress::GaveAlive,
                _ => self.begin(),
            }
            return Ok(());
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match (field, self.progress) {
            // A comment between frames is one of its own: nothing says that a blank line follows.
            ("", Progress::Between) => self.progress = Progress::GaveAlive,
            ("", _) => {}
            ("data", progress) => {
                if progress == Progress::Data {
                    self.data.push('\n');
                }
                self.data.push_str(value);
                self.progress = Progress::Data;
            }
            (field, progress) => {
                if field == "event" {
                    self.name.clear();
                    self.name.push_str(value);
                }
                if progress == Progress::Between {
                    self.progress = Progress::Fields;
                }
            }
        }
        Ok(())
    }

    fn frame(&self) -> Option<SseFrame<'_>> {
        match self.progress {
            Progress::GaveAlive => Some(SseFrame::Alive),
            Progress::GaveEvent => Some(SseFrame::Event {
                name: Some(self.name.as_str()).filter(|name| !name.is_empty()),
                data: &self.data,
            }),
            Progress::Between | Progress::Fields | Progress::Data => None,
        }
    }

    const fn gave(&self) -> bool {
        matches!(self.progress, Progress::GaveAlive | Progress::GaveEvent)
    }

    /// Makes room for the next frame.
    fn begin(&mut self) {
        self.progress = Progress::Between;
        self.frame_bytes = 0;
        self.data.clear();
        self.name.clear();
        self.data.shrink_to(KEPT_CAPACITY);
        self.name.shrink_to(KEPT_CAPACITY);
        self.line.shrink_to(KEPT_CAPACITY);
    }

    const fn count(&mut self, bytes: usize) -> Result<(), SseError> {
        self.frame_bytes = self.frame_bytes.saturating_add(bytes);
        if self.frame_bytes > MAX_SSE_FRAME_BYTES {
            Err(SseError::TooLong)
        } else {
            Ok(())
        }
    }
}

impl fmt::Display for SseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "a frame is longer than {MAX_SSE_FRAME_BYTES} bytes"),
            Self::NotUtf8 => f.write_str("a line is not UTF-8"),
        }
    }
}

#[cfg(test)]
mod tests;
