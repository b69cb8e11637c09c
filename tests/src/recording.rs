//! What was said on one connection, byte for byte, as a text that can be read.
//!
//! ```text
//! # A line like this is what the recording is about; only the first lines are.
//! > GET / HTTP/1.1\r\n          sent
//! > \r\n
//! -- 0.2 s                      a read that came so long after what stands before it
//! < HTTP/1.1 200 OK\r\n         received, and the lines below up to the next mark with it, in one read
//! ! the policies were changed   something happened meanwhile
//! -- closed                     the other side closed the connection
//! ```
//!
//! A line of bytes ends behind a line feed or at the end of the read. `\r`, `\n`, `\\` and `\xNN` stand for the bytes
//! that would not be seen.

use std::{fmt, time::Duration};

/// What was said on one connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// What it is about, in one line or several.
    pub title: String,
    /// What was said and what happened.
    pub steps: Vec<Step>,
}

/// One thing that was said or happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The client sent this.
    Sent(Vec<u8>),
    /// One read gave this.
    Received {
        /// How long after the step before, to a tenth of a second.
        after: Duration,
        /// What was read.
        bytes: Vec<u8>,
    },
    /// Something happened that is not on the wire.
    Event(String),
    /// The server closed the connection.
    Closed,
}

/// What is wrong with the text of a recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The number of the line, from 1.
    pub line: usize,
    /// What is wrong with it.
    pub message: &'static str,
}

impl Recording {
    /// All that was sent.
    #[must_use]
    pub fn sent(&self) -> Vec<u8> {
        let sent = self.steps.iter().filter_map(|step| match step {
            Step::Sent(bytes) => Some(bytes.as_slice()),
            _ => None,
        });
        sent.collect::<Vec<_>>().concat()
    }

    /// All that was received, read by read.
    pub fn reads(&self) -> impl Iterator<Item = &[u8]> {
        self.steps.iter().filter_map(|step| match step {
            Step::Received { bytes, .. } => Some(bytes.as_slice()),
            _ => None,
        })
    }

    /// Whether the server closed the connection in the end.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.steps.last() == Some(&Step::Closed)
    }

    /// Reads the text of a recording.
    ///
    /// # Errors
    /// A line is none of those that there are.
    pub fn read(text: &str) -> Result<Self, Unreadable> {
        let mut recording = Self::default();
        let mut title = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let unreadable = |message| Unreadable {
                line: index + 1,
                message,
            };
            if let Some(about) = line.strip_prefix("# ") {
                title.push(about);
            } else if let Some(event) = line.strip_prefix("! ") {
                recording.steps.push(Step::Event(event.to_owned()));
            } else if line == "-- closed" {
                recording.steps.push(Step::Closed);
            } else if let Some(pause) = line.strip_prefix("-- ") {
                let after = tenths(pause).ok_or_else(|| unreadable("no time"))?;
                let bytes = Vec::new();
                recording.steps.push(Step::Received { after, bytes });
            } else if let Some(text) = line.strip_prefix("> ") {
                let more = unescaped(text).ok_or_else(|| unreadable("no bytes"))?;
                match recording.steps.last_mut() {
                    Some(Step::Sent(bytes)) => bytes.extend(more),
                    _ => recording.steps.push(Step::Sent(more)),
                }
            } else if let Some(text) = line.strip_prefix("< ") {
                let more = unescaped(text).ok_or_else(|| unreadable("no bytes"))?;
                match recording.steps.last_mut() {
                    Some(Step::Received { bytes, .. }) => bytes.extend(more),
                    _ => return Err(unreadable("received without a time")),
                }
            } else if !line.is_empty() {
                return Err(unreadable("none of `#`, `>`, `<`, `--` and `!`"));
            }
        }
        recording.title = title.join("\n");
        Ok(recording)
    }
}

/// The text of the recording.
impl fmt::Display for Recording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in self.title.lines() {
            writeln!(f, "# {line}")?;
        }
        writeln!(f)?;
        for step in &self.steps {
            match step {
                Step::Sent(bytes) => write_lines(f, '>', bytes)?,
                Step::Received { after, bytes } => {
                    writeln!(f, "-- {:.1} s", after.as_secs_f64())?;
                    write_lines(f, '<', bytes)?;
                }
                Step::Event(event) => writeln!(f, "! {event}")?,
                Step::Closed => writeln!(f, "-- closed")?,
            }
        }
        Ok(())
    }
}

fn write_lines(f: &mut fmt::Formatter<'_>, mark: char, bytes: &[u8]) -> fmt::Result {
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        write!(f, "{mark} ")?;
        for (index, byte) in line.iter().enumerate() {
            match byte {
                b'\\' => f.write_str("\\\\")?,
                b'\r' => f.write_str("\\r")?,
                b'\n' => f.write_str("\\n")?,
                // An editor would take a blank at the end of a line away.
                b' ' if index + 1 == line.len() => f.write_str("\\x20")?,
                b' '..=b'~' => write!(f, "{}", char::from(*byte))?,
                other => write!(f, "\\x{other:02x}")?,
            }
        }
        writeln!(f)?;
    }
    Ok(())
}

fn unescaped(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        bytes.push(match rest.next()? {
            b'\\' => b'\\',
            b'r' => b'\r',
            b'n' => b'\n',
            b'x' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(str::from_utf8(&digits).ok()?, 16).ok()?
            }
            _ => return None,
        });
    }
    Some(bytes)
}

fn tenths(pause: &str) -> Option<Duration> {
    let (seconds, tenth) = pause.strip_suffix(" s")?.split_once('.')?;
    let (seconds, tenth): (u64, u64) = (seconds.parse().ok()?, tenth.parse().ok()?);
    (tenth < 10).then(|| Duration::from_millis(seconds * 1_000 + tenth * 100))
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for Unreadable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_survives_being_written_and_read() {
        let all: Vec<u8> = (0..=u8::MAX).chain(*b"a \nb ").collect();
        let recording = Recording {
            title: "two lines\nof what it is about".to_owned(),
            steps: vec![
                Step::Sent(all.clone()),
                Step::Received {
                    after: Duration::from_millis(15_000),
                    bytes: all,
                },
                Step::Event("something happened".to_owned()),
                Step::Received {
                    after: Duration::from_millis(100),
                    bytes: b"\r\n\r\n".to_vec(),
                },
                Step::Closed,
            ],
        };
        assert_eq!(Recording::read(&recording.to_string()), Ok(recording));
    }

    #[test]
    fn a_text_that_is_no_recording_is_refused_with_its_line() {
        for (text, line) in [
            ("# about\n\nbytes", 3),
            ("< bytes", 1),
            ("> \\q", 1),
            ("> \\x1", 1),
            ("> fine\n-- soon", 2),
            ("-- 1.10 s", 1),
        ] {
            assert_eq!(Recording::read(text).unwrap_err().line, line, "{text}");
        }
    }
}
