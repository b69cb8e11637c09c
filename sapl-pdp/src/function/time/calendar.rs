//! Dates of the proleptic Gregorian calendar and times of day.

use std::fmt;

/// The first and the last year of a date.
pub(crate) const MAX_YEAR: i64 = 999_999_999;

pub(crate) const DAY_SECONDS: i64 = 86_400;
pub(crate) const SECOND_NANOS: i64 = 1_000_000_000;
const DAY_NANOS: i64 = DAY_SECONDS * SECOND_NANOS;

/// A date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Date {
    pub(crate) year: i64,
    /// From 1.
    pub(crate) month: u32,
    /// From 1.
    pub(crate) day: u32,
}

impl Date {
    /// The date, if there is such a day.
    pub(crate) fn new(year: i64, month: u32, day: u32) -> Option<Self> {
        let is_sound = (1..=12).contains(&month) && (1..=month_length(year, month)).contains(&day);
        is_sound.then_some(Self { year, month, day })
    }

    /// The date so many days behind 1970-01-01.
    pub(crate) fn from_days(days: i64) -> Self {
        // Years begin in March here, so that the day of a leap year is the last one; eras have 400 years.
        let days = days + DAYS_TO_1970;
        let (era, day) = (days.div_euclid(ERA_DAYS), days.rem_euclid(ERA_DAYS));
        let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (month, year) = if month < 10 {
            (month + 3, year)
        } else {
            (month - 9, year + 1)
        };
        Self {
            year: year + era * 400,
            month: u32::try_from(month).unwrap_or(1),
            day: u32::try_from(day).unwrap_or(1),
        }
    }

    /// How many days it lies behind 1970-01-01.
    pub(crate) fn to_days(self) -> i64 {
        let (month, year) = if self.month > 2 {
            (i64::from(self.month) - 3, self.year)
        } else {
            (i64::from(self.month) + 9, self.year - 1)
        };
        let (era, year) = (year.div_euclid(400), year.rem_euclid(400));
        let day = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * ERA_DAYS + year * 365 + year / 4 - year / 100 + day - DAYS_TO_1970
    }

    /// The date so many months later; a day that is not there becomes the last of its month.
    pub(crate) fn plus_months(self, months: i64) -> Option<Self> {
        let months = self.months().checked_add(months)?;
        let year = months.div_euclid(12);
        let month = u32::try_from(months.rem_euclid(12)).ok()? + 1;
        (year.abs() <= MAX_YEAR).then(|| Self {
            year,
            month,
            day: self.day.min(month_length(year, month)),
        })
    }

    /// How many whole months it is until another date; negative when that is earlier.
    pub(crate) fn months_until(self, other: Self) -> i64 {
        let months = other.months() - self.months();
        if months > 0 && other.day < self.day {
            months - 1
        } else if months < 0 && other.day > self.day {
            months + 1
        } else {
            months
        }
    }

    fn months(self) -> i64 {
        self.year * 12 + i64::from(self.month) - 1
    }

    pub(crate) fn first_of_month(self) -> Self {
        Self { day: 1, ..self }
    }

    pub(crate) fn last_of_month(self) -> Self {
        Self {
            day: month_length(self.year, self.month),
            ..self
        }
    }

    pub(crate) fn first_of_year(self) -> Self {
        Self {
            month: 1,
            day: 1,
            ..self
        }
    }

    pub(crate) fn last_of_year(self) -> Self {
        Self {
            month: 12,
            day: 31,
            ..self
        }
    }

    /// The day of the week, 0 for Monday.
    pub(crate) fn weekday(self) -> i64 {
        // 1970-01-01 was a Thursday.
        (self.to_days() + 3).rem_euclid(7)
    }

    /// The day of the year, from 1.
    pub(crate) fn day_of_year(self) -> i64 {
        self.to_days() - self.first_of_year().to_days() + 1
    }

    /// The week of ISO 8601, of which the first has the year's first Thursday.
    pub(crate) fn week(self) -> i64 {
        let thursday = Self::from_days(self.to_days() - self.weekday() + 3);
        (thursday.day_of_year() - 1) / 7 + 1
    }
}

/// Days of 400 years.
pub(crate) const ERA_DAYS: i64 = 146_097;

/// Days from 0000-03-01 to 1970-01-01.
const DAYS_TO_1970: i64 = 719_468;

/// How many days a month has.
pub(crate) fn month_length(year: i64, month: u32) -> u32 {
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// As ISO 8601 writes it: `2026-03-18`, `+12026-03-18`, `-0001-03-18`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day } = self;
        match year {
            10_000.. => write!(f, "+{year}")?,
            0.. => write!(f, "{year:04}")?,
            _ => write!(f, "-{:04}", year.unsigned_abs())?,
        }
        write!(f, "-{month:02}-{day:02}")
    }
}

/// A time of day, in nanoseconds from midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Time(i64);

impl Time {
    pub(crate) const MIDNIGHT: Self = Self(0);

    /// The last nanosecond of a day.
    pub(crate) const LAST: Self = Self(DAY_NANOS - 1);

    /// The time, if there is such a one.
    pub(crate) fn new(hour: i64, minute: i64, second: i64, nanos: i64) -> Option<Self> {
        let is_sound = hour < 24 && minute < 60 && second < 60;
        is_sound.then_some(Self(((hour * 60 + minute) * 60 + second) * SECOND_NANOS + nanos))
    }

    /// The time so many seconds later, in the same day.
    pub(crate) fn plus_seconds(self, seconds: i64) -> Self {
        Self((self.0 + seconds % DAY_SECONDS * SECOND_NANOS).rem_euclid(DAY_NANOS))
    }

    /// Seconds from midnight.
    pub(crate) const fn seconds(self) -> i64 {
        self.0 / SECOND_NANOS
    }

    /// Nanoseconds behind the second.
    pub(crate) const fn nanos(self) -> i64 {
        self.0 % SECOND_NANOS
    }

    pub(crate) const fn hour(self) -> i64 {
        self.seconds() / 3600
    }

    pub(crate) const fn minute(self) -> i64 {
        self.seconds() / 60 % 60
    }

    pub(crate) const fn second(self) -> i64 {
        self.seconds() % 60
    }

    /// The time without fraction of a second.
    pub(crate) const fn whole_seconds(self) -> Self {
        Self(self.0 - self.nanos())
    }

    /// With seconds and as many digits of the fraction as needed: `10:15:30.12`.
    pub(crate) fn full(self) -> String {
        let mut text = format!("{:02}:{:02}:{:02}", self.hour(), self.minute(), self.second());
        if self.nanos() != 0 {
            let fraction = format!(".{:09}", self.nanos());
            text.push_str(fraction.trim_end_matches('0'));
        }
        text
    }

    /// With seconds and a fraction of 0, 3, 6 or 9 digits: `10:15:30.120`.
    pub(crate) fn grouped(self) -> String {
        format!(
            "{:02}:{:02}:{:02}{}",
            self.hour(),
            self.minute(),
            self.second(),
            grouped_fraction(self.nanos())
        )
    }

    /// As [`grouped`](Self::grouped), but without seconds when they are zero: `10:15`.
    pub(crate) fn short(self) -> String {
        if self.0 % (60 * SECOND_NANOS) == 0 {
            format!("{:02}:{:02}", self.hour(), self.minute())
        } else {
            self.grouped()
        }
    }
}

fn grouped_fraction(nanos: i64) -> String {
    if nanos == 0 {
        String::new()
    } else if nanos % 1_000_000 == 0 {
        format!(".{:03}", nanos / 1_000_000)
    } else if nanos % 1000 == 0 {
        format!(".{:06}", nanos / 1000)
    } else {
        format!(".{nanos:09}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_dates_are_the_same() {
        for (days, text) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (19_782, "2024-02-29"),
            (-719_528, "0000-01-01"),
            (-719_529, "-0001-12-31"),
            (2_932_897, "+10000-01-01"),
        ] {
            let date = Date::from_days(days);
            assert_eq!(date.to_string(), text);
            assert_eq!(date.to_days(), days);
        }
        for days in (-400_000..400_000).step_by(97) {
            assert_eq!(Date::from_days(days).to_days(), days);
        }
    }

    #[test]
    fn weeks_belong_to_the_year_of_their_thursday() {
        let week = |year, month, day| Date::new(year, month, day).map(Date::week);
        assert_eq!(week(2024, 12, 30), Some(1));
        assert_eq!(week(2027, 1, 1), Some(53));
        assert_eq!(week(2026, 1, 1), Some(1));
    }

    #[test]
    fn months_end_on_their_last_day() {
        let date = |year, month, day| Date::new(year, month, day).unwrap();
        assert_eq!(date(2026, 1, 31).plus_months(1), Some(date(2026, 2, 28)));
        assert_eq!(date(2024, 2, 29).plus_months(-12), Some(date(2023, 2, 28)));
        assert_eq!(date(2024, 1, 31).months_until(date(2024, 2, 29)), 0);
        assert_eq!(date(2026, 3, 18).months_until(date(2024, 2, 29)), -24);
        assert_eq!(Date::new(2023, 2, 29), None);
        assert!(date(0, 1, 1).plus_months(12 * MAX_YEAR).is_some());
        assert!(date(0, 1, 1).plus_months(12 * MAX_YEAR + 12).is_none());
        assert!(date(0, 1, 1).plus_months(i64::MAX).is_none());
    }
}
