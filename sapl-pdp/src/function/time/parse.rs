//! Reads dates and times as ISO 8601 writes them, with what SAPL's functions take of it.

use super::calendar::{DAY_SECONDS, Date, MAX_YEAR, Time, month_length};
use super::instant::Instant;
use super::zone::Zone;

/// The largest offset from UTC, in seconds.
pub(crate) const MAX_OFFSET: i64 = 18 * 3600;

/// A date and time of day, with the offset from UTC in seconds if one is written.
pub(crate) struct DateTime {
    pub(crate) date: Date,
    pub(crate) time: Time,
    pub(crate) offset: Option<i64>,
}

/// An instant, or a date for its beginning in UTC.
pub(crate) fn instant_or_date(text: &str) -> Option<Instant> {
    instant(text).or_else(|| Instant::start_of(date(text)?))
}

/// An instant with seconds and an offset, as in `2026-03-18T10:15:30Z`. Midnight may be `24:00:00`, and a leap second is
/// the second before it.
pub(crate) fn instant(text: &str) -> Option<Instant> {
    let mut reader = Reader { rest: text };
    let date = reader.date(MAX_YEAR + 1)?;
    reader.eat_letter('T')?;
    let hour = reader.digits(2)?;
    reader.eat(':')?;
    let minute = reader.digits(2)?;
    reader.eat(':')?;
    let second = reader.digits(2)?;
    let nanos = reader.fraction()?;
    let offset = reader.offset()?;
    reader.end()?;
    match (hour, minute, second) {
        (24, 0, 0) if nanos == 0 => Instant::new(
            date.to_days().checked_add(1)?.checked_mul(DAY_SECONDS)? - offset,
            0,
        ),
        (23, 59, 60) => Instant::at(date, Time::new(23, 59, 59, nanos)?, offset),
        _ => Instant::at(date, Time::new(hour, minute, second, nanos)?, offset),
    }
}

/// `2026-03-18`.
pub(crate) fn date(text: &str) -> Option<Date> {
    let mut reader = Reader { rest: text };
    let date = reader.date(MAX_YEAR)?;
    reader.end()?;
    Some(date)
}

/// `2026-03-18T10:15`, with seconds, a fraction, an offset and the name of a zone or without.
pub(crate) fn date_time(text: &str) -> Option<DateTime> {
    let mut reader = Reader { rest: text };
    let date = reader.date(MAX_YEAR)?;
    reader.eat_letter('T')?;
    let time = reader.time()?;
    let mut offset = None;
    if !reader.rest.is_empty() {
        offset = Some(reader.offset()?);
        if reader.eat('[').is_some() {
            Zone::named(reader.rest.strip_suffix(']')?)?;
            reader.rest = "";
        }
    }
    reader.end()?;
    Some(DateTime { date, time, offset })
}

/// `2026-03-18T10:15`, with seconds and a fraction or without.
pub(crate) fn local_date_time(text: &str) -> Option<(Date, Time)> {
    let DateTime { date, time, offset } = date_time(text)?;
    offset.is_none().then_some((date, time))
}

/// `10:15`, with seconds and a fraction or without.
pub(crate) fn time(text: &str) -> Option<Time> {
    let mut reader = Reader { rest: text };
    let time = reader.time()?;
    reader.end()?;
    Some(time)
}

/// `10:15+02:00`, with seconds and a fraction or without.
pub(crate) fn time_with_offset(text: &str) -> Option<(Time, i64)> {
    let mut reader = Reader { rest: text };
    let time = reader.time()?;
    let offset = reader.offset()?;
    reader.end()?;
    Some((time, offset))
}

/// `03:15:30 PM`.
pub(crate) fn time_of_half_day(text: &str) -> Option<Time> {
    let mut reader = Reader { rest: text };
    let hour = reader.digits(2).filter(|&hour| hour <= 12)?;
    reader.eat(':')?;
    let minute = reader.digits(2)?;
    reader.eat(':')?;
    let second = reader.digits(2)?;
    reader.eat(' ')?;
    let half = match reader.rest {
        half if half.eq_ignore_ascii_case("am") => 0,
        half if half.eq_ignore_ascii_case("pm") => 12,
        _ => return None,
    };
    Time::new(hour % 12 + half, minute, second, 0)
}

/// `18.03.2026 10:15:30`, as DIN 5008 has it. A day behind the end of its month is the last one, and `24:00:00` is the
/// next midnight.
pub(crate) fn din(text: &str) -> Option<Instant> {
    let mut reader = Reader { rest: text };
    let day = reader.digits(2).filter(|day| (1..=31).contains(day))?;
    reader.eat('.')?;
    let month = u32::try_from(reader.digits(2)?).ok()?;
    reader.eat('.')?;
    let year = reader.digits(4).filter(|&year| year > 0)?;
    reader.eat(' ')?;
    let hour = reader.digits(2)?;
    reader.eat(':')?;
    let minute = reader.digits(2)?;
    reader.eat(':')?;
    let second = reader.digits(2)?;
    reader.end()?;
    let date = Date::new(
        year,
        month,
        u32::try_from(day).ok()?.min(month_length(year, month)),
    )?;
    if (hour, minute, second) == (24, 0, 0) {
        return Instant::start_of(Date::from_days(date.to_days() + 1));
    }
    Instant::at(date, Time::new(hour, minute, second, 0)?, 0)
}

/// An offset from UTC in seconds: `Z`, `+2`, `+02`, `+02:00`, `+0200`, `+02:00:30` or `+020030`.
pub(crate) fn offset(text: &str) -> Option<i64> {
    if text == "Z" {
        return Some(0);
    }
    let mut reader = Reader { rest: text };
    let sign = reader.sign()?;
    let digits = |reader: &mut Reader<'_>| reader.digits(2);
    let hours = match reader.rest.len() {
        1 => reader.digits(1)?,
        _ => digits(&mut reader)?,
    };
    let has_colons = reader.rest.starts_with(':');
    let mut rest = [0; 2];
    for part in &mut rest {
        if reader.rest.is_empty() {
            break;
        }
        if has_colons {
            reader.eat(':')?;
        }
        *part = digits(&mut reader)?;
    }
    reader.end()?;
    let [minutes, seconds] = rest;
    offset_of(sign, hours, minutes, seconds)
}

fn offset_of(sign: i64, hours: i64, minutes: i64, seconds: i64) -> Option<i64> {
    let offset = (hours * 60 + minutes) * 60 + seconds;
    (minutes < 60 && seconds < 60 && offset <= MAX_OFFSET).then_some(sign * offset)
}

struct Reader<'t> {
    rest: &'t str,
}

impl Reader<'_> {
    /// A year of four digits, or more of them behind a sign; a month; a day.
    fn date(&mut self, max_year: i64) -> Option<Date> {
        let signed = self.rest.starts_with(['+', '-']);
        let year = if signed {
            let is_positive = self.rest.starts_with('+');
            let sign = self.sign()?;
            let is_digit = |next: &char| next.is_ascii_digit();
            let length = self.rest.chars().take_while(is_digit).count();
            if !(4 + usize::from(is_positive)..=10).contains(&length) {
                return None;
            }
            let year = self.digits(length)?;
            if year == 0 {
                return None;
            }
            sign * year
        } else {
            self.digits(4)?
        };
        self.eat('-')?;
        let month = u32::try_from(self.digits(2)?).ok()?;
        self.eat('-')?;
        let day = u32::try_from(self.digits(2)?).ok()?;
        if year.abs() > max_year {
            return None;
        }
        Date::new(year, month, day)
    }

    /// Hours and minutes, and seconds with a fraction or without.
    fn time(&mut self) -> Option<Time> {
        let hour = self.digits(2)?;
        self.eat(':')?;
        let minute = self.digits(2)?;
        let (mut second, mut nanos) = (0, 0);
        if self.eat(':').is_some() {
            second = self.digits(2)?;
            nanos = self.fraction()?;
        }
        Time::new(hour, minute, second, nanos)
    }

    /// A point and up to nine digits, in nanoseconds.
    fn fraction(&mut self) -> Option<i64> {
        if self.eat('.').is_none() {
            return Some(0);
        }
        let length = self.rest.bytes().take(9).take_while(u8::is_ascii_digit).count();
        let digits = if length == 0 { 0 } else { self.digits(length)? };
        let missing = u32::try_from(9 - length).ok()?;
        Some(digits * 10_i64.pow(missing))
    }

    /// `Z`, `+02:00` or `+02:00:30`, in seconds.
    fn offset(&mut self) -> Option<i64> {
        if self.eat_letter('Z').is_some() {
            return Some(0);
        }
        let sign = self.sign()?;
        let hours = self.digits(2)?;
        self.eat(':')?;
        let minutes = self.digits(2)?;
        let seconds = match self.eat(':') {
            Some(()) => self.digits(2)?,
            None => 0,
        };
        offset_of(sign, hours, minutes, seconds)
    }

    fn sign(&mut self) -> Option<i64> {
        match self.eat('-') {
            Some(()) => Some(-1),
            None => self.eat('+').map(|()| 1),
        }
    }

    fn digits(&mut self, count: usize) -> Option<i64> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        let is_number = digits.bytes().all(|digit| digit.is_ascii_digit());
        self.rest = rest;
        is_number.then(|| digits.parse().ok())?
    }

    fn eat(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(wanted)?;
        Some(())
    }

    /// A letter in either case.
    fn eat_letter(&mut self, wanted: char) -> Option<()> {
        self.rest = self.rest.strip_prefix([wanted, wanted.to_ascii_lowercase()])?;
        Some(())
    }

    fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_seconds_and_offset_only() {
        let seconds = |text| instant(text).map(Instant::seconds);
        assert_eq!(seconds("2026-03-18T10:15:30Z"), Some(1_773_828_930));
        assert_eq!(seconds("2026-03-18t12:15:30.5+02:00"), Some(1_773_828_930));
        assert_eq!(seconds("2026-03-18T24:00:00Z"), Some(1_773_878_400));
        assert_eq!(seconds("2026-03-18T23:59:60Z"), Some(1_773_878_399));
        assert_eq!(
            seconds("+1000000000-01-01T00:00:00Z"),
            Some(31_556_889_832_780_800)
        );
        for text in [
            "2026-03-18T10:15Z",
            "2026-03-18T10:15:30",
            "2026-03-18 10:15:30Z",
            "2026-02-30T10:15:30Z",
            "2026-03-18T24:00:01Z",
            "2026-03-18T22:59:60Z",
            "2026-03-18T10:15:30+02",
            "2026-03-18T10:15:30+18:01",
            "2026-03-18T10:15:30.1234567890Z",
            "2026-03-18T10:15:30Z ",
            "12026-03-18T10:15:30Z",
            "+2026-03-18T10:15:30Z",
            "-0000-03-18T10:15:30Z",
            "-1000000001-01-01T00:00:00Z",
            "2026-03-18T１0:15:30Z",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }

    #[test]
    fn offsets_are_written_in_several_ways() {
        for text in ["+02:30:15", "+023015"] {
            assert_eq!(offset(text), Some(9015), "{text}");
        }
        assert_eq!(offset("-5"), Some(-18_000));
        assert_eq!(offset("+0230"), Some(9000));
        assert_eq!(offset("+18:00"), Some(MAX_OFFSET));
        for text in [
            "",
            "z",
            "02:00",
            "+18:00:01",
            "+02:60",
            "+02:3",
            "+02:3015",
            "+0230:15",
            "+123",
            " Z",
            "+",
        ] {
            assert_eq!(offset(text), None, "{text}");
        }
    }

    #[test]
    fn days_of_din_are_within_their_month() {
        let shown = |text| din(text).map(|instant| instant.to_string());
        assert_eq!(
            shown("31.02.2026 10:15:30").as_deref(),
            Some("2026-02-28T10:15:30Z")
        );
        assert_eq!(
            shown("01.02.2026 24:00:00").as_deref(),
            Some("2026-02-02T00:00:00Z")
        );
        for text in [
            "32.02.2026 10:15:30",
            "00.02.2026 10:15:30",
            "01.13.2026 10:15:30",
            "01.02.0000 10:15:30",
        ] {
            assert_eq!(shown(text), None, "{text}");
        }
    }
}
