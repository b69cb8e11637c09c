//! Points in time.

use std::fmt;

use super::calendar::{DAY_SECONDS, Date, MAX_YEAR, SECOND_NANOS, Time};

/// A point in time, to the nanosecond, in the years from -1,000,000,000 to 1,000,000,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    seconds: i64,
    nanos: i64,
}

/// The first second of an instant.
const MIN_SECONDS: i64 = -31_557_014_167_219_200;

/// The last second of an instant.
const MAX_SECONDS: i64 = 31_556_889_864_403_199;

impl Instant {
    /// The instant so many seconds and then nanoseconds, of which there may be many, behind 1970-01-01T00:00Z.
    pub(crate) fn new(seconds: i64, nanos: i64) -> Option<Self> {
        let seconds = seconds.checked_add(nanos.div_euclid(SECOND_NANOS))?;
        (MIN_SECONDS..=MAX_SECONDS).contains(&seconds).then_some(Self {
            seconds,
            nanos: nanos.rem_euclid(SECOND_NANOS),
        })
    }

    pub(crate) fn from_millis(millis: i64) -> Option<Self> {
        Self::new(millis.div_euclid(1000), millis.rem_euclid(1000) * 1_000_000)
    }

    /// The instant at which it is this time where clocks are ahead of UTC by an offset in seconds.
    pub(crate) fn at(date: Date, time: Time, offset: i64) -> Option<Self> {
        let days = date.to_days().checked_mul(DAY_SECONDS)?;
        Self::new(days + time.seconds() - offset, time.nanos())
    }

    /// The first instant of a day in UTC.
    pub(crate) fn start_of(date: Date) -> Option<Self> {
        Self::at(date, Time::MIDNIGHT, 0)
    }

    pub(crate) const fn seconds(self) -> i64 {
        self.seconds
    }

    pub(crate) fn millis(self) -> Option<i64> {
        self.seconds
            .checked_mul(1000)?
            .checked_add(self.nanos / 1_000_000)
    }

    /// Nanoseconds, exact.
    pub(crate) fn nanos(self) -> i128 {
        i128::from(self.seconds) * i128::from(SECOND_NANOS) + i128::from(self.nanos)
    }

    /// The instant so many times `unit` nanoseconds later.
    pub(crate) fn plus(self, amount: i128, unit: i64) -> Option<Self> {
        let nanos = self.nanos().checked_add(amount.checked_mul(unit.into())?)?;
        let second = i128::from(SECOND_NANOS);
        let seconds = i64::try_from(nanos.div_euclid(second)).ok()?;
        Self::new(seconds, i64::try_from(nanos.rem_euclid(second)).ok()?)
    }

    /// The date and time where clocks are ahead of UTC by an offset in seconds.
    pub(crate) fn local(self, offset: i64) -> Option<(Date, Time)> {
        let (date, time) = self.far_local(offset);
        (date.year.abs() <= MAX_YEAR).then_some((date, time))
    }

    /// As [`local`](Self::local), in all years.
    fn far_local(self, offset: i64) -> (Date, Time) {
        let seconds = self.seconds + offset;
        let date = Date::from_days(seconds.div_euclid(DAY_SECONDS));
        let second = seconds.rem_euclid(DAY_SECONDS);
        let time = Time::new(second / 3600, second / 60 % 60, second % 60, self.nanos);
        (date, time.unwrap_or(Time::MIDNIGHT))
    }

    /// The date in UTC.
    pub(crate) fn date(self) -> Option<Date> {
        self.local(0).map(|(date, _)| date)
    }

    /// The beginning of its hour.
    pub(crate) fn start_of_hour(self) -> Option<Self> {
        Self::new(self.seconds - self.seconds.rem_euclid(3600), 0)
    }
}

/// In UTC, with seconds and a fraction of 0, 3, 6 or 9 digits: `2026-03-18T10:15:30.120Z`.
impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (date, time) = self.far_local(0);
        write!(f, "{date}T{}Z", time.grouped())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_end_with_their_years() {
        let shown = |seconds| Instant::new(seconds, 0).map(|instant| instant.to_string());
        assert_eq!(shown(MAX_SECONDS).as_deref(), Some("+1000000000-12-31T23:59:59Z"));
        assert_eq!(shown(MAX_SECONDS + 1), None);
        assert_eq!(shown(MIN_SECONDS).as_deref(), Some("-1000000000-01-01T00:00:00Z"));
        assert_eq!(shown(MIN_SECONDS - 1), None);
        let last = Instant::new(MAX_SECONDS, SECOND_NANOS - 1);
        assert!(last.is_some_and(|last| last.plus(1, 1).is_none() && last.date().is_none()));
    }

    #[test]
    fn instants_before_1970_count_backwards() {
        let instant = Instant::new(-1, 500_000_000).unwrap();
        assert_eq!(instant.to_string(), "1969-12-31T23:59:59.500Z");
        assert_eq!(instant.millis(), Some(-500));
        assert_eq!(
            instant.plus(-1, 1).unwrap().to_string(),
            "1969-12-31T23:59:59.499999999Z"
        );
    }
}
