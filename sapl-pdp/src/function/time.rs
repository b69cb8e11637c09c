//! `time`: dates, times, zones and durations.
//!
//! Nothing here reads a clock; `<time.now>` does. Texts are those of ISO 8601 in the years from -999,999,999 to
//! 999,999,999. Where no zone is given it is UTC, whatever the zone of the machine.

use super::arguments::{code, long, text};
use super::{Function, Parameter};
use crate::value::Value;

use calendar::{Date, SECOND_NANOS, Time};
use code::{
    DAY_NANOS, MILLI_NANOS, NO_DATE_TIME, OUT_OF_RANGE, after, age_in_months, age_in_years, before, between,
    date_time_at_offset, date_time_at_zone, duration_from_iso, duration_of, end_of, epoch, instant,
    is_rfc_3339, offset_date_time, offset_time, read, shifted, shifted_by_months, start_of_day,
    start_of_month, start_of_week, start_of_year, time_am_pm, time_at_offset, time_between, time_in_zone,
    to_offset, to_zone, weekday,
};
use instant::Instant;
use parse::DateTime;

pub(crate) mod calendar;
mod code;
mod duration;
pub(crate) mod instant;
pub(crate) mod parse;
pub(crate) mod zone;

const NAME: &str = "time";

const DATE_TIME: &[Parameter] = &[Parameter::text("dateTime")];
const ISO_DATE_TIME: &[Parameter] = &[Parameter::text("isoDateTime")];
const UTC_DATE_TIME: &[Parameter] = &[Parameter::text("utcDateTime")];
const TIMES: &[Parameter] = &[Parameter::text("timeA"), Parameter::text("timeB")];
const BIRTH: &[Parameter] = &[Parameter::text("birthDate"), Parameter::text("currentDate")];
const MILLISECONDS: &[Parameter] = &[Parameter::number("milliseconds")];

/// A function of an instant.
macro_rules! of_instant {
    ($name:literal, $parameters:expr, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, $parameters, $doc, |arguments| {
            let code: fn(Instant) -> Option<_> = $code;
            let result = instant(arguments, 0).and_then(|instant| code(instant).ok_or(OUT_OF_RANGE));
            result.map_or_else(Value::error, Value::from)
        })
    };
}

/// A function of an instant that gives one.
macro_rules! moved {
    ($name:literal, $doc:literal, $code:expr) => {
        of_instant!($name, DATE_TIME, $doc, |instant| {
            let code: fn(Instant) -> Option<Instant> = $code;
            code(instant).map(|instant| instant.to_string())
        })
    };
}

/// A function of the date and the time that are written, wherever that is.
macro_rules! of_date_time {
    ($name:literal, $doc:literal, $code:expr) => {
        Function::new(NAME, $name, ISO_DATE_TIME, $doc, |arguments| {
            let code: fn(Date, Time) -> _ = $code;
            let written = text(arguments, 0).and_then(|text| parse::date_time(text).ok_or(NO_DATE_TIME));
            written.map_or_else(Value::error, |DateTime { date, time, .. }| {
                Value::from(code(date, time))
            })
        })
    };
}

/// A function of an instant and a number of units of a fixed length in nanoseconds.
macro_rules! shifted {
    ($name:literal, $amount:literal, $doc:literal, $sign:literal, $unit:expr) => {
        Function::new(
            NAME,
            $name,
            &[Parameter::text("startTime"), Parameter::number($amount)],
            $doc,
            |arguments| shifted(arguments, $sign, $unit).unwrap_or_else(Value::error),
        )
    };
}

/// A function of an instant and a number of units of so many months.
macro_rules! shifted_by_months {
    ($name:literal, $amount:literal, $doc:literal, $months:literal) => {
        Function::new(
            NAME,
            $name,
            &[Parameter::text("startTime"), Parameter::number($amount)],
            $doc,
            |arguments| shifted_by_months(arguments, $months).unwrap_or_else(Value::error),
        )
    };
}

/// A function that gives the milliseconds of so many units.
macro_rules! duration_of {
    ($name:literal, $amount:literal, $doc:literal, $millis:literal) => {
        Function::new(NAME, $name, &[Parameter::number($amount)], $doc, |arguments| {
            duration_of(arguments, $millis).unwrap_or_else(Value::error)
        })
    };
}

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        NAME,
        "after",
        TIMES,
        "whether the first time is after the second",
        code!(after),
    ),
    Function::new(
        NAME,
        "ageInMonths",
        BIRTH,
        "how many whole months lie between two dates",
        code!(age_in_months),
    ),
    Function::new(
        NAME,
        "ageInYears",
        BIRTH,
        "how many whole years lie between two dates",
        code!(age_in_years),
    ),
    Function::new(
        NAME,
        "before",
        TIMES,
        "whether the first time is before the second",
        code!(before),
    ),
    Function::new(
        NAME,
        "between",
        &[
            Parameter::text("time"),
            Parameter::text("intervalStart"),
            Parameter::text("intervalEnd"),
        ],
        "whether the time is neither before the start nor after the end",
        code!(between),
    ),
    of_date_time!(
        "dateOf",
        "the date of a date and time, where it was written",
        |date, _| date.to_string()
    ),
    Function::new(
        NAME,
        "dateTimeAtOffset",
        &[Parameter::text("localDateTime"), Parameter::text("offsetId")],
        "the timestamp of a local date and time at an offset",
        code!(date_time_at_offset),
    ),
    Function::new(
        NAME,
        "dateTimeAtZone",
        &[Parameter::text("localDateTime"), Parameter::text("zoneId")],
        "the timestamp of a local date and time in a zone",
        code!(date_time_at_zone),
    ),
    of_date_time!("dayOfWeek", "the day of the week, as in `MONDAY`", |date, _| {
        weekday(date)
    }),
    of_date_time!("dayOfYear", "the day of the year, from 1", |date, _| date
        .day_of_year()),
    Function::new(
        NAME,
        "durationFromISO",
        &[Parameter::text("isoDuration")],
        "the milliseconds of a duration such as `PT1H30M` or `P1Y2M`",
        code!(duration_from_iso),
    ),
    duration_of!(
        "durationOfDays",
        "days",
        "the milliseconds of so many days",
        86_400_000
    ),
    duration_of!(
        "durationOfHours",
        "hours",
        "the milliseconds of so many hours",
        3_600_000
    ),
    duration_of!(
        "durationOfMinutes",
        "minutes",
        "the milliseconds of so many minutes",
        60_000
    ),
    duration_of!(
        "durationOfSeconds",
        "seconds",
        "the milliseconds of so many seconds",
        1000
    ),
    Function::new(
        NAME,
        "durationToISOCompact",
        MILLISECONDS,
        "the duration in hours, minutes and seconds, as in `PT25H1M`",
        |arguments| long(arguments, 0).map_or_else(Value::error, |millis| duration::compact(millis).into()),
    ),
    Function::new(
        NAME,
        "durationToISOVerbose",
        MILLISECONDS,
        "the duration in years, months, days and so on, as in `P1DT1H1M`",
        |arguments| long(arguments, 0).map_or_else(Value::error, |millis| duration::verbose(millis).into()),
    ),
    moved!("endOfDay", "the last nanosecond of the day in UTC", |instant| {
        end_of(instant.date()?)
    }),
    moved!(
        "endOfMonth",
        "the last nanosecond of the month in UTC",
        |instant| end_of(instant.date()?.last_of_month())
    ),
    moved!(
        "endOfWeek",
        "the last nanosecond of the week in UTC, which ends on Sunday",
        |instant| {
            let date = instant.date()?;
            end_of(Date::from_days(date.to_days() - date.weekday() + 6))
        }
    ),
    moved!("endOfYear", "the last nanosecond of the year in UTC", |instant| {
        end_of(instant.date()?.last_of_year())
    }),
    of_instant!(
        "epochMilli",
        UTC_DATE_TIME,
        "the milliseconds from 1970-01-01 in UTC to the time",
        Instant::millis
    ),
    of_instant!(
        "epochSecond",
        UTC_DATE_TIME,
        "the seconds from 1970-01-01 in UTC to the time",
        |instant| Some(instant.seconds())
    ),
    of_date_time!("hourOf", "the hour, where the time was written", |_, time| time
        .hour()),
    Function::new(
        NAME,
        "localDin",
        &[Parameter::text("dinDateTime")],
        "the timestamp of a date and time such as `18.03.2026 10:15:30`, in UTC",
        |arguments| read(arguments, parse::din).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "localIso",
        &[Parameter::text("localDateTime")],
        "the timestamp of a date and time such as `2026-03-18T10:15:30`, in UTC",
        |arguments| {
            read(arguments, |text| {
                let (date, time) = parse::local_date_time(text)?;
                Instant::at(date, time, 0)
            })
            .unwrap_or_else(Value::error)
        },
    ),
    shifted!(
        "minusDays",
        "days",
        "the time so many days earlier",
        -1,
        DAY_NANOS
    ),
    shifted!(
        "minusMillis",
        "millis",
        "the time so many milliseconds earlier",
        -1,
        MILLI_NANOS
    ),
    shifted_by_months!(
        "minusMonths",
        "months",
        "the time so many months earlier; a day that is not there becomes the last of its month",
        -1
    ),
    shifted!(
        "minusNanos",
        "nanos",
        "the time so many nanoseconds earlier",
        -1,
        1
    ),
    shifted!(
        "minusSeconds",
        "seconds",
        "the time so many seconds earlier",
        -1,
        SECOND_NANOS
    ),
    shifted_by_months!(
        "minusYears",
        "years",
        "the time so many years earlier; a day that is not there becomes the last of its month",
        -12
    ),
    of_date_time!("minuteOf", "the minute, where the time was written", |_, time| {
        time.minute()
    }),
    Function::new(
        NAME,
        "ofEpochMilli",
        &[Parameter::number("epochMillis")],
        "the timestamp so many milliseconds from 1970-01-01 in UTC",
        |arguments| epoch(arguments, Instant::from_millis).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "ofEpochSecond",
        &[Parameter::number("epochSeconds")],
        "the timestamp so many seconds from 1970-01-01 in UTC",
        |arguments| epoch(arguments, |seconds| Instant::new(seconds, 0)).unwrap_or_else(Value::error),
    ),
    Function::new(
        NAME,
        "offsetDateTime",
        ISO_DATE_TIME,
        "the timestamp in UTC of a date and time with an offset",
        code!(offset_date_time),
    ),
    Function::new(
        NAME,
        "offsetTime",
        &[Parameter::text("isoTime")],
        "the time in UTC of a time with an offset",
        code!(offset_time),
    ),
    shifted!("plusDays", "days", "the time so many days later", 1, DAY_NANOS),
    shifted!(
        "plusMillis",
        "millis",
        "the time so many milliseconds later",
        1,
        MILLI_NANOS
    ),
    shifted_by_months!(
        "plusMonths",
        "months",
        "the time so many months later; a day that is not there becomes the last of its month",
        1
    ),
    shifted!("plusNanos", "nanos", "the time so many nanoseconds later", 1, 1),
    shifted!(
        "plusSeconds",
        "seconds",
        "the time so many seconds later",
        1,
        SECOND_NANOS
    ),
    shifted_by_months!(
        "plusYears",
        "years",
        "the time so many years later; a day that is not there becomes the last of its month",
        12
    ),
    of_date_time!("secondOf", "the second, where the time was written", |_, time| {
        time.second()
    }),
    moved!("startOfDay", "the first instant of the day in UTC", start_of_day),
    moved!(
        "startOfMonth",
        "the first instant of the month in UTC",
        start_of_month
    ),
    moved!(
        "startOfWeek",
        "the first instant of the week in UTC, which begins on Monday",
        start_of_week
    ),
    moved!(
        "startOfYear",
        "the first instant of the year in UTC",
        start_of_year
    ),
    Function::new(
        NAME,
        "timeAMPM",
        &[Parameter::text("timeInAMPM")],
        "the time of a time such as `03:15:30 PM`",
        code!(time_am_pm),
    ),
    Function::new(
        NAME,
        "timeAtOffset",
        &[Parameter::text("localTime"), Parameter::text("offsetId")],
        "the time in UTC of a local time at an offset",
        code!(time_at_offset),
    ),
    Function::new(
        NAME,
        "timeBetween",
        &[
            Parameter::text("timeA"),
            Parameter::text("timeB"),
            Parameter::text("chronoUnit"),
        ],
        "how many whole units, as in `DAYS`, lie between two times",
        code!(time_between),
    ),
    Function::new(
        NAME,
        "timeInZone",
        &[
            Parameter::text("localTime"),
            Parameter::text("localDate"),
            Parameter::text("zoneId"),
        ],
        "the time in UTC of a local time on a date in a zone",
        code!(time_in_zone),
    ),
    of_date_time!(
        "timeOf",
        "the time of a date and time, where it was written, to the second",
        |_, time| time.whole_seconds().full()
    ),
    Function::new(
        NAME,
        "toOffset",
        &[Parameter::text("utcTime"), Parameter::text("offsetId")],
        "the date and time at an offset",
        code!(to_offset),
    ),
    Function::new(
        NAME,
        "toZone",
        &[Parameter::text("utcTime"), Parameter::text("zoneId")],
        "the date and time in a zone",
        code!(to_zone),
    ),
    moved!(
        "truncateToDay",
        "the first instant of the day in UTC",
        start_of_day
    ),
    moved!(
        "truncateToHour",
        "the first instant of the hour",
        Instant::start_of_hour
    ),
    moved!(
        "truncateToMonth",
        "the first instant of the month in UTC",
        start_of_month
    ),
    moved!(
        "truncateToWeek",
        "the first instant of the week in UTC, which begins on Monday",
        start_of_week
    ),
    moved!(
        "truncateToYear",
        "the first instant of the year in UTC",
        start_of_year
    ),
    Function::new(
        NAME,
        "validRFC3339",
        &[Parameter::any("timestamp")],
        "whether the value is a timestamp of RFC 3339",
        |arguments| Value::Boolean(matches!(arguments, [Value::Text(text)] if is_rfc_3339(text))),
    ),
    Function::new(
        NAME,
        "validUTC",
        &[Parameter::any("utcDateTime")],
        "whether the value is a timestamp or a date",
        |arguments| {
            Value::Boolean(matches!(arguments, [Value::Text(text)] if parse::instant_or_date(text).is_some()))
        },
    ),
    of_date_time!("weekOfYear", "the week of ISO 8601, from 1", |date, _| date
        .week()),
];

/// The timestamp so many seconds from 1970-01-01 in UTC.
#[cfg(feature = "crypto")]
pub(super) fn timestamp(seconds: i64) -> Option<String> {
    Instant::new(seconds, 0).map(|instant| instant.to_string())
}

/// The nanoseconds from 1970-01-01 in UTC to a timestamp.
#[cfg(feature = "crypto")]
pub(super) fn nanos(timestamp: &str) -> Option<i128> {
    parse::instant(timestamp).map(Instant::nanos)
}

/// Whether a text is a date, a time with seconds, or both with an offset or without.
pub(super) fn is_date_or_time(text: &str) -> bool {
    /// How long the shortest time and the shortest date with a time are.
    const TIME: usize = "07:32:00".len();
    const DATE_TIME: usize = "1979-05-27T07:32:00".len();
    parse::date(text).is_some()
        || text.len() >= TIME && parse::time(text).is_some()
        || text.len() >= DATE_TIME && parse::date_time(text).is_some()
}
