//! Audit records as JSON, one a line.

use std::{
    fmt,
    io::Write,
    sync::{Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use serde::Serialize;

use super::{AuditRecord, AuditSink};

/// Writes each record as one line: a JSON object (see [`AuditRecord`]) with the time of writing in front, as `"time":
/// "2026-01-31T23:59:59.123Z"`.
///
/// A line is written with one call and flushed. When that fails, the record is lost and an error is logged; the
/// operation goes on.
///
/// ```
/// let sink = sapl_mcp::JsonLines::new(std::io::stderr());
/// ```
pub struct JsonLines<W> {
    writer: Mutex<W>,
    clock: fn() -> SystemTime,
}

impl<W> JsonLines<W> {
    /// Writes to `writer`, for instance a file that was opened for appending.
    pub fn new(writer: W) -> Self {
        Self {
            writer: Mutex::new(writer),
            clock: SystemTime::now,
        }
    }

    /// Takes the time from elsewhere than the system's clock.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> SystemTime) -> Self {
        self.clock = clock;
        self
    }
}

impl<W: Write> JsonLines<W> {
    /// Writes a record as a line. `name` is what it is about.
    pub(crate) fn write(&self, name: &str, record: &impl Serialize) {
        let line = Line {
            time: timestamp((self.clock)()),
            record,
        };
        let written = serde_json::to_vec(&line)
            .map_err(std::io::Error::from)
            .and_then(|mut line| {
                line.push(b'\n');
                let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
                writer.write_all(&line)?;
                writer.flush()
            });
        if let Err(error) = written {
            tracing::error!(name, %error, "an audit record can't be written");
        }
    }
}

impl<W: Write + Send + 'static> AuditSink for JsonLines<W> {
    fn record(&self, record: &AuditRecord<'_>) {
        self.write(record.name, record);
    }
}

impl<W> fmt::Debug for JsonLines<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JsonLines").finish_non_exhaustive()
    }
}

#[derive(Serialize)]
struct Line<'a, R> {
    time: String,
    #[serde(flatten)]
    record: &'a R,
}

/// A time as RFC 3339 has it, in UTC, to the millisecond. What is before 1970 counts as its start.
pub(crate) fn timestamp(time: SystemTime) -> String {
    const DAY: u64 = 24 * 60 * 60;
    let elapsed = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (mut days, second) = (elapsed.as_secs() / DAY, elapsed.as_secs() % DAY);
    let mut year = 1970;
    while days >= days_in_year(year) {
        days -= days_in_year(year);
        year += 1;
    }
    let february = days_in_year(year) - 337;
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!(
        "{year:04}-{month:02}-{:02}T{hour:02}:{minute:02}:{:02}.{:03}Z",
        days + 1,
        second % 60,
        elapsed.subsec_millis()
    )
}

fn days_in_year(year: u64) -> u64 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    365 + u64::from(leap)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::timestamp;

    #[test]
    fn times_are_written_as_rfc_3339() {
        let cases = [
            (0, 0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, 7, "2000-02-29T00:00:00.007Z"),
            (951_868_799, 999, "2000-02-29T23:59:59.999Z"),
            (951_868_800, 0, "2000-03-01T00:00:00.000Z"),
            (1_735_689_599, 0, "2024-12-31T23:59:59.000Z"),
            (1_735_689_600, 0, "2025-01-01T00:00:00.000Z"),
            (4_107_542_400, 0, "2100-03-01T00:00:00.000Z"),
        ];
        for (seconds, millis, text) in cases {
            assert_eq!(
                timestamp(UNIX_EPOCH + Duration::from_millis(seconds * 1000 + millis)),
                text
            );
        }
        assert_eq!(
            timestamp(UNIX_EPOCH - Duration::from_secs(1)),
            "1970-01-01T00:00:00.000Z"
        );
    }
}
